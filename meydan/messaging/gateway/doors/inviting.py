"""Links by which people come into rooms (ours: `org.meydan.links`; the spec has none)."""

from typing import Any

from meydan.messaging.actions.inviting import (
    Link,
    enter_by_link,
    find_link,
    list_links,
    make_link,
    withdraw_link,
)
from meydan.messaging.actions.limits import spend
from meydan.messaging.gateway.doors.table import unstable
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import not_found
from meydan.messaging.models.shapes import is_whole
from meydan.messaging.queries.faces import summary_for

LINKS = "org.meydan.links/rooms/{room}/links"
DAYS = 7
MOST_TOKEN = 64


def _said(link: Link) -> dict[str, Any]:
    said = {
        "id": str(link.number),
        "maker": link.maker,
        "expires_ts": int(link.expires_at.timestamp() * 1000),
        "uses": link.uses,
    }
    return said | ({"token": link.token} if link.token else {})


@unstable("POST", LINKS)
async def make(gateway: Gateway, request: Request) -> Any:
    """A new link into a room, good for `days`; its token is said here and never again."""
    who = await gateway.who(request)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    days = need(await request.json(), "days", int, DAYS)
    await spend("invite", who)
    return _said(await make_link(gateway.messenger, who, room, days))


@unstable("GET", LINKS)
async def links(gateway: Gateway, request: Request) -> Any:
    """The links into a room that have not ended, for who may invite there."""
    who = await gateway.who(request)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    return {"links": [_said(link) for link in await list_links(gateway.messenger, who, room)]}


@unstable("DELETE", f"{LINKS}/{{link}}")
async def withdraw(gateway: Gateway, request: Request) -> Any:
    """Take a link back."""
    who = await gateway.who(request)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    number = request.path["link"]
    if not is_whole(number) or len(number) > 18:
        raise not_found("There is no such link.")
    await withdraw_link(gateway.messenger, who, room, int(number))
    return {}


@unstable("GET", "org.meydan.links/link/{token}")
async def look(gateway: Gateway, request: Request) -> Any:
    """What room a link leads into, before one goes in."""
    who = await gateway.who(request)
    await spend("join", who)
    room, _link = await find_link(gateway.messenger, request.path["token"][:MOST_TOKEN])
    return summary_for(room, who.user_id)


@unstable("POST", "org.meydan.links/link/{token}/join")
async def enter(gateway: Gateway, request: Request) -> Any:
    """Go in by a link."""
    who = await gateway.who(request)
    await spend("join", who)
    room = await enter_by_link(gateway.messenger, who, request.path["token"][:MOST_TOKEN])
    return {"room_id": room.room_id}
