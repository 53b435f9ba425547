"""What a person may change about their push rules. Matrix spec, "Push Rules: API", where the examples are from."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meydan.messaging.models.push import (
    KINDS,
    BadRule,
    compile_rules,
    delete_rule,
    get_actions,
    get_enabled,
    get_rule,
    put_rule,
    ruleset_of,
    set_actions,
    set_enabled,
)
from meydan.messaging.models.push_changes import MAX_BYTES, MAX_CONDITIONS, MAX_PATTERN, MAX_RULES

ALICE = "@alice:example.org"
ROOM = "!dj234r78wl45Gh4D:matrix.org"
NOTIFY = {"actions": ["notify"]}
Changes = dict[str, Any]


def ids(changes: Changes, kind: str) -> list[str]:
    return [rule["rule_id"] for rule in ruleset_of(changes, ALICE)["global"][kind]]


def put_words(*words: str) -> Changes:
    changes: Changes = {}
    for word in words:
        changes = put_rule(changes, "content", word, {"pattern": word, **NOTIFY})
    return changes


def refused(do: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(BadRule) as refusal:
        do()
    assert refusal.value.message
    return refusal.value.errcode, refusal.value.status


INVALID = ("M_INVALID_PARAM", 400)
MISSING = ("M_NOT_FOUND", 404)
UNKNOWN = ("M_UNKNOWN", 400)


@pytest.mark.parametrize(
    ("kind", "rule_id", "body"),
    [
        ("room", ROOM, {"actions": []}),
        ("sender", "@spambot:matrix.org", {"actions": []}),
        (
            "content",
            "SSByZWFsbHkgbGlrZSBjYWtl",
            {"pattern": "cake", "actions": ["notify", {"set_tweak": "sound", "value": "cakealarm.wav"}]},
        ),
        (
            "override",
            "U2VlIHlvdSBpbiBUaGUgRHVrZQ",
            {
                "conditions": [
                    {"kind": "event_match", "key": "content.body", "pattern": "beer"},
                    {"kind": "room_member_count", "is": "<=10"},
                ],
                "actions": ["notify", {"set_tweak": "sound", "value": "beeroclock.wav"}],
            },
        ),
        ("underride", "moon", {"conditions": [{"kind": "org.example.moon", "phase": "full"}], "actions": []}),
    ],
)
def test_examples_of_the_spec_are_kept(kind: str, rule_id: str, body: Changes) -> None:
    before: Changes = {}
    changes = put_rule(before, kind, rule_id, {**body, "unknown": 1})
    expected = {"rule_id": rule_id, "default": False, "enabled": True, **body}
    assert get_rule(changes, ALICE, kind, rule_id) == expected
    assert expected in ruleset_of(changes, ALICE)["global"][kind]
    assert get_enabled(changes, kind, rule_id) is True
    assert get_actions(changes, kind, rule_id) == body["actions"]
    assert delete_rule(changes, kind, rule_id) == before == {}


def test_predefined_rules_are_read_with_the_persons_name() -> None:
    assert get_rule({}, ALICE, "content", ".m.rule.contains_user_name")["pattern"] == "alice"
    assert get_enabled({}, "override", ".m.rule.master") is False
    assert get_actions({}, "underride", ".m.rule.message") == ["notify"]


def test_old_actions_are_stripped() -> None:
    changes = put_rule({}, "room", ROOM, {"actions": ["dont_notify"]})
    assert get_actions(changes, "room", ROOM) == []
    assert get_actions(set_actions(changes, "room", ROOM, ["notify", "coalesce"]), "room", ROOM) == ["notify"]


def test_new_rules_come_first_and_changed_ones_stay() -> None:
    changes = put_words("a", "b", "c")
    assert ids(changes, "content") == ["c", "b", "a", ".m.rule.contains_user_name"]
    changes = put_rule(changes, "content", "b", {"pattern": "x", **NOTIFY})
    assert ids(changes, "content")[:3] == ["c", "b", "a"]
    assert get_rule(changes, ALICE, "content", "b")["pattern"] == "x"
    override = put_rule({}, "override", "mine", NOTIFY)
    assert ids(override, "override")[:3] == [".m.rule.master", "mine", ".m.rule.suppress_notices"]


@pytest.mark.parametrize(
    ("rule_id", "before", "after", "expected"),
    [
        ("d", "b", None, "cdba"),
        ("d", None, "b", "cbda"),
        ("d", "c", "a", "dcba"),
        ("a", "c", None, "acb"),
        ("c", None, "a", "bac"),
        ("c", None, "b", "bca"),
        ("d", "", "", "dcba"),
    ],
)
def test_place_before_or_after(rule_id: str, before: str | None, after: str | None, expected: str) -> None:
    changes = put_words("a", "b", "c")
    changes = put_rule(changes, "content", rule_id, {"pattern": "x", **NOTIFY}, before, after)
    assert "".join(ids(changes, "content")[:-1]) == expected


@pytest.mark.parametrize("anchor", ["nobody", ".m.rule.contains_user_name", "a"])
def test_place_beside_what_is_no_rule_of_ones_own(anchor: str) -> None:
    changes = put_words("a")
    body = {"pattern": "x", **NOTIFY}
    assert refused(lambda: put_rule(changes, "content", "a", body, before=anchor)) == UNKNOWN
    assert refused(lambda: put_rule(changes, "content", "a", body, after=anchor)) == UNKNOWN


@pytest.mark.parametrize(("kind", "rule_id"), [("underride", ".m.rule.message"), ("content", "a")])
def test_enabled_and_actions(kind: str, rule_id: str) -> None:
    changes = put_words("a")
    off = set_enabled(changes, kind, rule_id, False)
    assert get_enabled(off, kind, rule_id) is False
    assert set_enabled(off, kind, rule_id, True) == changes
    loud = set_actions(off, kind, rule_id, ["notify", {"set_tweak": "highlight"}])
    assert get_actions(loud, kind, rule_id)[1] == {"set_tweak": "highlight"}
    assert get_enabled(loud, kind, rule_id) is False
    assert set_enabled(set_actions(loud, kind, rule_id, ["notify"]), kind, rule_id, True) == changes


def test_a_rule_put_anew_stays_off() -> None:
    changes = set_enabled(put_words("a", "b"), "content", "a", False)
    changes = put_rule(changes, "content", "a", {"pattern": "x", **NOTIFY})
    assert get_enabled(changes, "content", "a") is False
    assert get_enabled(changes, "content", "b") is True


def test_nothing_is_changed_in_place() -> None:
    changes = set_actions(put_words("a"), "override", ".m.rule.master", ["notify"])
    copy = deepcopy(changes)
    put_rule(changes, "content", "b", {"pattern": "b", **NOTIFY})
    set_enabled(changes, "content", "a", False)
    set_actions(changes, "content", "a", [])
    set_enabled(changes, "override", ".m.rule.master", True)
    delete_rule(changes, "content", "a")
    assert changes == copy


Door = Callable[[str, str], Any]
DOORS: dict[str, Door] = {
    "get": lambda kind, rule_id: get_rule({}, ALICE, kind, rule_id),
    "get enabled": lambda kind, rule_id: get_enabled({}, kind, rule_id),
    "get actions": lambda kind, rule_id: get_actions({}, kind, rule_id),
    "set enabled": lambda kind, rule_id: set_enabled({}, kind, rule_id, True),
    "set actions": lambda kind, rule_id: set_actions({}, kind, rule_id, []),
    "delete": lambda kind, rule_id: delete_rule({}, kind, rule_id),
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("kind", KINDS)
def test_rules_that_are_not_there(door: Door, kind: str) -> None:
    assert refused(lambda: door(kind, "")) == MISSING
    assert refused(lambda: door(kind, "nobody")) == MISSING
    assert refused(lambda: door(kind, ".m.rule.nothing")) == MISSING


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_kinds_that_are_not_there(door: Door) -> None:
    assert refused(lambda: door("postcontent", ".m.rule.master")) == INVALID


def test_predefined_rules_cannot_be_put_or_deleted() -> None:
    assert refused(lambda: put_rule({}, "override", ".m.rule.master", NOTIFY)) == INVALID
    assert refused(lambda: delete_rule({}, "override", ".m.rule.master")) == MISSING


@pytest.mark.parametrize(
    ("kind", "rule_id"),
    [
        ("postcontent", "x"),
        ("", "x"),
        ("override", ""),
        ("override", ".x"),
        ("override", "a/b"),
        ("override", "a\\b"),
        ("override", "ی" * 200),
        ("room", "cats"),
        ("sender", "@alice"),
        ("sender", "alice:example.org"),
    ],
)
def test_bad_names(kind: str, rule_id: str) -> None:
    assert refused(lambda: put_rule({}, kind, rule_id, {"pattern": "x", **NOTIFY})) == INVALID


BAD_BODIES: list[tuple[str, Any]] = [
    ("override", None),
    ("override", []),
    ("override", {}),
    ("override", {"actions": "notify"}),
    ("override", {"actions": ["shout"]}),
    ("override", {"actions": [{}]}),
    ("override", {"actions": [{"set_tweak": 1}]}),
    ("override", {"actions": [["notify"]]}),
    ("override", {"actions": ["notify"] * 100}),
    ("content", {**NOTIFY}),
    ("content", {**NOTIFY, "pattern": 1}),
    ("content", {**NOTIFY, "pattern": "x" * (MAX_PATTERN + 1)}),
    ("override", {**NOTIFY, "conditions": {}}),
    ("override", {**NOTIFY, "conditions": [{"kind": "contains_display_name"}] * (MAX_CONDITIONS + 1)}),
]
BAD_CONDITIONS: list[Any] = [
    "event_match",
    {},
    {"kind": 1},
    {"kind": "event_match", "key": "type"},
    {"kind": "event_match", "key": 1, "pattern": "x"},
    {"kind": "event_match", "pattern": "x"},
    {"kind": "event_match", "key": "type", "pattern": "x" * (MAX_PATTERN + 1)},
    {"kind": "event_property_is", "key": "type"},
    {"kind": "event_property_is", "key": "type", "value": {}},
    {"kind": "event_property_is", "key": "type", "value": 1.5},
    {"kind": "event_property_is", "key": "type", "value": 2**53},
    {"kind": "event_property_contains", "key": "type", "value": []},
    {"kind": "room_member_count"},
    {"kind": "room_member_count", "is": 2},
    {"kind": "room_member_count", "is": "about 2"},
    {"kind": "sender_notification_permission"},
]


@pytest.mark.parametrize(
    ("kind", "body"),
    BAD_BODIES + [("underride", {**NOTIFY, "conditions": [condition]}) for condition in BAD_CONDITIONS],
)
def test_bad_rules(kind: str, body: Any) -> None:
    assert refused(lambda: put_rule({}, kind, "x", body)) == INVALID


@pytest.mark.parametrize("enabled", [None, 1, "true", {}])
def test_enabled_is_true_or_false(enabled: object) -> None:
    assert refused(lambda: set_enabled({}, "override", ".m.rule.master", enabled)) == INVALID


def fill(kind: str, number: int, rule: Changes) -> Changes:
    return {kind: [{"rule_id": f"r{at}", **NOTIFY, **rule} for at in range(number)]}


@pytest.mark.parametrize(
    ("kind", "number", "rule", "expected"),
    [
        ("underride", MAX_RULES, {"conditions": []}, UNKNOWN),
        ("underride", MAX_RULES - 1, {"conditions": [{"kind": "room_member_count", "is": "2"}] * 2}, UNKNOWN),
        ("content", 50, {"pattern": "wild?"}, UNKNOWN),
        ("content", 1, {"pattern": "x" * MAX_BYTES}, ("M_TOO_LARGE", 413)),
    ],
)
def test_limits(kind: str, number: int, rule: Changes, expected: tuple[str, int]) -> None:
    full = fill(kind, number, rule)
    assert refused(lambda: put_rule(full, "content", "one more", {"pattern": "word?", **NOTIFY})) == expected
    assert len(delete_rule(full, kind, "r0").get(kind, ())) == number - 1


def test_a_thousand_muted_rooms_fit() -> None:
    changes = {"room": [{"rule_id": f"!{at:018}:city.example.org", "actions": []} for at in range(MAX_RULES - 1)]}
    changes = put_rule(changes, "room", ROOM, {"actions": []})
    assert len(changes["room"]) == MAX_RULES
    assert compile_rules(changes, ALICE).user_id == ALICE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KNOWN = st.sampled_from(["event_match", "event_property_is", "event_property_contains", "room_member_count"])
CONDITION = st.fixed_dictionaries(
    {"kind": KNOWN}, optional={"key": st.text(max_size=5), "pattern": JSON, "value": JSON}
)
BODY = st.fixed_dictionaries({"actions": st.lists(st.just("notify") | JSON, max_size=2)}, optional={"pattern": JSON})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=5), JSON | BODY, st.lists(CONDITION | JSON, max_size=2))
def test_any_json_is_taken_or_refused(kind: str, rule_id: str, body: Any, conditions: list[Any]) -> None:
    if isinstance(body, dict) and conditions:
        body = {**body, "conditions": conditions}
    try:
        changes = put_rule({}, kind, rule_id, body)
    except BadRule:
        return
    assert get_rule(changes, ALICE, kind, rule_id)["rule_id"] == rule_id
    compile_rules(changes, ALICE)
