"""Signing in and out (client-server API, "Client authentication", "Account management")."""

import re
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from meydan.accounts.public import Person
from meydan.kernel.config import config
from meydan.messaging.actions import devices as signed_in
from meydan.messaging.actions.devices import (
    change_password_of,
    close_account,
    close_devices,
    find_by_login_token,
    find_by_password,
    localpart_of,
    open_account,
)
from meydan.messaging.actions.tokens import (
    ACCESS_SECONDS,
    LOGIN_SECONDS,
    Session,
    make_login_token,
    open_session,
    renew_session,
)
from meydan.messaging.gateway.confirming import need_password
from meydan.messaging.gateway.doors.table import door, door_v1
from meydan.messaging.gateway.http import CORS, Request, need
from meydan.messaging.gateway.names import need_name
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import MatrixError, bad_param, not_found

FLOWS = [
    {"type": "m.login.password"},
    {"type": "m.login.sso", "oauth_aware_preferred": True, "org.matrix.msc3824.delegated_oidc_compatibility": True},
    {"type": "m.login.token", "get_login_token": True},
]
MOST_REDIRECT = 1000
MOST_PASSWORD = 128
LOCALPART = re.compile(r"[a-z0-9][a-z0-9._-]{0,150}")
DUMMY = {"flows": [{"stages": ["m.login.dummy"]}], "params": {}}


@door("GET", "login")
async def flows(_gateway: Gateway, _request: Request) -> Any:
    """How one signs in here."""
    return {"flows": FLOWS}


@door("POST", "login")
async def login(gateway: Gateway, request: Request) -> Any:
    """Sign in with a password, or with a token that Meydan's own sign-in has given."""
    body = await request.json()
    kind = need(body, "type", str)
    if kind == "m.login.token":
        person = await in_thread(find_by_login_token, need(body, "token", str), request.address)
    elif kind == "m.login.password":
        name = localpart_of(_login_of(body), gateway.messenger.server_name)
        person = await in_thread(find_by_password, name, need(body, "password", str), request.address)
    else:
        raise MatrixError(400, "M_UNKNOWN", f"This server does not know {kind[:80]}.")
    return await _signed_in(gateway, request, person, body)


def _login_of(body: dict[str, Any]) -> str:
    identifier = need(body, "identifier", dict, {})
    login = identifier.get("user") or identifier.get("address") or body.get("user")
    if not isinstance(login, str):
        raise MatrixError(400, "M_MISSING_PARAM", "identifier.user is missing.")
    return login


async def _signed_in(gateway: Gateway, request: Request, person: Person, body: dict[str, Any]) -> Any:
    user_id = f"@{person.username}:{gateway.messenger.server_name}"
    device_id = need(body, "device_id", str, "").replace("\0", "")[:255]
    name = need(body, "initial_device_display_name", str, "").replace("\0", "")[:255]
    renewable = body.get("refresh_token") is True
    signing_in = partial(open_session, device_id=device_id, name=name, address=request.address, renewable=renewable)
    session = await in_thread(signing_in, person.pk, user_id)
    gateway.forget_tokens(session.device)
    return {
        "user_id": user_id,
        "device_id": session.device_id,
        "home_server": gateway.messenger.server_name,
        **_tokens(session),
    }


def _tokens(session: Session) -> dict[str, Any]:
    if not session.refresh:
        return {"access_token": session.access}
    expires = {"refresh_token": session.refresh, "expires_in_ms": ACCESS_SECONDS * 1000}
    return {"access_token": session.access, **expires}


@door("POST", "refresh")
async def refresh(_gateway: Gateway, request: Request) -> Any:
    """A new access token, and a new refresh token."""
    token = need(await request.json(), "refresh_token", str)
    return _tokens(await in_thread(renew_session, token))


@door("GET", "login/sso/redirect", "login/sso/redirect/{provider}")
async def to_sign_in(_gateway: Gateway, request: Request) -> Any:
    """To Meydan's own sign-in, and from there back to the client with a token."""
    back = request.one("redirectUrl")
    if not 0 < len(back) <= MOST_REDIRECT:
        raise bad_param(f"redirectUrl has from 1 to {MOST_REDIRECT} letters.")
    query = {"redirectUrl": back, "action": request.one("action")[:20]}
    where = f"{config().base_url}/chat/let-in?{urlencode(query)}"
    return 302, b"", [(b"location", where.encode()), *CORS]


@door_v1("POST", "login/get_token")
async def another_device(gateway: Gateway, request: Request) -> Any:
    """A token for another device of this person (client-server API, "Sign in by QR code"); it takes the password."""
    who = await gateway.who(request)
    await need_password(gateway, request, who, await request.json())
    token = await in_thread(make_login_token, UUID(who.account))
    return {"login_token": token, "expires_in_ms": LOGIN_SECONDS * 1000}


@door("POST", "account/password")
async def change_password(gateway: Gateway, request: Request) -> Any:
    """Another password, for all of Meydan; it takes the one of before."""
    who = await gateway.who(request)
    body = await request.json()
    password = need(body, "new_password", str)
    if not 0 < len(password) <= MOST_PASSWORD or "\0" in password:
        raise bad_param(f"A password has from 1 to {MOST_PASSWORD} letters.")
    await need_password(gateway, request, who, body)
    changing = partial(change_password_of, others_end=body.get("logout_devices") is not False)
    await in_thread(partial(changing, device_id=who.device_id, address=request.address), UUID(who.account), password)
    return {}


@door("POST", "account/deactivate")
async def deactivate(gateway: Gateway, request: Request) -> Any:
    """Delete the account, in all of Meydan; it takes the password."""
    who = await gateway.who(request)
    await need_password(gateway, request, who, await request.json())
    await in_thread(close_account, UUID(who.account), request.address)
    gateway.forget_tokens(who.device)
    return {"id_server_unbind_result": "no-support"}


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


_DEVICES = """
select device_id, name, seen_at, seen_from from messaging_device where person = $1 and ended_at is null order by id"""


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
