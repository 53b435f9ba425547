"""Sending into rooms (client-server API, "Sending events to a room", "Typing Notifications", "Receipts")."""

from typing import Any

from meydan.messaging.actions.delaying import delay_event
from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.receipts import send_receipt
from meydan.messaging.gateway.doors.table import door, unstable
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import bad_param, forbidden
from meydan.messaging.models.shapes import is_whole
from meydan.messaging.policies.channels import is_channel, speaks

DELAY = "org.matrix.msc4140.delay"
MOST_TYPING_MS = 120_000
MAX_EVENT_BODY = 70_000


@door("PUT", "rooms/{room}/send/{type}/{txn}")
async def send(gateway: Gateway, request: Request) -> Any:
    """Send a message. The same transaction id again is the same message."""
    who = await gateway.who(request)
    await spend("send", who)
    gateway.presence.act(who)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    kind = request.path["type"]
    draft = Draft(kind, await request.json(MAX_EVENT_BODY), redacts=None)
    txn = _txn(request.path["txn"], room.number, kind)
    if (delay := _delay(request)) is not None:
        return {"delay_id": await delay_event(gateway.messenger, room, who, draft, delay, txn)}
    events = await gateway.messenger.append(room, who.user_id, [draft], who=who, txn=txn)
    return {"event_id": events[-1].event_id}


def _delay(request: Request) -> int | None:
    """In how many milliseconds the event shall be sent; None where it shall at once (MSC4140)."""
    said = request.query.get(DELAY)
    if said is None:
        return None
    if not is_whole(said[0]) or len(said[0]) > 15:
        raise bad_param(f"{DELAY} is a whole number of milliseconds.")
    return int(said[0])


def _txn(txn: str, room: int, kind: str) -> str:
    if not 0 < len(txn) <= 120:
        raise bad_param("A transaction id has from 1 to 120 letters.")
    return f"{room}/{kind[:80]}/{txn.replace('/', '%2F')}"


@door("PUT", "rooms/{room}/redact/{event}/{txn}")
async def redact(gateway: Gateway, request: Request) -> Any:
    """Take an event's content away."""
    who = await gateway.who(request)
    await spend("send", who)
    gateway.presence.act(who)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    body = await request.json()
    draft = _redaction(request.path["event"], need(body, "reason", str, ""))
    txn = _txn(request.path["txn"], room.number, draft.type)
    events = await gateway.messenger.append(room, who.user_id, [draft], who=who, txn=txn)
    return {"event_id": events[-1].event_id}


def _redaction(event_id: str, reason: str) -> Draft:
    content = {"redacts": event_id, **({"reason": reason} if reason else {})}
    return Draft("m.room.redaction", content, redacts=event_id)


@unstable("POST", "org.meydan.send")
async def send_by_body(gateway: Gateway, request: Request) -> Any:
    """The same as both before, with everything in the body: `room_id`, `txn_id`, and `type` with `content`, or
    `redacts`. Ours alone: a browser asks leave for each address by itself when it comes from another origin, and this
    one stays the same, so that a message costs one round trip and not two. Transaction ids are those of the others."""
    who = await gateway.who(request)
    await spend("send", who)
    gateway.presence.act(who)
    body = await request.json(MAX_EVENT_BODY)
    room = await gateway.messenger.joined_room(who, need(body, "room_id", str))
    redacts = need(body, "redacts", str, "")
    content = need(body, "content", dict, {})
    draft = (
        _redaction(redacts, need(content, "reason", str, "")) if redacts else Draft(need(body, "type", str), content)
    )
    txn = _txn(need(body, "txn_id", str), room.number, draft.type)
    events = await gateway.messenger.append(room, who.user_id, [draft], who=who, txn=txn)
    return {"event_id": events[-1].event_id}


@door("PUT", "rooms/{room}/state/{type}", "rooms/{room}/state/{type}/{key}")
async def send_state(gateway: Gateway, request: Request) -> Any:
    """Set a piece of the room's state. What is so already makes no new event."""
    who = await gateway.who(request)
    await spend("send", who)
    gateway.presence.act(who)
    room = await gateway.messenger.need_room(request.path["room"])
    kind, key = request.path["type"], request.path.get("key", "")
    content = await request.json(MAX_EVENT_BODY)
    if (delay := _delay(request)) is not None:
        room = await gateway.messenger.joined_room(who, room.room_id)
        return {"delay_id": await delay_event(gateway.messenger, room, who, Draft(kind, content, key), delay)}
    known = room.state.get((kind, key))
    if known is not None and known.content == content and known.sender == who.user_id and who.user_id in room.joined:
        return {"event_id": known.event_id}
    events = await gateway.messenger.append(room, who.user_id, [Draft(kind, content, key)])
    return {"event_id": events[-1].event_id}


@door("PUT", "rooms/{room}/typing/{user}")
async def typing(gateway: Gateway, request: Request) -> Any:
    """Say that one types, or has stopped."""
    who = await gateway.who(request)
    await spend("signal", who)
    gateway.presence.act(who)
    if request.path["user"] != who.user_id:
        raise forbidden("One types only for oneself.")
    room = await gateway.messenger.joined_room(who, request.path["room"])
    body = await request.json()
    if is_channel(room.state) and not speaks(room.state, who.user_id):
        return {}  # it would say who reads
    lasts = min(need(body, "timeout", int, 30_000), MOST_TYPING_MS) if need(body, "typing", bool) else 0
    gateway.messenger.set_typing(room, who.user_id, lasts / 1000)
    return {}


@door("POST", "rooms/{room}/receipt/{type}/{event}")
async def receipt(gateway: Gateway, request: Request) -> Any:
    """Say how far one has read."""
    who = await gateway.who(request)
    await spend("signal", who)
    gateway.presence.act(who)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    thread = need(await request.json(), "thread_id", str, "")
    await send_receipt(gateway.messenger, room, who, request.path["type"], request.path["event"], thread)
    return {}


@door("POST", "rooms/{room}/read_markers")
async def read_markers(gateway: Gateway, request: Request) -> Any:
    """The same for several kinds at once."""
    who = await gateway.who(request)
    await spend("signal", who)
    gateway.presence.act(who)
    room = await gateway.messenger.joined_room(who, request.path["room"])
    body = await request.json()
    for kind in ("m.fully_read", "m.read", "m.read.private"):
        if event_id := need(body, kind, str, ""):
            await send_receipt(gateway.messenger, room, who, kind, event_id, "")
    return {}
