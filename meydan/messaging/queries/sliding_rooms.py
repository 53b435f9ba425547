"""What sliding sync tells of one room (MSC4186, "Room results")."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from meydan.messaging.policies.reading import HISTORY_VISIBILITY, history_visibility
from meydan.messaging.queries.live import INVITED, JOINED, KNOCKED, Entry, Person, Room, StateKey
from meydan.messaging.queries.reading import Reader, as_state
from meydan.messaging.queries.seeing import is_hidden, keys_told, list_visible, told_of
from meydan.messaging.queries.sliding_asks import MEMBER, Needs, Want
from meydan.messaging.queries.sliding_lists import Place
from meydan.messaging.queries.sliding_memory import Told
from meydan.messaging.queries.sync import body_for, heroes_of, stripped_state
from meydan.messaging.queries.unread import Counter

MOST_MEMBERS = 200
"""Of a room, the members whom a connection is remembered to know; others may be told again."""
NAME, AVATAR, ALIAS = ("m.room.name", ""), ("m.room.avatar", ""), ("m.room.canonical_alias", "")
raw = msgspec.Raw
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is told, by which device; `upto`: the positions of the streams when the connection was answered before, () at
    its first answer; `direct`: the rooms that are direct chats; `ignored`: whose messages are not told."""

    person: Person
    device: int
    upto: tuple[int, ...]
    direct: frozenset[str]
    weighs_anew: bool
    ignored: frozenset[str]


@dataclass(slots=True)
class Timeline:
    """The events that are told. `start` is the position before them."""

    entries: list[Entry]
    limited: bool
    start: int


class Teller:
    """Tells of rooms. The second part of each answer is what the client knows then; (None, None): nothing is new."""

    def __init__(self, reader: Reader, counter: Counter) -> None:
        self.reader = reader
        self.counter = counter

    async def tell(
        self, whom: Whom, place: Place, want: Want, told: Told | None
    ) -> tuple[dict[str, Any] | None, Told | None]:
        """What is new of a room since the client was told."""
        if place.membership == JOINED:
            return await self._joined(whom, place, want, told)
        if told is not None and told.membership == place.membership and told.pos >= place.pos:
            return None, None
        if place.membership in (INVITED, KNOCKED):
            return _outside(whom, place), Told(place.pos, place.membership)
        return await self._gone(whom, place, want, told)

    async def _joined(
        self, whom: Whom, place: Place, want: Want, told: Told | None
    ) -> tuple[dict[str, Any] | None, Told | None]:
        room = place.room
        if told is not None and _is_quiet(room, want, told) and not whom.weighs_anew:
            return None, None
        if told is not None and await self._is_new_again(whom, place, told):
            told = None
        unread = (await self.counter.count(whom.person, room)).total()
        upto = room.last_event
        more = want if told is None else Want(want.limit, want.needs.without(told.needs))
        if told is not None and _says_nothing(room, told, more, unread):
            known = None if want.limit == told.limit and want.needs == told.needs else _with(told, want)
            return None, known
        longer = told is not None and want.limit > told.limit
        since = 0 if told is None or longer else told.pos
        timeline = await self._timeline(whom, room, since, upto, want.limit)
        met = _met(timeline, told) if want.needs.lazy else set()
        state = keys_told(room, _state(room, want.needs, more.needs, told, met), whom.person.user_id)
        said = self._say(whom, place, told, timeline, state, unread)
        if longer:
            said["unstable_expanded_timeline"] = True
        members = _remember(told, met)
        return said, Told(upto, JOINED, want.limit, want.needs, members, unread)

    async def _is_new_again(self, whom: Whom, place: Place, told: Told) -> bool:
        """Whether the person was out of the room since the client was told of it."""
        if told.membership != JOINED:
            return True
        if place.pos <= told.pos:
            return False
        history = await self.reader.history(place.room, MEMBER, whom.person.user_id)
        return any(one.pos > told.pos and one.event.content.get("membership") != JOINED for one in history)

    async def _timeline(self, whom: Whom, room: Room, since: int, upto: int, limit: int) -> Timeline:
        found = await self.reader.newest(room, since, upto, limit + 1)
        kept = found[-limit:] if limit else []
        limited = len(found) > limit
        if not since and kept and not _is_open(room, whom.person.user_id, kept[0].pos):
            seen = await list_visible(self.reader, room, whom.person.user_id, kept)
            kept, limited = seen, limited and len(seen) == len(kept)
        kept = [one for one in kept if not is_hidden(one, whom.ignored)] if whom.ignored else kept
        kept = told_of(room, kept, whom.person.user_id)
        return Timeline(kept, limited, kept[0].pos - 1 if kept else upto)

    def _say(
        self,
        whom: Whom,
        place: Place,
        told: Told | None,
        timeline: Timeline,
        state: Collection[StateKey],
        unread: tuple[int, int],
    ) -> dict[str, Any]:
        room = place.room
        said = _about(room, whom.person.user_id, told)
        said["bump_stamp"] = place.bump
        said["notification_count"], said["highlight_count"] = unread
        if told is None:
            said["initial"] = True
        if room.room_id in whom.direct:
            said["is_dm"] = True
        if state:
            said["required_state"] = [raw(as_state(room, room.bodies[key])) for key in sorted(state)]
        if timeline.entries or told is None:
            said |= _events(whom, room, timeline)
        return said

    async def _gone(
        self, whom: Whom, place: Place, want: Want, told: Told | None
    ) -> tuple[dict[str, Any] | None, Told | None]:
        """Of a room that one is not in any more, what happened until then, and of its state one's own membership."""
        room, user_id = place.room, whom.person.user_id
        was_in = told is not None and told.membership == JOINED
        since = told.pos if told is not None and was_in else place.pos - 1
        found = await self.reader.newest(room, since, place.pos, want.limit + 1)
        kept = found[-want.limit :] if want.limit else []
        kept = await list_visible(self.reader, room, user_id, kept)
        timeline = Timeline(kept, len(found) > want.limit, kept[0].pos - 1 if kept else place.pos)
        said = _events(whom, room, timeline)
        said["bump_stamp"] = place.bump
        if (MEMBER, user_id) in room.bodies:
            said["required_state"] = [raw(as_state(room, room.bodies[MEMBER, user_id]))]
        if told is None:
            said["initial"] = True
        return said, Told(place.pos, place.membership)


def _is_quiet(room: Room, want: Want, told: Told) -> bool:
    """The cheap look at a room of which nothing new is to be told."""
    return (
        room.last <= told.pos
        and told.membership == JOINED
        and told.limit == want.limit
        and (told.needs is want.needs or told.needs == want.needs)
    )


def _says_nothing(room: Room, told: Told, more: Want, unread: tuple[int, int]) -> bool:
    if room.last_event > told.pos or more.limit > told.limit or told.unread != unread:
        return False
    return not (more.needs.pairs or more.needs.lazy)


def _with(told: Told, want: Want) -> Told:
    return msgspec.structs.replace(told, limit=want.limit, needs=want.needs)


def _is_open(room: Room, user_id: str, start: int) -> bool:
    """Whether a member may surely see all from a position on: they have been in since then, or the room has always let
    its members see what was before them."""
    own = room.state.get((MEMBER, user_id))
    if own is not None and own.pos <= start:
        return True
    if history_visibility(room.state) not in ("shared", "world_readable"):
        return False
    return HISTORY_VISIBILITY not in room.state or not _replaces(room, HISTORY_VISIBILITY)


def _replaces(room: Room, key: StateKey) -> bool:
    """Whether a piece of state was another one before."""
    body = room.bodies[key]
    return b'"replaces_state"' in body and "replaces_state" in _decode(body).get("unsigned", {})


def _met(timeline: Timeline, told: Told | None) -> set[str]:
    """The members who are met in these events and whom the client does not know."""
    names = {entry.event.sender for entry in timeline.entries}
    names |= {entry.event.state_key or "" for entry in timeline.entries if entry.event.type == MEMBER}
    return names if told is None else names - told.members


def _state(room: Room, needs: Needs, added: Needs, told: Told | None, met: Iterable[str]) -> set[StateKey]:
    """The pieces of state to tell: of those wanted for the first time all, of the others what is new."""
    keys = added.keys_in(room)
    if told is not None and room.last_event > told.pos:
        known = told.members if needs.lazy else ()
        fresh = room.state_since(told.pos)
        keys |= {(kind, key) for kind, key in fresh if needs.has(kind, key) or (kind == MEMBER and key in known)}
    return keys | ({(MEMBER, name) for name in met} & room.state.keys())


def _remember(told: Told | None, met: set[str]) -> frozenset[str]:
    members = met if told is None or len(told.members) + len(met) > MOST_MEMBERS else told.members | met
    return frozenset(members)


def _about(room: Room, user_id: str, told: Told | None) -> dict[str, Any]:
    """What the room is called and how many there are, as far as it changed."""
    since = -1 if told is None else told.pos
    said: dict[str, Any] = {}
    name = _text(room, NAME, "name")
    if name and room.state[NAME].pos > since:
        said["name"] = name
    avatar = _text(room, AVATAR, "url")
    if AVATAR in room.state and room.state[AVATAR].pos > since and (avatar or told is not None):
        said["avatar"] = avatar or None
    if room.last_member > since:
        said["joined_count"], said["invited_count"] = len(room.joined), len(room.invited)
    if not name and (room.last_member > since or (NAME in room.state and room.state[NAME].pos > since)):
        said["heroes"] = [_hero(room, one) for one in heroes_of(room, user_id)]
    return said


def _text(room: Room, key: StateKey, field: str) -> str:
    event = room.state.get(key)
    said = event.content.get(field) if event is not None else None
    return said if isinstance(said, str) else ""


def _hero(room: Room, name: str) -> dict[str, Any]:
    content = room.state[MEMBER, name].content
    said = {"displayname": content.get("displayname"), "avatar_url": content.get("avatar_url")}
    return {"user_id": name, **{key: value for key, value in said.items() if isinstance(value, str)}}


def _events(whom: Whom, room: Room, timeline: Timeline) -> dict[str, Any]:
    """The timeline; `num_live` are those events that came since the connection was answered before."""
    before = whom.upto[room.shard] if whom.upto else None
    live = 0 if before is None else sum(entry.pos > before for entry in timeline.entries)
    return {
        "timeline": _bodies(timeline.entries, whom.device),
        "limited": timeline.limited,
        "prev_batch": f"t{timeline.start}",
        "num_live": live,
    }


def _bodies(entries: Sequence[Entry], device: int) -> list[Any]:
    return [raw(body_for(entry, device)) for entry in entries]


def _outside(whom: Whom, place: Place) -> dict[str, Any]:
    """Of a room that one is invited to, or asks to enter, the stripped state; it tells which of both it is."""
    said: dict[str, Any] = {
        "initial": True,
        "bump_stamp": place.bump,
        "invite_state": stripped_state(place.room, whom.person.user_id),
    }
    if place.room.room_id in whom.direct:
        said["is_dm"] = True
    return said
