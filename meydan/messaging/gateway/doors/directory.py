"""Finding rooms and people (client-server API, "Listing rooms", "Spaces", "Room previews", "User directory")."""

from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.gateway.doors.reading import readable_room, visible_event
from meydan.messaging.gateway.doors.rooms import find_room
from meydan.messaging.gateway.doors.table import door, door_v1, unstable
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import bad_param, forbidden, not_found
from meydan.messaging.policies.reading import power_needed, power_of
from meydan.messaging.queries.faces import (
    INTEREST,
    face_of,
    list_public,
    may_see_face,
    read_offset,
    summary_for,
    walk_tree,
)
from meydan.messaging.queries.people import find_event_at, find_people

MOST = 100


@door("GET", "publicRooms")
async def public_rooms(gateway: Gateway, request: Request) -> Any:
    """The rooms in the directory. Anybody may ask."""
    return await _page(gateway, request.one("since"), request.number("limit", MOST, most=MOST), "", None, "")


@door("POST", "publicRooms")
async def search_public_rooms(gateway: Gateway, request: Request) -> Any:
    """Those of them whose names, topics or addresses hold some words; or (ours) that are about some interest."""
    who = await gateway.who(request)
    body = await request.json()
    filters = need(body, "filter", dict, {})
    words = need(filters, "generic_search_term", str, "")[:200].strip()
    kinds = need(filters, "room_types", list, []) if "room_types" in filters else None
    interest = need(filters, INTEREST, str, "")[:64]
    if words:
        await spend("search", who)
    limit = max(0, min(need(body, "limit", int, MOST), MOST))
    return await _page(gateway, need(body, "since", str, ""), limit, words, kinds, interest)


async def _page(gateway: Gateway, since: str, limit: int, words: str, kinds: list[Any] | None, interest: str) -> Any:
    start, limit = read_offset(since), limit or MOST
    reader = gateway.messenger.reader
    rooms, total, more = await list_public(
        reader, words=words, kinds=kinds, interest=interest, start=start, limit=limit
    )
    said: dict[str, Any] = {"chunk": [face_of(room) for room in rooms], "total_room_count_estimate": total}
    if more:
        said["next_batch"] = f"o{start + limit}"
    if start:
        said["prev_batch"] = f"o{max(0, start - limit)}"
    return said


@door("GET", "directory/list/room/{room}")
async def is_listed(gateway: Gateway, request: Request) -> Any:
    """Whether a room is in the directory. Anybody may ask."""
    room = await gateway.messenger.need_room(request.path["room"])
    public = await gateway.messenger.pool.fetchval("select public from messaging_room where id = $1", room.number)
    return {"visibility": "public" if public else "private"}


@door("PUT", "directory/list/room/{room}")
async def set_listed(gateway: Gateway, request: Request) -> Any:
    """Put a room into the directory or take it out: whoever may name the room's address."""
    who = await gateway.who(request)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    visibility = need(await request.json(), "visibility", str, "public")
    if visibility not in ("public", "private"):
        raise bad_param("visibility is public or private.")
    if power_of(room.state, who.user_id) < power_needed(room.state, "m.room.canonical_alias", True):
        raise forbidden("You have not the power to do this in this room.")
    await gateway.messenger.pool.execute(
        "update messaging_room set public = $2 where id = $1", room.number, visibility == "public"
    )
    return {}


@door("GET", "rooms/{room}/aliases")
async def aliases(gateway: Gateway, request: Request) -> Any:
    """The names of a room, for who may read it."""
    _who, room, _upto = await readable_room(gateway, request)
    rows = await gateway.messenger.pool.fetch(
        "select alias from messaging_roomalias where room = $1 order by alias limit 1000", room.number
    )
    return {"aliases": [row[0] for row in rows]}


@door_v1("GET", "rooms/{room}/hierarchy")
async def hierarchy(gateway: Gateway, request: Request) -> Any:
    """The rooms of a space, a page at a time; only those that the asker may know of."""
    who = await gateway.who(request)
    person = await gateway.messenger.reader.person(who.user_id)
    top = await gateway.messenger.reader.room(request.path["room"])
    if top is None or not await may_see_face(gateway.messenger.reader, top, person):
        raise forbidden("You cannot see this room.")
    start, limit = read_offset(request.one("from")), request.number("limit", 50, most=MOST) or 1
    depth, suggested = request.number("max_depth", 50, most=50), request.one("suggested_only") == "true"
    found = await walk_tree(gateway.messenger.reader, top, person, depth=depth, suggested=suggested)
    said: dict[str, Any] = {"rooms": found[start : start + limit]}
    return said | ({"next_batch": f"o{start + limit}"} if len(found) > start + limit else {})


@door_v1("GET", "room_summary/{room}")
@unstable("GET", "im.nheko.summary/summary/{room}", "im.nheko.summary/rooms/{room}/summary")
async def summary(gateway: Gateway, request: Request) -> Any:
    """What is shown of a room to who may join it; without a token, of those that are open to all."""
    who = await gateway.who(request) if request.token else None
    person = await gateway.messenger.reader.person(who.user_id) if who else None
    room = await find_room(gateway, request.path["room"])
    if not await may_see_face(gateway.messenger.reader, room, person):
        raise not_found("There is no such room.")
    return summary_for(room, who.user_id if who else "")


@door("POST", "user_directory/search")
async def search_people(gateway: Gateway, request: Request) -> Any:
    """People by parts of their names, or by their whole e-mail address, as far as they want to be found."""
    who = await gateway.who(request)
    body = await request.json()
    term = need(body, "search_term", str)[:200]
    limit = max(1, min(need(body, "limit", int, 10), 50))
    await spend("search", who)
    found = await find_people(gateway.messenger.pool, who.user_id, term, limit + 1)
    return {"results": found[:limit], "limited": len(found) > limit}


@door_v1("GET", "rooms/{room}/timestamp_to_event")
async def event_at(gateway: Gateway, request: Request) -> Any:
    """The first event at a time or after it, with `dir=b` the last one before."""
    who, room, _upto = await readable_room(gateway, request)
    if not request.one("ts") or request.one("dir", "f") not in ("b", "f"):
        raise bad_param("ts is a time in milliseconds; dir is b or f.")
    time = request.number("ts", 0, most=2**53)
    backwards = request.one("dir", "f") == "b"
    event = await find_event_at(gateway.messenger.reader, room, who.user_id, time, backwards=backwards)
    if event is None:
        raise not_found("There is no event at that time that you can see.")
    await visible_event(gateway, room, who, event.event_id)
    return {"event_id": event.event_id, "origin_server_ts": event.origin_server_ts}
