"""The dialogue by which a client proves once more who is there (client-server API, "User-Interactive Authentication
API").

There is one stage, the password, and it comes with the request itself. So nothing is kept between the first answer and
the second: the session id only has to be there, because the spec says so.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from meydan.messaging.actions.confirming import is_password_of
from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import MatrixError

FLOWS = [{"stages": ["m.login.password"]}]


async def need_password(gateway: Gateway, request: Request, who: Who, body: Mapping[str, Any]) -> None:
    """Go on only with the password of who asks, in `auth`. 401 with the flows else."""
    auth = need(body, "auth", dict, {})
    session = auth.get("session")
    if not isinstance(session, str) or not 0 < len(session) <= 100:
        session = secrets.token_urlsafe(16)
    said = {"session": session, "flows": FLOWS, "params": {}, "completed": []}
    if auth.get("type") != "m.login.password":
        raise MatrixError(401, "M_UNAUTHORIZED", "Say your password once more.", **said)
    server_name = gateway.messenger.server_name
    if not await in_thread(is_password_of, who, server_name, auth, request.address):
        raise MatrixError(401, "M_FORBIDDEN", "The name or the password is wrong.", **said)
