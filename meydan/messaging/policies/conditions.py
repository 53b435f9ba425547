"""What the authorization rules ask: each a yes or no about an event and the state before it.

They are put together in `rules.py`, in the spec's order; the numbers are its sections. The target is the person whom
an `m.room.member` event is about: its state key.
"""

from collections.abc import Callable

from meydan.messaging.models.events import Event, State
from meydan.messaging.models.shapes import domain_of
from meydan.messaging.policies.reading import (
    CREATE,
    creator_of,
    join_rule_of,
    membership_of,
    power_needed,
    power_of,
    power_to,
    version_of,
)

Condition = Callable[[Event, State], bool]

VERSIONS = ("10", "11")
AUTHORISER = "join_authorised_via_users_server"
KNOCKED = ("knock", "knock_restricted")
RESTRICTED = ("restricted", "knock_restricted")
EXPECTED = ("invite", "join")


def always(event: Event, state: State) -> bool:
    """The spec's "otherwise"."""
    return True


# m.room.create


def is_not_the_first(event: Event, state: State) -> bool:
    """1.1"""
    return bool(state) or event.state_key != ""


def is_of_another_server(event: Event, state: State) -> bool:
    """1.2"""
    return domain_of(event.room_id) != domain_of(event.sender)


def version_is_unknown(event: Event, state: State) -> bool:
    """1.3"""
    return version_of(event) not in VERSIONS


def lacks_its_creator(event: Event, state: State) -> bool:
    """1.4 of version 10: what version 11 leaves to the sender."""
    return version_of(event) == "10" and event.content.get("creator") != event.sender


def there_is_no_room(event: Event, state: State) -> bool:
    """2.4"""
    return CREATE not in state


# m.room.member


def says_no_membership(event: Event, state: State) -> bool:
    """4.1"""
    return event.state_key is None or not isinstance(event.content.get("membership"), str)


def is_the_creators_first_join(event: Event, state: State) -> bool:
    """4.3.1"""
    return len(state) == 1 and event.state_key == event.sender == creator_of(state)


def is_about_another(event: Event, state: State) -> bool:
    """4.3.2, 4.7.2"""
    return event.state_key != event.sender


def is_about_oneself(event: Event, state: State) -> bool:
    """4.5.1"""
    return event.state_key == event.sender


def sender_is_banned(event: Event, state: State) -> bool:
    """4.3.3"""
    return membership_of(state, event.sender) == "ban"


def sender_is_absent(event: Event, state: State) -> bool:
    """4.4.2, 4.5.2, 4.6.1, 5"""
    return membership_of(state, event.sender) != "join"


def sender_is_expected(event: Event, state: State) -> bool:
    """4.3.4, 4.3.5.1: whether they are in already, or invited."""
    return membership_of(state, event.sender) in EXPECTED


def sender_is_expected_by_invitation(event: Event, state: State) -> bool:
    """4.3.4"""
    return join_rule_of(state) in ("invite", "knock") and sender_is_expected(event, state)


def sender_is_expected_by_restriction(event: Event, state: State) -> bool:
    """4.3.5.1"""
    return is_restricted(event, state) and sender_is_expected(event, state)


def is_restricted(event: Event, state: State) -> bool:
    """4.3.5"""
    return join_rule_of(state) in RESTRICTED


def lacks_an_authoriser(event: Event, state: State) -> bool:
    """4.3.5.2. The spec has the authoriser's server sign for it; here the server itself names them: see
    `joining.prepare_join`."""
    return is_restricted(event, state) and not may_invite(state, event.content.get(AUTHORISER))


def is_public(event: Event, state: State) -> bool:
    """4.3.6"""
    return join_rule_of(state) == "public"


def is_by_third_party(event: Event, state: State) -> bool:
    """4.4.1"""
    return "third_party_invite" in event.content


def target_is_joined(event: Event, state: State) -> bool:
    """4.4.3"""
    return membership_of(state, _target(event)) == "join"


def target_is_banned(event: Event, state: State) -> bool:
    """4.4.3, 4.5.3"""
    return membership_of(state, _target(event)) == "ban"


def sender_has_invite_power(event: Event, state: State) -> bool:
    """4.4.4, 6.1"""
    return power_of(state, event.sender) >= power_to(state, "invite")


def sender_has_something_to_leave(event: Event, state: State) -> bool:
    """4.5.1"""
    return is_about_oneself(event, state) and membership_of(state, event.sender) in ("invite", "join", "knock")


def unbans_without_power(event: Event, state: State) -> bool:
    """4.5.3"""
    return target_is_banned(event, state) and power_of(state, event.sender) < power_to(state, "ban")


def may_kick(event: Event, state: State) -> bool:
    """4.5.4"""
    return _outranks(event, state, "kick")


def may_ban(event: Event, state: State) -> bool:
    """4.6.2"""
    return _outranks(event, state, "ban")


def takes_no_knocks(event: Event, state: State) -> bool:
    """4.7.1"""
    return join_rule_of(state) not in KNOCKED


def sender_may_knock(event: Event, state: State) -> bool:
    """4.7.3"""
    return membership_of(state, event.sender) not in ("ban", "invite", "join")


# Every other event


def sender_lacks_power(event: Event, state: State) -> bool:
    """7"""
    return power_of(state, event.sender) < power_needed(state, event.type, event.state_key is not None)


def is_kept_for_another(event: Event, state: State) -> bool:
    """8"""
    key = event.state_key
    return key is not None and key.startswith("@") and key != event.sender


def is_a_call_of_another(event: Event, state: State) -> bool:
    """Calls keep one state event for each device, under `_@person:server_DEVICE...`: theirs as well. The rule is ours,
    after MSC3757."""
    key = event.state_key
    return key is not None and key.startswith("_@") and not f"{key}_".startswith(f"_{event.sender}_")


def may_invite(state: State, user: object) -> bool:
    """Whether this is a member with the power to invite (room version 8, restricted joins)."""
    if not isinstance(user, str) or membership_of(state, user) != "join":
        return False
    return power_of(state, user) >= power_to(state, "invite")


def _target(event: Event) -> str:
    return event.state_key or ""


def _outranks(event: Event, state: State, action: str) -> bool:
    power = power_of(state, event.sender)
    return power >= power_to(state, action) and power_of(state, _target(event)) < power
