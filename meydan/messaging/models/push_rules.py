"""The predefined push rules as data, and a person's own changes laid over them.

Matrix spec, client-server API: "Push Rules" and "Predefined Rules". What is stored of a person is only what they
changed, a plain JSON object, `{}` for nearly everybody; every key may be absent:

    {"override": [rule, ...], "content": [...], "room": [...], "sender": [...], "underride": [...],
     "enabled": {"override/.m.rule.master": true}, "actions": {"underride/.m.rule.message": []}}

The five kinds hold the person's own rules, the most important first: `rule_id`, `actions`, then `conditions` (override,
underride) or `pattern` (content), and `"enabled": false` if switched off. `enabled` and `actions` say how predefined
rules differ from what they are for everybody.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

Json = dict[str, Any]
Changes = Mapping[str, Any]

KINDS = ("override", "content", "room", "sender", "underride")
"""In the order in which they are asked."""

MASTER = ".m.rule.master"
BEFORE_MENTIONS = {".m.rule.contains_display_name", ".m.rule.roomnotif", ".m.rule.contains_user_name"}
"""Deprecated since v1.7: they count only for events that do not say whom they mention (`m.mentions`)."""


class Mine(Enum):
    """What stands in a predefined rule for something of the person's own."""

    USER_ID = "the user's Matrix ID"
    LOCALPART = "the local part of the user's Matrix ID"

    def of(self, user_id: str) -> str:
        """Alice's: "@alice:example.org" or "alice"."""
        return user_id if self is Mine.USER_ID else user_id[1:].partition(":")[0]


def _match(key: str, pattern: str | Mine) -> Json:
    return {"kind": "event_match", "key": key, "pattern": pattern}


def _type(pattern: str) -> Json:
    return _match("type", pattern)


def _sound(name: str) -> Json:
    return {"set_tweak": "sound", "value": name}


def _rule(rule_id: str, actions: list[Any], *conditions: Json, enabled: bool = True) -> Json:
    head = {"rule_id": rule_id, "default": True, "enabled": enabled}
    return {**head, "conditions": list(conditions), "actions": actions}


_HIGHLIGHT = {"set_tweak": "highlight"}
_LOUD = ["notify", _sound("default"), _HIGHLIGHT]
_PING = ["notify", _sound("default")]
_TWO = {"kind": "room_member_count", "is": "2"}
_MAY_CALL_ALL = {"kind": "sender_notification_permission", "key": "room"}
_POLL = "org.matrix.msc3381.poll."
_POLL_RULE = ".org.matrix.msc3930.rule.poll_"
_I_AM_MENTIONED = {
    "kind": "event_property_contains",
    "key": r"content.m\.mentions.user_ids",
    "value": Mine.USER_ID,
}
_ALL_ARE_MENTIONED = {"kind": "event_property_is", "key": r"content.m\.mentions.room", "value": True}
_IS_EDIT = {"kind": "event_property_is", "key": r"content.m\.relates_to.rel_type", "value": "m.replace"}

PREDEFINED: Mapping[str, list[Json]] = {
    "override": [
        _rule(MASTER, [], enabled=False),
        _rule(".m.rule.suppress_notices", [], _match("content.msgtype", "m.notice")),
        _rule(
            ".m.rule.invite_for_me",
            _PING,
            _type("m.room.member"),
            _match("content.membership", "invite"),
            _match("state_key", Mine.USER_ID),
        ),
        _rule(".m.rule.member_event", [], _type("m.room.member")),
        _rule(".m.rule.is_user_mention", _LOUD, _I_AM_MENTIONED),
        _rule(".m.rule.contains_display_name", _LOUD, {"kind": "contains_display_name"}),
        _rule(".m.rule.is_room_mention", ["notify", _HIGHLIGHT], _ALL_ARE_MENTIONED, _MAY_CALL_ALL),
        _rule(".m.rule.roomnotif", ["notify", _HIGHLIGHT], _match("content.body", "@room"), _MAY_CALL_ALL),
        _rule(".m.rule.tombstone", ["notify", _HIGHLIGHT], _type("m.room.tombstone"), _match("state_key", "")),
        _rule(".m.rule.reaction", [], _type("m.reaction")),
        _rule(".m.rule.room.server_acl", [], _type("m.room.server_acl"), _match("state_key", "")),
        _rule(".m.rule.suppress_edits", [], _IS_EDIT),
        # MSC3930, which Element X reads and switches under these names
        _rule(_POLL_RULE + "response", [], _type(_POLL + "response")),
    ],
    "content": [
        {
            "rule_id": ".m.rule.contains_user_name",
            "default": True,
            "enabled": True,
            "pattern": Mine.LOCALPART,
            "actions": _LOUD,
        },
    ],
    "room": [],
    "sender": [],
    "underride": [
        _rule(".m.rule.call", ["notify", _sound("ring")], _type("m.call.invite")),
        _rule(".m.rule.encrypted_room_one_to_one", _PING, _TWO, _type("m.room.encrypted")),
        _rule(".m.rule.room_one_to_one", _PING, _TWO, _type("m.room.message")),
        _rule(".m.rule.message", ["notify"], _type("m.room.message")),
        _rule(".m.rule.encrypted", ["notify"], _type("m.room.encrypted")),
        _rule(_POLL_RULE + "start_one_to_one", _PING, _TWO, _type(_POLL + "start")),
        _rule(_POLL_RULE + "start", ["notify"], _type(_POLL + "start")),
        _rule(_POLL_RULE + "end_one_to_one", _PING, _TWO, _type(_POLL + "end")),
        _rule(_POLL_RULE + "end", ["notify"], _type(_POLL + "end")),
    ],
}


def find_predefined(kind: str, rule_id: str) -> Json | None:
    """The rule as it is for everybody."""
    return next((rule for rule in PREDEFINED[kind] if rule["rule_id"] == rule_id), None)


def list_rules(changes: Changes, kind: str) -> list[Json]:
    """One kind's rules for this person, the most important first; `Mine` still stands where it stands.

    Predefined rules come after the person's own, but for `.m.rule.master`, which comes before everything.
    """
    predefined = [_changed(rule, kind, changes) for rule in PREDEFINED[kind]]
    first = 1 if kind == "override" else 0
    return [*predefined[:first], *_own(changes, kind), *predefined[first:]]


def _own(changes: Changes, kind: str) -> Iterator[Json]:
    for rule in changes.get(kind, ()):
        yield {"default": False, "enabled": True, **rule}


def _changed(rule: Json, kind: str, changes: Changes) -> Json:
    name = f"{kind}/{rule['rule_id']}"
    enabled = changes.get("enabled", {}).get(name, rule["enabled"])
    return {**rule, "enabled": enabled, "actions": changes.get("actions", {}).get(name, rule["actions"])}


def ruleset_of(changes: Changes, user_id: str) -> Json:
    """What `GET pushrules/` answers and `m.push_rules` holds; its `["global"]` is the answer of `pushrules/global/`."""
    return {"global": {kind: [spell_out(rule, user_id) for rule in list_rules(changes, kind)] for kind in KINDS}}


def spell_out(value: Any, user_id: str) -> Any:
    """A copy with the person's own id, or its local part, where `Mine` stood."""
    if isinstance(value, Mine):
        return value.of(user_id)
    if isinstance(value, dict):
        return {key: spell_out(inner, user_id) for key, inner in value.items()}
    return [spell_out(inner, user_id) for inner in value] if isinstance(value, list) else value
