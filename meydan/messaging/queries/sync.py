"""What a client is told by `/sync` (client-server API, "Syncing"): everything that happened since its token."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.events import Event
from meydan.messaging.models.shapes import is_whole
from meydan.messaging.policies.channels import is_channel
from meydan.messaging.queries.bundles import Bundles, bundles_of, with_relations
from meydan.messaging.queries.live import (
    BANNED,
    INVITED,
    JOINED,
    KNOCKED,
    LEFT,
    Entry,
    Live,
    Person,
    Plain,
    Read,
    Room,
    StateKey,
)
from meydan.messaging.queries.mine import Tally, Unread
from meydan.messaging.queries.personal import settings_of
from meydan.messaging.queries.reading import Reader
from meydan.messaging.queries.seeing import (
    MEMBER,
    is_hidden,
    keys_told,
    left_at,
    list_visible,
    reads_told,
    told_of,
)
from meydan.messaging.queries.unread import Counter

encode = msgspec.json.Encoder().encode
raw = msgspec.Raw
MOST_TIMELINE = 100
UNBROKEN = 50
"""So many new events of a room are told whole to a client that names no limit, for in a busy minute many come at once
(`queries.rounds`); of more it gets the newest."""
PLAIN_HELD = 4
MOST_HEROES = 5
MOST_READS = 1_000
"""Of a room's receipts, the newest that somebody is told who knows nothing of it."""
STRIPPED = (
    *("m.room.create", "m.room.name", "m.room.avatar", "m.room.topic", "m.room.join_rules"),
    *("m.room.canonical_alias", "m.room.encryption"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """Where a client stands: a position in each stream, and the serial of typing that this process has told of."""

    positions: tuple[int, ...]
    typing: int = 0

    def cut(self, pos: int) -> "Token":
        """The same with an earlier position in the people's stream: what is after it comes next time."""
        return self if pos >= self.positions[0] else Token((pos, *self.positions[1:]), self.typing)

    def __str__(self) -> str:
        return "s" + "_".join(map(str, self.positions)) + (f"~{self.typing}" if self.typing else "")

    @classmethod
    def read(cls, text: str, streams: int) -> "Token":
        """`M_INVALID_PARAM` for what is no token of ours."""
        body, _tilde, typing = text.removeprefix("s").partition("~")
        parts = body.split("_")
        if len(text) > 200 or not text.startswith("s") or len(parts) != streams:
            raise MatrixError(400, "M_INVALID_PARAM", "This is not a token of this server.")
        if not all(map(is_whole, (*parts, typing or "0"))):
            raise MatrixError(400, "M_INVALID_PARAM", "This is not a token of this server.")
        return cls(tuple(map(int, parts)), int(typing or 0))


@dataclass(frozen=True, slots=True)
class Wish:
    """A filter, as far as it is obeyed (spec, "Filtering")."""

    limit: int = 10
    unbroken: int = UNBROKEN  # of what came since the token, so many events are told rather than a gap
    lazy: bool = False
    include_leave: bool = False
    rooms: frozenset[str] | None = None
    not_rooms: frozenset[str] = frozenset()
    types: tuple[str, ...] | None = None
    not_types: tuple[str, ...] = ()
    ephemeral: bool = True
    threads: bool = False
    presence: bool = True
    presence_of: frozenset[str] | None = None
    not_presence_of: frozenset[str] = frozenset()
    state: str = "state"  # how the answer calls the state, which is that before the timeline, or after it

    @property
    def is_after(self) -> bool:
        """Whether the client asks for the state after the timeline (MSC4222)."""
        return self.state != "state"

    def wants(self, room: Room) -> bool:
        """Whether the filter lets this room through."""
        return room.room_id not in self.not_rooms and (self.rooms is None or room.room_id in self.rooms)

    def passes(self, event: Event) -> bool:
        """Whether the filter lets this event into the timeline."""
        return _lets_through(event.type, self.types, self.not_types)

    def hears_of(self, person: str) -> bool:
        """Whether the filter lets this person's presence through."""
        return person not in self.not_presence_of and (self.presence_of is None or person in self.presence_of)


def _lets_through(kind: str, types: tuple[str, ...] | None, not_types: tuple[str, ...]) -> bool:
    if types is not None and not any(_fits(kind, one) for one in types):
        return False
    return not any(_fits(kind, one) for one in not_types)


def _fits(kind: str, pattern: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


def read_filter(body: Mapping[str, Any]) -> Wish:
    """A filter as clients write it; what it says wrongly is passed over as if it were not said."""
    room = _object(body.get("room"))
    timeline, state, presence = map(_object, (room.get("timeline"), room.get("state"), body.get("presence")))
    limit = timeline.get("limit")
    most = max(1, min(limit, MOST_TIMELINE)) if isinstance(limit, int) else None
    return Wish(
        limit=most or 10,
        unbroken=most or UNBROKEN,
        lazy=bool(state.get("lazy_load_members") or timeline.get("lazy_load_members")),
        include_leave=bool(room.get("include_leave")),
        rooms=_names(room.get("rooms")),
        not_rooms=_names(room.get("not_rooms")) or frozenset(),
        types=_types(timeline.get("types")),
        not_types=_types(timeline.get("not_types")) or (),
        threads=timeline.get("unread_thread_notifications") is True,
        presence=_lets_through("m.presence", _types(presence.get("types")), _types(presence.get("not_types")) or ()),
        presence_of=_names(presence.get("senders")),
        not_presence_of=_names(presence.get("not_senders")) or frozenset(),
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> frozenset[str] | None:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else None


def _types(value: Any) -> tuple[str, ...] | None:
    return tuple(one for one in value[:100] if isinstance(one, str)) if isinstance(value, list) else None


@dataclass(slots=True)
class Part:
    """What one room has to say, on its way into the answer."""

    timeline: list[Entry]
    limited: bool
    start: int  # the position before the timeline
    fresh: bool = False  # the client knows nothing of the room
    hides: bool = False  # the reader may not see all of it
    state: list[bytes] = field(default_factory=list)


class Syncer:
    """Answers the polls of one process."""

    def __init__(self, live: Live, reader: Reader) -> None:
        self.live = live
        self.reader = reader
        self.counter = Counter(reader)
        self._now, self._text = Token(()), ""

    def now(self) -> Token:
        """Where everything stands; the same object for all until something happens."""
        positions, typing = tuple(self.live.positions), self.live.typing_serial
        if self._now.positions != positions or self._now.typing != typing:
            self._now, self._text = Token(positions, typing), ""
        return self._now

    def now_as_text(self) -> str:
        """The same as clients get it."""
        now = self.now()
        self._text = self._text or str(now)
        return self._text

    def read(self, text: str) -> Token:
        """What a client says, which mostly is where everything stands. `M_INVALID_PARAM` for what is no token of
        ours."""
        return self.now() if text == self.now_as_text() else Token.read(text, len(self.live.positions))

    async def rooms_of(self, person: Person) -> dict[Room, tuple[str, int]]:
        """The rooms of somebody, with what they are to each."""
        found = {}
        for number, standing in list(person.rooms.items()):
            room = await self.reader.room_number(number)
            if room is not None:
                found[room] = standing
        return found

    async def changes(
        self, person: Person, since: Token | None, now: Token, wish: Wish, device: int, only: Collection[Room] | None
    ) -> dict[str, Any]:
        """The `rooms` of the answer: those in which something happened. `only`: the others are known to be quiet."""
        said: dict[str, dict[str, Any]] = {}
        ignored = (await settings_of(self.reader, person)).ignored
        rooms = await self.rooms_of(person) if only is None else {room: _standing(person, room) for room in only}
        for room, (membership, pos) in rooms.items():
            if not wish.wants(room):
                continue
            before = since.positions[room.shard] if since else 0
            if since is not None and room.last <= before and not room.typing_serial > since.typing:
                continue
            kind, part = await self._room(person, room, membership, pos, since, now, wish, device, ignored)
            if part:
                said.setdefault(kind, {})[room.room_id] = part
        return said

    async def _room(
        self,
        person: Person,
        room: Room,
        membership: str,
        pos: int,
        since: Token | None,
        now: Token,
        wish: Wish,
        device: int,
        ignored: frozenset[str],
    ) -> tuple[str, Any]:
        before = since.positions[room.shard] if since else 0
        if membership == JOINED:
            return "join", await self._joined(person, room, pos, since, now, wish, device, ignored)
        if membership in (INVITED, KNOCKED):
            if room.state["m.room.member", person.user_id].sender in ignored:
                return "", None
            key = "invite" if membership == INVITED else "knock"
            state = {f"{key}_state": {"events": stripped_state(room, person.user_id)}}
            return key, state if pos > before else None
        if membership in (LEFT, BANNED) and pos > before and (since is not None or wish.include_leave):
            return "leave", await self._left(person.user_id, room, pos, since, wish, device)
        return "", None

    async def _joined(
        self,
        person: Person,
        room: Room,
        joined_at: int,
        since: Token | None,
        now: Token,
        wish: Wish,
        device: int,
        ignored: frozenset[str],
    ) -> Any:
        if since is not None and not ignored and joined_at <= since.positions[room.shard]:
            told = plain_part(room, since, now, wish, person.user_id, device)
            if told is not None:
                return raw(told + encode(_unread(await self.counter.count(person, room), wish))[1:])
        before = since.positions[room.shard] if since else 0
        part = await self._part(person.user_id, room, joined_at, since, now.positions[room.shard], wish)
        part.timeline = [one for one in part.timeline if not is_hidden(one, ignored)] if ignored else part.timeline
        fresh = part.fresh
        typing = since.typing if since and not fresh else 0
        said = _newest_reads(room, person.user_id) if fresh else room.reads_since(before)
        reads = reads_told(room, said, person.user_id)
        ephemeral = _ephemeral(room, person.user_id, reads, typing) if wish.ephemeral else []
        marker = fully_read(room, person.user_id, 0 if fresh else before)
        if not (fresh or part.timeline or part.state or ephemeral or marker or part.limited):
            return None
        gap = fresh or part.limited  # else whoever polls has seen what was said of these events
        bundles = await bundles_of(self.reader, room, person.user_id, part.timeline) if gap else {}
        return {
            "timeline": _timeline_of(part, device, bundles),
            wish.state: {"events": [raw(body) for body in part.state]},
            "ephemeral": {"events": ephemeral},
            "account_data": {"events": marker},
            "summary": summary_of(room, person.user_id) if fresh or _has_members(part.timeline) else {},
            **_unread(await self.counter.count(person, room), wish),
        }

    async def _part(
        self, user_id: str, room: Room, moved_at: int, since: Token | None, upto: int, wish: Wish, gone: bool = False
    ) -> Part:
        """The timeline up to a position, and the state that belongs to it. `moved_at`: since when the person is what
        they are to the room; `gone`: they are out of it, and were perhaps never in."""
        before = since.positions[room.shard] if since else 0
        moved = moved_at > before
        memberships = await self.reader.history(room, MEMBER, user_id) if moved and (since or gone) else []
        fresh = since is None or (moved and came_in(memberships, before))
        part = await self._timeline(room, 0 if fresh else before, upto, wish)
        entries = part.timeline
        if moved:
            part.timeline = await list_visible(self.reader, room, user_id, entries)
            part.hides = len(part.timeline) < len(entries)
        end = upto if not gone else left_at(memberships) or 0
        if part.hides:
            _begin_later(part, entries, end)
        part.timeline = [one for one in told_of(room, part.timeline, user_id) if wish.passes(one.event)]
        if gone and not end:
            part.limited = False  # there is nothing before it for who was never in
        part.fresh, part.limited = fresh, part.limited or (fresh and since is not None)
        part.state = await self._state(room, part, entries, before, end, wish, user_id)
        return part

    async def _timeline(self, room: Room, before: int, upto: int, wish: Wish) -> Part:
        most = wish.unbroken if before else wish.limit
        found = await self.reader.newest(room, before, upto, most + 1)
        limited = len(found) > most
        kept = found[-wish.limit :] if limited else found
        return Part(kept, limited, kept[0].pos - 1 if limited else before)

    async def _state(
        self, room: Room, part: Part, entries: Sequence[Entry], before: int, end: int, wish: Wish, user_id: str
    ) -> list[bytes]:
        """What the timeline does not say of the state: its change from one position (or all, for who knows nothing) to
        another. Of a piece that the timeline sets it is what was before."""
        told = {_key(entry) for entry in filter(_is_state, part.timeline)}
        shown = {entry.pos for entry in part.timeline}
        hidden = any(_is_state(one) and one.pos <= end and one.pos not in shown for one in entries)
        if not (part.fresh or part.limited or hidden or (wish.is_after and told)):
            return []
        after = 0 if part.fresh else before
        wanted = _wanted(room, part, wish, user_id) if part.fresh else set(room.state_since(before))
        wanted = set(keys_told(room, wanted, user_id))
        if wish.is_after:
            return list((await self.reader.state(room, wanted, end, after)).values())
        last = await self.reader.state(room, wanted - told, end, after)
        first = await self._before_timeline(room, part, told & wanted, end, after, user_id)
        return [*last.values(), *first]

    async def _before_timeline(
        self, room: Room, part: Part, keys: set[StateKey], end: int, after: int, user_id: str
    ) -> list[bytes]:
        """What these pieces were before the timeline sets them. Where some of its events are hidden it begins later,
        and what was then is told only as far as it may be seen: it may never have held while the reader was in."""
        if not part.hides or not part.timeline:
            return list((await self.reader.state(room, keys, min(part.start, end), after)).values())
        start = min(part.timeline[0].pos - 1, end)
        pasts = [await self.reader.history(room, *key) for key in keys]
        last = [next((one for one in reversed(past) if after < one.pos <= start), None) for past in pasts]
        known = [one for one in last if one is not None]
        return [entry.body for entry in await list_visible(self.reader, room, user_id, known)]

    async def _left(
        self, user_id: str, room: Room, pos: int, since: Token | None, wish: Wish, device: int
    ) -> dict[str, Any]:
        part = await self._part(user_id, room, pos, since, pos, wish, gone=True)
        bundles = await bundles_of(self.reader, room, user_id, part.timeline)
        state = {"events": [raw(body) for body in part.state]}
        return {"timeline": _timeline_of(part, device, bundles), wish.state: state, "account_data": {"events": []}}


def are_still(live: Live, person: Person, since: Token) -> bool:
    """Whether memory alone knows that nothing happened since in any of somebody's rooms that they are told of."""
    return all(_is_still(live.rooms.get(number), since, *standing) for number, standing in person.rooms.items())


def _is_still(room: Room | None, since: Token, membership: str, moved_at: int) -> bool:
    if room is None:
        return False
    before = since.positions[room.shard]
    is_out = membership in (LEFT, BANNED) and moved_at <= before
    return is_out or (room.last <= before and room.typing_serial <= since.typing)


def came_in(memberships: Sequence[Entry], before: int) -> bool:
    """Whether somebody who was out at a position came in after it, and so knows nothing of the room."""
    said = [(entry.pos, entry.event.content.get("membership") == JOINED) for entry in memberships]
    was_in = next((joined for pos, joined in reversed(said) if pos <= before), False)
    return not was_in and any(joined for pos, joined in said if pos > before)


def _begin_later(part: Part, entries: Sequence[Entry], end: int) -> None:
    """A timeline that sets a piece of the state, of which a later setting is hidden from the reader, would tell what
    holds no more: it begins behind that one, and /messages tells what was before."""
    first: dict[StateKey, int] = {}
    for one in filter(_is_state, part.timeline):
        first.setdefault(_key(one), one.pos)
    shown = {one.pos for one in part.timeline}
    hidden = [one for one in entries if _is_state(one) and one.pos <= end and one.pos not in shown]
    begin = max((one.pos for one in hidden if first.get(_key(one), one.pos) < one.pos), default=0)
    if begin:
        part.timeline = [one for one in part.timeline if one.pos > begin]
        part.start, part.limited = begin, True


def _is_state(entry: Entry) -> bool:
    return entry.event.state_key is not None


def _key(entry: Entry) -> StateKey:
    return entry.event.type, entry.event.state_key or ""


def _wanted(room: Room, part: Part, wish: Wish, user_id: str) -> set[StateKey]:
    """The pieces of state that somebody is told who knows nothing of the room: of its members, where the client loads
    them as it meets them, those of the timeline, themselves, and those after whom the room is called."""
    if not wish.lazy:
        return set(room.state)
    senders = {entry.event.sender for entry in part.timeline}
    return set(room.pieces({user_id, *senders, *summary_of(room, user_id).get("m.heroes", ())}))


def plain_part(room: Room, since: Token, now: Token, wish: Wish, user_id: str, device: int) -> bytes | None:
    """What a member is told of a room of which nothing came since the token but what all of them are told, up to the
    counts, which are their own: the same bytes for all who ask from there. None where there is more, or less, to
    tell."""
    before, upto = since.positions[room.shard], now.positions[room.shard]
    if before < room.floor or any(one.person == user_id and one.type != "m.read" for one in room.reads_since(before)):
        return None
    if is_channel(room.state) and any(one.person == user_id for one in room.reads_since(before)):
        return None
    typing = room.typing_serial if room.typing_serial > since.typing else 0
    key = (before, upto, typing, wish)
    plain = room.plain.get(key)
    if plain is None:
        entries = told_of(room, [entry for entry in room.since(before) if entry.pos <= upto], "")
        kept = [one for one in entries if wish.passes(one.event)]
        if len(entries) > wish.unbroken or sum(map(_is_state, kept)) < sum(map(_is_state, entries)):
            return None
        while len(room.plain) >= PLAIN_HELD:
            del room.plain[next(iter(room.plain))]
        plain = room.plain[key] = _make_plain(room, kept, before, upto, since.typing, wish)
    return None if device in plain.senders or user_id in plain.heroes or not plain.body else plain.body


def _make_plain(room: Room, entries: Sequence[Entry], before: int, upto: int, typing: int, wish: Wish) -> Plain:
    """Without `body` where there is nothing to tell."""
    reads = [read for read in reads_told(room, room.reads_since(before), "") if read.pos <= upto]
    ephemeral = _ephemeral(room, "", reads, typing) if wish.ephemeral else []
    state = {_key(one): one for one in filter(_is_state, entries)} if wish.is_after else {}
    summary = summary_of(room, "") if _has_members(entries) else {}
    part = {
        "timeline": {"events": [raw(one.body) for one in entries], "limited": False, "prev_batch": f"t{before}"},
        wish.state: {"events": [raw(one.body) for one in state.values()]},
        "ephemeral": {"events": ephemeral},
        "account_data": {"events": []},
        "summary": summary,
    }
    body = encode(part)[:-1] + b"," if entries or ephemeral else b""
    return Plain(body, frozenset(one.device or 0 for one in entries), frozenset(summary.get("m.heroes", ())))


def _unread(unread: Unread, wish: Wish) -> dict[str, Any]:
    """The counts; those of threads apart where the filter says so (spec, `unread_thread_notifications`)."""
    if not wish.threads:
        notify, highlight = unread.total()
        return {"unread_notifications": {"highlight_count": highlight, "notification_count": notify}}
    threads = {thread: _tally(one) for thread, one in unread.threads.items()}
    return {
        "unread_notifications": _tally(unread.main),
        **({"unread_thread_notifications": threads} if threads else {}),
    }


def _tally(one: Tally) -> dict[str, int]:
    return {"highlight_count": one.highlight, "notification_count": one.notify}


def _standing(person: Person, room: Room) -> tuple[str, int]:
    return person.rooms.get(room.number, (LEFT, 0))


def _has_members(entries: Iterable[Entry]) -> bool:
    return any(entry.event.type == "m.room.member" for entry in entries)


def _timeline_of(part: Part, device: int, bundles: Bundles) -> dict[str, Any]:
    said: dict[str, Any] = {
        "events": [raw(dressed(entry, device, bundles)) for entry in part.timeline],
        "limited": part.limited,
    }
    said["prev_batch"] = f"t{part.start}"
    return said


def body_for(entry: Entry, device: int) -> bytes:
    """The event's bytes; the device that sent it is told its own transaction id."""
    if entry.device != device or entry.txn is None:
        return entry.body
    txn = entry.txn.rpartition("/")[2]
    body = msgspec.json.decode(entry.body)
    body["unsigned"] = {**body.get("unsigned", {}), "transaction_id": txn}
    return encode(body)


def dressed(entry: Entry, device: int, bundles: Bundles) -> bytes:
    """The event's bytes for a device, with what later events say of it."""
    return with_relations(body_for(entry, device), bundles.get(entry.event.event_id))


def stripped_state(room: Room, user_id: str) -> list[Any]:
    """What somebody who is not in the room yet is told of it (spec, "Stripped state")."""
    events = [room.state[kind, ""] for kind in STRIPPED if (kind, "") in room.state]
    own = room.state.get(("m.room.member", user_id))
    if own is not None:
        inviter = room.state.get(("m.room.member", own.sender))
        events += [own, inviter] if inviter is not None and inviter is not own else [own]
    return [
        {"type": one.type, "state_key": one.state_key, "sender": one.sender, "content": one.content} for one in events
    ]


def summary_of(room: Room, user_id: str) -> dict[str, Any]:
    """How many there are, and whom to call the room after where it has no name (spec, "RoomSummary")."""
    said = {"m.joined_member_count": len(room.joined), "m.invited_member_count": len(room.invited)}
    if ("m.room.name", "") in room.state or ("m.room.canonical_alias", "") in room.state:
        return said
    return {**said, "m.heroes": heroes_of(room, user_id)}


def heroes_of(room: Room, user_id: str) -> list[str]:
    """The first others who are in the room or invited; of an empty one, those who were."""
    if is_channel(room.state):
        return []
    if room.first is None:
        there = (name for name in room.members if name in room.joined or name in room.invited)
        room.first = list(islice(there, MOST_HEROES + 1))
    others = [name for name in room.first if name != user_id][:MOST_HEROES]
    return others or list(islice((name for name in room.members if name != user_id), MOST_HEROES))


def _newest_reads(room: Room, user_id: str) -> Iterator[Read]:
    """The receipts that somebody is told who knows nothing of the room: the newest, and all their own."""
    reads = enumerate(room.reads_since(0))
    return (read for number, read in reads if number < MOST_READS or read.person == user_id)


def _ephemeral(room: Room, user_id: str, reads: Iterable[Read], typing: int) -> list[Any]:
    said: list[Any] = []
    if receipts := receipts_of(reads, user_id, 0):
        said.append({"type": "m.receipt", "content": receipts})
    if room.typing_serial > typing:
        said.append({"type": "m.typing", "content": {"user_ids": list(room.typing)}})
    return said


def receipts_of(reads: Iterable[Any], user_id: str, before: int) -> dict[str, Any]:
    """Receipts newer than a position, as `m.receipt` says them; private ones only to whose they are."""
    content: dict[str, Any] = {}
    for read in reads:
        if read.pos <= before or read.type == "m.fully_read" or (read.type != "m.read" and read.person != user_id):
            continue
        said: dict[str, Any] = {"ts": read.at}
        if read.thread:
            said["thread_id"] = read.thread
        content.setdefault(read.event_id, {}).setdefault(read.type, {})[read.person] = said
    return content


def fully_read(room: Room, user_id: str, before: int) -> list[Any]:
    """One's own read marker, if it moved after a position: it is told as account data of the room (spec, "Fully read
    markers")."""
    read = room.reads.get((user_id, "m.fully_read", ""))
    if read is None or read.pos <= before:
        return []
    return [{"type": "m.fully_read", "content": {"event_id": read.event_id}}]
