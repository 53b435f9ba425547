"""Rooms for the tests of the rules: events and states without a database."""

from typing import Any

from meydan.messaging.models.events import Event

ROOM = "!room:city.test"
ALICE, BOB, CAROL, DAVE = (f"@{name}:city.test" for name in ("alice", "bob", "carol", "dave"))

State = dict[tuple[str, str], Event]


def make_event(kind: str, sender: str, key: str | None = None, /, **content: Any) -> Event:
    """An event of the room; a state event where there is a key."""
    return Event("$" + "e" * 43, ROOM, kind, sender, content, 1, key)


def make_member(user: str, membership: str, sender: str = "", /, **content: Any) -> Event:
    """A person's membership, by themselves or by another."""
    return make_event("m.room.member", sender or user, user, membership=membership, **content)


def make_powers(sender: str = ALICE, **content: Any) -> Event:
    """The room's power levels."""
    return make_event("m.room.power_levels", sender, "", **content)


def make_create(sender: str = ALICE, **content: Any) -> Event:
    """The event that makes the room."""
    return make_event("m.room.create", sender, "", **{"room_version": "11"} | content)


def make_state(*events: Event) -> State:
    """The state after these events."""
    return {(event.type, event.state_key): event for event in events if event.state_key is not None}


def make_room(*events: Event, rule: str | None = None, **powers: Any) -> State:
    """Alice's room, where she has 100 and Bob, who is a member, 50; these events override."""
    levels = {"users": {ALICE: 100, BOB: 50}} | powers
    rules = () if rule is None else (make_event("m.room.join_rules", ALICE, "", join_rule=rule),)
    members = (make_member(ALICE, "join"), make_member(BOB, "join"))
    return make_state(make_create(), *members, make_powers(**levels), *rules, *events)
