"""Whether people are there (client-server API, "Presence")."""

from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import bad_param, forbidden
from meydan.messaging.models.presence import MOST_STATUS, OFFLINE, RANK, content_of
from meydan.messaging.queries.presence_news import hears_of
from meydan.messaging.queries.reading import milliseconds


@door("PUT", "presence/{user}/status")
async def say(gateway: Gateway, request: Request) -> Any:
    """Say as what one wants to be seen, and a few words with it. Where the city has it off, nobody hears of it."""
    who = await gateway.who(request)
    if request.path["user"] != who.user_id:
        raise forbidden("One says only for oneself whether one is there.")
    await spend("presence", who)
    body = await request.json()
    state, status = need(body, "presence", str), need(body, "status_msg", str, "")
    if state not in RANK:
        raise bad_param(f"presence is one of {', '.join(RANK)}.")
    if len(status) > MOST_STATUS or "\0" in status:
        raise bad_param(f"status_msg has at most {MOST_STATUS} letters, and no zero among them.")
    gateway.presence.say(who, state, status)
    return {}


@door("GET", "presence/{user}/status")
async def show(gateway: Gateway, request: Request) -> Any:
    """Whether somebody is there with whom one shares a small closed room. `M_FORBIDDEN` for others, who are none."""
    who = await gateway.who(request)
    person, asked = await gateway.messenger.reader.person(who.user_id), request.path["user"]
    await gateway.syncer.rooms_of(person)
    if not hears_of(gateway.messenger.live, person, asked):
        raise forbidden("You share no small closed room with them.")
    if not gateway.presence.is_on:
        return {"presence": OFFLINE}
    return content_of(gateway.presence.seen(asked), milliseconds())
