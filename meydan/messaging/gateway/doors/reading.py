"""Reading rooms (client-server API, "Getting events for a room")."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, decode, squeezed
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found
from meydan.messaging.models.shapes import is_whole
from meydan.messaging.policies.channels import may_list
from meydan.messaging.policies.reading import history_visibility
from meydan.messaging.queries.bundles import bundles_of
from meydan.messaging.queries.live import Entry, Room, StateKey
from meydan.messaging.queries.reading import as_state
from meydan.messaging.queries.seeing import OPEN, keys_told, list_visible, reads_upto
from meydan.messaging.queries.sync import Token, dressed, read_filter

raw = msgspec.Raw
MOST = 1000


async def readable_room(gateway: Gateway, request: Request) -> tuple[Who, Room, int]:
    """The room, which this person may read in some part, and up to which position."""
    who = await gateway.who(request)
    reader = gateway.messenger.reader
    room = await reader.room(request.path["room"])
    upto = await reads_upto(reader, room, who.user_id) if room is not None else None
    if room is None or upto is None or await _has_forgotten(gateway, room, who.user_id):
        raise forbidden("You are not in this room, and were not.")
    return who, room, upto


async def _has_forgotten(gateway: Gateway, room: Room, user_id: str) -> bool:
    """Whether somebody who was in has given the room's history up (spec, "Leaving rooms")."""
    if user_id not in room.members or user_id in room.joined:
        return False
    person = await gateway.messenger.reader.person(user_id)
    return room.number not in person.rooms and history_visibility(room.state) != OPEN


def position_of(gateway: Gateway, room: Room, text: str) -> int:
    """A position in the room's stream, of a token of `/messages` or `/sync`."""
    if text.startswith("t") and is_whole(text[1:]):
        return int(text[1:])
    return Token.read(text, len(gateway.messenger.live.positions)).positions[room.shard]


@door("GET", "rooms/{room}/messages")
async def messages(gateway: Gateway, request: Request) -> Any:
    """A page of the room's history."""
    who, room, upto = await readable_room(gateway, request)
    limit = request.number("limit", 10, most=MOST) or 1
    backwards = request.one("dir", "b") == "b"
    if request.one("dir", "b") not in ("b", "f"):
        raise bad_param("dir is b or f.")
    start = position_of(gateway, room, request.one("from")) if request.one("from") else (upto if backwards else 0)
    end = position_of(gateway, room, request.one("to")) if request.one("to") else None
    wish = read_filter({"room": {"timeline": _json(request.one("filter"))}})
    if backwards:
        found = await gateway.messenger.reader.newest(room, end or 0, min(start, upto), limit)
        found.reverse()
    else:
        found = await gateway.messenger.reader.forward(room, start + 1, min(end or upto, upto), limit)
    kept = await list_visible(gateway.messenger.reader, room, who.user_id, found)
    chunk = await served(gateway, room, who, [one for one in kept if wish.passes(one.event)])
    said = {"start": f"t{start}", "chunk": chunk}
    if len(found) == limit:
        said["end"] = f"t{found[-1].pos - 1}" if backwards else f"t{found[-1].pos}"
    if wish.lazy:
        said["state"] = _members_of(room, kept, who.user_id)
    return squeezed(request, said)


def _json(text: str) -> Any:
    if not text:
        return {}
    try:
        return decode(text.encode())
    except (msgspec.DecodeError, RecursionError) as error:
        raise MatrixError(400, "M_INVALID_PARAM", "The filter is not JSON.") from error


async def served(gateway: Gateway, room: Room, who: Who, entries: Sequence[Entry]) -> list[Any]:
    """These events as this device gets them, with what later ones say of them."""
    bundles = await bundles_of(gateway.messenger.reader, room, who.user_id, entries)
    return [raw(dressed(entry, who.device, bundles)) for entry in entries]


def _members_of(room: Room, entries: Sequence[Entry], user_id: str) -> list[Any]:
    """The member events of those who sent these events."""
    senders = {entry.event.sender for entry in entries}
    keys = keys_told(room, (("m.room.member", sender) for sender in sorted(senders)), user_id)
    return [raw(as_state(room, room.bodies[key])) for key in keys if key in room.bodies]


@door("GET", "rooms/{room}/event/{event}")
async def event(gateway: Gateway, request: Request) -> Any:
    """One event."""
    who, room, _upto = await readable_room(gateway, request)
    entry = await visible_event(gateway, room, who, request.path["event"])
    return (await served(gateway, room, who, [entry]))[0]


async def visible_event(gateway: Gateway, room: Room, who: Who, event_id: str) -> Entry:
    """An event of the room that this person may see. `M_NOT_FOUND`."""
    entry = await gateway.messenger.reader.entry(event_id[:64])
    if entry is None or entry.room != room.number:
        raise not_found("There is no such event in this room.")
    if not await list_visible(gateway.messenger.reader, room, who.user_id, [entry]):
        raise not_found("There is no such event in this room.")
    return entry


@door("GET", "rooms/{room}/context/{event}")
async def context(gateway: Gateway, request: Request) -> Any:
    """An event with what stands around it."""
    who, room, upto = await readable_room(gateway, request)
    entry = await visible_event(gateway, room, who, request.path["event"])
    half = request.number("limit", 10, most=100) // 2
    reader = gateway.messenger.reader
    before = await reader.newest(room, 0, entry.pos - 1, half) if half else []
    after = await reader.forward(room, entry.pos + 1, upto, half) if half else []
    before = await list_visible(reader, room, who.user_id, before)
    after = await list_visible(reader, room, who.user_id, after)
    wish = read_filter({"room": {"timeline": _json(request.one("filter"))}})
    shown = [entry, *before[::-1], *after]
    keys = room.pieces({one.event.sender for one in shown}) if wish.lazy else list(room.state)
    keys = keys_told(room, keys, who.user_id)
    bodies = await reader.state(room, keys, after[-1].pos if after else entry.pos)
    said = await served(gateway, room, who, shown)
    return {
        "event": said[0],
        "events_before": said[1 : 1 + len(before)],
        "events_after": said[1 + len(before) :],
        "start": f"t{(before[0].pos if before else entry.pos) - 1}",
        "end": f"t{after[-1].pos if after else entry.pos}",
        "state": [raw(body) for body in bodies.values()],
    }


def _keys_for(room: Room, keys: Iterable[StateKey], who: Who) -> list[StateKey]:
    """These pieces of state, as far as somebody may have them who asks for them by themselves."""
    return list(keys) if may_list(room.state, who.user_id) else keys_told(room, keys, who.user_id)


@door("GET", "rooms/{room}/state")
async def state(gateway: Gateway, request: Request) -> Any:
    """All of the room's state."""
    who, room, upto = await readable_room(gateway, request)
    bodies = await gateway.messenger.reader.state(room, _keys_for(room, room.state, who), upto)
    return [raw(body) for body in bodies.values()]


@door("GET", "rooms/{room}/state/{type}", "rooms/{room}/state/{type}/{key}")
async def one_state(gateway: Gateway, request: Request) -> Any:
    """The content of a piece of state; with `format=event` the whole event."""
    who, room, upto = await readable_room(gateway, request)
    key = (request.path["type"], request.path.get("key", ""))
    bodies = await gateway.messenger.reader.state(room, _keys_for(room, [key], who), upto)
    if key not in bodies:
        raise not_found("This room has no such state.")
    return bodies[key] if request.one("format") == "event" else decode(bodies[key])["content"]


@door("GET", "rooms/{room}/members")
async def members(gateway: Gateway, request: Request) -> Any:
    """The member events of a room."""
    who, room, upto = await readable_room(gateway, request)
    at = position_of(gateway, room, request.one("at")) if request.one("at") else upto
    pos = min(at, upto)
    keys = _keys_for(room, (key for key in room.state if key[0] == "m.room.member"), who)
    bodies = await gateway.messenger.reader.state(room, keys, pos)
    wanted, unwanted = request.one("membership"), request.one("not_membership")
    if not wanted and not unwanted:
        return {"chunk": [raw(body) for body in bodies.values()]}
    standing = ((body, _membership(room, key, body, pos)) for key, body in bodies.items())
    return {"chunk": [raw(body) for body, kind in standing if wanted in ("", kind) and kind != unwanted]}


def _membership(room: Room, key: StateKey, body: bytes, pos: int) -> str:
    """What somebody was to the room at a position, by the event of then."""
    return room.members[key[1]] if room.state[key].pos <= pos else str(decode(body)["content"].get("membership"))


@door("GET", "rooms/{room}/joined_members")
async def joined_members(gateway: Gateway, request: Request) -> Any:
    """Who is in the room, with their shown names."""
    who, room, _upto = await readable_room(gateway, request)
    if who.user_id not in room.joined:
        raise forbidden("You are not in this room.")
    said = {}
    for _kind, name in _keys_for(room, [("m.room.member", name) for name in room.joined], who):
        content = room.state["m.room.member", name].content
        said[name] = {"display_name": content.get("displayname"), "avatar_url": content.get("avatar_url")}
    return {"joined": said}
