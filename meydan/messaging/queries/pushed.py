"""Of what people are told by push, and what it says (client-server API, "Push Notifications"; Push Gateway API)."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import msgspec

from meydan.messaging.models.push import Outcome
from meydan.messaging.queries.live import INVITED, JOINED, Entry, Person, Room
from meydan.messaging.queries.personal import settings_of
from meydan.messaging.queries.reading import Reader, entry_of
from meydan.messaging.queries.seeing import list_visible
from meydan.messaging.queries.unread import Counter, is_read, is_redacted, weigher

MOST_CONTENT = 8 * 1024
"""Bytes of an event's content that are sent along; a longer one the client reads itself."""
MOST_ROOMS = 500
SCANNED = 40
"""Events of each room that one page of past notifications looks at."""
ARCHIVE = "u.archive"
"""The tag by which our page keeps a room out of the way."""
CALLS = ("m.call.invite", "m.rtc.notification", "org.matrix.msc4075.rtc.notification")
LOUD = ("m.room.encrypted", *CALLS)
encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode
_position = attrgetter("pos")


async def weigh_for(reader: Reader, room: Room, user_id: str, entry: Entry) -> Outcome | None:
    """What an event means for somebody who is in the room or was invited by it; None when it says nothing."""
    settings = await settings_of(reader, await reader.person(user_id))
    event = entry.event
    if event.sender == user_id or event.sender in settings.ignored or is_redacted(event):
        return None
    outcome = weigher(room, user_id, settings.rules)(event)
    return outcome if outcome.notify else None


def whom_to_tell(room: Room, entry: Entry, pushed: Iterable[str] | set[str]) -> set[str]:
    """Those of the people who have pushers whom an event may concern: members, and who was just invited."""
    event = entry.event
    names = room.joined.intersection(pushed)
    if event.type == "m.room.member" and event.state_key is not None and event.content.get("membership") == INVITED:
        names |= {event.state_key}.intersection(pushed)
    return names - {event.sender}


def tweaks_of(outcome: Outcome) -> dict[str, Any]:
    """Sound and highlight, as the push gateway is told (spec, "Actions")."""
    said = {}
    for action in outcome.actions:
        if isinstance(action, dict) and isinstance(action.get("set_tweak"), str):
            said[action["set_tweak"]] = action.get("value", True)
    return said


async def badge_of(reader: Reader, counter: Counter, person: Person) -> int:
    """The number of unread messages in all rooms, with an invitation as one; those in the archive do not count."""
    return sum(notify for _room, notify, _loud in await list_unread(reader, counter, person))


async def list_unread(reader: Reader, counter: Counter, person: Person) -> list[tuple[str, int, int]]:
    """The rooms with something unread, except those in the person's archive: how many events notify, and how many of
    them loudly. An invitation is one."""
    archived = {room_id for room_id, tags in (await settings_of(reader, person)).tags.items() if ARCHIVE in tags}
    found = []
    for number, (membership, _pos) in list(person.rooms.items()):
        room = await reader.room_number(number) if membership in (JOINED, INVITED) else None
        if room is None or (membership == JOINED and room.room_id in archived):
            continue
        notify, loud = (await counter.count(person, room)).total() if membership == JOINED else (1, 0)
        if notify:
            found.append((room.room_id, notify, loud))
    return found


async def find_untold(reader: Reader, user_id: str, event_id: str) -> tuple[Room, Entry] | None:
    """The event, when somebody can see it still and has not read it meanwhile."""
    entry = await reader.entry(event_id)
    room = await reader.room_number(entry.room) if entry is not None else None
    if entry is None or room is None or is_redacted(entry.event) or is_read(room, user_id, entry):
        return None
    standing = room.members.get(user_id)
    if standing == INVITED:
        return (room, entry) if entry.event.state_key == user_id else None
    if standing != JOINED or not await list_visible(reader, room, user_id, [entry]):
        return None
    return room, entry


def about_event(room: Room, entry: Entry, user_id: str, tweaks: dict[str, Any], *, id_only: bool) -> dict[str, Any]:
    """What a push gateway is told of an event; with `id_only` nothing of what it says (`event_id_only`)."""
    event = entry.event
    loud = bool(tweaks.get("highlight") or tweaks.get("sound")) or event.type in LOUD
    said: dict[str, Any] = {
        "event_id": event.event_id,
        "room_id": room.room_id,
        "prio": "high" if loud else "low",
    }
    if id_only:
        return said
    said |= {"type": event.type, "sender": event.sender}
    if event.state_key is not None and event.type == "m.room.member":
        said |= {"user_is_target": event.state_key == user_id, "membership": event.content.get("membership")}
    if len(encode(event.content)) <= MOST_CONTENT:
        said["content"] = event.content
    return said | _names(room, event.sender)


def _names(room: Room, sender: str) -> dict[str, str]:
    """What the sender, the room and its address are called."""
    asked = {
        "sender_display_name": (("m.room.member", sender), "displayname"),
        "room_name": (("m.room.name", ""), "name"),
        "room_alias": (("m.room.canonical_alias", ""), "alias"),
    }
    found = {name: room.state[key].content.get(field) for name, (key, field) in asked.items() if key in room.state}
    return {name: text for name, text in found.items() if isinstance(text, str) and text}


@dataclass(frozen=True, slots=True)
class Page:
    """Past notifications, newest first, and where the next page begins (a position in each stream); None at the end."""

    found: list[tuple[Room, Entry, Outcome]]
    after: tuple[int, ...] | None


async def list_past(reader: Reader, person: Person, before: Sequence[int], limit: int, *, only_loud: bool) -> Page:
    """What somebody was notified of before these positions. It is found by weighing the newest events of their rooms
    once more, by the rules and names of today: no row is kept for it."""
    joined = [number for number, (membership, _pos) in person.rooms.items() if membership == JOINED]
    rooms = [room for number in joined[:MOST_ROOMS] if (room := await reader.room_number(number)) is not None]
    numbers, starts = [room.number for room in rooms], [before[room.shard] for room in rooms]
    rows = await reader.pool.fetch(_NEWEST, numbers, starts, SCANNED)
    entries, floors = _down_to_floor([entry_of(row) for row in rows], len(before))
    held = {room.number: room for room in rooms}
    found: list[tuple[Room, Entry, Outcome]] = []
    after = list(before)
    for entry in entries:
        room = held[entry.room]
        after[room.shard] = entry.pos
        outcome = await weigh_for(reader, room, person.user_id, entry)
        if outcome is None or (only_loud and not outcome.highlight):
            continue
        if await list_visible(reader, room, person.user_id, [entry]):
            found.append((room, entry, outcome))
        if len(found) == limit:
            return Page(found, tuple(after))
    more = any(floors)
    return Page(found, tuple(floor or pos for floor, pos in zip(floors, after, strict=True)) if more else None)


def _down_to_floor(entries: Sequence[Entry], shards: int) -> tuple[list[Entry], list[int]]:
    """The events that stand in order without a gap, newest first; and of each stream the position under which there
    may be more, 0 for none: where a room has more than was looked at, nothing older may be told yet."""
    floors, counts = [0] * shards, dict[int, list[Entry]]()
    for entry in entries:
        counts.setdefault(entry.room, []).append(entry)
    for several in counts.values():
        if len(several) == SCANNED:
            shard = several[0].shard
            floors[shard] = max(floors[shard], min(map(_position, several)))
    kept = sorted((one for one in entries if one.pos >= floors[one.shard]), key=_position, reverse=True)
    streams = [[one for one in kept if one.shard == shard] for shard in range(shards)]
    return list(heapq.merge(*streams, key=lambda one: -one.event.origin_server_ts)), floors


_NEWEST = """
select e.shard, e.pos, e.room, e.body, e.device, e.txn, e.rel_type, e.relates_to
  from unnest($1::bigint[], $2::bigint[]) asked (room, before) cross join lateral (
       select * from messaging_event e where e.room = asked.room and e.pos < asked.before
        order by e.pos desc limit $3) e"""
