"""What is held of encryption in memory: a poll that finds nothing asks nothing, and nothing is overlooked."""

import asyncio
from typing import Any

from meydan.messaging.queries.boxes import MOST_CHANGES, Boxes, ListChanges
from meydan.messaging.queries.inbox import Inbox
from meydan.messaging.queries.live import Live, Note

DEVICE, BEN = 7, "@ben:city.test"


class Pool:
    """A database of messages to one device, which counts the questions."""

    def __init__(self, messages: dict[int, bytes]) -> None:
        self.messages = messages
        self.asked = 0

    async def fetch(self, statement: str, _device: int, *bounds: int) -> list[Any]:
        self.asked += 1
        if "count(*)" in statement:
            return [("signed_curve25519", 5)]
        after, upto, limit = bounds
        return [(pos, body) for pos, body in sorted(self.messages.items()) if after < pos <= upto][:limit]

    async def execute(self, _statement: str, _device: int, seen: int) -> None:
        self.asked += 1
        self.messages = {pos: body for pos, body in self.messages.items() if pos > seen}


def make_inbox(messages: dict[int, bytes], pos: int) -> tuple[Inbox, Pool]:
    live, pool = Live(4), Pool(messages)
    live.positions[0] = pos
    return Inbox(pool, live), pool


async def poll(inbox: Inbox, since: int, upto: int) -> list[bytes]:
    await inbox.forget_seen(DEVICE, since)
    found, _upto = await inbox.waiting(DEVICE, since, upto)
    await inbox.counts(DEVICE)
    return found


def test_idle_polls_ask_nothing() -> None:
    inbox, pool = make_inbox({}, 10)

    async def run() -> None:
        await poll(inbox, 10, 10)
        asked = pool.asked
        for pos in range(10, 1000):
            assert await poll(inbox, pos, pos + 1) == []
        assert pool.asked == asked

    asyncio.run(run())


def test_a_message_is_found_until_it_was_seen() -> None:
    inbox, pool = make_inbox({5: b"old"}, 10)

    async def run() -> None:
        assert await poll(inbox, 3, 10) == [b"old"]
        assert await poll(inbox, 3, 10) == [b"old"]
        pool.messages[11] = b"new"
        inbox.live.apply(0, 11, [Note(11, "to_device", "@ada:city.test", devices=(DEVICE,), people=(BEN,))])
        assert await poll(inbox, 10, 11) == [b"new"]
        assert set(pool.messages) == {11}
        assert await poll(inbox, 11, 11) == []
        assert pool.messages == {}

    asyncio.run(run())


def test_keys_that_change_while_they_are_counted_are_counted_again() -> None:
    inbox, pool = make_inbox({}, 0)

    async def run() -> None:
        counting = asyncio.ensure_future(inbox.counts(DEVICE))
        await asyncio.sleep(0)
        inbox.live.boxes.recount([DEVICE])
        await counting
        asked = pool.asked
        await inbox.counts(DEVICE)
        await inbox.counts(DEVICE)
        assert pool.asked == asked + 1

    class Slow(Pool):
        async def fetch(self, statement: str, device: int, *bounds: int) -> list[Any]:
            await asyncio.sleep(0)
            return await super().fetch(statement, device, *bounds)

    pool = inbox.pool = Slow({})
    asyncio.run(run())


def test_a_new_box_takes_it_that_something_waits() -> None:
    boxes = Boxes()
    assert boxes.of(DEVICE, 12).newest == 12
    boxes.put([DEVICE, 8], 13)
    assert boxes.of(DEVICE, 13).newest == 13
    boxes.forget(DEVICE)
    assert boxes.of(DEVICE, 14).newest == 14


def test_changes_are_known_from_the_first_on() -> None:
    changes = ListChanges()
    assert changes.between(0, 99) is None
    for pos, person in enumerate(("a", "b", "a"), 5):
        changes.note("", person, pos)
    assert changes.between(3, 99) is None, "before the first, nobody knows"
    assert changes.between(4, 99) == [("", "a"), ("", "b")]
    assert changes.between(6, 99) == [("", "a")]
    assert changes.between(4, 6) == [("", "b")]
    assert changes.between(7, 99) == []


def test_changes_are_bounded() -> None:
    changes = ListChanges()
    for pos in range(1, MOST_CHANGES + 3):
        changes.note("", f"person {pos}", pos)
    assert len(changes.log) == MOST_CHANGES
    assert changes.between(1, 99_999) is None
    assert changes.between(2, 99_999) is not None
