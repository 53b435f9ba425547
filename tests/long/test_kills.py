"""`kill -9` of each part while reports are being filed: the house heals itself within ten seconds, what it said yes to
is there, and everything that follows from a report has happened once.

The short round belongs to every run of the suite; the long one kills each part twenty times.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from meydan.site.stamps import connection_arguments
from tests.load.filing import Notes, filing
from tests.long import harness
from tests.long.harness import FirstStart, House, wait_for

PARTS = ("database", "web", "worker")
CROWD = 2  # clients at each of the three doors
DRAIN_SECONDS = 180.0
KEEPS_UP_SECONDS = 5.0


@pytest.fixture(scope="module")
def house(first_start: FirstStart) -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="meydan-kills-") as folder:
        first_start.copy_to(data := Path(folder) / "city")
        (data / "meydan.toml").write_text("rate_limits = false\n")  # the whole crowd has one address
        with harness.running(data) as house:
            yield house


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.long)], ids=["short", "long"])
def test_whatever_is_killed_nothing_is_lost_or_done_twice(house: House, kills: int) -> None:
    with filing(house.address, crowd=CROWD, is_too_much=lambda: _lag(house) > KEEPS_UP_SECONDS / 2) as notes:
        for part in PARTS:
            seconds = [_kill(house, part, notes) for _kill_number in range(kills)]
            print(f"\n{part}: well again after {_list(seconds)} s")
    print(f"{len(notes.numbers)} acknowledged, {notes.failed} of {notes.tried} not; by door {_by_door(notes)}")
    wait_for(lambda: _jobs_left(house) == 0, DRAIN_SECONDS, "the worker has done everything")
    check_each_once(house, notes)


def _kill(house: House, part: str, notes: Notes) -> float:
    """Kill while reports come in and the worker keeps up; seconds until all is well, and a new worker at work."""
    before = len(notes.numbers)
    wait_for(lambda: len(notes.numbers) > before and _keeps_up(house), 90, "reports come in and are routed")
    worker, began = _newest_worker(house), time.monotonic()
    house.wait_until_well(part, house.kill(part))
    if part == "worker":
        left = began + harness.HEAL_SECONDS - time.monotonic()
        wait_for(lambda: _newest_worker(house) > worker, left, "a new worker is at work")
    return time.monotonic() - began


def _keeps_up(house: House) -> bool:
    return house.health().get("status") == "ok" and _lag(house) < KEEPS_UP_SECONDS


def _lag(house: House) -> float:
    """How far behind the worker is, in seconds; 0 while nobody knows, as when the database is away."""
    return float(house.health().get("worker", {}).get("lag_seconds") or 0)


def _newest_worker(house: House) -> int:
    return _ask(house, "select coalesce(max(id), 0), 0 from procrastinate_workers")[0][0]


def _list(seconds: list[float]) -> str:
    return " ".join(f"{one:.1f}" for one in seconds)


def _by_door(notes: Notes) -> str:
    return ", ".join(f"{name} {len(numbers)}" for name, numbers in notes.acknowledged.items())


def _ask(house: House, query: str) -> list[tuple[int, int]]:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        return list(session.execute(query).fetchall())


_DUE = """
select count(*), 0 from procrastinate_jobs
 where status = 'doing' or status = 'todo' and coalesce(scheduled_at, now()) <= now()"""


def _jobs_left(house: House) -> int:
    """Those that are due: the seed's people have holds that end tomorrow."""
    return _ask(house, _DUE)[0][0]


def check_each_once(house: House, notes: Notes) -> None:
    """By what people see: one page, one line each in its timeline, one letter to the department."""
    assert notes.numbers
    twice = [number for number, times in Counter(notes.numbers).items() if times > 1]
    assert not twice, f"two clients got one number: {twice}"
    wrong = {number: kinds for number in notes.numbers if (kinds := _story(house, number)) != ["filed", "routed"]}
    assert not wrong
    letters = dict(_ask(house, _LETTERS))
    odd = {number: letters.get(number, 0) for number in notes.numbers if letters.get(number, 0) != 1}
    assert not odd, f"letters to the department by report: {odd}"
    assert _ask(house, _TWICE) == [], "one form made two reports"


_LETTERS = r"""
    select substring(body from '/reports/(\d+)')::bigint, count(*) from notifications_mail
     where "to" = (select email from accounts_department where code = 'roads') group by 1"""
# Words are filed once: the same words in two reports are one report made twice.
_TWICE = """
    select min(number), count(*) from reports_report
     where description like 'Hole %' group by description having count(*) > 1"""


def _story(house: House, number: int) -> list[str]:
    """The kinds of lines in a report's public timeline; empty when it is not there."""
    status, body = house.get(f"/api/reports/{number}")
    return [line["kind"] for line in json.loads(body)["timeline"]] if status == 200 else []
