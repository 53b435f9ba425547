"""`kill -9` of gateways and of the database while people talk: no message that was acknowledged is lost, none is there
twice, positions have no gap, and another gateway takes a dead one's streams over within five seconds.

The short round belongs to every run of the suite; the long one kills fifty times.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from meydan.site.stamps import connection_arguments
from tests.load.talking import Talk, talking
from tests.long import harness
from tests.long.harness import House, wait_for

PARTS = ("gateway", "database")
TAKEN_OVER_SECONDS = 5.0
SPEAKERS = 4


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="meydan-kills-") as folder:
        data = Path(folder) / "city"
        data.mkdir(mode=0o700)
        (data / "meydan.toml").write_text("rate_limits = false\n")  # all have one address
        with harness.running(data, "--gateways", "2") as house:
            yield house


@pytest.mark.parametrize("kills", [1, pytest.param(25, marks=pytest.mark.long)], ids=["short", "long"])
def test_whatever_is_killed_no_message_is_lost_or_there_twice(house: House, kills: int) -> None:
    wait_for(lambda: len(house.find("gateway")) == 2, 30, "two gateways")
    with talking("127.0.0.1", house.port + 8, SPEAKERS) as talk:
        for part in PARTS:
            silences = [_kill(house, part, talk) for _number in range(kills)]
            print(f"\n{part}: talk goes on after {' '.join(f'{one:.1f}' for one in silences)} s")
            limit = TAKEN_OVER_SECONDS if part == "gateway" else harness.HEAL_SECONDS
            assert max(silences) <= limit
    print(f"{len(talk.sent)} acknowledged")
    check_each_once(house, talk)


def _kill(house: House, part: str, talk: Talk) -> float:
    """Kill while people talk; the longest silence of one of them, in seconds."""
    wait_for(lambda: time.monotonic() - talk.last_at < 0.5 and len(house.find("gateway")) == 2, 60, "people talk")
    time.sleep(0.5)
    talk.silence = 0.0
    house.wait_until_well(part, house.kill(part), 60)
    before = _spoken(talk)
    wait_for(lambda: all(_spoken(talk)[name] > count for name, count in before.items()), 30, "people talk again")
    return talk.silence


def _spoken(talk: Talk) -> Counter[str]:
    return Counter(text.partition(" ")[0] for text in list(talk.sent))


def check_each_once(house: House, talk: Talk) -> None:
    """By what the database holds and by what a listener was told."""
    assert talk.sent
    assert not talk.faults
    kept = dict(_ask(house, _KEPT))
    assert {event_id for event_id in talk.sent.values() if kept.get(event_id) != 1} == set()
    assert _ask(house, _TWICE) == []
    assert _ask(house, _GAPS) == []
    told = Counter(talk.heard)
    assert {event_id for event_id in talk.sent.values() if told[event_id] != 1} == set()
    order = [event_id for event_id, _count in _ask(house, _KEPT) if event_id in told]
    assert [event_id for event_id in talk.heard if event_id in set(order)] == order


_KEPT = "select event_id, 1 from messaging_event where type = 'm.room.message' order by shard, pos"
_TWICE = "select txn, count(*) from messaging_event where txn is not null group by device, txn having count(*) > 1"
_GAPS = """
select shard.number, shard.pos from messaging_shard shard
 where number > 0 and pos <> (select count(*) from messaging_event where messaging_event.shard = shard.number)"""


def _ask(house: House, query: str) -> list[tuple[str, int]]:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        return list(session.execute(query).fetchall())
