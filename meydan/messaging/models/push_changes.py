"""What a person may change about their push rules, one function per door. Each takes what they changed until now (see
`push_rules`) and returns what they have changed from now on; nothing is changed in place.

Matrix spec, client-server API: "Push Rules: API".
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from meydan.messaging.models.push_conditions import COUNT, KNOWN_KINDS, is_scalar
from meydan.messaging.models.push_rules import KINDS, Changes, Json, find_predefined, list_rules, spell_out

MAX_RULES = 1_000
MAX_ID = 255
MAX_PATTERN = 255
MAX_CONDITIONS = 20
MAX_ACTIONS = 10
MAX_BYTES = 128 * 1024
"""Of all that a person changed, as JSON."""
MAX_COST = 2_000
"""Of all conditions of a person together, in the units of `_cost_of`: it bounds the time that one event takes."""

_OLD_ACTIONS = ("dont_notify", "coalesce")


class BadRule(Exception):
    """A refusal: the spec's error code, a sentence for developers and the HTTP status."""

    def __init__(self, errcode: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.errcode = errcode
        self.message = message
        self.status = status


def get_rule(changes: Changes, user_id: str, kind: str, rule_id: str) -> Json:
    """`GET pushrules/global/{kind}/{ruleId}`: the whole rule."""
    rule: Json = spell_out(_find(changes, kind, rule_id), user_id)
    return rule


def get_enabled(changes: Changes, kind: str, rule_id: str) -> bool:
    """`GET .../enabled`."""
    return bool(_find(changes, kind, rule_id)["enabled"])


def get_actions(changes: Changes, kind: str, rule_id: str) -> list[Any]:
    """`GET .../actions`."""
    return list(_find(changes, kind, rule_id)["actions"])


def put_rule(
    changes: Changes, kind: str, rule_id: str, body: object, before: str | None = None, after: str | None = None
) -> Json:
    """`PUT pushrules/global/{kind}/{ruleId}`: adds a rule of the person's own, or changes it in its place.

    `before` and `after` name another of their own rules, which the rule shall come just before (more important) or just
    after; `before` wins; without them a new rule comes first.
    """
    _check_kind(kind)
    _check_id(kind, rule_id)
    rule = _parse_rule(kind, rule_id, body)
    rules = list(changes.get(kind, ()))
    old = _index(rules, rule_id)
    was = {} if old is None else rules.pop(old)
    if was.get("enabled") is False:
        rule["enabled"] = False
    rules.insert(_place(rules, before, after, old or 0), rule)
    return _checked(_with(changes, kind, rules))


def delete_rule(changes: Changes, kind: str, rule_id: str) -> Json:
    """`DELETE pushrules/global/{kind}/{ruleId}`: only a rule of the person's own."""
    _check_kind(kind)
    rules = list(changes.get(kind, ()))
    at = _index(rules, rule_id)
    if at is None:
        raise _unknown_rule()
    del rules[at]
    return _with(changes, kind, rules)


def set_enabled(changes: Changes, kind: str, rule_id: str, enabled: object) -> Json:
    """`PUT .../enabled`: of any rule, predefined ones too."""
    if not isinstance(enabled, bool):
        raise _invalid("'enabled' must be true or false")
    return _set(changes, kind, rule_id, "enabled", enabled)


def set_actions(changes: Changes, kind: str, rule_id: str, actions: object) -> Json:
    """`PUT .../actions`: of any rule, predefined ones too."""
    return _checked(_set(changes, kind, rule_id, "actions", _parse_actions(actions)))


def _set(changes: Changes, kind: str, rule_id: str, field: str, value: Any) -> Json:
    _find(changes, kind, rule_id)
    predefined = find_predefined(kind, rule_id)
    if predefined is None:
        return _with(changes, kind, [_set_own(rule, rule_id, field, value) for rule in changes[kind]])
    others = {name: old for name, old in changes.get(field, {}).items() if name != f"{kind}/{rule_id}"}
    return _with(changes, field, others if value == predefined[field] else {**others, f"{kind}/{rule_id}": value})


def _set_own(rule: Json, rule_id: str, field: str, value: Any) -> Json:
    if rule["rule_id"] != rule_id:
        return rule
    kept = {key: old for key, old in rule.items() if key != field}
    return kept if value is True else {**kept, field: value}


def _with(changes: Changes, key: str, value: Any) -> Json:
    """The changes with this part put in place of the old one, or taken out when there is nothing left to say."""
    others = {name: part for name, part in changes.items() if name != key}
    return {**others, key: value} if value else others


def _find(changes: Changes, kind: str, rule_id: str) -> Json:
    _check_kind(kind)
    rules = list_rules(changes, kind)
    at = _index(rules, rule_id)
    if at is None:
        raise _unknown_rule()
    return rules[at]


def _index(rules: list[Json], rule_id: str) -> int | None:
    return next((at for at, rule in enumerate(rules) if rule["rule_id"] == rule_id), None)


def _place(rules: list[Json], before: str | None, after: str | None, otherwise: int) -> int:
    anchor = before or after
    if not anchor:
        return otherwise
    at = _index(rules, anchor)
    if at is None:
        raise BadRule("M_UNKNOWN", "before/after rule not found among your own rules of this kind")
    return at if before else at + 1


def _invalid(message: str) -> BadRule:
    return BadRule("M_INVALID_PARAM", message)


def _unknown_rule() -> BadRule:
    return BadRule("M_NOT_FOUND", "The push rule was not found.", 404)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise _invalid(f"The kind of a rule is one of {', '.join(KINDS)}")


def _check_id(kind: str, rule_id: str) -> None:
    if not rule_id or len(rule_id.encode()) > MAX_ID or any(char in rule_id for char in "/\\\0"):
        raise _invalid(f"A rule_id has 1 to {MAX_ID} bytes, none of them a slash or a backslash")
    if rule_id.startswith("."):
        raise _invalid("A rule_id with a dot in front is reserved for the server's own rules")
    if kind == "room" and not rule_id.startswith("!"):
        raise _invalid("The rule_id of a room rule is a room ID")
    if kind == "sender" and not (rule_id.startswith("@") and ":" in rule_id):
        raise _invalid("The rule_id of a sender rule is a user ID")


def _parse_rule(kind: str, rule_id: str, body: object) -> Json:
    if not isinstance(body, dict):
        raise _invalid("A rule is an object")
    rule = {"rule_id": rule_id, "actions": _parse_actions(body.get("actions"))}
    if kind in ("override", "underride"):
        return {**rule, "conditions": _parse_conditions(body.get("conditions", []))}
    return {**rule, "pattern": _parse_pattern(body.get("pattern"))} if kind == "content" else rule


def _parse_actions(actions: object) -> list[Any]:
    """Without those that the spec has dropped ("Historical Actions")."""
    if not isinstance(actions, list) or len(actions) > MAX_ACTIONS:
        raise _invalid(f"'actions' must be a list of at most {MAX_ACTIONS}")
    for action in actions:
        _check_action(action)
    return [action for action in actions if action not in _OLD_ACTIONS]


def _check_action(action: object) -> None:
    if isinstance(action, dict):
        known = isinstance(action.get("set_tweak"), str)
    else:
        known = action == "notify" or action in _OLD_ACTIONS
    if not known:
        raise _invalid('An action is "notify" or an object with set_tweak')


def _parse_conditions(conditions: object) -> list[Json]:
    if not isinstance(conditions, list) or len(conditions) > MAX_CONDITIONS:
        raise _invalid(f"'conditions' must be a list of at most {MAX_CONDITIONS}")
    for condition in conditions:
        _check_condition(condition)
    return conditions


def _check_condition(condition: object) -> None:
    """Unknown kinds are kept, and never hold: a newer client may know them. Known ones must be well formed."""
    if not isinstance(condition, dict) or not isinstance(condition.get("kind"), str):
        raise _invalid("A condition is an object with a kind")
    kind = condition["kind"]
    if kind not in KNOWN_KINDS or kind == "contains_display_name":
        return
    if kind == "room_member_count":
        _check_count(condition.get("is"))
    else:
        _check_property(kind, condition)


def _check_count(count: object) -> None:
    if not isinstance(count, str) or not COUNT.fullmatch(count):
        raise _invalid("'is' must be a number, with ==, <, >, <= or >= in front or nothing")


def _check_property(kind: str, condition: Json) -> None:
    key = condition.get("key")
    if not isinstance(key, str) or len(key) > MAX_PATTERN:
        raise _invalid(f"'key' must be a string of at most {MAX_PATTERN} characters")
    if kind == "event_match":
        _parse_pattern(condition.get("pattern"))
    elif kind != "sender_notification_permission" and not ("value" in condition and is_scalar(condition["value"])):
        raise _invalid("'value' must be a string, an integer, a boolean or null")


def _parse_pattern(pattern: object) -> str:
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN:
        raise _invalid(f"'pattern' must be a string of at most {MAX_PATTERN} characters")
    return pattern


def _checked(changes: Json) -> Json:
    """The changes, if they are not too many, too large or too slow."""
    if sum(len(changes.get(kind, ())) for kind in KINDS) > MAX_RULES:
        raise BadRule("M_UNKNOWN", f"A person may have at most {MAX_RULES} push rules")
    if _bytes_of(changes) > MAX_BYTES:
        raise BadRule("M_TOO_LARGE", f"All push rules together may have at most {MAX_BYTES} bytes", 413)
    if sum(_cost_of(condition) for condition in _list_conditions(changes)) > MAX_COST:
        raise BadRule("M_UNKNOWN", "These are too many conditions and patterns; take away some rules first")
    return changes


def _bytes_of(changes: Json) -> int:
    try:
        return len(msgspec.json.encode(changes))
    except (RecursionError, UnicodeError) as refusal:
        raise _invalid("This cannot be written as JSON") from refusal


def _list_conditions(changes: Changes) -> Iterator[Mapping[str, Any]]:
    yield from changes.get("content", ())
    for kind in ("override", "underride"):
        for rule in changes.get(kind, ()):
            yield from rule["conditions"]


def _cost_of(condition: Mapping[str, Any]) -> int:
    """In units of about 0.1 ms for the largest of events: long patterns cost more, and `?` is searched slowly."""
    if condition.get("kind") == "event_property_contains":
        return 5
    pattern = condition.get("pattern")
    if not isinstance(pattern, str):
        return 1
    return 40 if "?" in pattern else 1 + len(pattern) // 16
