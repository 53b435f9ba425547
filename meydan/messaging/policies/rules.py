"""The authorization rules of room versions 10 and 11, in the spec's order and under its numbers.

Source: https://spec.matrix.org/latest/rooms/v11/#authorization-rules. To read the table: from the top, the first row
that is about the event and whose condition is met gives the verdict; where none is, the event is allowed (rule 10).

Left out, since this server federates with nobody: what is about `prev_events` and `auth_events` (1.1 reads: the room is
empty; 2.1 to 2.3), `m.federate` (3: every sender is of this server), signatures (4.2), and invitations by e-mail or
telephone number (4.4.1), which are refused. One rule is ours: it guards the state keys of calls.
"""

from typing import NamedTuple

from meydan.messaging.models.events import Event, State
from meydan.messaging.policies import conditions as c
from meydan.messaging.policies import powers as p
from meydan.messaging.policies.verdict import ALLOW, Verdict, refuse

ANY = "*"
CREATE = "m.room.create"
MEMBER = "m.room.member"
THIRD_PARTY = "m.room.third_party_invite"
POWERS = "m.room.power_levels"
JOIN, INVITE, LEAVE, BAN, KNOCK = ((MEMBER, name) for name in ("join", "invite", "leave", "ban", "knock"))


class Rule(NamedTuple):
    """Where the condition is met, the verdict is this. `about` is a type, or a type with a membership."""

    section: str
    about: str | tuple[str, str]
    condition: c.Condition
    verdict: Verdict


_TOO_WEAK = refuse("This changes a level that is above your own power level.")

RULES = (
    Rule("1.1", CREATE, c.is_not_the_first, refuse("A room is created once, by its first event.")),
    Rule("1.2", CREATE, c.is_of_another_server, refuse("A room's id ends in the server of its creator.")),
    Rule("1.3", CREATE, c.version_is_unknown, refuse("This room version is unknown.", "M_UNSUPPORTED_ROOM_VERSION")),
    Rule("v10: 1.4", CREATE, c.lacks_its_creator, refuse("In room version 10, `creator` names the sender.")),
    Rule("1.4", CREATE, c.always, ALLOW),
    Rule("2.4", ANY, c.there_is_no_room, refuse("There is no such room.")),
    #
    Rule("4.1", MEMBER, c.says_no_membership, refuse("This says no membership, or nobody's.", "M_BAD_JSON")),
    #
    Rule("4.3.1", JOIN, c.is_the_creators_first_join, ALLOW),
    Rule("4.3.2", JOIN, c.is_about_another, refuse("Nobody can join for another.")),
    Rule("4.3.3", JOIN, c.sender_is_banned, refuse("You are banned from this room.")),
    Rule("4.3.4", JOIN, c.sender_is_expected_by_invitation, ALLOW),
    Rule("4.3.5.1", JOIN, c.sender_is_expected_by_restriction, ALLOW),
    Rule("4.3.5.2", JOIN, c.lacks_an_authoriser, refuse("You are in none of the rooms whose members may join here.")),
    Rule("4.3.5.3", JOIN, c.is_restricted, ALLOW),
    Rule("4.3.6", JOIN, c.is_public, ALLOW),
    Rule("4.3.7", JOIN, c.always, refuse("You need an invitation to this room.")),
    #
    Rule("4.4.1", INVITE, c.is_by_third_party, refuse("This server invites by user id only.")),
    Rule("4.4.2", INVITE, c.sender_is_absent, refuse("You are not in this room.")),
    Rule("4.4.3", INVITE, c.target_is_joined, refuse("They are in this room already.")),
    Rule("4.4.3", INVITE, c.target_is_banned, refuse("They are banned from this room.")),
    Rule("4.4.4", INVITE, c.sender_has_invite_power, ALLOW),
    Rule("4.4.5", INVITE, c.always, refuse("Your power level is too low to invite.")),
    #
    Rule("4.5.1", LEAVE, c.sender_has_something_to_leave, ALLOW),
    Rule("4.5.1", LEAVE, c.is_about_oneself, refuse("You are not in this room, and have no invitation to it.")),
    Rule("4.5.2", LEAVE, c.sender_is_absent, refuse("You are not in this room.")),
    Rule("4.5.3", LEAVE, c.unbans_without_power, refuse("Your power level is too low to unban.")),
    Rule("4.5.4", LEAVE, c.may_kick, ALLOW),
    Rule("4.5.5", LEAVE, c.always, refuse("Your power level is too low to remove them.")),
    #
    Rule("4.6.1", BAN, c.sender_is_absent, refuse("You are not in this room.")),
    Rule("4.6.2", BAN, c.may_ban, ALLOW),
    Rule("4.6.3", BAN, c.always, refuse("Your power level is too low to ban them.")),
    #
    Rule("4.7.1", KNOCK, c.takes_no_knocks, refuse("This room takes no knocks.")),
    Rule("4.7.2", KNOCK, c.is_about_another, refuse("Nobody can knock for another.")),
    Rule("4.7.3", KNOCK, c.sender_may_knock, ALLOW),
    Rule("4.7.4", KNOCK, c.always, refuse("You are banned from this room, in it or invited to it.")),
    #
    Rule("4.8", MEMBER, c.always, refuse("This membership is unknown.", "M_BAD_JSON")),
    #
    Rule("5", ANY, c.sender_is_absent, refuse("You are not in this room.")),
    Rule("6.1", THIRD_PARTY, c.sender_has_invite_power, ALLOW),
    Rule("6.1", THIRD_PARTY, c.always, refuse("Your power level is too low to invite.")),
    Rule("7", ANY, c.sender_lacks_power, refuse("Your power level is too low to send this.")),
    Rule("8", ANY, c.is_kept_for_another, refuse("Only the person whom its state key names can set this.")),
    Rule("ours", ANY, c.is_a_call_of_another, refuse("Only the person whom its state key names can set this.")),
    #
    Rule("9.1", POWERS, p.names_no_whole_levels, refuse("Power levels are whole numbers.", "M_BAD_JSON")),
    Rule("9.2", POWERS, p.maps_no_whole_levels, refuse("Each event type's level is a whole number.", "M_BAD_JSON")),
    Rule("9.3", POWERS, p.lists_no_users, refuse("`users` gives a whole number to each user id.", "M_BAD_JSON")),
    Rule("9.4", POWERS, p.is_first_of_its_kind, ALLOW),
    Rule("9.5", POWERS, p.moves_a_level_beyond_reach, _TOO_WEAK),
    Rule("9.6", POWERS, p.moves_a_type_beyond_reach, _TOO_WEAK),
    Rule("9.7", POWERS, p.sets_a_type_beyond_reach, _TOO_WEAK),
    Rule("9.8", POWERS, p.moves_an_equal, refuse("You can only change the level of who has less power than you.")),
    Rule("9.9", POWERS, p.raises_above_oneself, refuse("You cannot give more power than you have.")),
)

_Steps = tuple[tuple[c.Condition, Verdict], ...]


def _steps(*about: str | tuple[str, str]) -> _Steps:
    return tuple((rule.condition, rule.verdict) for rule in RULES if rule.about in (ANY, *about))


_ORDINARY = _steps()
_BY_TYPE = {name: _steps(name) for name in (CREATE, MEMBER, THIRD_PARTY, POWERS)}
_BY_MEMBERSHIP = {one[1]: _steps(MEMBER, one) for one in (JOIN, INVITE, LEAVE, BAN, KNOCK)}


def may_append(event: Event, state: State) -> Verdict:
    """Whether the event may follow upon this state (room version 11, Authorization rules). Of a redaction it says only
    whether it may be sent; ask `may_redact` as well.

    A join that carries `join_authorised_via_users_server` is believed: pass joins through `prepare_join` first.
    """
    for condition, verdict in _steps_for(event):
        if condition(event, state):
            return verdict
    return ALLOW


def _steps_for(event: Event) -> _Steps:
    if event.type == MEMBER:
        return _BY_MEMBERSHIP.get(str(event.content.get("membership")), _BY_TYPE[MEMBER])
    return _BY_TYPE.get(event.type, _ORDINARY)
