"""Replacing a room by a new one (client-server API, "Room Upgrades")."""

from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.upgrading import upgrade_room
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway


@door("POST", "rooms/{room}/upgrade")
async def upgrade(gateway: Gateway, request: Request) -> Any:
    """Replace a room by one of another version."""
    who = await gateway.who(request)
    await spend("create", who)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    new = await upgrade_room(gateway.messenger, who, room, need(await request.json(), "new_version", str))
    return {"replacement_room": new.room_id}
