"""What people are called and show (client-server API, "Profiles")."""

from typing import Any

from meydan.messaging.actions.profiles import check_name, department_profile, keep_avatar, keep_name, renew_members
from meydan.messaging.actions.rooming import profiles
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import forbidden, not_found


async def _profile(gateway: Gateway, request: Request) -> dict[str, str]:
    user_id = request.path["user"]
    said = await department_profile(gateway.messenger, user_id)
    said = said or (await profiles(gateway.messenger, [user_id[:255]])).get(user_id)
    if said is None:
        raise not_found("There is nobody with this name here.")
    return said


@door("GET", "profile/{user}")
async def profile(gateway: Gateway, request: Request) -> Any:
    """What somebody is called and shows."""
    return await _profile(gateway, request)


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
    said = check_name(need(await request.json(), "displayname", str, ""))
    await in_thread(keep_name, who.account, said, request.address)
    await renew_members(gateway.messenger, who.user_id)
    return {}


@door("PUT", "profile/{user}/avatar_url")
async def set_avatar(gateway: Gateway, request: Request) -> Any:
    """Change one's picture, in every room."""
    who = await gateway.who(request)
    _demand_own(request, who.user_id)
    await keep_avatar(gateway.messenger, who, need(await request.json(), "avatar_url", str, ""))
    await renew_members(gateway.messenger, who.user_id)
    return {}


def _demand_own(request: Request, user_id: str) -> None:
    if request.path["user"] != user_id:
        raise forbidden("This is somebody else's profile.")
