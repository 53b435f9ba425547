"""The messenger of one gateway process: its streams, what it holds in memory, and how an event comes into a room."""

import asyncio
import zlib
from collections import ChainMap
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import msgspec

from meydan.kernel.jobs import ENQUEUE
from meydan.messaging.actions.peers import NotMine, Peers, pack, unpack
from meydan.messaging.actions.streams import Streams
from meydan.messaging.actions.telling import Teller
from meydan.messaging.actions.writer import Busy, Moved, Statement, Writer
from meydan.messaging.models.cases import CASE_TYPE
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found
from meydan.messaging.models.events import Content, Event
from meydan.messaging.models.shapes import (
    as_json,
    check_event,
    domain_of,
    make_event_id,
    make_room_id,
    media_in,
    redact_keys,
    redacts_of,
)
from meydan.messaging.models.tables import ROOM_SHARDS
from meydan.messaging.policies.forging import unforged
from meydan.messaging.policies.redacting import may_redact
from meydan.messaging.policies.rules import may_append
from meydan.messaging.policies.verdict import demand
from meydan.messaging.queries.live import Entry, Item, Live, Note, Read, Room
from meydan.messaging.queries.reading import Pool, Reader, event_of, milliseconds
from meydan.messaging.queries.tailing import Tail

PEOPLE = 0
SENT_HELD = 2_000
"""Devices whose transaction ids are held in memory."""
MOST_MOVES = 3
"""So often a stream may move while somebody has something for it."""
SENT_READ = 500
"""Of a device, the newest transactions; older ones are guarded by the database alone."""
Chore = Callable[..., Awaitable[None]]
P = ParamSpec("P")
T = TypeVar("T")
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody at the door: the account, the Matrix name, and the device (its id for the protocol, and ours)."""

    account: str
    user_id: str
    device_id: str
    device: int


_events = msgspec.msgpack.Decoder(list[Event]).decode
_append_of = msgspec.msgpack.Decoder(tuple[str, str, list[Draft], Who | None, str | None]).decode
_read_of = msgspec.msgpack.Decoder(Read).decode
_chore_of = msgspec.msgpack.Decoder(tuple[str, list[Any]]).decode
_note_of = msgspec.msgpack.Decoder(tuple[Note, list[tuple[str, list[Any]]]]).decode


def wherever_it_is(work: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Once more when the stream has moved meanwhile. Clients try again too, but not all of them."""

    @wraps(work)
    async def try_again(*values: P.args, **named: P.kwargs) -> T:
        for _try in range(MOST_MOVES):
            try:
                return await work(*values, **named)
            except Moved:
                continue
        raise Busy

    return try_again


class WrongName(Exception):
    """The name in the configuration is not the city's; the sentence says what to do."""


class Messenger:
    """Everything that a door needs. One for each process."""

    def __init__(self, pool: Pool, settings: dict[str, Any], server_name: str, secret: str) -> None:
        self.pool = pool
        self.settings = settings
        self.server_name = server_name
        self.live = Live(ROOM_SHARDS)
        self.reader = Reader(pool, self.live)
        self.chores: Mapping[str, Chore] = {}
        self.sending: dict[tuple[int, str], asyncio.Future[list[Event]]] = {}
        self.peers = Peers(secret, self._asked)
        self.tail = Tail(pool, self.live, self.reader, self.writes)
        self.streams = Streams(pool, self.live, settings, self.peers, self.tail.catch_up)
        self.teller = Teller(self.streams, settings, self.tail)
        self.officials: list[str] = []  # names that only the city has; `errands.Runner` keeps them

    def writes(self, shard: int) -> bool:
        """Whether this process writes the stream."""
        return shard in self.streams.mine

    async def start(self, host: str) -> None:
        """Take our share of the streams, follow the others. `host`: where other gateways reach this one. Raises
        `WrongName` when the city has another name than the configuration says."""
        await self._guard_name()
        await self.reader.start()
        await self.peers.start(host)
        await self.teller.start()
        await self.streams.start()

    async def _guard_name(self) -> None:
        await self.pool.execute(
            "insert into messaging_server (name) select $1 where not exists (select from messaging_server)",
            self.server_name,
        )
        name = await self.pool.fetchval("select name from messaging_server")
        if name != self.server_name:
            raise WrongName(
                f"this city's messenger is called {name}, and the configuration says {self.server_name}. Its name is in"
                f" every id and cannot change: set server_name = {name!r} (MEYDAN_SERVER_NAME)."
            )

    async def stop(self) -> None:
        """Write what was taken, then end."""
        await self.streams.stop()
        await self.teller.stop()
        await self.peers.stop()

    async def reach(self, positions: Sequence[int]) -> None:
        """Come as far as another gateway was when it gave this token, and until it is the turn of polls for which there
        is something new. `M_INVALID_PARAM` for a token that none gave."""
        for shard, pos in enumerate(positions):
            if pos > self.live.positions[shard] and not self.writes(shard):
                await self.tail.catch_up(shard)
            if pos > self.live.positions[shard]:
                raise bad_param("This is not a token of this server.")
        if tuple(positions) != tuple(self.live.positions):
            await self.live.rounds.turn()

    async def come_up(self) -> None:
        """Come as far as all gateways are: for who begins here and may have been told more by another one."""
        for shard in range(len(self.live.positions)):
            if not self.writes(shard):
                await self.tail.catch_up(shard)

    async def need_room(self, room_id: str) -> Room:
        """The room, as of now, whoever writes it. `M_NOT_FOUND` when there is none."""
        room = await self.reader.room(room_id)
        if room is None:
            raise not_found("There is no such room.")
        if not self.writes(room.shard):
            await self.tail.catch_up(room.shard)
        return room

    async def joined_room(self, who: Who, room_id: str) -> Room:
        """The room, in which they are. `M_FORBIDDEN` else, as for a room that is not."""
        room = await self.reader.room(room_id)
        if room is not None and who.user_id not in room.joined:
            room = await self.need_room(room_id)  # perhaps they have just come in, through another gateway
        if room is None or who.user_id not in room.joined:
            raise forbidden("You are not in this room.")
        return room

    async def make_room(self, creator: str, version: str, *, public: bool, hides_members: bool = False) -> Room:
        """A room without events; nobody can see it until it has some."""
        room_id = make_room_id(self.server_name)
        shard = 1 + zlib.crc32(room_id.encode()) % ROOM_SHARDS
        number = await self.pool.fetchval(
            """insert into messaging_room (room_id, shard, version, creator, created_at, public, hides_members)
               values ($1, $2, $3, $4, now(), $5, $6) returning id""",
            room_id,
            shard,
            version,
            creator,
            public,
            hides_members,
        )
        return self.live.hold(Room(number, room_id, shard, version))

    @wherever_it_is
    async def append(
        self, room: Room, sender: str, drafts: Sequence[Draft], *, who: Who | None = None, txn: str | None = None
    ) -> list[Event]:
        """Put events into a room, all or none refused by the rules, in this order; once they are committed, they are
        returned. `txn` makes a repetition return what was made first."""
        if not self.writes(room.shard):
            said = await self.streams.ask(room.shard, "append", (room.room_id, sender, list(drafts), who, txn))
            await self.tail.catch_up(room.shard)
            return _events(said)
        if who is not None and txn is not None:
            return await self._once(room, sender, drafts, who, txn)
        return await self._in_turn(room, sender, drafts, None, None)

    async def carry_out(self, room: Room, drafts: Sequence[Draft], done: Statement) -> bool:
        """Put an errand's events into a room whose stream we write; `done` is written with the last of them. What the
        room's state says already is left out: a second time is none. False when nothing was left to write."""
        async with room.busy:
            fresh = [one for one in drafts if not _says_already(room, one)]
            if fresh:
                await self._append(room, "", fresh, None, None, done)
            return bool(fresh)

    async def _asked(self, verb: str, values: bytes) -> bytes:
        """What another gateway wants of us."""
        if verb == "append":
            room_id, sender, drafts, who, txn = _append_of(values)
            room = await self.need_room(room_id)
            self._demand_mine(room.shard)
            return pack(await self.append(room, sender, drafts, who=who, txn=txn))
        if verb == "read":
            read = _read_of(values)
            self._demand_mine(read.shard)
            return pack((await self.put_read(read)).pos)
        self._demand_mine(PEOPLE)
        if verb == "chore":
            name, said = _chore_of(values)
            await self.chores[name](self, *said)
            return pack(None)
        note, also = _note_of(values)
        return pack((await self.note(note, *also)).pos)

    def _demand_mine(self, shard: int) -> None:
        if not self.writes(shard):
            raise NotMine

    async def _once(self, room: Room, sender: str, drafts: Sequence[Draft], who: Who, txn: str) -> list[Event]:
        """A repetition, even one that comes before the first has its answer, gets what was made first."""
        key = (who.device, txn)
        if (going := self.sending.get(key)) is not None:
            return await asyncio.shield(going)
        if (sent := self.live.sent.get(who.device)) is None or txn in sent:
            if (known := await self._sent(who.device, txn)) is not None:
                return [known]
            if (going := self.sending.get(key)) is not None:  # it came while the database was asked
                return await asyncio.shield(going)
        going = self.sending[key] = asyncio.get_running_loop().create_future()
        try:
            events = await self._in_turn(room, sender, drafts, who, txn)
        except BaseException as error:
            going.set_exception(error if isinstance(error, MatrixError) else Busy())
            going.exception()  # nobody may be waiting for it
            raise
        finally:
            del self.sending[key]
        going.set_result(events)
        return events

    async def _in_turn(
        self, room: Room, sender: str, drafts: Sequence[Draft], who: Who | None, txn: str | None
    ) -> list[Event]:
        """Not while the room's state is being changed by somebody else, or what it says of what was before."""
        if any(draft.state_key is not None or draft.type == "m.room.redaction" for draft in drafts):
            async with room.busy:
                return await self._append(room, sender, drafts, who, txn)
        if room.busy.locked():
            async with room.busy:
                pass
        return await self._append(room, sender, drafts, who, txn)

    async def _append(
        self,
        room: Room,
        sender: str,
        drafts: Sequence[Draft],
        who: Who | None,
        txn: str | None,
        done: Statement | None = None,
    ) -> list[Event]:
        ahead: dict[tuple[str, str], Event] = {}
        state: Mapping[tuple[str, str], Event] = ChainMap(ahead, room.state) if len(drafts) > 1 else room.state
        waits = []
        made = [
            _event(room, draft.by or sender, unforged(draft, draft.by or sender, self.officials)) for draft in drafts
        ]
        before: list[Event | None] = []
        written: list[bytes] = []
        for event, draft in zip(made, drafts, strict=True):
            written.append(check_event(event))
            if not draft.official:
                demand(may_append(event, state))
            before.append(state.get((event.type, event.state_key)) if event.state_key is not None else None)
            if event.state_key is not None:
                ahead[event.type, event.state_key] = event
        redacted = [await self._redacted(room, event, draft) for event, draft in zip(made, drafts, strict=True)]
        writer = self._writer(room.shard)
        for event, body, earlier, gone in zip(made, written, before, redacted, strict=True):
            make = _Making(room, event, body, earlier, who.device if who else None, txn)
            strip = partial(_replace_all, room, gone) if gone else None
            waits.append(writer.submit(make.entry, make.also(gone, done if event is made[-1] else None), strip))
        items: list[Item] = [await waits[0]] if len(waits) == 1 else await _all(waits)
        events = [item.event for item in items if isinstance(item, Entry)]
        if who is not None and txn is not None:
            self.live.sent.setdefault(who.device, {})[txn] = events[-1].event_id
        return events

    async def _sent(self, device: int, txn: str) -> Event | None:
        """What this device has sent under this transaction id."""
        sent = self.live.sent.get(device)
        if sent is None:
            rows = await self.pool.fetch(_SENT, device, SENT_READ)
            while len(self.live.sent) >= SENT_HELD:
                self.live.sent.pop(next(iter(self.live.sent)))
            sent = self.live.sent.setdefault(device, dict(rows))
        known = sent.get(txn)
        entry = await self.reader.entry(known) if known else None
        return entry.event if entry else None

    async def _redacted(self, room: Room, event: Event, draft: Draft) -> list[Entry]:
        """The event that this one redacts, as it is afterwards; and the state event after it, which says what was
        before."""
        redacts = redacts_of(event) if event.type == "m.room.redaction" else None
        if redacts is None:
            return []
        entry = await self.reader.entry(redacts)
        if entry is None or entry.room != room.number:
            raise not_found("There is no such event in this room.")
        if not draft.official:
            demand(may_redact(event, entry.event, room.state))
        left = redact_keys(msgspec.json.decode(entry.body), room.version)
        raw = encode({**left, "unsigned": {"redacted_because": as_json(event)}})
        bare = msgspec.structs.replace(entry, event=event_of(raw, entry.pos), body=raw, rel_type=None, relates_to=None)
        later = await self.reader.successor(room, entry)
        return [bare] if later is None else [bare, _forgetful(later, left["content"])]

    def _writer(self, shard: int) -> Writer:
        writer = self.streams.mine.get(shard)
        if writer is None:
            raise Moved  # it has just gone to another gateway
        return writer

    @wherever_it_is
    async def note(self, note: Note, *also: Statement) -> Item:
        """Put something into the people's stream; the note comes back with its position. The statements get the
        position as their first value, and are written in the same transaction."""
        if not self.writes(PEOPLE):
            pos = unpack(await self.streams.ask(PEOPLE, "note", (note, also)))
            await self.tail.catch_up(PEOPLE)
            return msgspec.structs.replace(note, pos=pos)
        done: Item = await self._writer(PEOPLE).submit(
            lambda pos: msgspec.structs.replace(note, pos=pos),
            (lambda pos: [(statement, (pos, *values)) for statement, values in also]) if also else None,
        )
        return done

    @wherever_it_is
    async def put_read(self, read: Read) -> Item:
        """Put a receipt into its room's stream. Returns it with its position."""
        if not self.writes(read.shard):
            pos = unpack(await self.streams.ask(read.shard, "read", read))
            await self.tail.catch_up(read.shard)
            return msgspec.structs.replace(read, pos=pos)
        values = (read.room, read.person, read.type, read.thread, read.event_id, read.event_pos, read.at, read.shard)
        done: Item = await self._writer(read.shard).submit(
            lambda pos: msgspec.structs.replace(read, pos=pos), lambda pos: [(_READ, (*values, pos))]
        )
        return done

    @wherever_it_is
    async def people_do(self, chore: Chore, *values: Any) -> None:
        """Have whoever writes the people's stream do something, one of its `chores`."""
        if self.writes(PEOPLE):
            await chore(self, *values)
            return
        await self.streams.ask(PEOPLE, "chore", (chore.__name__, values))
        await self.tail.catch_up(PEOPLE)

    def set_typing(self, room: Room, person: str, seconds: float) -> None:
        """Somebody types for so long, or (0) has stopped: here, and in the other gateways."""
        self.teller.say_typing(room.number, person, seconds)
        self.live.set_typing(room, person, seconds)


async def _all(waits: Sequence["asyncio.Future[Item]"]) -> list[Item]:
    """Several that were submitted together; where the stream moved, some of them may be written."""
    try:
        return await asyncio.gather(*waits)
    except Moved:
        raise Busy from None


def _says_already(room: Room, draft: Draft) -> bool:
    known = room.state.get((draft.type, draft.state_key)) if draft.state_key is not None else None
    return known is not None and known.content == draft.content


def _event(room: Room, sender: str, draft: Draft) -> Event:
    return Event(
        make_event_id(),
        room.room_id,
        draft.type,
        sender,
        draft.content,
        milliseconds(),
        draft.state_key,
        draft.redacts,
    )


@dataclass(slots=True)
class _Making:
    """An event on its way into the stream; `body` is what it says, but for what it says of an earlier one."""

    room: Room
    event: Event
    body: bytes
    earlier: Event | None
    device: int | None
    txn: str | None

    def entry(self, pos: int) -> Entry:
        event = msgspec.structs.replace(self.event, pos=pos)
        rel_type, relates_to = _relation(event.content)
        return Entry(
            self.room.shard,
            self.room.number,
            event,
            self.body if self.earlier is None else _with_earlier(event, self.earlier),
            self.device,
            self.txn,
            rel_type,
            relates_to,
        )

    def also(self, gone: Sequence[Entry], done: Statement | None) -> Callable[[int], list[Statement]] | None:
        """The statements that go with it; None where there are none."""
        event = self.event
        files = media_in(event.content, domain_of(self.room.room_id)) if b"mxc://" in self.body else []
        is_member = event.type == "m.room.member" and event.state_key is not None
        tells = self.device is not None and event.type == "m.room.message" and _is_case(self.room)
        if not (files or is_member or gone or done or tells):
            return None
        fixed: list[Statement] = [done] if done else []
        fixed += [(_REDACT, (one.shard, one.pos, one.body, one.rel_type, one.relates_to)) for one in gone]
        fixed += [(_UNUSE, (bare.shard, bare.pos)) for bare in gone[:1]]  # what comes after it still shows its files
        if tells:
            fixed.append((_TELL, (event.event_id, self.room.number, event.sender)))

        def statements(pos: int) -> list[Statement]:
            made = [*fixed]
            if is_member:
                membership = str(event.content.get("membership"))
                made.append((_MEMBER, (event.state_key, self.room.number, membership, pos)))
            if files:
                made.append((_USES, (files, self.room.shard, pos)))
            return made

        return statements


def _is_case(room: Room) -> bool:
    created = room.state.get(("m.room.create", ""))
    return created is not None and created.content.get("type") == CASE_TYPE


_MEMBER = """
insert into messaging_member (person, room, membership, pos, forgotten) values ($1, $2, $3, $4, false)
on conflict (person, room) do update set membership = excluded.membership, pos = excluded.pos, forgotten = false"""
_READ = """
insert into messaging_receipt (room, person, type, thread, event_id, event_pos, at, shard, pos)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (room, person, type, thread) do update
   set event_id = excluded.event_id, event_pos = excluded.event_pos, at = excluded.at, pos = excluded.pos"""
_SENT = """
select txn, event_id from messaging_event where device = $1 and txn is not null order by at desc limit $2"""
_USES = """
insert into messaging_mediause (media, shard, pos) select unnest($1::text[]), $2, $3 on conflict do nothing"""
_REDACT = """
update messaging_event set body = $3, rel_type = $4, relates_to = $5 where shard = $1 and pos = $2"""
_UNUSE = """
with used as (delete from messaging_mediause where shard = $1 and pos = $2 returning media),
     words as (delete from messaging_eventwords where shard = $1 and pos = $2)
update messaging_media set unused_at = now() where media_id in (select media from used)"""
_TELL = f"""
{ENQUEUE.format(name="'messaging.take_case_message'", arguments="jsonb_build_object('event', $1::text)")}
  from messaging_case where room = $2 and user_id = $3"""


def _forgetful(entry: Entry, content: Content) -> Entry:
    """A state event that says so much of what was before it."""
    body = msgspec.json.decode(entry.body)
    raw = encode({**body, "unsigned": {**body.get("unsigned", {}), "prev_content": content}})
    return msgspec.structs.replace(entry, body=raw)


def _replace_all(room: Room, entries: Sequence[Entry]) -> None:
    for entry in entries:
        room.replace(entry)


def _relation(content: Content) -> tuple[str | None, str | None]:
    """What the event relates to, and how (spec, "Relationship types")."""
    relates = content.get("m.relates_to")
    if not isinstance(relates, dict):
        return None, None
    rel_type, event_id = relates.get("rel_type"), relates.get("event_id")
    if not isinstance(rel_type, str) or not isinstance(event_id, str) or "\0" in rel_type + event_id:
        return None, None
    return (rel_type, event_id) if len(rel_type) <= 100 and len(event_id) <= 64 else (None, None)


def _with_earlier(event: Event, earlier: Event) -> bytes:
    """The bytes that clients get of a state event that takes another one's place."""
    unsigned = {"prev_content": earlier.content, "replaces_state": earlier.event_id}
    return encode({**as_json(event), "unsigned": unsigned})
