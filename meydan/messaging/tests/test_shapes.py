"""Ids, canonical JSON, sizes and redaction."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meydan.messaging.models import shapes
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.events import Event
from meydan.messaging.tests.rooms import ALICE, ROOM, make_event

LARGEST = 2**53 - 1
texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)

IDS: dict[str, tuple[Any, list[str], list[str]]] = {
    "user": (
        shapes.is_user_id,
        ["@a:b", "@:b", "@a b:c.d", "@A/b=+:c.d:8448", "@a:[::1]:80", "@é:b", "@" + "a" * 252 + ":b"],
        ["", "@", "@a", "a:b", "@a:", "@a:b:c", "@a:b:", "@a\0:b", "@a:b_c", "@a:b ", "@a:b\n", "@" + "a" * 253 + ":b"],
    ),
    "room": (
        shapes.is_room_id,
        ["!a:b", "!a-_.~:b.c:1", "!é:b"],
        ["", "!:b", "!a", "#a:b", "!a:", "!a:b:123456", "!" + "é" * 127 + ":b"],
    ),
    "alias": (shapes.is_room_alias, ["#a:b", "#میدان:b.c", "#a b:c"], ["#:b", "#a", "!a:b", "#a:b/c", "#a\0:b"]),
    "event": (
        shapes.is_event_id,
        ["$" + "aZ09_-a" * 6 + "b"],
        ["$", "$a", "a" * 44, "$" + "a" * 42, "$" + "a" * 44, "$" + "a" * 42 + "+", "$" + "a" * 43 + "\n"],
    ),
    "type": (shapes.is_event_type, ["m.room.message", "x", "ö", "a" * 255], ["", "a" * 256, "é" * 128]),
    "server": (
        shapes.is_server_name,
        ["localhost", "city.test:8448", "1.2.3.4", "[2001:db8::1]", "[::1]:8008"],
        ["", "a b", "a_b", "a:", "a:x", "[::1", "::1", "http://a", "a" * 231],
    ),
    "localpart": (shapes.is_localpart, ["a", "a.b_c=d-e/f+0"], ["", "A", "é", "a b", "a:b", "a@b", "a\n"]),
}


@pytest.mark.parametrize("kind", IDS)
def test_ids(kind: str) -> None:
    is_good, good, bad = IDS[kind]
    assert [text for text in good if not is_good(text)] == []
    assert [text for text in bad if is_good(text)] == []


def test_ids_that_we_make_are_good_and_new() -> None:
    assert shapes.is_event_id(shapes.make_event_id())
    assert shapes.is_room_id(shapes.make_room_id("a" * 230))
    assert shapes.domain_of(shapes.make_room_id("city.test:8448")) == "city.test:8448"
    assert len({shapes.make_event_id() for _ in range(100)}) == 100


@given(values)
def test_canonical_json_is_that_of_the_spec(value: Any) -> None:
    spec = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert shapes.canonical_json(value) == spec


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": "2", "a": "1"}, '{"a":"1","b":"2"}'),
        ({"本": 2, "日": 1}, '{"日":1,"本":2}'),
        ({"\U00010000": 1, "\uffff": 2}, '{"\uffff":2,"\U00010000":1}'),
        ({"a": None, "b": [True, -5]}, '{"a":null,"b":[true,-5]}'),
        ("/\x7f\x1f\n<é", '"/\x7f\\u001f\\n<é"'),
    ],
)
def test_canonical_json_by_example(value: Any, written: str) -> None:
    assert shapes.canonical_json(value) == written.encode()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [1.5, 1.0, float("nan"), LARGEST + 1, -LARGEST - 1, "\ud800", {"\ud800": 1}, {1}, (1,), nested(100)],
    ids=repr,
)
def test_what_canonical_json_cannot_say(value: Any) -> None:
    with pytest.raises(MatrixError) as caught:
        shapes.canonical_json({"a": [value]})
    assert (caught.value.status, caught.value.errcode) == (400, "M_BAD_JSON")


def test_a_deep_value_that_still_passes() -> None:
    assert shapes.canonical_json(nested(99)) == b"[" * 99 + b"1" + b"]" * 99
    with pytest.raises(MatrixError):
        shapes.canonical_json(nested(100_000))


def test_an_event_is_written_as_clients_get_it() -> None:
    event = Event("$e", ROOM, "m.x", ALICE, {"b": 1, "a": 2}, 5, "", redacts="$r", pos=7)
    assert shapes.check_event(event) == (
        b'{"content":{"a":2,"b":1},"event_id":"$e","origin_server_ts":5,"redacts":"$r","room_id":"!room:city.test",'
        b'"sender":"@alice:city.test","state_key":"","type":"m.x"}'
    )
    assert b"state_key" not in shapes.check_event(make_event("m.x", ALICE))


def test_an_event_of_exactly_the_size() -> None:
    room_left = shapes.MOST_BYTES - len(shapes.check_event(make_event("m.x", ALICE, body="")))
    assert len(shapes.check_event(make_event("m.x", ALICE, body="a" * room_left))) == 65_536
    with pytest.raises(MatrixError) as caught:
        shapes.check_event(make_event("m.x", ALICE, body="a" * (room_left + 1)))
    assert (caught.value.status, caught.value.errcode) == (413, "M_TOO_LARGE")


@pytest.mark.parametrize(
    ("event", "errcode"),
    [
        (make_event("a" * 256, ALICE), "M_TOO_LARGE"),
        (make_event("m.x", ALICE, "é" * 128), "M_TOO_LARGE"),
        (make_event("m.x", "@" + "a" * 255), "M_TOO_LARGE"),
        (make_event("", ALICE), "M_BAD_JSON"),
        (make_event("m.x", ALICE, level=0.5), "M_BAD_JSON"),
    ],
)
def test_an_event_of_no_good_shape(event: Event, errcode: str) -> None:
    with pytest.raises(MatrixError) as caught:
        shapes.check_event(event)
    assert caught.value.errcode == errcode


FULL = {
    "membership": "join",
    "join_authorised_via_users_server": ALICE,
    "third_party_invite": {"signed": {"token": "t"}, "display_name": "A"},
    "displayname": "A",
    "creator": ALICE,
    "join_rule": "public",
    "allow": [],
    "ban": 1,
    "events": {},
    "events_default": 2,
    "invite": 3,
    "kick": 4,
    "redact": 5,
    "state_default": 6,
    "users": {},
    "users_default": 7,
    "notifications": {},
    "history_visibility": "shared",
    "redacts": "$e",
    "body": "hello",
}
POWERS = {"ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"}
LEFT = {
    # type: what version 11 leaves, what version 10 leaves
    "m.room.member": (
        {"membership", "join_authorised_via_users_server", "third_party_invite"},
        {"membership", "join_authorised_via_users_server"},
    ),
    "m.room.create": (set(FULL), {"creator"}),
    "m.room.join_rules": ({"join_rule", "allow"}, {"join_rule", "allow"}),
    "m.room.power_levels": (POWERS | {"invite"}, POWERS),
    "m.room.history_visibility": ({"history_visibility"}, {"history_visibility"}),
    "m.room.redaction": ({"redacts"}, set()),
    "m.room.aliases": (set(), set()),
    "m.room.encryption": (set(), set()),
    "m.room.message": (set(), set()),
}


@pytest.mark.parametrize("kind", LEFT)
def test_what_redaction_leaves(kind: str) -> None:
    in_11, in_10 = LEFT[kind]
    assert set(shapes.redact_content(kind, FULL)) == in_11
    assert set(shapes.redact_content(kind, FULL, "10")) == in_10


@pytest.mark.parametrize(
    ("invitation", "left"),
    [
        ({"signed": {"token": "t"}, "display_name": "A"}, {"third_party_invite": {"signed": {"token": "t"}}}),
        ({"display_name": "A"}, {"third_party_invite": {}}),
        ("x", {}),
    ],
)
def test_of_an_invitation_the_signed_part_is_left(invitation: Any, left: dict[str, Any]) -> None:
    assert shapes.redact_content("m.room.member", {"third_party_invite": invitation}) == left


@given(
    st.sampled_from(sorted(LEFT)),
    st.dictionaries(st.sampled_from(sorted(FULL)) | texts, values),
    st.sampled_from(["10", "11"]),
)
def test_redacting_twice_is_redacting_once(kind: str, content: dict[str, Any], version: str) -> None:
    before = json.dumps(content)
    once = shapes.redact_content(kind, content, version)
    assert shapes.redact_content(kind, once, version) == once
    assert once.keys() <= content.keys()
    assert json.dumps(content) == before


def test_of_the_event_itself_only_what_carries_it_is_left() -> None:
    written = {
        "type": "m.room.message",
        "content": {"body": "x"},
        "unsigned": {},
        "redacts": "$r",
        "membership": "join",
    }
    assert shapes.redact_keys(written | {"sender": ALICE}) == {"type": "m.room.message", "content": {}, "sender": ALICE}
    event = Event("$e", ROOM, "m.room.redaction", ALICE, {"redacts": "$r", "reason": "x"}, 5, redacts="$r", pos=7)
    assert shapes.redact(event) == Event("$e", ROOM, "m.room.redaction", ALICE, {"redacts": "$r"}, 5, pos=7)


@pytest.mark.parametrize(
    ("content", "beside", "named"),
    [({"redacts": "$a"}, None, "$a"), ({}, "$b", "$b"), ({"redacts": 5}, "$b", None), ({}, None, None)],
)
def test_which_event_a_redaction_is_about(content: dict[str, Any], beside: str | None, named: str | None) -> None:
    assert shapes.redacts_of(Event("$e", ROOM, "m.room.redaction", ALICE, content, 5, redacts=beside)) == named
