"""`meydan up` as people meet it: ready, one at a time, alive whatever dies, gone when told to go."""

import json
import re
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from meydan.site.stamps import connection_arguments
from tests.long import harness
from tests.long.harness import FirstStart, House

EVERYWHERE = "::"


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="meydan-up-") as folder:  # mode 0700: closed to the database's own account
        yield Path(folder) / "city"


@pytest.fixture(scope="module")
def house(data: Path, first_start: FirstStart) -> Iterator[House]:
    first_start.copy_to(data)
    with harness.running(data) as house:
        yield house


def test_it_says_where_and_how_long(first_start: FirstStart) -> None:
    said = "".join(first_start.lines)
    assert f"Meydan is ready: {first_start.address}\n" in said
    assert re.search(r"database \d+\.\d, migrate \d+\.\d, seed \d+\.\d, files \d+\.\d, web \d+\.\d", said)
    assert "README.md" in said


def test_health_is_json(house: House) -> None:
    harness.wait_for(lambda: house.health()["worker"]["state"] == "up", 30, "the worker, which starts last")
    status, body = house.get("/health")
    told = json.loads(body)
    assert (status, told["status"], told["database"]) == (200, "ok", "up")
    assert told["worker"]["lag_seconds"] >= 0


def test_the_city_keeps_its_folder_to_itself(house: House) -> None:
    assert house.data.stat().st_mode & 0o077 == 0
    assert (house.data / "postgres").stat().st_mode & 0o077 == 0


def test_a_second_up_is_refused_in_one_line(house: House) -> None:
    second = harness.start(house.data)
    assert second.process.wait(30) == 1
    assert len(second.lines) == 1
    assert f"already runs on {house.data} (process {house.process.pid})" in second.lines[0]


def test_a_taken_port_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = harness.start(tmp_path / "city", port=port)
        assert refused.process.wait(30) == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in refused.lines[-1]


def test_nobody_else_gets_the_port(house: House) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", house.port))


def test_beyond_loopback_there_is_no_demo(tmp_path: Path) -> None:
    refused = harness.start(tmp_path / "city", "--bind", EVERYWHERE, "--demo")
    assert refused.process.wait(30) == 1
    assert "--no-demo" in refused.lines[-1]


@pytest.mark.parametrize("part", ["database", "web", "pages", "worker", "jobs"])
def test_what_is_killed_comes_back(house: House, part: str) -> None:
    house.wait_until_well(part, house.kill(part), seconds=60)  # ten, where nobody else needs the machine


def test_a_killed_worker_is_told_at_once(house: House) -> None:
    harness.wait_for(lambda: house.health().get("status") == "ok", 30, "all is well")
    old = house.kill("worker")
    harness.wait_for(lambda: house.get("/health")[0] == 503, 3, "health says so")
    house.wait_until_well("worker", old, seconds=60)


def test_what_a_killed_worker_leaves_behind_is_buried(house: House) -> None:
    harness.wait_for(lambda: bool(house.find("jobs")), 30, "a worker at work")
    (jobs,) = house.find("jobs")
    harness.wait_for(lambda: house.health().get("status") == "ok", 30, "all is well")
    house.wait_until_well("worker", house.kill("worker"), seconds=60)
    harness.wait_for(lambda: not jobs.is_running(), 10, "the jobs' process is gone, and its end noted")


def test_files_are_named_by_content_and_kept_for_ever(house: House) -> None:
    manifest = json.loads((house.data / "static" / "staticfiles.json").read_text())
    name = next(hashed for plain, hashed in manifest["paths"].items() if plain.startswith("ui/"))
    status, _body, headers = house.fetch(f"/static/{name}")
    assert status == 200
    assert "immutable" in headers["cache-control"]


def test_whatever_ends_it_nothing_stays_behind(house: House) -> None:
    """The last test of this house: `kill -9` of the supervisor, a start on what is left, SIGTERM."""
    _kill_all_at_once(house)
    with harness.running(house.data) as again:
        children = psutil.Process(again.process.pid).children(recursive=True)
        with psycopg.connect(**connection_arguments(again.database())) as session:
            assert session.execute("select count(*) > 0 from django_migrations").fetchone() == (True,)
        assert "migrate" not in "".join(again.lines)
        assert again.stop() == 0
        assert not [child for child in children if child.is_running()]
        assert not (house.data / "postgres" / "postmaster.pid").exists()


def _kill_all_at_once(house: House) -> None:
    children = psutil.Process(house.process.pid).children(recursive=True)
    house.process.send_signal(signal.SIGKILL)
    house.process.wait(5)
    _gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
