"""The sealed days as the world sees them: the pages, and `meydan verify` with nothing but an address."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from meydan.kernel.models import FactRecord, Seal
from meydan.kernel.seals import make_receipt, prove, statement_of
from meydan.kernel.statement import public_key, publish, sign, signing_key
from meydan.kernel.tests.sealing import NOON, make_fact, seal_until
from meydan.site import reactions
from meydan.site.commands import verify
from meydan.site.commands.reference import parser_of

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = "2026-11-20", "2026-11-21", "2026-11-22"
Files = dict[str, bytes]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """What three sealed days publish."""
    for number in range(3):
        make_fact(NOON + timedelta(seconds=number))
    make_fact(NOON + timedelta(days=1))
    make_fact(NOON + timedelta(days=2))
    seal_until(NOON + timedelta(days=3))
    names = [
        "key.json",
        "heads.txt",
        *(f"{day}.{kind}" for day in (FIRST, SECOND, THIRD) for kind in ("json", "leaves")),
    ]
    return {name: read(f"/seals/{name}") for name in names}


def read(address: str) -> bytes:
    answer: Any = Client().get(address)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


class City:
    """Serves the files as they are now, whatever was done to them."""

    def __init__(self, files: Files, folder: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = files.get(self.path.removeprefix("/seals/"))
                self.send_response(200 if body is not None else 404)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_arguments: object) -> None:
                """Not a word."""

        self.files, self.folder = files, folder
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def verify(self, *flags: str) -> int:
        return run("--url", self.url, "--memory", str(self.folder / "seen.json"), *flags)

    def change(self, name: str, **parts: Any) -> None:
        self.files[name] = json.dumps({**json.loads(self.files[name]), **parts}).encode()


def run(*flags: str) -> int:
    return verify.run(parser_of("verify").parse_args(flags))


@pytest.fixture
def city(files: Files, tmp_path: Path) -> Iterator[City]:
    served = City(files, tmp_path)
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()


def test_the_page_tells_the_latest_days(files: Files) -> None:
    page = Client().get("/seals/").content.decode()
    assert page.index("22 November 2026") < page.index("20 November 2026")
    assert "3 entries" in page
    assert "verify --url http" in page
    assert "22 November" not in Client().get(f"/seals/?before={THIRD}").content.decode()


def test_a_city_without_a_seal_says_so() -> None:
    assert "No day is sealed yet" in Client().get("/seals/").content.decode()
    assert json.loads(read("/seals/key.json")) == {"keys": []}
    assert read("/seals/heads.txt") == b""


@pytest.mark.parametrize("day", ["2026-11-23", "20261120", "2026-W47-5", "x", "2026-11-20 "])
def test_no_other_day_is_there(files: Files, day: str) -> None:
    assert Client().get(f"/seals/{day}.json").status_code == 404
    assert Client().get(f"/seals/{day}.leaves").status_code == 404


def test_nothing_published_tells_of_a_fact(files: Files) -> None:
    everything = b"".join(files.values())
    fact = FactRecord.objects.earliest("id")
    assert not any(word in everything for word in (b"report:1", b"contact", b"roads", str(fact.actor).encode()))


def test_an_honest_city_passes_again_and_again(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    assert city.verify() == 0
    told = capsys.readouterr().out
    assert "All is well: 3 days checked." in told
    assert "First look" in told
    assert city.verify() == 0
    told = capsys.readouterr().out
    assert "All is well: 1 day checked." in told
    assert "First look" not in told
    assert city.verify("--from", FIRST, "--to", SECOND) == 0
    assert "2 days" in capsys.readouterr().out


def cut_leaf(city: City) -> None:
    city.files[f"{FIRST}.leaves"] = city.files[f"{FIRST}.leaves"][:-32]


def change_leaf(city: City) -> None:
    city.files[f"{FIRST}.leaves"] = bytes(32) + city.files[f"{FIRST}.leaves"][32:]


def sign_anew(city: City, **parts: object) -> None:
    """What a city can do that has its key, or another one: change a day and sign it."""
    key = signing_key("another")
    seal = Seal.objects.get(day=SECOND)
    for name, value in parts.items():
        setattr(seal, name, value)
    statement = statement_of(seal)
    city.files[f"{SECOND}.json"] = json.dumps(publish(statement, sign(statement, key), public_key(key))).encode()


@pytest.mark.parametrize(
    ("harm", "day", "told"),
    [
        (lambda city: city.change(f"{SECOND}.json", count=7), SECOND, "its signature is not by the key"),
        (lambda city: city.change(f"{SECOND}.json", root="0" * 64), SECOND, "its chain hash is not"),
        (lambda city: city.change(f"{SECOND}.json", root="x"), SECOND, "not what it should be: root"),
        (lambda city: city.files.update({f"{SECOND}.json": b"[" * 9000}), SECOND, "not what it should be"),
        (lambda city: city.files.update({f"{SECOND}.json": city.files[f"{FIRST}.json"]}), SECOND, "is of 2026-11-20"),
        (lambda city: city.files.pop(f"{SECOND}.json"), SECOND, "answered 404"),
        (cut_leaf, FIRST, "its leaves are 64 bytes instead of 96"),
        (lambda city: city.files.update({f"{FIRST}.leaves": bytes(128)}), FIRST, "its leaves are 97 bytes"),
        (change_leaf, FIRST, "its leaves do not make its root"),
        (lambda city: sign_anew(city), SECOND, "which is not known"),
        (lambda city: sign_anew(city, previous="a" * 64), SECOND, "the chain is broken"),
    ],
)
def test_a_changed_day_is_named(city: City, capsys: pytest.CaptureFixture[str], harm: Any, day: str, told: str) -> None:
    harm(city)
    assert city.verify() == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("WRONG") and day in line]
    assert any(told in line for line in lines)


def test_a_past_that_was_rewritten_shows(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    """The city has its key, changes a day and signs all days after it anew: the memory of a witness shows it."""
    assert city.verify() == 0
    heads = city.files["heads.txt"].decode().splitlines()
    city.files["heads.txt"] = "\n".join([heads[0], f"{SECOND} {'b' * 64}", f"{THIRD} {'c' * 64}", ""]).encode()
    assert city.verify() == 1
    told = capsys.readouterr().out
    assert f"{SECOND}: the past was rewritten" in told
    assert "(2 days differ)" in told


@pytest.mark.parametrize(("gone", "told"), [(2, "is gone"), (1, "is not the day after")])
def test_a_day_that_is_gone_shows(city: City, capsys: pytest.CaptureFixture[str], gone: int, told: str) -> None:
    assert city.verify() == 0
    lines = city.files["heads.txt"].splitlines(keepends=True)
    city.files["heads.txt"] = b"".join(line for number, line in enumerate(lines) if number != gone)
    assert city.verify() == 1
    assert told in capsys.readouterr().out


def test_a_new_key_is_believed_only_when_it_is_given(city: City) -> None:
    assert city.verify() == 0
    sign_anew(city)
    new = public_key(signing_key("another"))
    assert city.verify("--from", SECOND, "--to", SECOND) == 1
    assert city.verify("--from", SECOND, "--to", SECOND, "--key", new) == 0
    assert city.verify("--from", SECOND, "--to", SECOND) == 0


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ([], "say what to check"),
        (["--url", "city.example"], "is no address"),
        (["--url", "http://127.0.0.1:9"], "could not check"),
        (["--file", "nowhere.json"], "No such file"),
        (["--receipt", "nowhere.json"], "No such file"),
    ],
)
def test_what_cannot_be_checked_is_said(flags: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*flags) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("body", [b"nonsense", b"2026-11-20 x\n", b"2026-19-20 " + b"a" * 64 + b"\n"])
def test_a_list_that_is_none_is_no_verdict(city: City, capsys: pytest.CaptureFixture[str], body: bytes) -> None:
    city.files["heads.txt"] = body
    assert city.verify() == 2
    assert "heads.txt" in capsys.readouterr().err


def test_a_downloaded_day_is_checked(files: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "day.json").write_bytes(files[f"{FIRST}.json"])
    assert run("--file", str(tmp_path / "day.json")) == 0
    assert "only its signature is checked" in capsys.readouterr().out
    (tmp_path / "day.leaves").write_bytes(files[f"{FIRST}.leaves"])
    assert run("--file", str(tmp_path / "day.json")) == 0
    assert run("--file", str(tmp_path / "day.json"), "--key", public_key(signing_key("x"))) == 1
    (tmp_path / "day.leaves").write_bytes(files[f"{SECOND}.leaves"])
    assert run("--file", str(tmp_path / "day.json")) == 1


@pytest.fixture
def receipt(files: Files) -> dict[str, Any]:
    return make_receipt(prove(FactRecord.objects.order_by("id")[1].pk), opened=["data", "persons"])


def test_a_receipt_is_checked_against_the_published_day(
    city: City, receipt: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(receipt))
    flags = ("--receipt", str(path), "--memory", str(tmp_path / "seen.json"))
    assert run(*flags, "--url", city.url) == 0
    told = capsys.readouterr().out
    assert "what': \"The reporter's contact" in told
    assert "actor" not in told
    sign_anew(city)
    city.files[f"{FIRST}.json"] = city.files[f"{SECOND}.json"]
    assert run(*flags, "--url", city.url) == 1
    (tmp_path / "day.json").write_bytes(city.files[f"{THIRD}.json"])
    assert run(*flags, "--file", str(tmp_path / "day.json")) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"leaf": "{}"}, "not under the day's root"),
        ({"leaf": "[" * 5000}, "not under the day's root"),
        ({"index": 0}, "not under the day's root"),
        ({"path": []}, "not under the day's root"),
        ({"opened": {"data": '["x","data",{"what":"Nothing"}]'}}, "its field 'data' is not what was sealed"),
        ({"opened": {"actor": "7"}}, "its field 'actor' is not what was sealed"),
    ],
)
def test_a_changed_receipt_is_named(
    city: City, receipt: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, told: str
) -> None:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps({**receipt, **change}))
    assert run("--receipt", str(path), "--url", city.url, "--memory", str(tmp_path / "seen.json")) == 1
    assert told in capsys.readouterr().out


def test_what_is_no_receipt_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "receipt.json").write_text('{"format": "another"}')
    assert run("--receipt", str(tmp_path / "receipt.json")) == 2
    assert "is no receipt" in capsys.readouterr().err


def test_the_citys_own_look_names_the_fact(files: Files, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--own") == 0
    late = make_fact()
    assert run("--own") == 1
    assert f"fact {late.pk}" in capsys.readouterr().out
    assert run("--own", "--from", SECOND) == 0


def test_the_timer_seals_only_when_a_day_is_over(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_how: started.append(command))
    for due in (False, True):
        monkeypatch.setattr(reactions, "is_seal_due", lambda due=due: due)
        reactions.seal_days(timestamp=0)
    assert [command[-1] for command in started] == ["seal"]
