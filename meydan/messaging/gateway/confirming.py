"""The dialogue by which a client proves once more who is there (client-server API, "User-Interactive Authentication
API").

There is one stage, the password, and it comes with the request itself. So nothing is kept between the first answer and
the second: the session id only has to be there, because the spec says so. Only for the keys by which others know a
person there is another way, a page of Meydan's (`m.oauth`).
"""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from meydan.kernel.config import config
from meydan.messaging.actions.confirming import is_password_of
from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway, in_thread
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.keys import is_let_in, may_be_replaced

Flows = list[dict[str, list[str]]]
FLOWS: Flows = [{"stages": ["m.login.password"]}]
PAGE_STAGES = ("m.oauth", "org.matrix.cross_signing_reset")
"""As the spec calls it since 1.17, and as clients did before (MSC4312)."""


async def need_reset(gateway: Gateway, request: Request, who: Who, body: Mapping[str, Any]) -> None:
    """Go on only when the person has said on the page, a moment ago, that their cross-signing keys may be replaced; or,
    where they have signed in with it, with their password. 401 with the flows else."""
    pool = gateway.messenger.pool
    if await may_be_replaced(pool, who.user_id):
        return
    page = {"url": f"{config().base_url}/me/manage?action=org.matrix.cross_signing_reset"}
    ways = [*([] if await is_let_in(pool, who.device) else FLOWS), *({"stages": [stage]} for stage in PAGE_STAGES)]
    await need_password(gateway, request, who, body, ways, dict.fromkeys(PAGE_STAGES, page))


async def need_password(
    gateway: Gateway,
    request: Request,
    who: Who,
    body: Mapping[str, Any],
    flows: Flows = FLOWS,
    params: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Go on only with the password of who asks, in `auth`. 401 with the flows else."""
    auth = need(body, "auth", dict, {})
    session = auth.get("session")
    if not isinstance(session, str) or not 0 < len(session) <= 100:
        session = secrets.token_urlsafe(16)
    said = {"session": session, "flows": flows, "params": dict(params), "completed": []}
    if auth.get("type") != "m.login.password":
        raise MatrixError(401, "M_UNAUTHORIZED", "Say your password once more.", **said)
    server_name = gateway.messenger.server_name
    if not await in_thread(is_password_of, who, server_name, auth, request.address):
        raise MatrixError(401, "M_FORBIDDEN", "The name or the password is wrong.", **said)
