"""Who may change whose power: rule 9 of room versions 10 and 11, on `m.room.power_levels`.

What it comes to: nobody gives more than they have, and nobody touches who is as strong as they are.
"""

from collections.abc import Iterator
from typing import Any

from meydan.messaging.models.events import Content, Event, State
from meydan.messaging.models.shapes import is_user_id
from meydan.messaging.policies.reading import LEVELS, POWER_LEVELS, power_of

MAPS = ("events", "notifications")

Change = tuple[str, int | None, int | None]
"""What is changed, its level now, its level to be; None where there is none."""


def names_no_whole_levels(event: Event, state: State) -> bool:
    """9.1"""
    return not all(_is_level(event.content[name]) for name in LEVELS if name in event.content)


def maps_no_whole_levels(event: Event, state: State) -> bool:
    """9.2"""
    return not all(_is_map(event.content[name]) for name in MAPS if name in event.content)


def lists_no_users(event: Event, state: State) -> bool:
    """9.3"""
    users = event.content.get("users", {})
    return not (_is_map(users) and all(map(is_user_id, users)))


def is_first_of_its_kind(event: Event, state: State) -> bool:
    """9.4"""
    return POWER_LEVELS not in state


def moves_a_level_beyond_reach(event: Event, state: State) -> bool:
    """9.5: neither what is there nor what is put there may be above the sender."""
    power = power_of(state, event.sender)
    changes = _changes(_named_levels(state[POWER_LEVELS].content), _named_levels(event.content))
    return any(_is_above(old, power) or _is_above(new, power) for _, old, new in changes)


def moves_a_type_beyond_reach(event: Event, state: State) -> bool:
    """9.6"""
    power = power_of(state, event.sender)
    return any(_is_above(old, power) for name in MAPS for _, old, _ in _changes_in(name, event, state))


def sets_a_type_beyond_reach(event: Event, state: State) -> bool:
    """9.7"""
    power = power_of(state, event.sender)
    return any(_is_above(new, power) for name in MAPS for *_, new in _changes_in(name, event, state))


def moves_an_equal(event: Event, state: State) -> bool:
    """9.8: one's own entry excepted, so that everybody may step down."""
    power = power_of(state, event.sender)
    changes = _changes_in("users", event, state)
    return any(old is not None and old >= power for user, old, _ in changes if user != event.sender)


def raises_above_oneself(event: Event, state: State) -> bool:
    """9.9"""
    power = power_of(state, event.sender)
    return any(_is_above(new, power) for *_, new in _changes_in("users", event, state))


def _is_level(value: Any) -> bool:
    return type(value) is int  # True is an int to Python, and none to JSON


def _is_map(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_level, value.values()))


def _is_above(level: int | None, power: int) -> bool:
    return level is not None and level > power


def _named_levels(content: Content) -> dict[str, int]:
    return {name: content[name] for name in LEVELS if name in content}


def _changes_in(name: str, event: Event, state: State) -> Iterator[Change]:
    return _changes(state[POWER_LEVELS].content.get(name, {}), event.content.get(name, {}))


def _changes(old: dict[str, int], new: dict[str, int]) -> Iterator[Change]:
    if old == new:
        return
    for key in old.keys() | new.keys():
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)
