"""What the server can do (client-server API, "Server discovery", "API versions", "Capabilities negotiation")."""

from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions.browsers import public_key
from meydan.messaging.gateway.doors.table import BASE, ROUTES, door
from meydan.messaging.gateway.http import Request
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.queries import discovery

VERSIONS = ("r0.6.1", *(f"v1.{number}" for number in range(1, 13)))
UNSTABLE = {
    "org.matrix.simplified_msc3575": True,
    "org.matrix.e2e_cross_signing": True,
    "org.matrix.stable.msc3440": True,
    "org.matrix.msc4140": True,
    "uk.tcpip.msc4133": True,
    "uk.tcpip.msc4133.stable": True,
}
ROOM_VERSION = "11"
ACTIONS = (
    "profile",
    "devices_list",
    "device_view",
    "device_delete",
    "sessions_list",
    "session_view",
    "session_end",
    "account_deactivate",
    "cross_signing_reset",
)
"""What `/me/manage` leads to; three by their names of old as well."""


@ROUTES.add("GET", "/.well-known/matrix/client")
async def well_known(_gateway: Gateway, _request: Request) -> Any:
    """Where the client-server API is, and what carries calls."""
    return discovery.well_known()


@ROUTES.add("GET", "/_matrix/client/versions")
async def versions(_gateway: Gateway, _request: Request) -> Any:
    """The versions of the spec, and the unstable features that clients look for."""
    calls = {"org.matrix.msc4143": bool(discovery.rtc_transports())}
    return {"versions": VERSIONS, "unstable_features": UNSTABLE | calls}


@ROUTES.add("GET", f"{BASE}/v1/auth_metadata", f"{BASE}/unstable/org.matrix.msc2965/auth_metadata")
async def auth_metadata(_gateway: Gateway, _request: Request) -> Any:
    """How programs are let in by OAuth 2.0 (RFC 8414): by Meydan's pages, which are the authorization server."""
    base = config().base_url
    return {
        "issuer": f"{base}/",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "registration_endpoint": f"{base}/oauth/register",
        "device_authorization_endpoint": f"{base}/oauth/device",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "prompt_values_supported": ["create"],
        "account_management_uri": f"{base}/me/manage",
        "account_management_actions_supported": [f"org.matrix.{action}" for action in ACTIONS],
    }


@door("GET", "capabilities")
async def capabilities(gateway: Gateway, request: Request) -> Any:
    """What this person may change, and the room versions."""
    await gateway.who(request)
    return {
        "capabilities": {
            "m.change_password": {"enabled": True},
            "m.room_versions": {"default": ROOM_VERSION, "available": {"10": "stable", "11": "stable"}},
            "m.profile_fields": {"enabled": True},
            "m.set_displayname": {"enabled": True},
            "m.set_avatar_url": {"enabled": True},
            "m.3pid_changes": {"enabled": False},
            "m.get_login_token": {"enabled": True},
            "org.matrix.msc4174.webpush": {"enabled": True, "vapid": public_key()},
        }
    }
