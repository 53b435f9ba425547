"""`kill -9` of a gateway, of the one that writes the talk's stream, and of the database, while people talk: no message
that was acknowledged is lost, none is there twice, positions have no gap, and others have a dead gateway's streams
within five seconds.

Fifty kills, for --long: some minutes.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from meydan.site.stamps import connection_arguments
from tests.load.talking import Talk, talking
from tests.long import harness
from tests.long.harness import FirstStart, House, wait_for

TAKEN_OVER_SECONDS = 5.0
SPEAKERS = 4
pytestmark = pytest.mark.long
KILLS = {"gateway": 18, "writer": 17, "database": 15}


@pytest.fixture(scope="module")
def house(first_start: FirstStart) -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="meydan-kills-") as folder:
        first_start.copy_to(data := Path(folder) / "city")
        (data / "meydan.toml").write_text("rate_limits = false\n")  # all have one address
        with harness.running(data, "--gateways", "2") as house:
            yield house


def test_whatever_is_killed_no_message_is_lost_or_there_twice(house: House) -> None:
    with talking("127.0.0.1", house.port + 8, SPEAKERS) as talk:
        for part, times in KILLS.items():
            found = [_kill(house, part, talk) for _number in range(times)]
            takeovers, silences = zip(*found, strict=True)
            print(f"\n{part}, killed {times} times: the longest silence each time, s: {_list(silences)}")
            if part == "database":
                assert max(silences) <= harness.HEAL_SECONDS
            else:
                print(f"{part}: others have its streams after, s: {_list(takeovers)}")
                assert max(takeovers) <= TAKEN_OVER_SECONDS
                assert max(silences) <= TAKEN_OVER_SECONDS
    print(f"{len(talk.sent)} acknowledged, {len(talk.heard)} heard")
    check_each_once(house, talk)


def _list(times: Sequence[float]) -> str:
    return " ".join(f"{one:.1f}" for one in times)


def _kill(house: House, part: str, talk: Talk) -> tuple[float, float]:
    """Kill while people talk. Seconds until its streams have other owners (0 for the database), and the longest silence
    of one who speaks."""
    _wait_for_talk(house, talk)
    time.sleep(0.5)
    talk.silence = 0.0
    owners = _owners(house)
    if part == "database":
        house.wait_until_well(part, house.kill(part), 60)
        taken_over = 0.0
    else:
        taken_over = _kill_gateway(house, talk.room if part == "writer" else "", owners)
    before = _spoken(talk)
    wait_for(lambda: _has_gone_on(talk, before), 30, "people talk again")
    return taken_over, talk.silence


def _wait_for_talk(house: House, talk: Talk) -> None:
    """Until both gateways have their share and people talk. `TimeoutError` says what was seen instead."""
    try:
        wait_for(lambda: time.monotonic() - talk.last_at < 0.5 and len(_listening(house)) == 2, 60, "people talk")
    except TimeoutError as error:
        silent = f"silent for {time.monotonic() - talk.last_at:.1f} s, faults {talk.faults[:3]}"
        error.add_note(f"{silent}, owners {_owners(house)}, listening {_listening(house)}, {house.find('gateway')}")
        error.add_note("".join(house.lines[-40:]))
        raise


def _has_gone_on(talk: Talk, before: Counter[str]) -> bool:
    assert talk.faults == []
    return all(_spoken(talk)[name] > count for name, count in before.items())


def _kill_gateway(house: House, room: str, owners: dict[int, str]) -> float:
    """The one that writes this room's stream, or any that writes one."""
    stream = _ask(house, "select shard, 0 from messaging_room where room_id = %s", room)[0][0] if room else min(owners)
    address = owners[int(stream)]
    streams = {number for number, owner in owners.items() if owner == address}
    _listening(house)[address].kill()
    began = time.monotonic()
    wait_for(lambda: all(_owners(house)[number] != address for number in streams), 30, "others have its streams")
    return time.monotonic() - began


def _listening(house: House) -> dict[str, psutil.Process]:
    """The gateways, by the address at which others ask them; those that have begun to take their share."""
    owners, found = set(_owners(house).values()), {}
    for process in house.find("gateway"):
        for line in process.net_connections("tcp"):
            if line.status == psutil.CONN_LISTEN and f"{line.laddr.ip}:{line.laddr.port}" in owners:
                found[f"{line.laddr.ip}:{line.laddr.port}"] = process
    return found


def _owners(house: House) -> dict[int, str]:
    return dict(_ask(house, "select number, owner from messaging_shard"))


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
    assert max(Counter(talk.heard).values()) == 1
    told = Counter(talk.heard)
    assert {event_id for event_id in talk.sent.values() if told[event_id] != 1} == set()
    order = [event_id for event_id, _count in _ask(house, _KEPT) if event_id in told]
    assert [event_id for event_id in talk.heard if event_id in set(order)] == order


_KEPT = "select event_id, 1 from messaging_event where type = 'm.room.message' order by shard, pos"
_TWICE = """
select room, convert_from(body, 'utf8')::jsonb -> 'content' ->> 'body' as said, count(*) from messaging_event
 where type = 'm.room.message' group by room, said having count(*) > 1"""
_GAPS = """
select shard.number, shard.pos from messaging_shard shard
  left join lateral (select count(*) as n, coalesce(min(pos), 1) as first, coalesce(max(pos), 0) as last
                       from messaging_event where messaging_event.shard = shard.number) kept on true
 where number > 0 and (shard.pos, shard.pos, 1) <> (kept.n, kept.last, kept.first)"""


def _ask(house: House, query: str, *values: str) -> list[tuple[Any, Any]]:
    with psycopg.connect(**connection_arguments(house.database())) as session:
        return list(session.execute(query, values).fetchall())
