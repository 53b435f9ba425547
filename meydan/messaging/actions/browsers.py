"""Our own push gateway: it tells browsers (Push Gateway API)."""

import asyncio
from typing import Any

import msgspec

from meydan.messaging.actions.couriers import own_gateway
from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.actions.pushers import drop_pushkey
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.plugins import push_gateway, web_push

GATEWAY_PATH = push_gateway.PATH
is_subscription, public_key = web_push.is_subscription, web_push.public_key


async def tell_browser(messenger: Messenger, app_id: str, pushkey: str, said: dict[str, Any]) -> bool:
    """Tell a browser that is known here as somebody's pusher; False when it is not, or not any more. `M_UNKNOWN` when
    its maker's service does not answer."""
    body = await messenger.pool.fetchval(_SUBSCRIPTION, app_id, pushkey, own_gateway())
    if body is None:
        return False
    outcome = await asyncio.to_thread(web_push.push, pushkey, msgspec.json.decode(body)["data"], said)
    if outcome.rejected:
        await drop_pushkey(messenger, app_id, pushkey)
    elif not outcome.done:
        raise MatrixError(502, "M_UNKNOWN", "The browser's service does not answer; try again.")
    return not outcome.rejected


_SUBSCRIPTION = """
select body from messaging_pusher where app_id = $1 and pushkey = $2 and url = $3 limit 1"""
