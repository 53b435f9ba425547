"""Signing in and out (client-server API, "Client authentication", "Account management")."""

import re
from typing import Any
from uuid import uuid4

from meydan.accounts.public import Person
from meydan.kernel.config import config
from meydan.messaging.actions import devices as signed_in
from meydan.messaging.actions.devices import close_devices, find_by_password, localpart_of, open_account, open_device
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.names import need_name
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import MatrixError, not_found

FLOWS = [{"type": "m.login.password"}]
LOCALPART = re.compile(r"[a-z0-9][a-z0-9._-]{0,150}")
DUMMY = {"flows": [{"stages": ["m.login.dummy"]}], "params": {}}


@door("GET", "login")
async def flows(_gateway: Gateway, _request: Request) -> Any:
    """How one signs in here."""
    return {"flows": FLOWS}


@door("POST", "login")
async def login(gateway: Gateway, request: Request) -> Any:
    """Sign in with a password."""
    body = await request.json()
    kind = need(body, "type", str)
    if kind != "m.login.password":
        raise MatrixError(400, "M_UNKNOWN", f"This server does not know {kind[:80]}.")
    identifier = need(body, "identifier", dict, {})
    login = identifier.get("user") or identifier.get("address") or body.get("user")
    if not isinstance(login, str):
        raise MatrixError(400, "M_MISSING_PARAM", "identifier.user is missing.")
    name = localpart_of(login, gateway.messenger.server_name)
    person = await in_thread(find_by_password, name, need(body, "password", str), request.address)
    return await _signed_in(gateway, request, person, body)


async def _signed_in(gateway: Gateway, request: Request, person: Person, body: dict[str, Any]) -> Any:
    user_id = f"@{person.username}:{gateway.messenger.server_name}"
    device_id = need(body, "device_id", str, "").replace("\0", "")[:255]
    name = need(body, "initial_device_display_name", str, "").replace("\0", "")[:255]
    who, token = await open_device(
        gateway.messenger, person.pk, user_id, device_id=device_id, name=name, address=request.address
    )
    gateway.forget_tokens(who.device)
    return {
        "user_id": user_id,
        "access_token": token,
        "device_id": who.device_id,
        "home_server": gateway.messenger.server_name,
    }


@door("POST", "register")
async def register(gateway: Gateway, request: Request) -> Any:
    """A new account, where the city allows it by the API (the demo does); else by Meydan's pages."""
    if not config().demo:
        raise MatrixError(403, "M_FORBIDDEN", f"Make your account at {config().base_url}/accounts/signup/")
    if request.one("kind", "user") != "user":
        raise MatrixError(403, "M_GUEST_ACCESS_FORBIDDEN", "There are no guests here.")
    body = await request.json()
    if need(body, "auth", dict, {}).get("type") != "m.login.dummy":
        raise MatrixError(401, "M_FORBIDDEN", "Say how you prove who you are.", **DUMMY, session=uuid4().hex)
    name = localpart_of(need(body, "username", str, f"user-{uuid4().hex[:12]}"), gateway.messenger.server_name)
    _check_name(name)
    person = await in_thread(open_account, name, need(body, "password", str))
    if body.get("inhibit_login") is True:
        return {"user_id": f"@{person.username}:{gateway.messenger.server_name}"}
    return await _signed_in(gateway, request, person, body)


def _check_name(name: str) -> None:
    if not LOCALPART.fullmatch(name):
        raise MatrixError(400, "M_INVALID_USERNAME", "Use small letters, digits, dots, hyphens and underscores.")


@door("GET", "register/available")
async def available(gateway: Gateway, request: Request) -> Any:
    """Whether a name is free."""
    name = request.one("username").lower()
    _check_name(name)
    taken = await gateway.messenger.pool.fetchval("select 1 from accounts_person where username = $1", name)
    if taken:
        raise MatrixError(400, "M_USER_IN_USE", "This name is taken.")
    return {"available": True}


@door("POST", "logout")
async def logout(gateway: Gateway, request: Request) -> Any:
    """End this session, and the device with it."""
    who = await gateway.who(request)
    await close_devices(gateway.messenger, who.user_id, [who.device_id])
    gateway.forget_tokens(who.device)
    return {}


@door("POST", "logout/all")
async def logout_all(gateway: Gateway, request: Request) -> Any:
    """End all sessions of this person in the messenger."""
    who = await gateway.who(request)
    await close_devices(gateway.messenger, who.user_id, None)
    gateway.known.clear()
    return {}


@door("GET", "account/whoami")
async def whoami(gateway: Gateway, request: Request) -> Any:
    """Whose token it is."""
    who = await gateway.who(request)
    return {"user_id": who.user_id, "device_id": who.device_id, "is_guest": False}


@door("GET", "devices")
async def devices(gateway: Gateway, request: Request) -> Any:
    """This person's devices."""
    who = await gateway.who(request)
    rows = await gateway.messenger.pool.fetch(_DEVICES, who.user_id)
    return {"devices": [_device(row) for row in rows]}


_DEVICES = "select device_id, name, seen_at, seen_from from messaging_device where person = $1 order by id"


def _device(row: Any) -> dict[str, Any]:
    device_id, name, seen_at, seen_from = row
    said = {"device_id": device_id, "display_name": name or None, "last_seen_ip": seen_from or None}
    return {**said, "last_seen_ts": int(seen_at.timestamp() * 1000) if seen_at else None}


@door("GET", "devices/{device}")
async def one_device(gateway: Gateway, request: Request) -> Any:
    """One of them."""
    who = await gateway.who(request)
    rows = await gateway.messenger.pool.fetch(_DEVICES, who.user_id)
    found = next((row for row in rows if row[0] == request.path["device"]), None)
    if found is None:
        raise not_found("You have no such device.")
    return _device(found)


@door("PUT", "devices/{device}")
async def rename_device(gateway: Gateway, request: Request) -> Any:
    """Give it a name."""
    who = await gateway.who(request)
    device = need_name(request.path["device"])
    name = need(await request.json(), "display_name", str, "").replace("\0", "")[:255]
    await signed_in.rename_device(gateway.messenger, who.user_id, device, name)
    return {}
