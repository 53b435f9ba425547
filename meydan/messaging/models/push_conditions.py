"""The conditions of push rules, each turned once into a test. Matrix spec, client-server API: "Conditions"."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from meydan.messaging.models.events import Event
from meydan.messaging.models.push_globs import Text, fold, is_literal, match_whole, match_words
from meydan.messaging.models.push_rules import Json, Mine

MAX_INT = 2**53 - 1
NOTIFICATION_POWER = 50
"""What `m.room.power_levels` asks for a notification that it does not name."""

COUNT = re.compile(r"(==|<=|>=|<|>)?([0-9]{1,16})")
_PIECE = re.compile(r"\\[\\.]|.", re.DOTALL)
_MISSING = object()
_FIELDS = ("type", "sender", "room_id", "state_key", "event_id", "origin_server_ts", "redacts")


class Moment(msgspec.Struct, gc=False):
    """An event as one person meets it."""

    event: Event
    user_id: str
    localpart: str
    display_name: str
    members: int
    sender_power: int
    notification_power: Mapping[str, int]
    body: Text | None


Test = Callable[[Moment], bool]
Read = Callable[[Event], Any]


def test_of(condition: Json) -> Test | None:
    """The condition as a test; None if it can never hold, because it is unknown or malformed."""
    try:
        make = _MAKERS.get(condition["kind"])
        return make(condition) if make else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def literal_of(condition: Json, key: str) -> str | None:
    """The one value (folded) that the event's property must have for an `event_match` without wildcards to hold."""
    if condition["kind"] != "event_match" or condition.get("key") != key:
        return None
    pattern = condition.get("pattern")
    return fold(pattern) if isinstance(pattern, str) and is_literal(pattern) else None


def split_path(key: str) -> list[str]:
    r"""Appendices, "Dot-separated property paths": `content.m\.mentions.room` is content, "m.mentions", room."""
    parts = [""]
    for piece in _PIECE.findall(key):
        if piece == ".":
            parts.append("")
        else:
            parts[-1] += piece[1:] if piece in (r"\.", "\\\\") else piece
    return parts


def is_scalar(value: object) -> bool:
    """What may be compared: a string, an integer that JSON carries exactly, a boolean or null."""
    return value is None or isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= MAX_INT)


def _reader(key: str) -> Read:
    head, *path = split_path(key)
    if head == "content" and path:
        return _read_content(path)
    if path or head not in _FIELDS:
        return lambda event: _MISSING
    absent = _MISSING

    def read(event: Event) -> Any:
        value = getattr(event, head)
        return absent if value is None else value

    return read


def _read_content(path: list[str]) -> Read:
    first, *rest = path
    if not rest:
        return lambda event: event.content.get(first, _MISSING)

    def read(event: Event) -> Any:
        value = event.content.get(first, _MISSING)
        for part in rest:
            if not isinstance(value, dict):
                return _MISSING
            value = value.get(part, _MISSING)
        return value

    return read


def _event_match(condition: Json) -> Test:
    key, pattern = condition["key"], condition["pattern"]
    if pattern is Mine.LOCALPART:
        return lambda moment: moment.body is not None and moment.body.has_word(moment.localpart)
    if pattern is Mine.USER_ID:
        mine = _reader(key)
        return lambda moment: bool(mine(moment.event) == moment.user_id)
    return _match_body(pattern) if split_path(key) == ["content", "body"] else _match_property(key, pattern)


def _match_body(pattern: str) -> Test:
    has_words = match_words(pattern)
    return lambda moment: moment.body is not None and has_words(moment.body)


def _match_property(key: str, pattern: str) -> Test:
    read, fits = _reader(key), match_whole(pattern)

    def test(moment: Moment) -> bool:
        value = read(moment.event)
        return isinstance(value, str) and fits(fold(value))

    return test


def _event_property_is(condition: Json) -> Test:
    read, wanted = _reader(condition["key"]), _scalar(condition["value"])
    kind = type(wanted)  # True is no 1
    return lambda moment: type(value := read(moment.event)) is kind and bool(value == wanted)


def _event_property_contains(condition: Json) -> Test:
    read = _reader(condition["key"])
    if condition["value"] is Mine.USER_ID:
        return lambda moment: isinstance(values := read(moment.event), list) and moment.user_id in values
    wanted = _scalar(condition["value"])
    return lambda moment: isinstance(values := read(moment.event), list) and _holds(values, wanted)


def _holds(values: list[Any], wanted: object) -> bool:
    return wanted in values and any(type(value) is type(wanted) and value == wanted for value in values)


def _scalar(value: object) -> object:
    if not is_scalar(value):
        raise ValueError("neither a string, an integer, a boolean nor null")
    return value


def _contains_display_name(condition: Json) -> Test:
    def test(moment: Moment) -> bool:
        name = moment.display_name
        return moment.body is not None and bool(name) and not name.isspace() and moment.body.has_word(fold(name))

    return test


def _room_member_count(condition: Json) -> Test:
    found = COUNT.fullmatch(condition["is"])
    if found is None:
        raise ValueError("no count of members")
    number = int(found[2])
    tests: dict[str, Test] = {
        "==": lambda moment: moment.members == number,
        "<": lambda moment: moment.members < number,
        ">": lambda moment: moment.members > number,
        "<=": lambda moment: moment.members <= number,
        ">=": lambda moment: moment.members >= number,
    }
    return tests[found[1] or "=="]


def _sender_notification_permission(condition: Json) -> Test:
    key = condition["key"]

    def test(moment: Moment) -> bool:
        power = moment.notification_power.get(key, NOTIFICATION_POWER)
        return moment.sender_power >= (power if type(power) is int else NOTIFICATION_POWER)

    return test


_MAKERS: dict[str, Callable[[Json], Test]] = {
    "event_match": _event_match,
    "event_property_is": _event_property_is,
    "event_property_contains": _event_property_contains,
    "contains_display_name": _contains_display_name,
    "room_member_count": _room_member_count,
    "sender_notification_permission": _sender_notification_permission,
}
KNOWN_KINDS = frozenset(_MAKERS)
