"""Push rules weigh events as the Matrix spec says, "Push Rules" and "Predefined Rules"; its examples stand here."""

import time
import timeit
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meydan.messaging.models.events import Event
from meydan.messaging.models.push import KINDS, Outcome, compile_rules, ruleset_of
from meydan.messaging.models.push_conditions import split_path
from meydan.messaging.models.push_globs import Text, fold, match_whole, match_words

ALICE = "@alice:example.org"
BOB = "@bob:example.org"
ROOM = "!cats:example.org"
LOUD = ["notify", {"set_tweak": "sound", "value": "default"}, {"set_tweak": "highlight"}]
PING = ["notify", {"set_tweak": "sound", "value": "default"}]
AT_ALL = ["notify", {"set_tweak": "highlight"}]
RING = ["notify", {"set_tweak": "sound", "value": "ring"}]
POLL = "org.matrix.msc3381.poll."

Content = dict[str, Any]


def make_event(type_: str = "m.room.message", content: Content | None = None, **more: Any) -> Event:
    about: Content = {"event_id": "$1", "room_id": ROOM, "sender": BOB, "origin_server_ts": 1, **more}
    return Event(type=type_, content=content or {}, **about)


def say(body: Any, **more: Any) -> Event:
    return make_event(content={"msgtype": "m.text", "body": body, **more})


def weigh(event: Event, changes: Content | None = None, **more: Any) -> Outcome:
    about: Content = {"display_name": "", "members": 5, "sender_power": 0, "notification_power": {}, **more}
    return compile_rules(changes or {}, ALICE).weigh(event, room_version="11", **about)


def holds(condition: Content, event: Event, **more: Any) -> bool:
    """Whether a rule with only this condition matches."""
    rule = {"rule_id": "mine", "conditions": [condition], "actions": ["notify", {"set_tweak": "mine"}]}
    return {"set_tweak": "mine"} in weigh(event, {"override": [rule]}, **more).actions


MEMBER = "m.room.member"
PREDEFINED: dict[str, tuple[Event, Content, list[Any]]] = {
    "message": (say("hi"), {}, ["notify"]),
    "message of two": (say("hi"), {"members": 2}, PING),
    "type in capitals": (make_event("M.Room.Message"), {}, ["notify"]),
    "encrypted": (make_event("m.room.encrypted"), {}, ["notify"]),
    "encrypted of two": (make_event("m.room.encrypted"), {"members": 2}, PING),
    "call": (make_event("m.call.invite"), {}, RING),
    "notice": (say("hi alice", msgtype="m.notice"), {}, []),
    "invite for me": (make_event(MEMBER, {"membership": "invite"}, state_key=ALICE), {}, PING),
    "invite for Bob": (make_event(MEMBER, {"membership": "invite"}, state_key=BOB), {}, []),
    "join": (make_event(MEMBER, {"membership": "join", "body": "alice"}, state_key=BOB), {}, []),
    "user mention": (say("hi", **{"m.mentions": {"user_ids": [BOB, ALICE]}}), {}, LOUD),
    "user mention in an edit": (
        say("* hi", **{"m.mentions": {"user_ids": [ALICE]}, "m.relates_to": {"rel_type": "m.replace"}}),
        {},
        LOUD,
    ),
    "edit": (say("* hi", **{"m.mentions": {}, "m.relates_to": {"rel_type": "m.replace"}}), {}, []),
    "mention of Bob": (say("hi", **{"m.mentions": {"user_ids": [BOB]}}), {}, ["notify"]),
    "mention of nothing known": (say("hi", **{"m.mentions": {"user_ids": {ALICE: 1}}}), {}, ["notify"]),
    "display name": (say("hi, alice l!"), {"display_name": "Alice L"}, LOUD),
    "display name, mentions said": (say("hi Al", **{"m.mentions": {}}), {"display_name": "Al"}, ["notify"]),
    "display name inside a word": (say("also"), {"display_name": "al"}, ["notify"]),
    "display name is no glob": (say("aXb"), {"display_name": "a*b"}, ["notify"]),
    "display name of nothing": (say("hi   you"), {"display_name": "  "}, ["notify"]),
    "user name": (say("ping ALICE: hello"), {}, LOUD),
    "user name, mentions said": (say("alice", **{"m.mentions": {}}), {}, ["notify"]),
    "user name inside a word": (say("malice"), {}, ["notify"]),
    "room mention": (say("hi", **{"m.mentions": {"room": True}}), {"sender_power": 50}, AT_ALL),
    "room mention, no power": (say("hi", **{"m.mentions": {"room": True}}), {"sender_power": 49}, ["notify"]),
    "room mention, 1 is not true": (say("hi", **{"m.mentions": {"room": 1}}), {"sender_power": 50}, ["notify"]),
    "room mention, power of the room": (
        say("hi", **{"m.mentions": {"room": True}}),
        {"sender_power": 10, "notification_power": {"room": 10}},
        AT_ALL,
    ),
    "@room": (say("wake up @room!"), {"sender_power": 50}, AT_ALL),
    "@room, no power": (say("@room"), {"sender_power": 49}, ["notify"]),
    "@room, mentions said": (say("@room", **{"m.mentions": {}}), {"sender_power": 50}, ["notify"]),
    "tombstone": (make_event("m.room.tombstone", state_key=""), {}, AT_ALL),
    "tombstone that is no state": (make_event("m.room.tombstone"), {}, []),
    "tombstone of another key": (make_event("m.room.tombstone", state_key="x"), {}, []),
    "reaction": (make_event("m.reaction", {"body": "alice"}), {"members": 2}, []),
    "server acl": (make_event("m.room.server_acl", state_key=""), {}, []),
    "poll": (make_event(POLL + "start"), {}, ["notify"]),
    "poll of two": (make_event(POLL + "start"), {"members": 2}, PING),
    "end of a poll": (make_event(POLL + "end"), {}, ["notify"]),
    "answer to a poll": (make_event(POLL + "response", {"body": "alice"}), {"members": 2}, []),
    "anything else": (make_event("org.example.x"), {"members": 2}, []),
    "own message": (make_event(content={"body": "alice"}, sender=ALICE), {}, []),
}


@pytest.mark.parametrize(("event", "about", "actions"), PREDEFINED.values(), ids=PREDEFINED)
def test_predefined_rules(event: Event, about: Content, actions: list[Any]) -> None:
    outcome = weigh(event, **about)
    assert outcome == Outcome("notify" in actions, {"set_tweak": "highlight"} in actions, actions)


def test_ruleset_of_somebody_who_changed_nothing() -> None:
    ruleset = ruleset_of({}, ALICE)["global"]
    assert tuple(ruleset) == KINDS
    assert [rule["rule_id"] for rule in ruleset["override"]] == [
        ".m.rule.master",
        ".m.rule.suppress_notices",
        ".m.rule.invite_for_me",
        ".m.rule.member_event",
        ".m.rule.is_user_mention",
        ".m.rule.contains_display_name",
        ".m.rule.is_room_mention",
        ".m.rule.roomnotif",
        ".m.rule.tombstone",
        ".m.rule.reaction",
        ".m.rule.room.server_acl",
        ".m.rule.suppress_edits",
        ".org.matrix.msc3930.rule.poll_response",
    ]
    assert ruleset["content"][0]["pattern"] == "alice"
    assert ruleset["override"][2]["conditions"][2] == {"kind": "event_match", "key": "state_key", "pattern": ALICE}
    assert ruleset["override"][4]["conditions"][0]["value"] == ALICE
    assert ruleset["underride"][0] == {
        "rule_id": ".m.rule.call",
        "default": True,
        "enabled": True,
        "conditions": [{"kind": "event_match", "key": "type", "pattern": "m.call.invite"}],
        "actions": RING,
    }
    assert msgspec.json.decode(msgspec.json.encode(ruleset)) == ruleset


def topic(value: Any) -> Event:
    return make_event("m.room.topic", {"topic": value}, state_key="")


LUNCH = {"kind": "event_match", "key": "content.topic", "pattern": "lunc?*"}
EXAMPLE = {"kind": "event_match", "key": "content.body", "pattern": "ex*ple"}
FEDERATE = {"kind": "event_property_is", "key": r"content.m\.federate", "value": True}
ALIAS = {"kind": "event_property_contains", "key": "content.alt_aliases", "value": "#myroom:example.com"}


def count(is_: Any) -> Content:
    return {"kind": "room_member_count", "is": is_}


def created(**content: Any) -> Event:
    return make_event("m.room.create", {"creator": BOB, **content}, state_key="")


def aliases(*names: Any) -> Event:
    return make_event("m.room.canonical_alias", {"alt_aliases": list(names)}, state_key="")


CONDITIONS: dict[str, tuple[Content, Event, bool]] = {
    "lunch plans": (LUNCH, topic("Lunch plans"), True),
    "LUNCH": (LUNCH, topic("LUNCH"), True),
    "space before lunch": (LUNCH, topic(" lunch"), False),
    "lunc": (LUNCH, topic("lunc"), False),
    "no string": (LUNCH, topic(None), False),
    "absent, even for *": ({**LUNCH, "pattern": "*"}, make_event("m.room.topic"), False),
    "an example": (EXAMPLE, say("An example event."), True),
    "exple": (EXAMPLE, say("exple"), True),
    "over several words": (EXAMPLE, say("An exciting triple-whammy"), True),
    "inside a word": (EXAMPLE, say("Unexampled"), False),
    "federate": (FEDERATE, created(**{"m.federate": True}), True),
    "federate as a string": (FEDERATE, created(**{"m.federate": "true"}), False),
    "federate as a number": (FEDERATE, created(**{"m.federate": 1}), False),
    "number as true": ({**FEDERATE, "value": 1}, created(**{"m.federate": True}), False),
    "number as a float": ({**FEDERATE, "value": 1}, created(**{"m.federate": 1.0}), False),
    "null": ({**FEDERATE, "value": None}, created(**{"m.federate": None}), True),
    "null is not absent": ({**FEDERATE, "value": None}, created(), False),
    "an object has no value": ({**FEDERATE, "value": {}}, created(**{"m.federate": {}}), False),
    "alias": (ALIAS, aliases("#somewhere:example.org", "#myroom:example.com"), True),
    "part of an alias": (ALIAS, aliases("#a:myroom:example.com", ":example.com"), False),
    "no array": (ALIAS, make_event(content={"alt_aliases": "#myroom:example.com"}), False),
    "true in an array is not 1": ({**ALIAS, "value": 1}, aliases(True, [1], "1"), False),
    "null in an array": ({**ALIAS, "value": None}, aliases({}, None), True),
    "state_key of no state": ({"kind": "event_match", "key": "state_key", "pattern": "*"}, say("hi"), False),
    "sender": ({"kind": "event_match", "key": "sender", "pattern": "@bob:*"}, say("hi"), True),
    "room": ({"kind": "event_match", "key": "room_id", "pattern": ROOM.upper()}, say("hi"), True),
    "another room": ({"kind": "event_match", "key": "room_id", "pattern": "!dogs:example.org"}, say("hi"), False),
    "exact type": ({"kind": "event_property_is", "key": "type", "value": "m.room.message"}, say("hi"), True),
    "type is exact": ({"kind": "event_property_is", "key": "type", "value": "m.room.Message"}, say("hi"), False),
    "time is a number": ({"kind": "event_property_is", "key": "origin_server_ts", "value": 1}, say("hi"), True),
    "content alone": ({"kind": "event_match", "key": "content", "pattern": "*"}, say("hi"), False),
    "no such field": ({"kind": "event_match", "key": "__class__", "pattern": "*"}, say("hi"), False),
    "too deep": ({"kind": "event_match", "key": "content.body.x", "pattern": "*"}, say("hi"), False),
    "2": (count("2"), say("hi"), False),
    "5": (count("5"), say("hi"), True),
    "==5": (count("==5"), say("hi"), True),
    "<5": (count("<5"), say("hi"), False),
    "<=5": (count("<=5"), say("hi"), True),
    ">4": (count(">4"), say("hi"), True),
    ">=6": (count(">=6"), say("hi"), False),
    "=5": (count("=5"), say("hi"), False),
    "Persian five": (count("۵"), say("hi"), False),
    "5, a number": (count(5), say("hi"), False),
    "unknown kind": ({"kind": "org.example.moon", "phase": "full"}, say("hi"), False),
    "no key": ({"kind": "event_match", "pattern": "*"}, say("hi"), False),
    "no pattern": ({"kind": "event_match", "key": "content.body"}, say("hi"), False),
}


@pytest.mark.parametrize(("condition", "event", "expected"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(condition: Content, event: Event, expected: bool) -> None:
    assert holds(condition, event) is expected


def test_permission_to_notify_under_another_name() -> None:
    condition = {"kind": "sender_notification_permission", "key": "org.example.all"}
    assert holds(condition, say("hi"), sender_power=50)
    assert not holds(condition, say("hi"), sender_power=50, notification_power={"org.example.all": 51})
    assert holds(condition, say("hi"), sender_power=50, notification_power={"org.example.all": "51"})


WORDS: list[tuple[str, str, bool]] = [
    ("علی", "سلام علی!", True),
    ("علی", "علی", True),
    ("علی", "علی، کجایی؟", True),
    ("علی", "«علی»", True),
    ("علی", "علی\u200cجان", True),  # a zero-width non-joiner parts
    ("علی", "معلیم", False),
    ("علی", "علیرضا", False),
    ("علی", "سلام علي", True),  # an Arabic keyboard's yeh
    ("كريم", "سلام کریم", True),
    ("محمد", "مُحَمَّد", False),
    ("مُحَمَّد", "يا مُحَمَّد،", True),
    ("سلام*دنیا", "خب سلام بر دنیا.", True),
    ("سل?م", "سلام دنیا", True),
    ("سل?م", "سلامت", False),
    ("۱۲۳", "شماره ۱۲۳؟", True),
    ("۱۲", "۱۲۳", False),
    ("straße", "STRASSE", True),
    ("café", "un CAFÉ, merci", True),
    ("cafe", "cafe\u0301", False),
    ("东京", "我在东京吃饭", True),
    ("김철수", "김철수님 안녕", True),
    ("@room", "hi@room", True),
    ("c++", "c++ is fun", True),
    ("c++", "objc++", False),
    ("cake*lie", "the cake is a lie", True),
    ("cake*lie", "cake lies", False),
    ("foo bar", "a foo bar b", True),
    ("foo bar", "foo  bar", False),
    ("*", "", True),
    ("*", "x", True),
    ("", "x", False),
    ("?", "ab", False),
    ("?", "a b", True),
    ("a*", "ba", False),
    ("*a", "ba", True),
    ("a\0b", "a\0b", True),
    ("[a-z]", "b", False),
    (".", "b", False),
    ("line*end", "line\nend", True),
]


@pytest.mark.parametrize(("pattern", "body", "expected"), WORDS)
def test_words(pattern: str, body: str, expected: bool) -> None:
    assert match_words(pattern)(Text(body)) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", True),
        ("", "x", False),
        ("*", "", True),
        ("**", "x", True),
        ("a*b*c", "aXbYc", True),
        ("a*b*c", "aXbYcd", False),
        ("ab*bc", "abc", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("?*?", "a", False),
        ("?*b?d*", "xxbcd", True),
        ("*a?", "aaab", True),
        ("a.c", "abc", False),
        ("*.org", "EXAMPLE.ORG", True),
        ("?" + "x" * 10, "y" * 5000, False),
    ],
)
def test_whole_values(pattern: str, value: str, expected: bool) -> None:
    assert match_whole(pattern)(fold(value)) is expected


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("content.body", ["content", "body"]),
        (r"content.m\.relates_to.x", ["content", "m.relates_to", "x"]),
        (r"content.m\\foo", ["content", r"m\foo"]),
        (r"content.m\\.foo", ["content", "m\\", "foo"]),
        (r"content.\x", ["content", r"\x"]),
        ("", [""]),
        (".", ["", ""]),
        ("a\\", ["a\\"]),
    ],
)
def test_paths(key: str, parts: list[str]) -> None:
    assert split_path(key) == parts


def mine(kind: str, rule_id: str = "mine", **rule: Any) -> Content:
    return {kind: [{"rule_id": rule_id, "actions": ["notify", {"set_tweak": "x", "value": kind}], **rule}]}


def test_kinds_are_asked_in_order() -> None:
    parts = [
        mine("override", conditions=[]),
        mine("content", pattern="hi"),
        mine("room", ROOM),
        mine("sender", BOB),
        mine("underride", conditions=[]),
    ]
    for at, kind in enumerate(KINDS):
        changes = {key: rules for part in parts[at:] for key, rules in part.items()}
        assert weigh(say("hi"), changes).actions[1]["value"] == kind
    assert weigh(say("hi", **{"m.mentions": {"user_ids": [ALICE]}}), parts[2]).actions == LOUD
    assert weigh(make_event(), parts[1]).actions == ["notify"]
    assert weigh(make_event(room_id="!other:example.org"), parts[2]).actions == ["notify"]


def test_who_hears_of_nobody_coming_need_weigh_nobodys_coming() -> None:
    def quiet(changes: Content) -> bool:
        return compile_rules(changes, ALICE).are_comings_quiet

    assert quiet({})
    assert quiet(mine("content", pattern="hi"))
    assert quiet({"actions": {"override/.m.rule.invite_for_me": LOUD}})
    assert quiet({"enabled": {"override/.m.rule.master": True}, **mine("override", conditions=[])})
    assert not quiet({"enabled": {"override/.m.rule.member_event": False}})
    assert not quiet({"actions": {"override/.m.rule.member_event": LOUD}})
    assert not quiet(mine("override", conditions=[{"kind": "event_match", "key": "sender", "pattern": BOB}]))
    assert not quiet(mine("override", conditions=[{"kind": "event_match", "key": "room_id", "pattern": ROOM}]))
    assert quiet(mine("override", conditions=[{"kind": "event_match", "key": "type", "pattern": "m.room.topic"}]))


def test_disabled_rules_do_not_match_and_master_silences() -> None:
    assert weigh(say("hi"), mine("override", conditions=[], enabled=False)).actions == ["notify"]
    assert weigh(say("hi"), mine("room", ROOM, enabled=False)).actions == ["notify"]
    assert weigh(say("hi"), {"enabled": {"underride/.m.rule.message": False}}) == Outcome()
    silent = {"enabled": {"override/.m.rule.master": True}, **mine("override", conditions=[])}
    assert weigh(say("alice"), silent) == Outcome()
    assert weigh(say("hi"), {"actions": {"underride/.m.rule.message": LOUD}}).highlight


@pytest.mark.parametrize(
    ("actions", "notify", "highlight"),
    [
        ([], False, False),
        (["dont_notify"], False, False),
        ([{"set_tweak": "highlight"}], False, False),
        (["notify", {"set_tweak": "highlight", "value": False}], True, False),
        (["notify", {"set_tweak": "highlight", "value": True}], True, True),
        (["notify", {"set_tweak": "sound", "value": "bing"}], True, False),
    ],
)
def test_actions(actions: list[Any], notify: bool, highlight: bool) -> None:
    outcome = weigh(say("hi"), {"override": [{"rule_id": "x", "conditions": [], "actions": actions}]})
    assert (outcome.notify, outcome.highlight, outcome.actions) == (notify, highlight, actions)


def test_a_predefined_rule_of_ones_own_wording_is_not_about_mentions() -> None:
    rule = {"rule_id": "mine", "pattern": "cake", "actions": LOUD}
    assert weigh(say("cake", **{"m.mentions": {}}), {"content": [rule]}).highlight


# Fuzzing: against a slow and plain reading of the spec, and with any JSON.

LETTERS = st.text("ab-* ?ی\u0651东", max_size=8)


def is_word(char: str) -> bool:
    return char in "abی\u0651"


def is_edge(text: str, at: int) -> bool:
    return not 0 < at < len(text) or not (is_word(text[at - 1]) and is_word(text[at]))


def fits(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and fits(pattern[1:], text[1:])


def has_words(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    edges = [at for at in range(len(text) + 1) if is_edge(text, at)]
    return any(fits(pattern, text[start:end]) for start in edges for end in edges if start <= end)


@settings(max_examples=150, deadline=None)
@given(LETTERS, LETTERS)
def test_patterns_match_as_a_plain_reading_of_the_spec(pattern: str, text: str) -> None:
    assert match_whole(pattern)(text) == fits(pattern, text)
    assert match_words(pattern)(Text(text)) == has_words(pattern, text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["body", "msgtype", "m.mentions", "m.relates_to", "membership", "user_ids", "room", "rel_type"])
CONTENT = st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=4)
TYPES = st.sampled_from(["m.room.message", "m.room.member", "m.room.encrypted", "", "m.reaction"])
KIND = st.sampled_from([str(kind) for kind in ("event_match", "event_property_is", "event_property_contains", "x")])
KEYS = st.sampled_from([r"content.body", r"content.m\.mentions.user_ids", "type", "room_id", "", "content", ".\\"])
CONDITION = st.fixed_dictionaries(
    {"kind": KIND}, optional={"key": KEYS | JSON, "pattern": JSON | LETTERS, "value": JSON}
)


@settings(max_examples=150, deadline=None)
@given(TYPES, CONTENT, st.text(max_size=5), st.lists(CONDITION, max_size=3), LETTERS)
def test_any_json_is_weighed(type_: str, content: Content, name: str, conditions: list[Content], pattern: str) -> None:
    rules = {
        "override": [{"rule_id": "x", "conditions": conditions, "actions": []}],
        "content": [{"rule_id": "x", "pattern": pattern, "actions": []}],
    }
    for changes in ({}, rules):
        assert isinstance(weigh(make_event(type_, content), changes, display_name=name), Outcome)


@pytest.mark.parametrize(
    ("pattern", "body"),
    [
        ("a" * 49 + "b" + "a" * 49, "a" * 64_000),
        ("a" * 9, "a" * 64_000),
        ("-ab" * 80 + "-a", "-ab" * 21_000),
        ("*a" * 100 + "*b", "a" * 64_000),
        ("ab*" * 80 + "c", "ab" * 32_000 + "cd"),
        ("a" + "?" * 250 + "b", "a" * 64_000 + "b"),
        ("*?a" * 80 + "b?", "a " * 32_000 + "b"),
        ("a " * 60 + "?" + "a " * 60 + "ab", "a " * 32_000 + "ab"),
    ],
)
def test_no_pattern_is_slow(pattern: str, body: str) -> None:
    """Each takes about a millisecond; a backtracking search would take from seconds to centuries."""
    event, rule = say(body), {"rule_id": "x", "pattern": pattern, "actions": []}
    began = time.process_time()
    weigh(event, {"content": [rule], "enabled": {"underride/.m.rule.message": False}}, display_name=pattern)
    assert time.process_time() - began < 0.5


def test_an_ordinary_message_is_weighed_fast() -> None:
    """At most 15 microseconds of CPU; measured: 4.6."""
    rules, event = compile_rules({}, ALICE), say("Shall we meet at the town hall tomorrow, at eight in the evening?")

    def weigh_once() -> None:
        rules.weigh(
            event, display_name="Alice L", members=9, sender_power=0, notification_power={"room": 50}, room_version="11"
        )

    best = min(timeit.repeat(weigh_once, number=500, repeat=50, timer=time.process_time)) / 500
    assert best < 15e-6
