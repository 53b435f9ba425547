"""A cheap Matrix client, for load: hand-made HTTP/1.1 on kept connections, and only what the load needs of an answer.

A message's text begins with the moment it was written, on the clock that all processes of a machine share. So whoever
hears it knows how long it took, whichever process wrote it.
"""

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast
from urllib.parse import quote

import msgspec

from bench.harness import BenchError

API = "/_matrix/client/v3"
SLIDING = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
MESSAGE = "m.room.message"
MARK = "bench"
WORDS = "the quick brown fox jumps over the lazy dog"
ROOM_LIST = {
    "lists": {
        "all": {
            "ranges": [[0, 19]],
            "timeline_limit": 1,
            "required_state": [
                ["m.room.encryption", ""],
                ["m.room.name", ""],
                ["m.room.avatar", ""],
                ["m.room.member", "$LAZY"],
            ],
        }
    },
    "extensions": {name: {"enabled": True} for name in ("to_device", "e2ee", "account_data", "receipts", "typing")},
}


class Refused(BenchError):
    """The server answered with an error."""

    def __init__(self, request: bytes, status: int, body: bytes) -> None:
        asked = request.partition(b"?")[0].partition(b" HTTP")[0].decode("ascii", "replace")
        super().__init__(f"{asked} answered {status}: {body[:300].decode('utf-8', 'replace')}")
        self.status, self.body = status, body


class Content(msgspec.Struct):
    """Of an event's content, the text."""

    body: str = ""


class Event(msgspec.Struct):
    """An event as a client sees it in a timeline."""

    type: str
    content: Content


class Timeline(msgspec.Struct):
    """A room's new events; `limited` where some were left out."""

    events: list[Event] = []
    limited: bool = False


class Room(msgspec.Struct):
    """What is new in one room."""

    timeline: Timeline = msgspec.field(default_factory=Timeline)


class Rooms(msgspec.Struct):
    """The rooms that the person is in and that have something new."""

    join: dict[str, Room] = {}


class Sync(msgspec.Struct):
    """The answer of /sync."""

    next_batch: str
    rooms: Rooms = msgspec.field(default_factory=Rooms)


class Sliding(msgspec.Struct):
    """The answer of sliding sync."""

    pos: str
    rooms: dict[str, msgspec.Raw] = {}


class Account(msgspec.Struct):
    """The answer of /register."""

    user_id: str
    access_token: str
    device_id: str


class Session(msgspec.Struct):
    """The answer of /register that asks to come again."""

    session: str


class Made(msgspec.Struct):
    """The answer of /createRoom."""

    room_id: str


@dataclass(frozen=True)
class Place:
    """Where a server listens."""

    host: str
    port: int
    sources: tuple[str, ...] = ()  # addresses to speak from by turns; the system's choice where there are none


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, with one device."""

    id: str
    token: str
    device: str


class Line(asyncio.Protocol):
    """One kept connection, one request at a time. Any person's requests may go over it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[bytes] | None = None
        self.got = bytearray()
        self.status = 0
        self.length: int | None = None

    async def ask(self, request: bytes) -> bytes:
        """The body of a successful answer; Refused for any other. A kept connection that the server has closed
        meanwhile is opened again, once: every request of ours may be repeated."""
        was_kept = self.transport is not None
        try:
            body = await self._exchange(request)
        except ConnectionError:
            if not was_kept:
                raise
            body = await self._exchange(request)
        if self.status >= 300:
            raise Refused(request, self.status, body)
        return body

    async def _exchange(self, request: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        if self.transport is None:
            place = self.place
            source = (place.sources[next(_numbers) % len(place.sources)], 0) if place.sources else None
            await loop.create_connection(lambda: self, place.host, place.port, local_addr=source)
        assert self.transport is not None
        self.got.clear()
        self.status = 0
        self.answer = loop.create_future()
        self.transport.write(request)
        return await self.answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self.got += data
        if (not self.status and not self._read_head()) or (body := self._read_body()) is None:
            return
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(body)

    def _read_head(self) -> bool:
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.got[: end + 2]).lower()
        del self.got[: end + 4]
        self.status = int(head[9:12])
        at = head.find(b"\r\ncontent-length:")
        self.length = None if at < 0 else int(head[at + 17 : head.index(b"\r\n", at + 2)])
        return True

    def _read_body(self) -> bytes | None:
        """The whole body, or None while some is missing."""
        if self.length is not None:
            return bytes(self.got) if len(self.got) >= self.length else None
        # JSON holds no raw line ends, so this is the last chunk and no part of one
        return _join_chunks(bytes(self.got)) if self.got.endswith(b"0\r\n\r\n") else None

    def close(self) -> None:
        """End it; a request on its way is answered by an error."""
        if self.transport is not None:
            self.transport.abort()


def _join_chunks(data: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.index(b"\r\n", at)
        size = int(data[at:end], 16)
        if not size:
            return b"".join(parts)
        parts.append(data[end + 2 : end + 2 + size])
        at = end + size + 4


def request(method: str, path: str, token: str = "", body: object = None) -> bytes:
    """A request as it goes over the line."""
    data = b"" if body is None else msgspec.json.encode(body)
    signed = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{signed}Content-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def sync_request(person: Person, since: str, wait_ms: int, wish: str = "") -> bytes:
    """What is new since then (empty: everything), waiting so long for something to come. `wish`: a filter, as JSON."""
    after = f"&since={quote(since, safe='')}" if since else ""
    only = f"&filter={quote(wish, safe='')}" if wish else ""
    return request("GET", f"{API}/sync?timeout={wait_ms}{after}{only}", person.token)


def sliding_request(person: Person, connection: str) -> bytes:
    """The first 20 rooms of a room list, as a connection's first request."""
    return request("POST", f"{SLIDING}?timeout=0", person.token, {"conn_id": connection, **ROOM_LIST})


class Asker(Protocol):
    """Somebody who asks the server for something again and again."""

    @property
    def gap(self) -> float:
        """Seconds from one request to the next; 0: as soon as the last one is answered."""

    def request(self, number: str) -> bytes:
        """The next request; `number` is no other request's."""


@dataclass(frozen=True)
class Writer:
    """Somebody who writes into a room."""

    person: Person
    room: str
    gap: float = 0.0

    def request(self, number: str) -> bytes:
        """A message that says when it was written."""
        text = f"{MARK} {time.monotonic_ns()} {WORDS}"
        path = f"{API}/rooms/{quote(self.room)}/send/{MESSAGE}/{number}"
        return request("PUT", path, self.person.token, {"msgtype": "m.text", "body": text})


@dataclass(frozen=True)
class KeySharer:
    """Somebody who hands a room's key to each other member's device."""

    person: Person
    others: tuple[Person, ...]
    gap: float = 0.0

    def request(self, number: str) -> bytes:
        """As much ciphertext for each device as a Megolm key has."""
        secret = {"algorithm": "m.olm.v1.curve25519-aes-sha2", "ciphertext": "A" * 400}
        messages = {other.id: {other.device: secret} for other in self.others}
        path = f"{API}/sendToDevice/m.room.encrypted/{number}"
        return request("PUT", path, self.person.token, {"messages": messages})


@dataclass(frozen=True)
class Bystander:
    """Somebody who asks for next to nothing, to see how long the server lets one wait."""

    person: Person
    gap: float = 0.0

    def request(self, number: str) -> bytes:
        """Who am I?"""
        return request("GET", f"{API}/account/whoami?n={number}", self.person.token)


_numbers = itertools.count()


def request_number() -> str:
    """A transaction id that no other request has, of this process or another."""
    return f"{os.getpid()}.{next(_numbers)}"


def written_at(event: Event) -> int:
    """When our message was written (ns of the machine's monotonic clock); 0 for any other event."""
    mark, _, rest = event.content.body.partition(" ")
    return int(rest.partition(" ")[0]) if event.type == MESSAGE and mark == MARK else 0


Task = Callable[[Line], Awaitable[None]]


async def in_lanes(place: Place, lanes: int, tasks: Iterable[Task]) -> None:
    """Do all tasks, so many at a time, each lane on a connection of its own."""
    waiting = iter(tasks)

    async def work() -> None:
        line = Line(place)
        for task in waiting:
            await task(line)
        line.close()

    async with asyncio.TaskGroup() as group:
        for _lane in range(lanes):
            group.create_task(work())


async def register(line: Line, name: str) -> Person:
    """A new account, by the stage that asks for nothing; in two steps where the server wants a session."""
    body: dict[str, object] = {"username": name, "password": f"pw-{name}", "auth": {"type": "m.login.dummy"}}
    path = f"{API}/register"
    try:
        said = await line.ask(request("POST", path, body=body))
    except Refused as error:
        if error.status != 401:
            raise
        session = msgspec.json.decode(error.body, type=Session).session
        said = await line.ask(
            request("POST", path, body={**body, "auth": {"type": "m.login.dummy", "session": session}})
        )
    account = msgspec.json.decode(said, type=Account)
    return Person(account.user_id, account.access_token, account.device_id)


async def create_room(line: Line, owner: Person, name: str) -> str:
    """A room that anybody may join; its id."""
    body = {"preset": "public_chat", "name": name, "topic": "a room with a topic"}
    said = await line.ask(request("POST", f"{API}/createRoom", owner.token, body))
    return msgspec.json.decode(said, type=Made).room_id


async def join(line: Line, person: Person, room: str) -> None:
    """Become a member."""
    await line.ask(request("POST", f"{API}/join/{quote(room)}", person.token, {}))


async def write_messages(line: Line, people: Sequence[Person], room: str, count: int) -> None:
    """So many messages, by turns."""
    for number in range(count):
        await line.ask(Writer(people[number % len(people)], room).request(request_number()))
