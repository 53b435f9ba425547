"""Showing another service who one is (client-server API, "OpenID"; server-server API, "OpenID")."""

from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.openid import SECONDS, make_openid_token, read_openid_token
from meydan.messaging.gateway.doors.table import ROUTES, door
from meydan.messaging.gateway.http import Request
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, forbidden


@door("POST", "user/{user}/openid/request_token")
async def make_token(gateway: Gateway, request: Request) -> Any:
    """A token that says who somebody is, and opens nothing."""
    who = await gateway.who(request)
    if request.path["user"] != who.user_id:
        raise forbidden("Ask for yourself.")
    await spend("openid", who)
    return {
        "access_token": make_openid_token(who.device),
        "token_type": "Bearer",
        "matrix_server_name": gateway.messenger.server_name,
        "expires_in": SECONDS,
    }


@ROUTES.add("GET", "/_matrix/federation/v1/openid/userinfo")
async def whose(gateway: Gateway, request: Request) -> Any:
    """Whose such a token is. Any service may ask; it must have been given the token."""
    if not (token := request.one("access_token")):
        raise MatrixError(401, "M_MISSING_TOKEN", "Send the token of request_token as access_token.")
    device = read_openid_token(token)
    person = await gateway.messenger.pool.fetchval(_WHOSE, device) if device is not None else None
    if person is None:
        raise MatrixError(401, "M_UNKNOWN_TOKEN", "This token is not valid any more.")
    return {"sub": person}


_WHOSE = """
select device.person from messaging_device device
  join accounts_person person on person.id = device.account_id and person.is_active
 where device.id = $1 and device.ended_at is null"""
