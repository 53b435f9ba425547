"""Reporting to the moderators (client-server API, "Reporting Content")."""

from typing import Any

from meydan.messaging.actions.reporting import report
from meydan.messaging.gateway.doors.reading import readable_room, visible_event
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import not_found

MOST_WORDS = 2_000


async def _words(request: Request) -> str:
    return need(await request.json(), "reason", str, "")[:MOST_WORDS].replace("\0", "")


@door("POST", "rooms/{room}/report/{event}")
async def report_event(gateway: Gateway, request: Request) -> Any:
    """Say that something is wrong with a message that one can see."""
    who, room, _upto = await readable_room(gateway, request)
    entry = await visible_event(gateway, room, who, request.path["event"])
    words = await _words(request)
    await in_thread(report, who.account, f"message:{entry.event.event_id}", words, request.address)
    return {}


@door("POST", "rooms/{room}/report")
async def report_room(gateway: Gateway, request: Request) -> Any:
    """The same of a room."""
    who, room, _upto = await readable_room(gateway, request)
    await in_thread(report, who.account, f"room:{room.number}", await _words(request), request.address)
    return {}


@door("POST", "users/{user}/report")
async def report_user(gateway: Gateway, request: Request) -> Any:
    """The same of somebody."""
    who = await gateway.who(request)
    localpart, _colon, server = request.path["user"].removeprefix("@").partition(":")
    found = await gateway.messenger.pool.fetchval(
        "select id from accounts_person where username = $1 and is_active", localpart[:255]
    )
    if found is None or server != gateway.messenger.server_name:
        raise not_found("There is nobody with this name here.")
    await in_thread(report, who.account, f"member:{found}", await _words(request), request.address)
    return {}
