"""Messages to devices, and signing devices out (client-server API, "Send-to-Device messaging", "Device management")."""

from typing import Any
from uuid import UUID

from meydan.messaging.actions.devices import close_devices
from meydan.messaging.actions.ending import end_pages
from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.to_device import MOST_MESSAGES, send_to_devices
from meydan.messaging.gateway.confirming import need_password
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.names import is_name, need_name, read_nested
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import bad_param

MAX_MESSAGES_BODY = 2 * 1024 * 1024
MOST_TXN = 120
MOST_CLOSED = 200


@door("PUT", "sendToDevice/{type}/{txn}")
async def send_to_device(gateway: Gateway, request: Request) -> Any:
    """Send messages to devices. The same transaction id again sends nothing more."""
    who = await gateway.who(request)
    await spend("to_device", who)
    kind, txn = need_name(request.path["type"]), need_name(request.path["txn"])
    if len(txn) > MOST_TXN:
        raise bad_param(f"A transaction id has from 1 to {MOST_TXN} letters.")
    messages = read_nested(need(await request.json(MAX_MESSAGES_BODY), "messages", dict), MOST_MESSAGES)
    await send_to_devices(gateway.messenger, who, kind, f"{txn}/{kind[:MOST_TXN]}", messages)
    return {}


@door("POST", "delete_devices")
async def delete_devices(gateway: Gateway, request: Request) -> Any:
    """Sign devices out; it takes the password."""
    who = await gateway.who(request)
    body = await request.json()
    devices = need(body, "devices", list)
    if len(devices) > MOST_CLOSED or not all(map(is_name, devices)):
        raise bad_param(f"devices is a list of at most {MOST_CLOSED} device ids.")
    await need_password(gateway, request, who, body)
    await in_thread(end_pages, UUID(who.account), devices, request.address)
    await _close(gateway, who.user_id, devices)
    return {}


@door("DELETE", "devices/{device}")
async def delete_device(gateway: Gateway, request: Request) -> Any:
    """Sign one device out; it takes the password."""
    who = await gateway.who(request)
    device = need_name(request.path["device"])
    await need_password(gateway, request, who, await request.json())
    await in_thread(end_pages, UUID(who.account), [device], request.address)
    await _close(gateway, who.user_id, [device])
    return {}


async def _close(gateway: Gateway, user_id: str, devices: list[str]) -> None:
    for number in await close_devices(gateway.messenger, user_id, devices):
        gateway.forget_tokens(number)
