"""Pushers, past notifications, and the push gateway for browsers (client-server API, "Push Notifications"; Push Gateway
API)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from meydan.kernel.config import config
from meydan.kernel.errors import Invalid
from meydan.kernel.fetch import check_url
from meydan.messaging.actions.browsers import GATEWAY_PATH, is_subscription, tell_browser
from meydan.messaging.actions.couriers import own_gateway
from meydan.messaging.actions.limits import spend, spend_address
from meydan.messaging.actions.pushers import Pusher, drop_pusher, keep_pusher
from meydan.messaging.gateway.doors.table import ROUTES, door, unstable
from meydan.messaging.gateway.http import Request, encode, need
from meydan.messaging.gateway.names import MOST_NAME
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.queries.pushed import list_past, list_unread
from meydan.messaging.queries.sync import body_for
from meydan.messaging.queries.unread import is_read

SHOWN = ("app_display_name", "device_display_name", "profile_tag", "lang")
MOST_DATA = 4_000
MOST_DEVICES = 20
MOST_PAGE = 100
raw = msgspec.Raw


@door("GET", "pushers")
async def list_pushers(gateway: Gateway, request: Request) -> Any:
    """One's own pushers."""
    who = await gateway.who(request)
    rows = await gateway.messenger.pool.fetch(
        "select body from messaging_pusher where person = $1 order by id", who.user_id
    )
    return {"pushers": [raw(bytes(row[0])) for row in rows]}


@door("POST", "pushers/set")
async def set_pusher(gateway: Gateway, request: Request) -> Any:
    """Name a pusher, change it, or (`kind` null) take it away."""
    who = await gateway.who(request)
    body = await request.json()
    app_id, pushkey = _text(body, "app_id", 64), _text(body, "pushkey", 512)
    if "kind" not in body:
        raise MatrixError(400, "M_MISSING_PARAM", "kind is missing.")
    await spend("pusher", who)
    if body["kind"] is None:
        await drop_pusher(gateway.messenger, who, app_id, pushkey)
        return {}
    if body["kind"] != "http":
        raise bad_param("Pushers are of the kind http.")
    pusher = _read(body, app_id, pushkey)
    await keep_pusher(gateway.messenger, who, pusher, append=need(body, "append", bool, False))
    return {}


def _text(body: Mapping[str, Any], name: str, most: int) -> str:
    text = need(body, name, str)
    if not 0 < len(text.encode()) <= most or "\0" in text:
        raise bad_param(f"{name} has from 1 to {most} bytes.")
    return text


def _read(body: Mapping[str, Any], app_id: str, pushkey: str) -> Pusher:
    data = need(body, "data", dict)
    if len(encode(data)) > MOST_DATA:
        raise bad_param("data is too long.")
    if data.get("format", "event_id_only") != "event_id_only":
        raise bad_param("format is event_id_only, or is not said.")
    url = _gateway_of(need(data, "url", str))
    if url == own_gateway() and not is_subscription(pushkey, data):
        raise bad_param("A browser's pushkey is its p256dh key; data has its endpoint, and auth, its secret.")
    said = {name: need(body, name, str, "")[:MOST_NAME] for name in SHOWN}
    shown = {**said, "app_id": app_id, "pushkey": pushkey, "kind": "http", "data": data}
    return Pusher(app_id, pushkey, url, encode(shown))


def _gateway_of(url: str) -> str:
    """The address of a push gateway (spec, `POST pushers/set`). Without TLS only our own, and those of a city that lets
    its fetcher into networks of its own."""
    if url == own_gateway():
        return url
    try:
        parts = check_url(url)
    except Invalid as error:
        raise bad_param(f"data.url: {error.message}") from error
    if parts.path != GATEWAY_PATH or (parts.scheme != "https" and not config().fetch_private):
        raise bad_param(f"data.url is an https address that ends with {GATEWAY_PATH}.")
    return url


@door("GET", "notifications")
async def notifications(gateway: Gateway, request: Request) -> Any:
    """What one was notified of, the newest first."""
    who = await gateway.who(request)
    live, reader = gateway.messenger.live, gateway.messenger.reader
    before = _read_from(request.one("from"), [pos + 1 for pos in live.positions])
    limit = request.number("limit", 20, most=MOST_PAGE) or 1
    person = await reader.person(who.user_id)
    page = await list_past(reader, person, before, limit, only_loud=request.one("only") == "highlight")
    said = [
        {
            "actions": outcome.actions,
            "event": raw(body_for(entry, who.device)),
            "profile_tag": "",
            "read": is_read(room, who.user_id, entry),
            "room_id": room.room_id,
            "ts": entry.event.origin_server_ts,
        }
        for room, entry, outcome in page.found
    ]
    return {"notifications": said} | ({"next_token": "_".join(map(str, page.after))} if page.after else {})


@unstable("GET", "org.meydan.unread")
async def unread(gateway: Gateway, request: Request) -> Any:
    """The rooms with something unread, as push counts them: for a client that holds a part of its rooms only (ours)."""
    who = await gateway.who(request)
    await spend("search", who)
    reader = gateway.messenger.reader
    found = await list_unread(reader, gateway.syncer.counter, await reader.person(who.user_id))
    return {"rooms": {room: {"notification_count": notify, "highlight_count": loud} for room, notify, loud in found}}


def _read_from(text: str, now: list[int]) -> list[int]:
    parts = text.split("_") if text else []
    if not text:
        return now
    if len(text) > 200 or len(parts) != len(now) or not all(part.isdigit() for part in parts):
        raise bad_param("This is not a token of this server.")
    return [int(part) for part in parts]


@ROUTES.add("POST", GATEWAY_PATH)
async def notify(gateway: Gateway, request: Request) -> Any:
    """The push gateway for browsers. It knows the pushers of this server and nobody else's: it is no door through which
    strangers reach what browsers have subscribed to, and any other pushkey is rejected."""
    said = need(await request.json(), "notification", dict)
    devices = need(said, "devices", list)
    if len(devices) > MOST_DEVICES or not all(isinstance(one, dict) for one in devices):
        raise bad_param(f"devices is a list of at most {MOST_DEVICES} objects.")
    await spend_address("notify", request.address)
    rejected = []
    for one in devices:
        app_id, pushkey = _text(one, "app_id", 64), _text(one, "pushkey", 512)
        if not await tell_browser(gateway.messenger, app_id, pushkey, said):
            rejected.append(pushkey)
    return {"rejected": rejected}
