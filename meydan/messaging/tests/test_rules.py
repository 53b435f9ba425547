"""The authorization rules of rooms, row by row, and what must hold whatever people try."""

import timeit
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.events import Event
from meydan.messaging.policies.joining import find_authoriser, joined_rooms_needed, may_join_by_allow, prepare_join
from meydan.messaging.policies.reading import history_visibility, membership_of, power_needed, power_of
from meydan.messaging.policies.redacting import may_redact
from meydan.messaging.policies.rules import RULES, may_append
from meydan.messaging.policies.seeing import may_see_change, may_see_event
from meydan.messaging.policies.verdict import ALLOW, demand, refuse
from meydan.messaging.tests.rooms import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    ROOM,
    State,
    make_create,
    make_event,
    make_member,
    make_powers,
    make_room,
    make_state,
)

PEOPLE = (ALICE, BOB, CAROL, DAVE)
NEW = make_state(make_create())
BARE = make_state(make_create(), make_member(ALICE, "join"), make_member(BOB, "join"))
VIA = "join_authorised_via_users_server"

NO_LEVELS: tuple[Any, ...] = ("50", 50.0, True, None, [50])
NO_MAPS: tuple[Any, ...] = (None, [], {"a": "1"}, {"a": True})
NO_USERS: tuple[Any, ...] = (None, [], {"alice": 1}, {ALICE: "100"})

Case = tuple[str, State, Event]


def carol(membership: str, **more: Any) -> State:
    """A room that Carol has this membership in."""
    return make_room(make_member(CAROL, membership), **more)


def setting(sender: str, **content: Any) -> Event:
    """New power levels, beside the two that the room has."""
    return make_powers(sender, **{"users": {ALICE: 100, BOB: 50}} | content)


ALLOWED: list[Case] = [
    ("a room begins", {}, make_create()),
    ("a room of version 10 begins", {}, make_create(room_version="10", creator=ALICE)),
    ("its creator joins first", NEW, make_member(ALICE, "join")),
    ("a message", make_room(), make_event("m.room.message", BOB, body="hello")),
    ("a type of a client's own", make_room(), make_event("org.example", BOB)),
    ("a reaction", make_room(), make_event("m.reaction", BOB)),
    ("join: public", make_room(rule="public"), make_member(CAROL, "join")),
    ("join: public, after leaving", carol("leave", rule="public"), make_member(CAROL, "join")),
    ("join: invited", carol("invite", rule="invite"), make_member(CAROL, "join")),
    ("join: invited, no rule said", carol("invite"), make_member(CAROL, "join")),
    ("join: invited after knocking", carol("invite", rule="knock"), make_member(CAROL, "join")),
    ("join: again, with another name", carol("join", rule="invite"), make_member(CAROL, "join", displayname="C")),
    ("join: restricted", make_room(rule="restricted"), make_member(CAROL, "join", **{VIA: BOB})),
    ("join: restricted, invited", carol("invite", rule="restricted"), make_member(CAROL, "join")),
    ("join: restricted, in already", carol("join", rule="restricted"), make_member(CAROL, "join")),
    ("join: knock_restricted", make_room(rule="knock_restricted"), make_member(CAROL, "join", **{VIA: ALICE})),
    ("invite", make_room(), make_member(CAROL, "invite", BOB)),
    ("invite: again", carol("invite"), make_member(CAROL, "invite", BOB)),
    ("invite: who knocked", carol("knock", rule="knock"), make_member(CAROL, "invite", BOB)),
    ("invite: at the level", make_room(invite=50), make_member(CAROL, "invite", BOB)),
    ("leave", make_room(), make_member(BOB, "leave")),
    ("leave: refusing an invitation", carol("invite"), make_member(CAROL, "leave")),
    ("leave: taking a knock back", carol("knock"), make_member(CAROL, "leave")),
    ("kick", carol("join"), make_member(CAROL, "leave", BOB)),
    ("kick: taking an invitation back", carol("invite"), make_member(CAROL, "leave", BOB)),
    ("kick: refusing a knock", carol("knock", rule="knock"), make_member(CAROL, "leave", BOB)),
    ("unban", carol("ban"), make_member(CAROL, "leave", BOB)),
    ("ban", carol("join"), make_member(CAROL, "ban", BOB)),
    ("ban: who never was here", make_room(), make_member(CAROL, "ban", BOB)),
    ("knock", make_room(rule="knock"), make_member(CAROL, "knock")),
    ("knock: knock_restricted", make_room(rule="knock_restricted"), make_member(CAROL, "knock")),
    ("knock: again", carol("knock", rule="knock"), make_member(CAROL, "knock")),
    ("the name of a room", make_room(), make_event("m.room.name", BOB, "", name="Lamps")),
    ("a state event by its type's level", make_room(events={"m.poll": 0}), make_event("m.poll", BOB, "x")),
    ("a tombstone", make_room(events={"m.room.tombstone": 100}), make_event("m.room.tombstone", ALICE, "")),
    ("a message after the tombstone", make_room(make_event("m.room.tombstone", ALICE, "")), make_event("m.x", BOB)),
    ("a state key of one's own", make_room(), make_event("m.live", BOB, BOB)),
    ("a call of one's own", make_room(), make_event("m.call.member", BOB, f"_{BOB}_DEVICE_m.call")),
    ("a call of one's own, short", make_room(), make_event("m.call.member", BOB, f"_{BOB}")),
    ("a third-party invite", make_room(), make_event("m.room.third_party_invite", BOB, "token")),
    ("the creator without levels", BARE, make_event("m.room.name", ALICE, "")),
    ("anybody's message without levels", BARE, make_event("m.room.message", BOB)),
    ("first power levels", BARE, make_powers(users={ALICE: 100})),
    ("levels: up to one's own", make_room(), setting(BOB, users={ALICE: 100, BOB: 50, CAROL: 50})),
    ("levels: stepping down", make_room(), setting(BOB, users={ALICE: 100, BOB: 10})),
    ("levels: leaving the list", make_room(), setting(BOB, users={ALICE: 100})),
    ("levels: a weaker one down", make_room(users={BOB: 50, CAROL: 49}), make_powers(BOB, users={BOB: 50, CAROL: -1})),
    ("levels: of an action", make_room(), setting(BOB, kick=50, ban=0)),
    ("levels: of a type", make_room(events={"a": 50}), setting(BOB, events={"b": 50})),
    ("levels: @room", make_room(), setting(BOB, notifications={"room": 0})),
    ("levels: nothing changes above", make_room(ban=90, events={"a": 90}), setting(BOB, ban=90, events={"a": 90})),
]

REFUSED: list[tuple[str, Case]] = [
    ("1.1", ("a second beginning", make_room(), make_create())),
    ("1.1", ("a beginning with a key", {}, make_event("m.room.create", ALICE, "x", room_version="11"))),
    ("1.1", ("a beginning that is no state", {}, make_event("m.room.create", ALICE, room_version="11"))),
    ("1.2", ("another server", {}, make_create("@alice:other.test"))),
    ("1.3", ("version 12", {}, make_create(room_version="12"))),
    ("1.3", ("no version", {}, make_event("m.room.create", ALICE, ""))),
    ("1.3", ("a version that is no text", {}, make_create(room_version=["11"]))),
    ("v10: 1.4", ("no creator", {}, make_create(room_version="10"))),
    ("v10: 1.4", ("another creator", {}, make_create(room_version="10", creator=BOB))),
    ("2.4", ("no room", {}, make_event("m.room.message", ALICE))),
    ("2.4", ("no room to join", {}, make_member(ALICE, "join"))),
    ("4.1", ("no state key", make_room(), make_event("m.room.member", BOB, membership="join"))),
    ("4.1", ("no membership", make_room(), make_event("m.room.member", BOB, BOB))),
    ("4.1", ("a list", make_room(), make_event("m.room.member", BOB, BOB, membership=["join"]))),
    ("4.3.7", ("another joins first", NEW, make_member(BOB, "join"))),
    ("4.3.2", ("joining another", make_room(rule="public"), make_member(CAROL, "join", BOB))),
    ("4.3.3", ("banned", carol("ban", rule="public"), make_member(CAROL, "join"))),
    ("4.3.5.2", ("no authoriser", make_room(rule="restricted"), make_member(CAROL, "join"))),
    ("4.3.5.2", ("who is not here", make_room(rule="restricted"), make_member(CAROL, "join", **{VIA: DAVE}))),
    ("4.3.5.2", ("oneself", make_room(rule="restricted"), make_member(CAROL, "join", **{VIA: CAROL}))),
    ("4.3.5.2", ("no name", make_room(rule="restricted"), make_member(CAROL, "join", **{VIA: [BOB]}))),
    (
        "4.3.5.2",
        ("too weak", make_room(rule="restricted", invite=60), make_member(CAROL, "join", **{VIA: BOB})),
    ),
    ("4.3.7", ("not invited", make_room(rule="invite"), make_member(CAROL, "join"))),
    ("4.3.7", ("not invited, no rule said", make_room(), make_member(CAROL, "join"))),
    ("4.3.7", ("an authoriser where none counts", make_room(), make_member(CAROL, "join", **{VIA: ALICE}))),
    ("4.3.7", ("knocked only", carol("knock", rule="knock"), make_member(CAROL, "join"))),
    ("4.3.7", ("private", carol("invite", rule="private"), make_member(CAROL, "join"))),
    ("4.3.7", ("a rule that nobody knows", make_room(rule="x"), make_member(CAROL, "join"))),
    ("4.4.1", ("by e-mail", make_room(), make_member(CAROL, "invite", BOB, third_party_invite={}))),
    ("4.4.2", ("by who is not here", make_room(), make_member(DAVE, "invite", CAROL))),
    ("4.4.3", ("who is here", make_room(), make_member(ALICE, "invite", BOB))),
    ("4.4.3", ("who is banned", carol("ban"), make_member(CAROL, "invite", ALICE))),
    ("4.4.5", ("too weak", make_room(invite=51), make_member(CAROL, "invite", BOB))),
    ("4.5.1", ("never here", make_room(), make_member(CAROL, "leave"))),
    ("4.5.1", ("gone", carol("leave"), make_member(CAROL, "leave"))),
    ("4.5.1", ("banned", carol("ban"), make_member(CAROL, "leave"))),
    ("4.5.2", ("kicked by who is not here", make_room(), make_member(BOB, "leave", CAROL))),
    ("4.5.3", ("unban", carol("ban", ban=60), make_member(CAROL, "leave", BOB))),
    ("4.5.5", ("unban, kick is above", carol("ban", kick=60), make_member(CAROL, "leave", BOB))),
    ("4.5.5", ("kicking the stronger", make_room(), make_member(ALICE, "leave", BOB))),
    ("4.5.5", ("kicking an equal", carol("join", users={BOB: 50, CAROL: 50}), make_member(CAROL, "leave", BOB))),
    ("4.5.5", ("too weak", carol("join", kick=51), make_member(CAROL, "leave", BOB))),
    ("4.6.1", ("by who is not here", make_room(), make_member(BOB, "ban", CAROL))),
    ("4.6.3", ("the stronger", make_room(), make_member(ALICE, "ban", BOB))),
    ("4.6.3", ("oneself", make_room(), make_member(BOB, "ban"))),
    ("4.6.3", ("too weak", carol("join", ban=51), make_member(CAROL, "ban", BOB))),
    ("4.7.1", ("public", make_room(rule="public"), make_member(CAROL, "knock"))),
    ("4.7.1", ("restricted", make_room(rule="restricted"), make_member(CAROL, "knock"))),
    ("4.7.2", ("for another", make_room(rule="knock"), make_member(CAROL, "knock", BOB))),
    ("4.7.4", ("in already", make_room(rule="knock"), make_member(BOB, "knock"))),
    ("4.7.4", ("invited", carol("invite", rule="knock"), make_member(CAROL, "knock"))),
    ("4.7.4", ("banned", carol("ban", rule="knock"), make_member(CAROL, "knock"))),
    ("4.8", ("unknown", make_room(), make_member(BOB, "haunt"))),
    ("5", ("who is not here", make_room(), make_event("m.room.message", CAROL))),
    ("5", ("who is invited", carol("invite"), make_event("m.room.message", CAROL))),
    ("5", ("who is banned", carol("ban"), make_event("m.room.message", CAROL))),
    ("5", ("a type like a rule's name", make_room(rule="public"), make_event("m.room.member/join", CAROL, CAROL))),
    ("6.1", ("too weak", make_room(invite=51), make_event("m.room.third_party_invite", BOB, "token"))),
    ("7", ("a message", make_room(events_default=51), make_event("m.room.message", BOB))),
    ("7", ("a message of its type", make_room(events={"m.poll": 51}), make_event("m.poll", BOB))),
    ("7", ("a state event", carol("join"), make_event("m.room.name", CAROL, ""))),
    ("7", ("a state event without levels", BARE, make_event("m.room.name", BOB, ""))),
    ("7", ("a tombstone", make_room(events={"m.room.tombstone": 100}), make_event("m.room.tombstone", BOB, ""))),
    ("7", ("levels", carol("join"), setting(CAROL))),
    ("8", ("another's state key", make_room(), make_event("m.live", ALICE, BOB))),
    ("ours", ("another's call", make_room(), make_event("m.call.member", ALICE, f"_{BOB}_DEVICE"))),
    ("ours", ("whose name goes on", make_room(), make_event("m.call.member", BOB, f"_{BOB}x_DEVICE"))),
    *(("9.1", ("no level", make_room(), setting(ALICE, ban=value))) for value in NO_LEVELS),
    *(("9.2", ("no map", make_room(), setting(ALICE, events=value))) for value in NO_MAPS),
    ("9.2", ("no map", make_room(), setting(ALICE, notifications={"room": "50"}))),
    *(("9.3", ("no users", BARE, make_powers(users=value))) for value in NO_USERS),
    ("9.5", ("up", make_room(), setting(BOB, ban=51))),
    ("9.5", ("down", make_room(ban=51), setting(BOB, ban=50))),
    ("9.5", ("away", make_room(ban=51), setting(BOB))),
    ("9.6", ("down", make_room(events={"a": 51}), setting(BOB, events={"a": 50}))),
    ("9.6", ("away", make_room(notifications={"room": 51}), setting(BOB))),
    ("9.7", ("up", make_room(), setting(BOB, events={"a": 51}))),
    ("9.8", ("the stronger", make_room(), setting(BOB, users={ALICE: 0, BOB: 50}))),
    ("9.8", ("an equal", make_room(users={BOB: 50, CAROL: 50}), make_powers(BOB, users={BOB: 50, CAROL: 0}))),
    ("9.8", ("an equal away", make_room(users={BOB: 50, CAROL: 50}), make_powers(BOB, users={BOB: 50}))),
    ("9.9", ("oneself", make_room(), setting(BOB, users={ALICE: 100, BOB: 51}))),
    ("9.9", ("a friend", make_room(), setting(BOB, users={ALICE: 100, BOB: 50, CAROL: 51}))),
]


@pytest.mark.parametrize(("state", "event"), [case[1:] for case in ALLOWED], ids=[case[0] for case in ALLOWED])
def test_what_the_rules_allow(state: State, event: Event) -> None:
    assert may_append(event, state) is ALLOW


@pytest.mark.parametrize(("section", "case"), REFUSED, ids=[f"{section} {case[0]}" for section, case in REFUSED])
def test_what_the_rules_refuse(section: str, case: Case) -> None:
    _, state, event = case
    verdict = may_append(event, state)
    assert not verdict
    assert verdict in [rule.verdict for rule in RULES if rule.section == section]


def test_every_refusal_has_its_case() -> None:
    refusals = {rule.section for rule in RULES if not rule.verdict}
    assert refusals == {section for section, _ in REFUSED}


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.verdict], ids=lambda rule: rule.section)
def test_every_refusal_says_why(rule: Any) -> None:
    assert rule.verdict.errcode.startswith("M_")
    assert rule.verdict.reason.endswith(".")


def test_a_verdict_may_be_demanded() -> None:
    demand(ALLOW)
    with pytest.raises(MatrixError) as caught:
        demand(refuse("No.", "M_BAD_JSON"))
    assert (caught.value.status, caught.value.errcode, caught.value.message) == (400, "M_BAD_JSON", "No.")
    with pytest.raises(MatrixError) as caught:
        demand(refuse("No."))
    assert (caught.value.status, caught.value.errcode) == (403, "M_FORBIDDEN")


# Reading


def test_the_power_of_people() -> None:
    assert (power_of(BARE, ALICE), power_of(BARE, BOB)) == (100, 0)
    room = make_room(users_default=7)
    assert [power_of(room, user) for user in PEOPLE] == [100, 50, 7, 7]
    assert power_of(make_state(make_create(), make_powers()), ALICE) == 0


@pytest.mark.parametrize(
    ("powers", "message", "state"),
    [
        ({}, 0, 50),
        ({"events_default": 5, "state_default": 6}, 5, 6),
        ({"events": {"m.x": 0}, "state_default": 9}, 0, 0),
    ],
)
def test_the_power_that_an_event_needs(powers: dict[str, Any], message: int, state: int) -> None:
    room = make_room(**powers)
    assert (power_needed(room, "m.x", False), power_needed(room, "m.x", True)) == (message, state)


def test_without_levels_state_needs_power() -> None:
    assert (power_needed(BARE, "m.x", False), power_needed(BARE, "m.x", True)) == (0, 50)


def test_who_never_was_here_has_left() -> None:
    assert membership_of(BARE, CAROL) == "leave"
    assert membership_of(carol("knock"), CAROL) == "knock"


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("joined", "joined"),
        ("world_readable", "world_readable"),
        ("x", "shared"),
        (["joined"], "shared"),
        (None, "shared"),
    ],
)
def test_the_history_visibility(said: Any, understood: str) -> None:
    assert history_visibility(BARE) == "shared"
    room = make_room(make_event("m.room.history_visibility", ALICE, "", history_visibility=said))
    assert history_visibility(room) == understood


# Redacting


def redaction(sender: str, event_id: str = "$" + "e" * 43) -> Event:
    return make_event("m.room.redaction", sender, redacts=event_id)


def test_one_redacts_ones_own_and_moderators_all() -> None:
    room = carol("join")
    by_bob, by_carol = make_event("m.room.message", BOB), make_event("m.room.message", CAROL)
    assert may_redact(redaction(CAROL), by_carol, room)
    assert may_redact(redaction(BOB), by_carol, room)
    assert not may_redact(redaction(CAROL), by_bob, room)
    assert not may_redact(redaction(BOB), by_carol, carol("join", redact=51))


def test_a_redaction_names_an_event_of_its_room() -> None:
    room = make_room()
    assert not may_redact(redaction(ALICE, "$other"), make_event("m.room.message", BOB), room)
    elsewhere = Event("$" + "e" * 43, "!other:city.test", "m.room.message", ALICE, {}, 1)
    assert not may_redact(redaction(ALICE), elsewhere, room)
    old = Event("$r", ROOM, "m.room.redaction", ALICE, {}, 1, redacts="$" + "e" * 43)
    assert may_redact(old, make_event("m.room.message", BOB), room)


def test_the_beginning_of_a_room_stays() -> None:
    assert not may_redact(redaction(ALICE), make_create(), make_room())


# Restricted rooms

SPACE, CLUB = "!space:city.test", "!club:city.test"


def restricted(rule: str = "restricted", allow: Any = None, **powers: Any) -> State:
    conditions = [{"type": "m.room_membership", "room_id": room} for room in (SPACE, CLUB)]
    said = conditions if allow is None else allow
    return make_room(make_event("m.room.join_rules", ALICE, "", join_rule=rule, allow=said), **powers)


def test_the_rooms_that_open_a_door() -> None:
    assert joined_rooms_needed(restricted()) == joined_rooms_needed(restricted("knock_restricted")) == {SPACE, CLUB}
    assert may_join_by_allow(restricted(), {CLUB, "!x:city.test"})
    assert not may_join_by_allow(restricted(), {"!x:city.test"})


@pytest.mark.parametrize("allow", ["x", {}, 5, ["x"], [{"type": "org.x", "room_id": SPACE}], [{"room_id": SPACE}], [
    {"type": "m.room_membership"}], [{"type": "m.room_membership", "room_id": [SPACE]}]])  # fmt: skip
def test_a_condition_that_is_not_understood_opens_no_door(allow: Any) -> None:
    assert not may_join_by_allow(restricted(allow=allow), {SPACE})


def test_conditions_count_only_where_the_rule_says_so() -> None:
    assert not may_join_by_allow(restricted("invite"), {SPACE})
    assert not may_join_by_allow(make_room(), {SPACE})


def test_the_authoriser_is_the_strongest_who_may_invite() -> None:
    assert find_authoriser(restricted()) == ALICE
    assert find_authoriser(restricted() | make_state(make_member(ALICE, "leave"))) == BOB
    assert find_authoriser(restricted(invite=101)) is None
    assert find_authoriser(restricted(users={})) == ALICE
    assert find_authoriser(restricted(users={DAVE: 100}, users_default=50, invite=50)) == ALICE
    assert find_authoriser(BARE) == ALICE


def test_only_the_server_says_who_authorised_a_join() -> None:
    room = restricted()
    forged = {"membership": "join", VIA: ALICE}
    assert prepare_join(room, CAROL, forged, {"!x:city.test"}) == {"membership": "join"}
    assert prepare_join(room, CAROL, {"membership": "join"}, {SPACE}) == forged
    assert prepare_join(room, BOB, forged, {SPACE}) == {"membership": "join"}
    assert prepare_join(restricted(invite=101), CAROL, forged, {SPACE}) == {"membership": "join"}
    join = make_event("m.room.member", CAROL, CAROL, **prepare_join(room, CAROL, {"membership": "join"}, {SPACE}))
    assert may_append(join, room)


# History visibility

SEEN = {
    # visibility: memberships at the event with which it is seen, and those with which it is by joining later
    "world_readable": ({"join", "invite", "knock", "leave", "ban"}, set()),
    "shared": ({"join"}, {"invite", "knock", "leave", "ban"}),
    "invited": ({"join", "invite"}, set()),
    "joined": ({"join"}, set()),
}


@pytest.mark.parametrize("visibility", SEEN)
@pytest.mark.parametrize("membership", ["join", "invite", "knock", "leave", "ban"])
@pytest.mark.parametrize("after", ["join", "invite", "leave", "ban"])
def test_who_sees_an_event(visibility: str, membership: str, after: str) -> None:
    at_once, later = SEEN[visibility]
    expected = membership in at_once or (after == "join" and membership in later)
    assert may_see_event(visibility, membership, after) is expected


def test_a_change_is_seen_from_either_side() -> None:
    assert may_see_change(("joined", "world_readable"), ("leave", "leave"), "leave")
    assert may_see_change(("world_readable", "joined"), ("leave", "leave"), "leave")
    assert may_see_change(("joined", "joined"), ("join", "leave"), "leave")
    assert may_see_change(("joined", "joined"), ("leave", "join"), "leave")
    assert not may_see_change(("joined", "shared"), ("leave", "leave"), "leave")


# Whatever people try

levels = st.sampled_from([-1, 0, 10, 49, 50, 51, 99, 100, 101])
people = st.sampled_from(PEOPLE)
NAMES = ("users_default", "events_default", "state_default", "invite", "kick", "ban", "redact")


@st.composite
def power_events(draw: st.DrawFn) -> Event:
    users = draw(st.dictionaries(people, levels))
    named = draw(st.dictionaries(st.sampled_from(NAMES), levels, max_size=3))
    events = draw(st.dictionaries(st.sampled_from(["m.room.power_levels", "m.room.name"]), levels))
    return make_powers(draw(people), users=users, events=events, **named)


@st.composite
def member_events(draw: st.DrawFn) -> Event:
    membership = draw(st.sampled_from(["join", "invite", "leave", "ban", "knock"]))
    via = draw(st.sampled_from([{}, {VIA: ALICE}]))
    return make_member(draw(people), membership, draw(people), **via)


rule_events = st.builds(
    lambda sender, rule: make_event("m.room.join_rules", sender, "", join_rule=rule),
    people,
    st.sampled_from(["public", "invite", "knock", "restricted", "private"]),
)
tries = st.lists(st.one_of(power_events(), power_events(), member_events(), rule_events), max_size=40)


def follow(state: State, event: Event) -> State:
    return state | make_state(event) if may_append(event, state) else state


@settings(max_examples=100)
@given(tries)
def test_nobody_ever_gets_more_power_than_there_was(events: list[Event]) -> None:
    state = make_room(rule="public", users_default=10)
    for event in events:
        before, state = state, follow(state, event)
        for user in PEOPLE:
            granted = max(power_of(before, event.sender), power_of(before, ""))  # by the sender, or by the default
            assert power_of(state, user) <= max(power_of(before, user), granted)
            assert power_of(state, user) <= 100


@settings(max_examples=100)
@given(tries)
def test_nobody_brings_down_who_is_as_strong(events: list[Event]) -> None:
    state = make_room(rule="public")
    for event in events:
        before, state = state, follow(state, event)
        named = before["m.room.power_levels", ""].content["users"]
        for user in PEOPLE:
            is_as_strong = power_of(before, user) >= power_of(before, event.sender)
            if user != event.sender and is_as_strong and user in named:
                assert power_of(state, user) == power_of(before, user)
                assert membership_of(before, user) != "join" or membership_of(state, user) == "join"


@settings(max_examples=100)
@given(tries)
def test_the_banned_stay_out_until_somebody_else_unbans_them(events: list[Event]) -> None:
    state = make_room(rule="public")
    for event in events:
        before, state = state, follow(state, event)
        for user in PEOPLE:
            if membership_of(before, user) == "ban" != membership_of(state, user):
                assert membership_of(state, user) == "leave"
                assert event.sender != user


@settings(max_examples=100)
@given(tries)
def test_only_members_change_anything_but_their_own_membership(events: list[Event]) -> None:
    state = make_room(rule="public")
    for event in events:
        before, state = state, follow(state, event)
        if state != before and membership_of(before, event.sender) != "join":
            assert (event.type, event.state_key) == ("m.room.member", event.sender)


def test_an_ordinary_message_costs_little() -> None:
    state = make_room(users={ALICE: 100} | {f"@{number}:city.test": 50 for number in range(1000)})
    event = make_event("m.room.message", BOB, body="hello", msgtype="m.text")
    best = min(timeit.repeat(lambda: may_append(event, state), number=1000, repeat=20)) / 1000
    assert best < 10e-6
