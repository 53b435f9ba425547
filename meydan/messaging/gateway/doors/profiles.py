"""What people are called and show (client-server API, "Profiles")."""

import re
from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.profiles import (
    check_name,
    department_profile,
    drop_field,
    fields_of,
    keep_avatar,
    keep_field,
    keep_name,
    renew_members,
)
from meydan.messaging.actions.rooming import profiles
from meydan.messaging.gateway.doors.table import door, unstable
from meydan.messaging.gateway.http import Request, encode, need
from meydan.messaging.gateway.names import MOST_NAME
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.cases import DEPARTMENT_FIELD
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found


async def _profile(gateway: Gateway, request: Request) -> dict[str, str]:
    user_id = request.path["user"]
    said = await department_profile(gateway.messenger, user_id)
    said = said or (await profiles(gateway.messenger, [user_id[:255]])).get(user_id)
    if said is None:
        raise not_found("There is nobody with this name here.")
    return said


@door("GET", "profile/{user}")
async def profile(gateway: Gateway, request: Request) -> Any:
    """What somebody is called and shows, and what else they say of themselves."""
    said = await _profile(gateway, request)
    return {**await fields_of(gateway.messenger, request.path["user"]), **said}


@door("GET", "profile/{user}/displayname")
async def name(gateway: Gateway, request: Request) -> Any:
    """What somebody is called."""
    return {"displayname": (await _profile(gateway, request))["displayname"]}


@door("GET", "profile/{user}/avatar_url")
async def avatar(gateway: Gateway, request: Request) -> Any:
    """What somebody shows."""
    said = await _profile(gateway, request)
    return {"avatar_url": said["avatar_url"]} if "avatar_url" in said else {}


@door("PUT", "profile/{user}/displayname")
async def set_name(gateway: Gateway, request: Request) -> Any:
    """Change one's name, in all of Meydan and in every room."""
    who = await gateway.who(request)
    _demand_own(request, who.user_id)
    await spend("profile", who)
    said = check_name(need(await request.json(), "displayname", str, ""))
    await in_thread(keep_name, who.account, said, request.address)
    await renew_members(gateway.messenger, who.user_id)
    return {}


@door("PUT", "profile/{user}/avatar_url")
async def set_avatar(gateway: Gateway, request: Request) -> Any:
    """Change one's picture, in every room."""
    who = await gateway.who(request)
    _demand_own(request, who.user_id)
    await spend("profile", who)
    await keep_avatar(gateway.messenger, who, need(await request.json(), "avatar_url", str, ""))
    await renew_members(gateway.messenger, who.user_id)
    return {}


FIELD = "profile/{user}/{field}"
MSC4133 = f"uk.tcpip.msc4133/{FIELD}"
NOT_FIELDS = ("displayname", "avatar_url", DEPARTMENT_FIELD)
"""The first two have doors of their own, and the last is the city's."""
NAME_OF_FIELD = re.compile(r"[a-z][a-z0-9_.-]{0,254}")


@door("GET", FIELD)
@unstable("GET", MSC4133)
async def field(gateway: Gateway, request: Request) -> Any:
    """One thing that somebody says of themselves (spec 1.16, `GET profile/{userId}/{keyName}`)."""
    said: dict[str, Any] = await _profile(gateway, request)
    said = {**await fields_of(gateway.messenger, request.path["user"]), **said}
    if request.path["field"] not in said:
        raise not_found("They do not say that of themselves.")
    return {request.path["field"]: said[request.path["field"]]}


@door("PUT", FIELD)
@unstable("PUT", MSC4133)
async def set_field(gateway: Gateway, request: Request) -> Any:
    """Say something of oneself (spec 1.16, `PUT profile/{userId}/{keyName}`)."""
    who = await gateway.who(request)
    _demand_own(request, who.user_id)
    await spend("profile", who)
    name, body = request.path["field"], await request.json()
    if len(name.encode()) > MOST_NAME:
        raise MatrixError(400, "M_KEY_TOO_LARGE", f"A name has at most {MOST_NAME} bytes.")
    if name in NOT_FIELDS or not NAME_OF_FIELD.fullmatch(name):
        raise bad_param("This cannot be the name of a field.")
    if name not in body:
        raise MatrixError(400, "M_MISSING_PARAM", f"{name} is missing.")
    await keep_field(gateway.messenger, who.user_id, name, encode(body[name]))
    return {}


@door("DELETE", FIELD)
@unstable("DELETE", MSC4133)
async def remove_field(gateway: Gateway, request: Request) -> Any:
    """Say it no longer; a name everybody keeps."""
    who = await gateway.who(request)
    _demand_own(request, who.user_id)
    await spend("profile", who)
    if request.path["field"] == "displayname":
        raise forbidden("In Meydan everybody has a name; change it instead.")
    if request.path["field"] == "avatar_url":
        await keep_avatar(gateway.messenger, who, "")
        await renew_members(gateway.messenger, who.user_id)
    await drop_field(gateway.messenger, who.user_id, request.path["field"])
    return {}


def _demand_own(request: Request, user_id: str) -> None:
    if request.path["user"] != user_id:
        raise forbidden("This is somebody else's profile.")
