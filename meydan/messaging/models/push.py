"""Push rules: what happens when an event meets a person. Matrix spec, client-server API: "Push Rules".

This file weighs events; `push_rules` knows the predefined rules, `push_changes` what a person may change about them.
All that the rooms above need of the three is named here.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from meydan.messaging.models.events import Event
from meydan.messaging.models.push_changes import (
    BadRule,
    delete_rule,
    get_actions,
    get_enabled,
    get_rule,
    put_rule,
    set_actions,
    set_enabled,
)
from meydan.messaging.models.push_conditions import Moment, Test, literal_of, test_of
from meydan.messaging.models.push_globs import Text, fold
from meydan.messaging.models.push_rules import BEFORE_MENTIONS, KINDS, Changes, Json, Mine, list_rules, ruleset_of

__all__ = [
    "KINDS",
    "BadRule",
    "Changes",
    "Outcome",
    "Rules",
    "compile_rules",
    "delete_rule",
    "get_actions",
    "get_enabled",
    "get_rule",
    "put_rule",
    "ruleset_of",
    "set_actions",
    "set_enabled",
]

MAX_SHARED = 2_048
"""Changes of at most so many bytes of JSON are compiled once for all people who made the same."""
MAX_SHELVES = 4_096
MEMBER = "m.room.member"


class Outcome(msgspec.Struct, frozen=True):
    """What shall be done. `actions` is shared by all who get the same outcome: it must not be changed."""

    notify: bool = False
    highlight: bool = False
    actions: list[Any] = []


class _Rule(msgspec.Struct, frozen=True):
    """A rule that is enabled and can match. `type` and `room`: the only ones (folded) it can match, if it says so."""

    tests: tuple[Test, ...]
    outcome: Outcome
    type: str | None = None
    room: str | None = None
    is_invitation: bool = False  # the predefined rule about oneself


Shelf = tuple[tuple[_Rule, ...], tuple[_Rule, ...]]
"""The rules that can match events of one type in one room: those before and those after room and sender rules."""

QUIET = Outcome()


class _Program:
    """The rules of everybody who made the same changes, sorted by the events that they can match."""

    def __init__(self, changes: Changes) -> None:
        self.first = tuple(_compile(changes, "override", "content"))
        self.last = tuple(_compile(changes, "underride"))
        self.rooms = _by_id(changes, "room")
        self.senders = _by_id(changes, "sender")
        rules = (*self.first, *self.last)
        self.named_types = {rule.type for rule in rules if rule.type is not None}
        self.named_rooms = {rule.room for rule in rules if rule.room is not None}
        self._shelves: dict[tuple[str, str], Shelf] = {}
        self.are_comings_quiet = not self.named_rooms and _is_quiet(_fitting(self.first, MEMBER, ""))

    def shelf(self, event: Event) -> Shelf:
        type_ = fold(event.type)
        room = fold(event.room_id) if self.named_rooms else ""
        key = (type_ if type_ in self.named_types else "", room if room in self.named_rooms else "")
        return self._shelves.get(key) or self._fill(key)

    def _fill(self, key: tuple[str, str]) -> Shelf:
        if len(self._shelves) >= MAX_SHELVES:
            self._shelves.clear()
        shelf = self._shelves[key] = (_fitting(self.first, *key), _fitting(self.last, *key))
        return shelf


class Rules:
    """One person's rules, ready to weigh events."""

    __slots__ = ("_localpart", "_program", "user_id")

    def __init__(self, program: _Program, user_id: str) -> None:
        self.user_id = user_id
        self._localpart = fold(Mine.LOCALPART.of(user_id))
        self._program = program

    @property
    def are_comings_quiet(self) -> bool:
        """Whether no `m.room.member` event notifies but one about the person themselves: others need no weighing."""
        return self._program.are_comings_quiet

    def weigh(
        self,
        event: Event,
        *,
        display_name: str,
        members: int,
        sender_power: int,
        notification_power: Mapping[str, int],
        room_version: str,
    ) -> Outcome:
        """What the event means for this person: the actions of the first rule that matches, nothing if none does.

        `display_name` is theirs in that room ("" if they have none), `members` counts who has joined, `sender_power` is
        the sender's power level and `notification_power` the `notifications` of `m.room.power_levels`. What one has
        sent oneself never notifies. No condition of the spec asks for `room_version` yet.
        """
        if event.sender == self.user_id:
            return QUIET
        body = event.content.get("body")
        text = Text(body) if isinstance(body, str) else None
        about = (display_name, members, sender_power, notification_power, text)
        moment = Moment(event, self.user_id, self._localpart, *about)
        first, last = self._program.shelf(event)
        return _first_match(first, moment) or self._by_place(event) or _first_match(last, moment) or QUIET

    def _by_place(self, event: Event) -> Outcome | None:
        program = self._program
        return program.rooms.get(event.room_id) or program.senders.get(event.sender)


def compile_rules(changes: Changes, user_id: str) -> Rules:
    """The person's rules, ready to weigh events: compile once, weigh often. For small changes (no change at all, above
    all) the costly part is shared by all who made the same."""
    key = msgspec.json.encode(changes)
    return Rules(_shared_program(key) if len(key) <= MAX_SHARED else _Program(changes), user_id)


@lru_cache(maxsize=512)
def _shared_program(changes: bytes) -> _Program:
    return _Program(msgspec.json.decode(changes))


def _first_match(rules: Iterable[_Rule], moment: Moment) -> Outcome | None:
    for rule in rules:
        for test in rule.tests:
            if not test(moment):
                break
        else:
            return rule.outcome
    return None


def _is_quiet(rules: Iterable[_Rule]) -> bool:
    """Whether what these rules are for ends without a notification, unless it is an invitation of oneself."""
    for rule in rules:
        if rule.outcome.notify and not rule.is_invitation:
            return False
        if not rule.outcome.notify and not rule.tests:
            return True
    return False


def _fitting(rules: Iterable[_Rule], type_: str, room: str) -> tuple[_Rule, ...]:
    return tuple(rule for rule in rules if rule.type in (None, type_) and rule.room in (None, room))


def _by_id(changes: Changes, kind: str) -> dict[str, Outcome]:
    rules = list_rules(changes, kind)
    return {rule["rule_id"]: _outcome_of(rule["actions"]) for rule in rules if rule["enabled"]}


def _compile(changes: Changes, *kinds: str) -> Iterator[_Rule]:
    for kind in kinds:
        for rule in list_rules(changes, kind):
            compiled = _compile_rule(rule) if rule["enabled"] else None
            if compiled is not None:
                yield compiled


def _compile_rule(rule: Json) -> _Rule | None:
    conditions = _conditions_of(rule)
    type_, conditions = _take_literal(conditions, "type")
    room, conditions = _take_literal(conditions, "room_id")
    tests = [test_of(condition) for condition in conditions]
    if rule["default"] and rule["rule_id"] in BEFORE_MENTIONS:
        tests.insert(0, _says_no_mentions)
    if None in tests:
        return None
    is_invitation = bool(rule["default"]) and rule["rule_id"] == ".m.rule.invite_for_me"
    return _Rule(tuple(filter(None, tests)), _outcome_of(rule["actions"]), type_, room, is_invitation)


def _conditions_of(rule: Json) -> list[Json]:
    if "pattern" in rule:
        return [{"kind": "event_match", "key": "content.body", "pattern": rule["pattern"]}]
    return list(rule["conditions"])


def _take_literal(conditions: list[Json], key: str) -> tuple[str | None, list[Json]]:
    """The one value that the first condition about the key allows, and the conditions that are left to test then."""
    for at, condition in enumerate(conditions):
        literal = literal_of(condition, key)
        if literal is not None:
            return literal, [*conditions[:at], *conditions[at + 1 :]]
    return None, conditions


def _says_no_mentions(moment: Moment) -> bool:
    return "m.mentions" not in moment.event.content


def _outcome_of(actions: list[Any]) -> Outcome:
    """Matrix spec, "Actions": a highlight without a value is one; the last word counts."""
    notify = "notify" in actions
    tweaks = [action for action in actions if isinstance(action, dict) and action.get("set_tweak") == "highlight"]
    highlight = notify and bool(tweaks) and tweaks[-1].get("value", True) is True
    return Outcome(notify, highlight, actions)
