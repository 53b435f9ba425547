"""What is read from the database: rooms into memory, and what is older than that. Plain SQL over asyncpg."""

import asyncio
import time
from collections.abc import Iterable
from operator import attrgetter
from sys import intern
from typing import Any

import asyncpg
import msgspec

from meydan.messaging.models.events import Event
from meydan.messaging.models.tables import ROOM_SHARDS
from meydan.messaging.policies.reading import HISTORY_VISIBILITY, history_visibility
from meydan.messaging.queries.live import BUMPS, TAIL, Entry, Live, Person, Read, Room, StateKey

MOST_MOVES = 5_000
MOST_HISTORY = 1_000
DATABASE_FAULTS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncio.TimeoutError)
"""What is raised where the database is gone, or refuses."""
DATABASE_GONE = (
    *(ConnectionError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError),
    asyncpg.exceptions.OperatorInterventionError,
)
"""Those that say that it is gone, ends or starts: whoever asks again has their answer."""
SHOWN = frozenset({"shared", "world_readable"})
Pool = Any  # asyncpg has no types of its own
Record = Any
_position = attrgetter("pos")
LINES = 8 + 1 + ROOM_SHARDS
"""Connections of a gateway to the database: some for all who read, and one for each stream, whose writer keeps it while
there is something to write."""

_EVENTS = "select shard, pos, room, body, device, txn, rel_type, relates_to from messaging_event"
_EACH = """
select distinct on (room, type, state_key) shard, pos, room, body, device, txn, rel_type, relates_to
  from messaging_event"""
_ROOM = "select id, room_id, shard, version from messaging_room where {} = $1"
_STATE = _EACH + (" where room = $1 and state_key is not null and pos <= $2 order by room, type, state_key, pos desc")
_PIECES = """
select asked.type, asked.key, e.body from unnest($2::text[], $3::text[]) asked (type, key) cross join lateral (
       select body from messaging_event
        where room = $1 and type = asked.type and state_key = asked.key and state_key is not null
          and pos <= $4 and pos > $5 order by pos desc limit 1) e"""
_NEWEST = _EVENTS + " where room = $1 and pos <= $2 order by pos desc limit $3"
_RANGE = _EVENTS + " where room = $1 and pos > $2 and pos <= $3 order by pos desc limit $4"
_FORWARD = _EVENTS + " where room = $1 and pos >= $2 and pos <= $3 order by pos limit $4"
_ONE = _EVENTS + " where event_id = $1"
_HISTORY = _EVENTS + " where room = $1 and type = $2 and state_key = $3 order by pos desc limit $4"
_SUCCESSOR = _EVENTS + (" where room = $1 and type = $2 and state_key = $3 and pos > $4 order by pos limit 1")
_READS = """
select room, person, type, thread, event_id, event_pos, at, pos from messaging_receipt where room = $1 order by pos"""
_BUMP = (
    "select at from messaging_event where room = $1 and pos <= $2 and type = any($3::text[]) order by pos desc limit 1"
)
_MOVES = _EVENTS + (
    " where room = $1 and type = 'm.room.member' and state_key is not null and pos > $2 and pos <= $3"
    " order by pos desc limit $4"
)
_MEMBER_OF = "select room, membership, pos from messaging_member where person = $1 and not forgotten"


class _Written(msgspec.Struct):
    """What of an event's bytes the rules read."""

    event_id: str
    room_id: str
    type: str
    sender: str
    content: dict[str, Any]
    origin_server_ts: int
    state_key: str | None = None
    redacts: str | None = None


_decode = msgspec.json.Decoder(_Written).decode


def event_of(body: bytes, pos: int) -> Event:
    """The event that these bytes say. Names that many events have are held once."""
    said = _decode(body)
    return Event(
        said.event_id,
        intern(said.room_id),
        intern(said.type),
        intern(said.sender),
        said.content,
        said.origin_server_ts,
        intern(said.state_key) if said.state_key is not None else None,
        said.redacts,
        pos,
    )


def entry_of(row: Record) -> Entry:
    """A row of `_EVENTS`."""
    shard, pos, room, body, device, txn, rel_type, relates_to = row
    return Entry(shard, room, event_of(body, pos), body, device, txn, rel_type, relates_to)


def _arguments(settings: dict[str, Any]) -> dict[str, Any]:
    """Django's settings of the database, as asyncpg wants them."""
    return {
        "host": settings.get("HOST") or None,
        "port": int(settings["PORT"]) if settings.get("PORT") else None,
        "user": settings.get("USER") or None,
        "password": settings.get("PASSWORD") or None,
        "database": settings["NAME"],
        "command_timeout": 60,
        "server_settings": {"jit": "off", "application_name": "meydan-gateway"},
    }


async def open_pool(settings: dict[str, Any], size: int = LINES) -> Pool:
    """Connections to the city's database. Nothing is left behind on them (locks and listening have connections of their
    own), so that they need no cleaning after each statement, which would cost as much as the statement."""
    return await asyncpg.create_pool(min_size=1, max_size=size, reset=_leave, **_arguments(settings))


async def _leave(_line: Any) -> None:
    """The connection is clean already."""


async def connect(settings: dict[str, Any]) -> Any:
    """One connection of its own: for locks, or for listening."""
    return await asyncpg.connect(**_arguments(settings))


class Reader:
    """Reads on behalf of `live`, which holds what it finds."""

    def __init__(self, pool: Pool, live: Live) -> None:
        self.pool = pool
        self.live = live
        self.turns = [asyncio.Lock() for _stream in live.positions]
        """Held while what others wrote into a stream is taken in."""

    async def start(self) -> None:
        """Where the streams stand."""
        for number, pos in await self.pool.fetch("select number, pos from messaging_shard"):
            self.live.positions[number] = pos

    async def room(self, room_id: str) -> Room | None:
        """The room with this id."""
        held = self.live.by_id.get(room_id)
        return held if held is not None else await self._load(_ROOM.format("room_id"), room_id)

    async def room_number(self, number: int) -> Room | None:
        """The room with this number."""
        held = self.live.rooms.get(number)
        return held if held is not None else await self._load(_ROOM.format("id"), number)

    async def _load(self, statement: str, key: str | int) -> Room | None:
        row = await self.pool.fetchrow(statement, key)
        if row is None:
            return None
        if (room := await self._read_whole(row)) is None:
            async with self.turns[row["shard"]]:  # so much is said in it that nobody could read it as fast
                while (room := await self._read_whole(row)) is None:
                    pass
        return room

    async def _read_whole(self, row: Record) -> Room | None:
        """A room into memory. None if something came into it meanwhile."""
        room = Room(*row)
        before = self.live.begin(room.number)
        await self._fill(room, self.live.positions[room.shard])
        if (held := self.live.by_id.get(room.room_id)) is not None:
            return held  # somebody else was faster
        return self.live.hold(room) if self.live.is_unmoved(room.number, before) else None

    async def _fill(self, room: Room, pos: int) -> None:
        async with self.pool.acquire() as line:
            newest = await line.fetch(_NEWEST, room.number, pos, TAIL)
            state = await line.fetch(_STATE, room.number, pos)
            reads = await line.fetch(_READS, room.number)
        for entry in sorted(map(entry_of, state), key=_position):
            room.set_state(entry)
        room.tail.extend(entry_of(row) for row in reversed(newest))
        room.floor = room.tail[0].pos if len(newest) == TAIL else 0
        room.floor -= 1 if room.floor else 0
        room.last = room.last_event = room.tail[-1].pos if room.tail else 0
        for number, person, kind, thread, event_id, event_pos, at, own in reads:
            room.set_read(Read(room.shard, own, number, person, kind, thread, event_id, event_pos, at))
        room.bump = await self._bump(room, pos)

    async def _bump(self, room: Room, pos: int) -> int:
        """When the newest event that bumps was sent."""
        for entry in reversed(room.tail):
            if entry.event.type in BUMPS:
                return entry.event.origin_server_ts
        return await self.pool.fetchval(_BUMP, room.number, pos, list(BUMPS)) or 0

    async def person(self, user_id: str) -> Person:
        """What somebody is to which rooms."""
        while (held := self.live.people.get(user_id)) is None:
            before = self.live.begin(user_id)
            rows = await self.pool.fetch(_MEMBER_OF, user_id)
            if self.live.is_unmoved(user_id, before):
                person = Person(user_id, {room: (membership, pos) for room, membership, pos in rows})
                person.last_note = person.last_list = person.last_setting = self.live.positions[0]
                person.last_presence = person.last_note
                held = self.live.people.setdefault(user_id, person)
        return held

    async def entry(self, event_id: str) -> Entry | None:
        """One event, whoever may see it."""
        row = await self.pool.fetchrow(_ONE, event_id)
        return None if row is None else entry_of(row)

    async def newest(self, room: Room, after: int, upto: int, limit: int) -> list[Entry]:
        """The newest `limit` events after one position and up to another, oldest first."""
        held = room.newest(after, upto, limit)
        if len(held) == limit or after >= room.floor:
            return held
        rows = await self.pool.fetch(_RANGE, room.number, after, upto, limit)
        return [entry_of(row) for row in reversed(rows)]

    async def forward(self, room: Room, start: int, upto: int, limit: int) -> list[Entry]:
        """The oldest `limit` events from a position on."""
        return [entry_of(row) for row in await self.pool.fetch(_FORWARD, room.number, start, upto, limit)]

    async def state(self, room: Room, keys: Iterable[StateKey], pos: int, after: int = 0) -> dict[StateKey, bytes]:
        """What these pieces of state were at a position, as clients get it (`as_state`); only what was set after
        another. Only of what has changed since then, and was something before, the database is asked."""
        found: dict[StateKey, bytes] = {}
        changed: list[StateKey] = []
        if after >= pos:
            return found
        newest = next(reversed(room.state.values()), None)
        if not after and newest is not None and newest.pos <= pos:
            return {key: as_state(room, room.bodies[key]) for key in keys if key in room.bodies}
        for key in keys:
            event = room.state.get(key)
            if event is None:
                continue
            if event.pos > pos:
                changed += [key] if _was_something(room.bodies[key]) else []
            elif event.pos > after:
                found[key] = room.bodies[key]
        if changed:
            kinds, names = [kind for kind, _name in changed], [name for _kind, name in changed]
            rows = await self.pool.fetch(_PIECES, room.number, kinds, names, pos, after)
            found |= {(kind, name): body for kind, name, body in rows}
        return {key: as_state(room, body) for key, body in found.items()}

    async def history(self, room: Room, kind: str, key: str) -> list[Entry]:
        """What one piece of state ever said, the newest `MOST_HISTORY` of it, oldest first. Memory knows it of what was
        never anything else, which most pieces were not."""
        event = room.state.get((kind, key))
        if event is None:
            return []
        if not _was_something(body := room.bodies[kind, key]):
            return [Entry(room.shard, room.number, event, body)]
        rows = await self.pool.fetch(_HISTORY, room.number, kind, key, MOST_HISTORY)
        return [entry_of(row) for row in reversed(rows)]

    async def successor(self, room: Room, entry: Entry) -> Entry | None:
        """The state event that took the place of another one."""
        event = entry.event
        if event.state_key is None:
            return None
        row = await self.pool.fetchrow(_SUCCESSOR, room.number, event.type, event.state_key, event.pos)
        return None if row is None else entry_of(row)

    async def member_events(self, room: Room, after: int, upto: int) -> list[Entry]:
        """Who came and went between two positions, the newest `MOST_MOVES` of it, oldest first."""
        if after >= room.floor:
            held = (one for one in room.since(after) if one.pos <= upto and one.event.type == "m.room.member")
            return [one for one in held if one.event.state_key is not None]
        rows = await self.pool.fetch(_MOVES, room.number, after, upto, MOST_MOVES)
        return [entry_of(row) for row in reversed(rows)]


def as_state(room: Room, body: bytes) -> bytes:
    """A piece of state as it is told outside a timeline: without `prev_content` in a room that has ever hidden its
    past, for that is only for who may see it (client-server API, "Room event format"), and state is told to
    more people."""
    if b'"prev_content"' not in body or not _has_hidden(room):
        return body
    event = msgspec.json.decode(body)
    event.get("unsigned", {}).pop("prev_content", None)
    return msgspec.json.encode(event)


def _has_hidden(room: Room) -> bool:
    """Whether members may not see all that was before them, or once might not."""
    body = room.bodies.get(HISTORY_VISIBILITY)
    return body is not None and (history_visibility(room.state) not in SHOWN or _was_something(body))


def _was_something(body: bytes) -> bool:
    """Whether this piece of state may have been another one before; a redacted event does not say it any more."""
    return b'"replaces_state"' in body or b'"redacted_because"' in body


def milliseconds() -> int:
    """Now, as events say it."""
    return int(time.time() * 1000)
