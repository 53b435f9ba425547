"""`/sync`: what is new, or waiting for it (client-server API, "Syncing")."""

import asyncio
import secrets
import time
from dataclasses import replace
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.doors.settings import find_filter
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, read_object
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.queries.live import Person, Room, Waiter
from meydan.messaging.queries.personal import account_events
from meydan.messaging.queries.sync import Token, Wish, read_filter

MOST_WAIT_MS = 120_000
JITTER = 0.1
"""The part of its timeout by which a poll ends early: a thousand that began together do not end together."""
raw = msgspec.Raw
PLAIN = Wish()
STATE_AFTER = {
    "use_state_after": "state_after",
    "org.matrix.msc4222.use_state_after": "org.matrix.msc4222.state_after",
}
"""The parameter by which a client asks for the state after the timeline, and how the answer calls it (MSC4222)."""


@door("GET", "sync")
async def sync(gateway: Gateway, request: Request) -> Any:
    """Everything since `since`; without it, all there is."""
    who = await gateway.who(request)
    since = Token.read(request.one("since"), len(gateway.messenger.live.positions)) if request.one("since") else None
    wish = await _wish(gateway, who, request.one("filter"))
    if state := next((name for param, name in STATE_AFTER.items() if request.one(param) == "true"), ""):
        wish = replace(wish, state=state)
    if since is not None:
        await gateway.messenger.reach(since.positions)
    full = request.one("full_state") == "true"
    timeout = request.number("timeout", 0, most=MOST_WAIT_MS) / 1000
    person = await gateway.messenger.reader.person(who.user_id)
    if since is not None:
        await gateway.inbox.forget_seen(who.device, since.positions[0])
    if since is None or full:
        said = await _answer(gateway, who, person, None, wish, None)
    else:
        said = await _poll(gateway, who, person, since, wish, timeout)
    counts, unused = await gateway.inbox.counts(who.device)
    return {**said, "device_one_time_keys_count": counts, "device_unused_fallback_key_types": unused}


async def _wish(gateway: Gateway, who: Who, said: str) -> Wish:
    if not said:
        return PLAIN
    if said.startswith("{"):
        return read_filter(read_object(said.encode()))
    return read_filter(read_object(await find_filter(gateway, who.user_id, said)))


async def _poll(gateway: Gateway, who: Who, person: Person, since: Token, wish: Wish, timeout: float) -> Any:
    """Answer at once when there is something, else when there is, else empty in the end."""
    live = gateway.messenger.live
    ends = time.monotonic() + timeout * (1 - JITTER * secrets.randbelow(1000) / 1000)
    only: set[Room] | None = None
    waiter = live.wait(who.user_id)
    try:
        while True:
            said = await _answer(gateway, who, person, since, wish, only)
            left = ends - time.monotonic()
            if len(said) > 1 or left <= 0 or live.closing:
                return said
            await pause(waiter, left)
            only = None if waiter.personal else waiter.changed
            live.leave(waiter)
            waiter = live.wait(who.user_id)
            if only is None:
                person = await gateway.messenger.reader.person(who.user_id)
    finally:
        live.leave(waiter)


async def pause(waiter: Waiter, seconds: float) -> None:
    """Until it is woken, or so long."""
    handle = asyncio.get_running_loop().call_later(seconds, waiter.wake)
    try:
        await waiter.future
    finally:
        handle.cancel()


async def _answer(
    gateway: Gateway, who: Who, person: Person, since: Token | None, wish: Wish, only: set[Room] | None
) -> dict[str, Any]:
    """The parts of the answer that have something to say, and the token."""
    live = gateway.messenger.live
    now = Token(tuple(live.positions), live.typing_serial)
    before = since.positions[0] if since else 0
    messages, upto = await gateway.inbox.waiting(who.device, before, now.positions[0])
    now = now.cut(upto)
    said: dict[str, Any] = {"next_batch": str(now)}
    if messages:
        said["to_device"] = {"events": [raw(body) for body in messages]}
    if rooms := await gateway.syncer.changes(person, since, now, wish, who.device, only):
        said["rooms"] = rooms
    if since is not None and (lists := await gateway.device_lists.changes(person, since, now, only)):
        said["device_lists"] = lists
    if since is None or (before < now.positions[0] and person.last_note > before):
        await _add_account_data(gateway, person, since, now, said)
    return said


async def _add_account_data(
    gateway: Gateway, person: Person, since: Token | None, now: Token, said: dict[str, Any]
) -> None:
    rows = await gateway.messenger.pool.fetch(
        "select room_id, type, content from messaging_accountdata where person = $1 and pos > $2 and pos <= $3",
        person.user_id,
        since.positions[0] if since else 0,
        now.positions[0],
    )
    own = [(kind, content) for room_id, kind, content in rows if not room_id]
    if events := account_events(person.user_id, own, first=since is None):
        said["account_data"] = {"events": events}
    for room_id, kind, content in rows:
        if room_id:
            part = said.setdefault("rooms", {}).setdefault("join", {}).setdefault(room_id, {})
            event = {"type": kind, "content": raw(content)}
            part.setdefault("account_data", {"events": []})["events"].append(event)
