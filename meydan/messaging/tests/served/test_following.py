"""What a gateway does all the time goes on whatever breaks; a room in which people talk without pause can be read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import pytest
from asyncpg.exceptions import CannotConnectNowError

from meydan.messaging.actions import tending
from meydan.messaging.actions.tending import tend
from meydan.messaging.actions.writer import Writer
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.tables import ROOM_SHARDS
from meydan.messaging.queries.live import Live, Room
from meydan.messaging.queries.reading import Reader, open_pool
from meydan.messaging.queries.tailing import Tail
from meydan.messaging.tests.served.conftest import Cast, Served

MOST_READINGS = 5


class Fragile:
    """The pool of a gateway whose database goes away now and then."""

    def __init__(self, pool: Any) -> None:
        self.pool, self.faults = pool, list[Exception]()

    def __getattr__(self, name: str) -> Any:
        if self.faults:
            raise self.faults.pop()
        return getattr(self.pool, name)


@asynccontextmanager
async def follower(served: Served) -> AsyncIterator[tuple[Fragile, Reader, Tail]]:
    """The memory of another gateway of the same city, which writes nothing."""
    pool = await open_pool(served.settings, 4)
    live, fragile = Live(ROOM_SHARDS), Fragile(pool)
    reader = Reader(fragile, live)
    await reader.start()
    try:
        yield fragile, reader, Tail(fragile, live, reader, lambda _shard: False)
    finally:
        await pool.close()


def on_loop(served: Served, work: Coroutine[Any, Any, Any]) -> Any:
    assert served.loop is not None
    return asyncio.run_coroutine_threadsafe(work, served.loop).result(30)


async def say(served: Served, room_id: str, sender: str) -> str:
    """Its event id."""
    assert served.gateway is not None
    messenger = served.gateway.messenger
    draft = Draft("m.room.message", {"msgtype": "m.text", "body": "on and on"}, None)
    return (await messenger.append(await messenger.need_room(room_id), sender, [draft]))[-1].event_id


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not what():
            await asyncio.sleep(0.01)


def test_a_room_in_which_people_talk_without_pause_is_read(served: Served, sign_in: Cast) -> None:
    """Each time the room has been read, there is something new in it."""
    ada = sign_in("ada")
    room_id = ada.make_room()

    async def read() -> tuple[int, list[str], str]:
        async with follower(served) as (_fragile, reader, tail):
            readings, followings, fill = 0, set[asyncio.Task[None]](), reader._fill
            said = ""

            async def fill_while_somebody_talks(room: Room, pos: int) -> None:
                nonlocal readings, said
                readings += 1
                assert readings < MOST_READINGS, "the room is read again and again"
                await fill(room, pos)
                said = await say(served, room_id, ada.user_id)
                followings.add(following := asyncio.create_task(tail.catch_up(room.shard)))
                await asyncio.wait([following], timeout=0.2)

            reader._fill = fill_while_somebody_talks  # type: ignore[method-assign]  # somebody else's hand in it
            room = await reader.room(room_id)
            await asyncio.gather(*followings)
            assert room is not None
            return readings, [one.event.event_id for one in room.tail], said

    readings, told, said = on_loop(served, read())
    assert readings == 2
    assert told[-1] == said
    assert len(set(told)) == len(told)
    everything = [one["event_id"] for one in ada.get(f"rooms/{quote(room_id)}/messages", dir="b", limit=50)["chunk"]]
    assert told == everything[::-1]


@pytest.mark.parametrize("fault", [ConnectionRefusedError("gone"), RuntimeError("the handler is closed")], ids=repr)
def test_a_gateway_follows_the_others_again_when_the_database_is_back(
    served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Also what came while it was gone, of which no word was heard."""
    monkeypatch.setattr(tending, "LATER_SECONDS", 0.05)
    ada = sign_in("ada")
    room_id = ada.make_room()

    async def follow() -> None:
        async with follower(served) as (fragile, reader, tail):
            room = await reader.room(room_id)
            assert room is not None
            fragile.faults = [fault, fault]
            task = tend(tail.follow, "follow")
            event_id = await say(served, room_id, ada.user_id)
            await until(lambda: room.tail[-1].event.event_id == event_id)
            assert not fragile.faults
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    on_loop(served, follow())


def test_who_asks_while_the_database_is_gone_is_told_to_try_again(
    served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = sign_in("ada")
    assert served.gateway is not None
    fragile = Fragile(served.gateway.messenger.pool)
    monkeypatch.setattr(served.gateway.messenger, "pool", fragile)
    served.gateway.known.clear()
    for fault in (ConnectionRefusedError("gone"), CannotConnectNowError("it starts")):
        fragile.faults = [fault]
        reply = ada.ask("GET", "account/whoami")
        assert (reply.status, reply.errcode, reply.json["retry_after_ms"]) == (503, "M_UNKNOWN", 1000)
    assert ada.get("account/whoami")["user_id"] == ada.user_id


def test_nobody_is_refused_while_a_stream_moves(served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being written is written to its end, and what comes meanwhile waits for the next one."""
    ada = sign_in("ada")
    room_id = ada.make_room()
    gateway = served.gateway
    assert gateway is not None
    messenger, commit, under_way = gateway.messenger, Writer._commit, asyncio.Event()
    shard, streams = messenger.live.by_id[room_id].shard, messenger.streams

    async def commit_slowly(self: Writer, *values: Any) -> None:
        if self.shard == shard:
            under_way.set()
        await asyncio.sleep(0.3)
        await commit(self, *values)

    async def move() -> list[str]:
        assert streams.task is not None
        streams.task.cancel()  # it gives and takes one after the other, and never beside this
        await asyncio.gather(streams.task, return_exceptions=True)
        sending = asyncio.create_task(say(served, room_id, ada.user_id))
        await under_way.wait()
        giving = asyncio.create_task(streams._give_back(shard))
        await asyncio.sleep(0.05)
        assert not messenger.writes(shard)
        late = asyncio.create_task(say(served, room_id, ada.user_id))
        await giving
        await streams._take(shard)
        streams.task = tend(streams._keep_looking, "streams")
        return [await sending, await late]

    monkeypatch.setattr(Writer, "_commit", commit_slowly)
    sent = on_loop(served, move())
    told = ada.get(f"rooms/{quote(room_id)}/messages", dir="b", limit=2)["chunk"]
    assert [one["event_id"] for one in told] == sent[::-1]


@pytest.mark.parametrize("name", ["\0", "a\0b"])
def test_what_no_database_can_hold_is_no_fault_of_the_servers(served: Served, sign_in: Cast, name: str) -> None:
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": "p"}
    reply = sign_in("ada").ask("POST", "login", login)
    assert reply.status in (400, 403), reply.body


def test_what_was_written_before_the_line_broke_in_an_unforeseen_way_is_not_written_again(
    served: Served, sign_in: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = sign_in("ada")
    room_id = ada.make_room()
    commit, broken = Writer._commit, list[int]()

    async def commit_and_break(self: Writer, *values: Any) -> None:
        await commit(self, *values)
        if self.shard and not broken:
            broken.append(self.shard)
            raise RuntimeError("the handler is closed")

    monkeypatch.setattr(Writer, "_commit", commit_and_break)
    address = f"rooms/{quote(room_id)}/send/m.room.message/same"
    first = ada.ask("PUT", address, {"msgtype": "m.text", "body": "once"})
    assert (first.status, first.errcode) == (500, "M_UNKNOWN")
    event_id = ada.put(address, {"msgtype": "m.text", "body": "once"})["event_id"]
    later = ada.send(room_id, "and on")
    told = ada.get(f"rooms/{quote(room_id)}/messages", dir="b", limit=2)["chunk"]
    assert [one["event_id"] for one in told] == [later, event_id]
