"""The extensions of sliding sync: account data, receipts, typing, and what the encryption of clients needs (MSC3959,
MSC3960, MSC3961, MSC3885, MSC3884 as they are deployed).
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.shapes import is_whole
from meydan.messaging.queries.devicelists import DeviceLists
from meydan.messaging.queries.inbox import Inbox
from meydan.messaging.queries.live import JOINED, Person, Read, Room
from meydan.messaging.queries.personal import account_events
from meydan.messaging.queries.reading import Reader
from meydan.messaging.queries.seeing import reads_told
from meydan.messaging.queries.sliding_asks import Ask, Extension
from meydan.messaging.queries.sliding_lists import Place
from meydan.messaging.queries.sliding_memory import Scope, Stand, Step, Told
from meydan.messaging.queries.sync import Token, fully_read, receipts_of

raw = msgspec.Raw
_CHANGED = """
select room_id, type, content, pos from messaging_accountdata
 where person = $1 and room_id = any($2::text[]) and pos <= $3 and (room_id <> '' or pos > $4)"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on its way: who asks, by which device, which rooms are in each list's windows, which are subscribed."""

    person: Person
    device: int
    ask: Ask
    windows: Mapping[str, Collection[Place]]
    subscribed: Collection[Place]

    def rooms_for(self, extension: Extension) -> dict[str, Room]:
        """The joined rooms of which the extension shall speak."""
        lists = self._named(extension.lists, self.windows)
        places = [place for name in lists for place in self.windows[name]]
        wanted = extension.rooms
        places += [
            place for place in self.subscribed if wanted is None or "*" in wanted or place.room.room_id in wanted
        ]
        return {place.room.room_id: place.room for place in places if place.membership == JOINED}

    @staticmethod
    def _named(wanted: Collection[str] | None, windows: Mapping[str, Any]) -> Iterable[str]:
        return windows if wanted is None or "*" in wanted else [name for name in wanted if name in windows]


class Extender:
    """Adds what the extensions say to an answer."""

    def __init__(self, reader: Reader, inbox: Inbox, lists: DeviceLists) -> None:
        self.reader = reader
        self.inbox = inbox
        self.lists = lists

    async def extend(self, asked: Asked, stand: Stand, step: Step) -> None:
        """Those that are asked for; `step.news` when one of them has something new."""
        on, said = asked.ask.extensions.on, {}
        if (extension := on("account_data")) and (part := await self._account_data(asked, extension, stand, step)):
            said["account_data"] = part
        if (extension := on("receipts")) and (rooms := self._receipts(asked, extension, stand, step)):
            said["receipts"] = {"rooms": rooms}
        if (extension := on("typing")) and (rooms := self._typing(asked, extension, stand, step)):
            said["typing"] = {"rooms": rooms}
        step.news = step.news or bool(said)
        if extension := on("to_device"):
            said["to_device"] = await self._to_device(asked, extension, step)
            step.news = step.news or "events" in said["to_device"]
        if on("e2ee"):
            said["e2ee"] = await self._e2ee(asked, stand, step)
            step.news = step.news or "device_lists" in said["e2ee"]
        step.said["extensions"] = said

    async def _to_device(self, asked: Asked, extension: Extension, step: Step) -> dict[str, Any]:
        """The messages after `since`; that the client says it proves that it has those before."""
        since = extension.since or "0"
        if not is_whole(since):
            raise MatrixError(400, "M_INVALID_PARAM", "to_device.since is not a token of this server.")
        await self.inbox.forget_seen(asked.device, int(since))
        messages, upto = await self.inbox.waiting(asked.device, int(since), step.positions[0])
        said: dict[str, Any] = {"next_batch": str(max(upto, int(since)))}
        return {**said, "events": [raw(body) for body in messages]} if messages else said

    async def _e2ee(self, asked: Asked, stand: Stand, step: Step) -> dict[str, Any]:
        counts, unused = await self.inbox.counts(asked.device)
        said: dict[str, Any] = {"device_one_time_keys_count": counts, "device_unused_fallback_key_types": unused}
        if stand.positions:
            lists = await self.lists.changes(asked.person, Token(stand.positions), Token(step.positions))
            said |= {"device_lists": lists} if lists else {}
        return said

    async def _account_data(self, asked: Asked, extension: Extension, stand: Stand, step: Step) -> dict[str, Any]:
        first, before = not stand.positions, stand.positions[0] if stand.positions else 0
        changed = first or asked.person.last_setting > before
        rooms = asked.rooms_for(extension)
        scope = _move(stand, step, "account_data", rooms, 0)
        names = [name for name in rooms if changed or name not in scope.rooms]
        names += [""] if changed else []
        values = (asked.person.user_id, names, step.positions[0], before)
        own: list[tuple[str, bytes]] = []
        told = _markers(asked, rooms, scope, stand)
        for name, kind, content, pos in await self.reader.pool.fetch(_CHANGED, *values) if names else ():
            if not name:
                own.append((kind, content))
            elif pos > (before if name in scope.rooms else scope.heard.get(name, 0)):
                told.setdefault(name, []).append({"type": kind, "content": raw(content)})
        said = {"global": account_events(asked.person.user_id, own, first=first), "rooms": told}
        return {key: value for key, value in said.items() if value}

    def _receipts(self, asked: Asked, extension: Extension, stand: Stand, step: Step) -> dict[str, Any]:
        rooms = asked.rooms_for(extension)
        scope = _move(stand, step, "receipts", rooms, None)
        said: dict[str, Any] = {}
        for name, room in rooms.items():
            before = stand.positions[room.shard] if name in scope.rooms else scope.heard.get(name, 0)
            if room.last <= before:
                continue
            reads = room.reads_since(before)
            if not before:
                reads = _first(reads, asked.person.user_id, _start(room, step.rooms.get(name)))
            told = reads_told(room, reads, asked.person.user_id)
            if content := receipts_of(told, asked.person.user_id, before):
                said[name] = {"type": "m.receipt", "content": content}
        return said

    def _typing(self, asked: Asked, extension: Extension, stand: Stand, step: Step) -> dict[str, Any]:
        rooms = asked.rooms_for(extension)
        scope = _move(stand, step, "typing", rooms, None)
        now, said = time.monotonic(), {}
        for name, room in rooms.items():
            is_new = name not in scope.rooms
            if room.typing_serial <= stand.typing and not (is_new and room.typing):
                continue
            typing = [who for who, until in room.typing.items() if until > now]
            if typing or not is_new:
                said[name] = {"type": "m.typing", "content": {"user_ids": typing}}
        return said


def _markers(asked: Asked, rooms: Mapping[str, Room], scope: Scope, stand: Stand) -> dict[str, list[Any]]:
    """The read markers that moved, by room."""
    said = {}
    for name, room in rooms.items():
        before = stand.positions[room.shard] if name in scope.rooms else 0
        if room.last > before and (events := fully_read(room, asked.person.user_id, before)):
            said[name] = events
    return said


def _move(stand: Stand, step: Step, name: str, rooms: Mapping[str, Room], shard: int | None) -> Scope:
    """The extension speaks of these rooms from now on. What was heard of those that it leaves is kept with them; the
    position is that of one stream, or (None) of each room's own."""
    scope = stand.scopes.get(name) or Scope()
    now = frozenset(rooms)
    left = scope.rooms - now
    heard = {}
    for room_id in left:
        told = stand.rooms.get(room_id)
        heard[room_id] = stand.positions[0] if shard == 0 else (told.pos if told is not None else 0)
    step.scopes[name] = (now if now != scope.rooms else scope.rooms, heard)
    return scope


def _first(reads: Iterable[Read], user_id: str, start: int) -> Iterator[Read]:
    """Of a room that is told for the first time: one's own receipts, and those for the events that one has now."""
    return (read for read in reads if read.person == user_id or read.event_pos > start)


def _start(room: Room, told: Told | None) -> int:
    """The position before the events that the client has just been told."""
    if told is None or told.membership != JOINED or not told.limit or len(room.tail) <= told.limit:
        return room.last_event if told is None or not told.limit else room.floor
    return room.tail[-told.limit - 1].pos
