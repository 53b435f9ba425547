"""Calls: where the media of two may meet (client-server API, "Voice over IP"), and what carries those of many
(MSC4143).

The calls themselves are messages and state, of which the server knows nothing."""

import base64
import hashlib
import hmac
import time
from typing import Any

from meydan.kernel.config import config
from meydan.messaging.gateway.doors.table import door, door_v1, unstable
from meydan.messaging.gateway.http import Request
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.queries.discovery import rtc_transports

TURN_SECONDS = 86_400  # as the draft recommends; clients ask again before the end


@door("GET", "voip/turnServer")
async def turn_server(gateway: Gateway, request: Request) -> Any:
    """A relay, and what opens it for a day; `{}` where the city runs none. The password is one that coturn works out
    from the same secret (draft-uberti-behave-turn-rest: its `use-auth-secret`), so neither has to ask the other."""
    who = await gateway.who(request)
    if not config().turn_uris:
        return {}
    username = f"{int(time.time()) + TURN_SECONDS}:{who.user_id}"
    digest = hmac.digest(config().turn_secret.encode(), username.encode(), hashlib.sha1)
    password = base64.b64encode(digest).decode()
    return {"username": username, "password": password, "uris": config().turn_uris, "ttl": TURN_SECONDS}


@door_v1("GET", "rtc/transports")
@unstable("GET", "org.matrix.msc4143/rtc/transports")
async def transports(gateway: Gateway, request: Request) -> Any:
    """What carries calls of more than two; none where the city runs none."""
    await gateway.who(request)
    return {"rtc_transports": rtc_transports()}
