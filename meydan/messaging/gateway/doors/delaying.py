"""Events that are sent later (MSC4140): Element Call says by them that somebody has gone. `sending.py` takes them."""

from typing import Any

from meydan.messaging.actions.delaying import ACTIONS, list_delayed, manage_delayed
from meydan.messaging.actions.limits import spend, spend_address
from meydan.messaging.gateway.doors.table import unstable
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import bad_param

HERE = "org.matrix.msc4140/delayed_events"
STATUSES = ("scheduled", "finalised")


@unstable("GET", HERE)
async def waiting(gateway: Gateway, request: Request) -> Any:
    """Those of one's own that wait. What has become of others is not kept."""
    who = await gateway.who(request)
    statuses, ids = request.query.get("status", [*STATUSES]), request.query.get("delay_id")
    if not set(statuses) <= set(STATUSES):
        raise bad_param(f"status is one of {', '.join(STATUSES)}.")
    found = await list_delayed(gateway.messenger, who.user_id)
    found = [one for one in found if ids is None or one["delay_id"] in ids]
    said: dict[str, Any] = {status: found if status == "scheduled" else [] for status in statuses}
    return {**said, **({"delayed_events": found} if "scheduled" in statuses else {})}


@unstable("POST", f"{HERE}/{{delay}}")
async def manage(gateway: Gateway, request: Request) -> Any:
    """The same as the next one, as it was asked for before, with a token."""
    who = await gateway.who(request)
    await spend("signal", who)
    action = need(await request.json(), "action", str)
    await _manage(gateway, request, action, who.user_id)
    return {}


@unstable("POST", f"{HERE}/{{delay}}/{{action}}")
async def manage_by_id(gateway: Gateway, request: Request) -> Any:
    """Cancel it, let its time begin anew, or send it now. Who has its id needs no token: it may be the service that
    carries the call."""
    who = await gateway.who(request) if request.token else None
    if who is not None:
        await spend("signal", who)
    else:
        await spend_address("delayed", request.address)
    await request.json()
    await _manage(gateway, request, request.path["action"], who.user_id if who else None)
    return {}


async def _manage(gateway: Gateway, request: Request, action: str, person: str | None) -> None:
    if action not in ACTIONS:
        raise bad_param(f"action is one of {', '.join(ACTIONS)}.")
    await manage_delayed(gateway.messenger, request.path["delay"], action, person)
