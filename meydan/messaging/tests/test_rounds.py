"""Wakings go in rounds: the first at once, later ones within a bound, none lost, and what is personal never waits."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from meydan.messaging.queries import rounds
from meydan.messaging.queries.live import Entry, Live, Note, Person, Room, Waiter
from meydan.messaging.queries.rounds import MOST_SECONDS, SLICE, Rounds
from meydan.messaging.tests.test_live import entry

ANA, BEN = "@a:s", "@b:s"


class Sleeper:
    """Notes when it was woken; to answer takes it so long."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.woken: list[float] = []

    def wake(self) -> None:
        self.woken.append(time.monotonic())
        asyncio.get_running_loop().call_soon(time.sleep, self.seconds)


async def turns(count: int = 8) -> None:
    for _turn in range(count):
        await asyncio.sleep(0)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_the_first_of_a_quiet_time_is_woken_at_once() -> None:
    async def work() -> None:
        several, first, second = Rounds(), Sleeper(), Sleeper()
        several.call(first)
        several.call(second)
        await turns(2)
        assert len(first.woken) == len(second.woken) == 1

    run(work())


def test_after_a_costly_round_the_next_comes_later_with_all_that_were_called_and_is_bounded() -> None:
    async def work() -> None:
        several, sleepers = Rounds(), [Sleeper() for _ in range(50)]
        several.call(Sleeper(0.05))
        await turns()
        ended = time.monotonic()
        for _time in range(3):
            for one in sleepers:
                several.call(one)
            await turns()
        assert not any(one.woken for one in sleepers)
        while not sleepers[-1].woken:
            await asyncio.sleep(0.005)
        await turns()
        assert all(len(one.woken) == 1 for one in sleepers), "three events, one waking"
        assert several.opens - sleepers[-1].woken[0] <= MOST_SECONDS + 1
        assert sleepers[0].woken[0] - ended > 0.5 * MOST_SECONDS

    run(work())


def test_the_pause_is_as_long_as_the_round_was_but_never_beyond_the_bound() -> None:
    async def work() -> None:
        several = Rounds()
        several.call(Sleeper())
        await turns()
        quick = several.opens - time.monotonic()
        several.opens = 0.0
        several.call(Sleeper(2 * MOST_SECONDS))
        await turns()
        assert quick < several.opens - time.monotonic() <= MOST_SECONDS

    run(work())


def test_a_large_round_lets_others_in_between() -> None:
    async def work() -> None:
        several, seen, sleepers = Rounds(), list[int](), [Sleeper() for _ in range(3 * SLICE)]
        for one in sleepers:
            several.call(one)
        for _turn in range(20):
            await asyncio.sleep(0)
            seen.append(sum(len(one.woken) for one in sleepers))
        assert {SLICE, 2 * SLICE, 3 * SLICE} <= set(seen)
        assert seen[-1] == 3 * SLICE

    run(work())


def test_who_comes_out_of_turn_waits_for_it() -> None:
    async def work() -> None:
        several = Rounds()
        await asyncio.wait_for(several.turn(), 0.01)
        several.opens = time.monotonic() + 0.05
        began = time.monotonic()
        await several.turn()
        assert time.monotonic() - began > 0.04
        assert not several.called

    run(work())


def test_who_hangs_up_meanwhile_harms_nobody() -> None:
    async def work() -> None:
        several = Rounds()
        several.opens = time.monotonic() + 0.05
        gone, there = asyncio.create_task(several.turn()), asyncio.create_task(several.turn())
        await turns()
        gone.cancel()
        await asyncio.wait_for(there, 10)
        await turns()
        assert not several.is_set

    run(work())


def test_at_the_end_nobody_waits() -> None:
    async def work() -> None:
        several, one = Rounds(), Sleeper()
        several.opens = time.monotonic() + 3600
        several.call(one)
        coming = asyncio.create_task(several.turn())
        await turns()
        several.end()
        await asyncio.wait_for(coming, 10)
        assert len(one.woken) == 1

    run(work())


def live_with(*people: str) -> tuple[Live, Room]:
    live = Live(4)
    room = live.hold(Room(1, "!r:s", 1, "11"))
    for number, name in enumerate(people, 1):
        live.people[name] = Person(name, {})
        live.apply(1, number, [entry(number, type="m.room.member", state_key=name)])
    return live, room


def is_awake(waiter: Waiter) -> bool:
    return waiter.woken


def test_events_while_the_rounds_rest_are_all_told_by_one_waking() -> None:
    async def work() -> None:
        live, room = live_with(ANA, BEN)
        live.rounds.opens = time.monotonic() + 0.5
        waiters = [live.wait(ANA), live.wait(BEN)]
        for pos in range(3, 10):
            live.apply(1, pos, [entry(pos)])
            await turns()
        assert not any(map(is_awake, waiters))
        async with asyncio.timeout(10):
            while not all(map(is_awake, waiters)):
                await asyncio.sleep(0.01)
        assert all(one.changed == {room} for one in waiters)
        assert [one.pos for one in room.since(2)] == list(range(3, 10))

    run(work())


@pytest.mark.parametrize("note", [Note(1, "account_data", ANA), Note(1, "to_device", BEN, people=(ANA,))])
def test_what_is_personal_does_not_wait_for_a_round(note: Note) -> None:
    async def work() -> None:
        live, room = live_with(ANA, BEN)
        live.rounds.opens = time.monotonic() + 3600
        waiters = [live.wait(ANA), live.wait(BEN)]
        live.apply(1, 3, [entry(3)])
        live.apply(0, 1, [note])
        assert [is_awake(one) for one in waiters] == [True, False]
        assert waiters[0].changed == {room}, "it tells of the room as well"
        live.end_polls()
        assert is_awake(waiters[1])

    run(work())


def test_a_waiter_that_has_left_is_woken_for_nothing() -> None:
    async def work() -> None:
        live, _room = live_with(ANA)
        waiter = live.wait(ANA)
        live.apply(1, 2, [Entry(1, 1, entry(2).event, b"{}")])
        live.leave(waiter)
        await turns()
        assert not live.rounds.is_set
        assert rounds.REST > 0

    run(work())
