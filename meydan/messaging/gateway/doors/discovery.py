"""What the server can do (client-server API, "Server discovery", "API versions", "Capabilities negotiation")."""

from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions.browsers import public_key
from meydan.messaging.gateway.doors.table import ROUTES, door
from meydan.messaging.gateway.http import Request
from meydan.messaging.gateway.state import Gateway

VERSIONS = ("r0.6.1", *(f"v1.{number}" for number in range(1, 13)))
UNSTABLE = {
    "org.matrix.simplified_msc3575": True,
    "org.matrix.e2e_cross_signing": True,
    "org.matrix.stable.msc3440": True,
    "uk.tcpip.msc4133": True,
    "uk.tcpip.msc4133.stable": True,
}
ROOM_VERSION = "11"


@ROUTES.add("GET", "/.well-known/matrix/client")
async def well_known(_gateway: Gateway, _request: Request) -> Any:
    """Where the client-server API is."""
    return {"m.homeserver": {"base_url": config().gateway_url}}


@ROUTES.add("GET", "/_matrix/client/versions")
async def versions(_gateway: Gateway, _request: Request) -> Any:
    """The versions of the spec, and the unstable features that clients look for."""
    return {"versions": VERSIONS, "unstable_features": UNSTABLE}


@door("GET", "capabilities")
async def capabilities(gateway: Gateway, request: Request) -> Any:
    """What this person may change, and the room versions."""
    await gateway.who(request)
    return {
        "capabilities": {
            "m.change_password": {"enabled": False},
            "m.room_versions": {"default": ROOM_VERSION, "available": {"10": "stable", "11": "stable"}},
            "m.profile_fields": {"enabled": True},
            "m.set_displayname": {"enabled": True},
            "m.set_avatar_url": {"enabled": True},
            "m.3pid_changes": {"enabled": False},
            "m.get_login_token": {"enabled": False},
            "org.matrix.msc4174.webpush": {"enabled": True, "vapid": public_key()},
        }
    }
