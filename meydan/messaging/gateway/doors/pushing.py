"""Push rules: what somebody is told of (client-server API, "Push Rules: API")."""

from collections.abc import Callable
from typing import Any, TypeVar

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.settings import change_rules
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models import push
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.push import BadRule, Changes
from meydan.messaging.queries.personal import changes_of

T = TypeVar("T")
RULE = "pushrules/global/{kind}/{rule}"


async def _changes(gateway: Gateway, request: Request) -> tuple[str, Changes]:
    who = await gateway.who(request)
    return who.user_id, await changes_of(gateway.messenger.pool, who.user_id)


def _find(find: Callable[..., T], *values: object) -> T:
    try:
        return find(*values)
    except BadRule as refusal:
        raise MatrixError(refusal.status, refusal.errcode, refusal.message) from refusal


async def _change(gateway: Gateway, request: Request, how: str, *values: Any) -> dict[str, Any]:
    who = await gateway.who(request)
    await spend("settings", who)
    await change_rules(gateway.messenger, who.user_id, how, request.path["kind"], request.path["rule"], *values)
    return {}


@door("GET", "pushrules")
async def rules(gateway: Gateway, request: Request) -> Any:
    """All of one's push rules (spec, `GET pushrules/`)."""
    user_id, changes = await _changes(gateway, request)
    return push.ruleset_of(changes, user_id)


@door("GET", "pushrules/global")
async def global_rules(gateway: Gateway, request: Request) -> Any:
    """The same without their scope: there is only this one (spec, `GET pushrules/global/`)."""
    user_id, changes = await _changes(gateway, request)
    return push.ruleset_of(changes, user_id)["global"]


@door("GET", RULE)
async def one_rule(gateway: Gateway, request: Request) -> Any:
    """A rule (spec, `GET pushrules/global/{kind}/{ruleId}`)."""
    user_id, changes = await _changes(gateway, request)
    return _find(push.get_rule, changes, user_id, request.path["kind"], request.path["rule"])


@door("PUT", RULE)
async def put_rule(gateway: Gateway, request: Request) -> Any:
    """Add a rule of one's own, or change it (spec, `PUT pushrules/global/{kind}/{ruleId}`)."""
    before, after = request.one("before") or None, request.one("after") or None
    return await _change(gateway, request, "put_rule", await request.json(), before, after)


@door("DELETE", RULE)
async def delete_rule(gateway: Gateway, request: Request) -> Any:
    """Take a rule of one's own away (spec, `DELETE pushrules/global/{kind}/{ruleId}`)."""
    return await _change(gateway, request, "delete_rule")


@door("GET", f"{RULE}/enabled")
async def enabled(gateway: Gateway, request: Request) -> Any:
    """Whether a rule is switched on (spec, `GET .../enabled`)."""
    _user_id, changes = await _changes(gateway, request)
    return {"enabled": _find(push.get_enabled, changes, request.path["kind"], request.path["rule"])}


@door("PUT", f"{RULE}/enabled")
async def set_enabled(gateway: Gateway, request: Request) -> Any:
    """Switch a rule on or off (spec, `PUT .../enabled`)."""
    return await _change(gateway, request, "set_enabled", need(await request.json(), "enabled", bool))


@door("GET", f"{RULE}/actions")
async def actions(gateway: Gateway, request: Request) -> Any:
    """What a rule does (spec, `GET .../actions`)."""
    _user_id, changes = await _changes(gateway, request)
    return {"actions": _find(push.get_actions, changes, request.path["kind"], request.path["rule"])}


@door("PUT", f"{RULE}/actions")
async def set_actions(gateway: Gateway, request: Request) -> Any:
    """Change what a rule does (spec, `PUT .../actions`)."""
    return await _change(gateway, request, "set_actions", need(await request.json(), "actions", list))
