"""Restricted rooms: whoever is in one of some other rooms may join (client-server API, Restricted rooms; room versions
8 to 11). With one server there is nobody to ask for a signature: the server checks the rooms and names the member in
whose name the join is authorised."""

from collections.abc import Container, Iterator

from meydan.messaging.models.events import Content, State
from meydan.messaging.policies.conditions import AUTHORISER, EXPECTED, RESTRICTED, may_invite
from meydan.messaging.policies.reading import (
    JOIN_RULES,
    POWER_LEVELS,
    creator_of,
    join_rule_of,
    membership_of,
    power_of,
    power_to,
)


def joined_rooms_needed(state: State) -> frozenset[str]:
    """The rooms whose members may join this one; nothing where it is not restricted. What `may_join_by_allow` must know
    of a person is which of these they are in (client-server API, Conditions for restricted rooms)."""
    if join_rule_of(state) not in RESTRICTED:
        return frozenset()
    return frozenset(_rooms_allowed(state[JOIN_RULES].content))


def may_join_by_allow(state: State, rooms_of_user: Container[str]) -> bool:
    """Whether somebody who is in these rooms meets one of the conditions under `allow` (client-server API, Conditions
    for restricted rooms)."""
    return any(room in rooms_of_user for room in joined_rooms_needed(state))


def find_authoriser(state: State) -> str | None:
    """A member with the power to invite, for `join_authorised_via_users_server`: the most powerful of those
    with a level of their own, else of all; of equals the first by name (server-server API, Restricted rooms)."""
    named = [user for user in _users_named(state) if may_invite(state, user)]
    if named:
        return min(named, key=lambda user: (-power_of(state, user), user))
    return min(_members_without_a_name(state), default=None)


def prepare_join(state: State, user: str, content: Content, rooms_of_user: Container[str]) -> Content:
    """The content of a person's join, with our word on `join_authorised_via_users_server` and never theirs: the member
    who authorises it where the room is restricted and they may come in by `allow`, else without the key."""
    prepared = {key: value for key, value in content.items() if key != AUTHORISER}
    if membership_of(state, user) not in EXPECTED and may_join_by_allow(state, rooms_of_user):
        authoriser = find_authoriser(state)
        if authoriser is not None:
            prepared[AUTHORISER] = authoriser
    return prepared


def _rooms_allowed(content: Content) -> Iterator[str]:
    conditions = content.get("allow")
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, dict) and condition.get("type") == "m.room_membership":
            room = condition.get("room_id")
            if isinstance(room, str):
                yield room


def _users_named(state: State) -> list[str]:
    """Who has a power level of their own; the creator before there are any."""
    levels = state.get(POWER_LEVELS)
    return [creator_of(state)] if levels is None else list(levels.content.get("users", ()))


def _members_without_a_name(state: State) -> Iterator[str]:
    """Members by the default level, where that suffices to invite."""
    if power_of(state, "") < power_to(state, "invite"):
        return iter(())
    return (user for (kind, user) in state if kind == "m.room.member" and may_invite(state, user))
