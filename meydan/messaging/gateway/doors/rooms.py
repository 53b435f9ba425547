"""Making rooms, entering and leaving them, and finding them by name (client-server API, "Rooms")."""

from collections.abc import Collection
from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.rooming import change_membership, create_room, forget_room, need_local
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found
from meydan.messaging.queries.live import BANNED, INVITED, JOINED, KNOCKED, LEFT, Room


@door("POST", "createRoom")
async def create(gateway: Gateway, request: Request) -> Any:
    """Make a room."""
    who = await gateway.who(request)
    body = await request.json()
    await spend("create", who)
    await spend("invite", who, len(need(body, "invite", list, [])))
    room = await create_room(gateway.messenger, who, body)
    return {"room_id": room.room_id}


async def find_room(gateway: Gateway, name: str) -> Room:
    """A room by its id or alias. `M_NOT_FOUND`."""
    if not name.startswith("#"):
        return await gateway.messenger.need_room(name)
    number = await gateway.messenger.pool.fetchval("select room from messaging_roomalias where alias = $1", name)
    room = await gateway.messenger.reader.room_number(number) if number else None
    if room is None:
        raise not_found("There is no room with this alias.")
    return room


async def _enter(gateway: Gateway, request: Request, membership: str) -> Any:
    who = await gateway.who(request)
    await spend("join", who)
    room = await find_room(gateway, request.path["room"])
    reason = need(await request.json(), "reason", str, "")
    await change_membership(gateway.messenger, room, who.user_id, who.user_id, membership, reason)
    return {"room_id": room.room_id}


@door("POST", "join/{room}", "rooms/{room}/join")
async def join(gateway: Gateway, request: Request) -> Any:
    """Enter a room."""
    return await _enter(gateway, request, JOINED)


@door("POST", "knock/{room}")
async def knock(gateway: Gateway, request: Request) -> Any:
    """Ask to be let in."""
    return await _enter(gateway, request, KNOCKED)


@door("POST", "rooms/{room}/leave")
async def leave(gateway: Gateway, request: Request) -> Any:
    """Leave a room, or decline its invitation. Twice is once."""
    who = await gateway.who(request)
    room = await gateway.messenger.need_room(request.path["room"])
    reason = need(await request.json(), "reason", str, "")
    if room.members.get(who.user_id) == LEFT:
        return {}
    await change_membership(gateway.messenger, room, who.user_id, who.user_id, LEFT, reason)
    return {}


async def _change(
    gateway: Gateway, request: Request, membership: str, only: Collection[str] | None = None, else_: str = ""
) -> Any:
    """Somebody changes what another is to a room; `only`: who is one of these now, `else_` what is said of others."""
    who = await gateway.who(request)
    await spend("invite", who)
    body = await request.json()
    target = need_local(need(body, "user_id", str), gateway.messenger.server_name)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    if only is not None and room.members.get(target) not in only:
        raise forbidden(else_)
    await change_membership(gateway.messenger, room, who.user_id, target, membership, need(body, "reason", str, ""))
    return {}


@door("POST", "rooms/{room}/invite")
async def invite(gateway: Gateway, request: Request) -> Any:
    """Invite somebody."""
    return await _change(gateway, request, INVITED)


@door("POST", "rooms/{room}/kick")
async def kick(gateway: Gateway, request: Request) -> Any:
    """Send somebody out. Whoever is not in cannot be sent out."""
    there = (JOINED, INVITED, KNOCKED)
    return await _change(gateway, request, LEFT, there, "They are not in this room.")


@door("POST", "rooms/{room}/ban")
async def ban(gateway: Gateway, request: Request) -> Any:
    """Send somebody out for good."""
    return await _change(gateway, request, BANNED)


@door("POST", "rooms/{room}/unban")
async def unban(gateway: Gateway, request: Request) -> Any:
    """Let somebody be invited again."""
    return await _change(gateway, request, LEFT, (BANNED,), "They are not banned.")


@door("POST", "rooms/{room}/forget")
async def forget(gateway: Gateway, request: Request) -> Any:
    """Take a room that one has left off all lists."""
    who = await gateway.who(request)
    room = await gateway.messenger.need_room(request.path["room"])
    if room.members.get(who.user_id) in (JOINED, INVITED, KNOCKED):
        raise MatrixError(400, "M_UNKNOWN", "Leave the room first.")
    await forget_room(gateway.messenger, room, who.user_id)
    return {}


@door("GET", "joined_rooms")
async def joined_rooms(gateway: Gateway, request: Request) -> Any:
    """The rooms one is in."""
    who = await gateway.who(request)
    person = await gateway.messenger.reader.person(who.user_id)
    rooms = await gateway.syncer.rooms_of(person)
    return {"joined_rooms": [room.room_id for room, (membership, _pos) in rooms.items() if membership == JOINED]}


@door("GET", "directory/room/{alias}")
async def find_alias(gateway: Gateway, request: Request) -> Any:
    """The room of an alias. Anybody may ask."""
    room = await find_room(gateway, _alias(request))
    return {"room_id": room.room_id, "servers": [gateway.messenger.server_name]}


def _alias(request: Request) -> str:
    alias = request.path["alias"]
    if not alias.startswith("#") or ":" not in alias or len(alias) > 255:
        raise bad_param("This is not an alias.")
    return alias


@door("PUT", "directory/room/{alias}")
async def set_alias(gateway: Gateway, request: Request) -> Any:
    """Give a room a name of this server."""
    who = await gateway.who(request)
    await spend("create", who)
    alias = _alias(request)
    if alias.partition(":")[2] != gateway.messenger.server_name:
        raise bad_param("Names of rooms end with this server's name.")
    room = await gateway.messenger.joined_room(who, need(await request.json(), "room_id", str))
    said = await gateway.messenger.pool.execute(
        "insert into messaging_roomalias (alias, room, creator) values ($1, $2, $3) on conflict do nothing",
        alias,
        room.number,
        who.user_id,
    )
    if said.endswith(" 0"):
        raise MatrixError(409, "M_UNKNOWN", "This alias is taken.")
    return {}


@door("DELETE", "directory/room/{alias}")
async def remove_alias(gateway: Gateway, request: Request) -> Any:
    """Take the name away: its maker may, and who has the power to name the room."""
    who = await gateway.who(request)
    room = await find_room(gateway, _alias(request))
    said = await gateway.messenger.pool.execute(
        "delete from messaging_roomalias where alias = $1 and creator = $2", _alias(request), who.user_id
    )
    if said.endswith(" 0"):
        raise forbidden(f"Only who gave {room.room_id} this name may take it away.")
    return {}
