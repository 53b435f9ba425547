"""Every state x verb x role, walked: the state table and the policies, held against one table written by hand."""

from collections.abc import Callable

import pytest

from meydan.kernel.actor import VISITOR, Actor, Role
from meydan.kernel.errors import Conflict, MeydanError, Refused, SignInFirst
from meydan.reports import actions
from meydan.reports.models import ALLOWED, CLOSED, OPEN, Entry, Report, State, Verb
from meydan.reports.tests.cast import make_actor, make_city, make_report

pytestmark = pytest.mark.django_db

DO: dict[Verb, Callable[[Actor, int], Report]] = {
    Verb.ACCEPT: lambda actor, number: actions.accept_report(actor, number),
    Verb.ASK: lambda actor, number: actions.ask_reporter(actor, number, text="Where?"),
    Verb.ANSWER: lambda actor, number: actions.answer_question(actor, number, text="There."),
    Verb.MOVE: lambda actor, number: actions.move_report(actor, number, department="light"),
    Verb.SOLVE: lambda actor, number: actions.close_as_solved(actor, number, text="Done."),
    Verb.DECLINE: lambda actor, number: actions.decline_report(actor, number, text="Not ours."),
    Verb.FORWARD: lambda actor, number: actions.forward_report(actor, number, authority="waterworks"),
    Verb.MERGE: lambda actor, number: actions.join_report(actor, number, into=number - 1),
    Verb.CONFIRM: lambda actor, number: actions.confirm_solution(actor, number),
    Verb.REOPEN: lambda actor, number: actions.reopen_report(actor, number, text="Not done."),
    Verb.WITHDRAW: lambda actor, number: actions.withdraw_report(actor, number),
}
OFFICE = {Verb.ACCEPT, Verb.ASK, Verb.MOVE, Verb.FORWARD, Verb.MERGE, Verb.SOLVE, Verb.DECLINE}
REPORTERS = {Verb.ANSWER, Verb.CONFIRM, Verb.REOPEN, Verb.WITHDRAW}

# What may follow each state, as a person would say it.
EXPECTED: dict[str, set[str]] = {
    "submitted": {"accept", "ask", "move", "forward", "merge", "solve", "decline", "withdraw"},
    "moved": {"accept", "ask", "move", "forward", "merge", "solve", "decline", "withdraw"},
    "reopened": {"accept", "ask", "move", "forward", "merge", "solve", "decline", "withdraw"},
    "accepted": {"ask", "move", "forward", "merge", "solve", "decline", "withdraw"},
    "forwarded": {"accept", "ask", "move", "forward", "merge", "solve", "decline", "withdraw"},
    "asked": {"answer", "ask", "move", "forward", "merge", "solve", "decline", "withdraw"},
    "solved": {"confirm", "reopen"},
    "declined": {"reopen"},
    "confirmed": set(),
    "withdrawn": set(),
    "merged": {"reopen"},
}


def test_the_table_covers_every_state() -> None:
    assert {str(state): {str(verb) for verb in verbs} for state, verbs in ALLOWED.items()} == EXPECTED
    assert set(OPEN) | set(CLOSED) == set(State)
    assert set(OPEN) & set(CLOSED) == set()


def cast_of(report: Report, citizen: Actor) -> dict[str, Actor]:
    """Everybody who might knock."""
    return {
        "reporter": citizen,
        "key": Actor(case_keys=frozenset({report.reference})),
        "officer": make_actor("officer", Role.OFFICER, departments=("roads",)),
        "other_officer": make_actor("other", Role.OFFICER, departments=("light",)),
        "operator": make_actor("operator", Role.OPERATOR),
        "moderator": make_actor("moderator", Role.MODERATOR),
        "auditor": make_actor("auditor", Role.AUDITOR),
        "admin": make_actor("admin", Role.ADMIN),
        "neighbour": make_actor("neighbour"),
        "visitor": VISITOR,
    }


def may(role: str, verb: Verb) -> bool:
    """Who may do what, where the state allows it."""
    return (role in ("reporter", "key") and verb in REPORTERS) or (role == "officer" and verb in OFFICE)


def outcome(do: Callable[[Actor, int], Report], actor: Actor, number: int) -> str:
    """What comes of trying: the state afterwards, or the refusal."""
    try:
        return do(actor, number).state
    except MeydanError as error:
        return type(error).__name__


@pytest.mark.parametrize("state", list(State))
def test_every_verb_by_every_role(state: State) -> None:
    make_city()
    citizen = make_actor("citizen")
    make_report(citizen)  # the one before: what the report may be joined with
    report = make_report(citizen)
    for role, actor in cast_of(report, citizen).items():
        for verb, do in DO.items():
            Report.objects.filter(pk=report.pk).update(state=state, department="roads")
            Entry.objects.filter(report=report).delete()
            found = outcome(do, actor, report.number)
            if not may(role, verb):
                assert found == (SignInFirst if role in ("key", "visitor") else Refused).__name__, (role, verb)
            elif verb in EXPECTED[state]:
                assert found == ALLOWED[state][verb], (role, verb)
            else:
                assert found == Conflict.__name__, (role, verb)


def test_the_call_centre_follows_up_on_its_own_cases_only() -> None:
    make_city()
    operator = make_actor("operator", Role.OPERATOR)
    by_phone = make_report(operator, on_behalf=True, contact_name="A caller")
    online = make_report(make_actor("citizen"))
    actions.withdraw_report(operator, by_phone.number)
    with pytest.raises(Refused):
        actions.withdraw_report(operator, online.number)
    with pytest.raises(Refused):
        make_report(make_actor("neighbour"), on_behalf=True)


def test_passing_on_keeps_the_history_and_brings_the_new_term() -> None:
    make_city()
    officer = make_actor("officer", Role.OFFICER, departments=("roads",))
    report = make_report(VISITOR)
    actions.accept_report(officer, report.number)
    moved = actions.move_report(officer, report.number, category="lamp", text="It is a lamp.")
    assert (moved.department_id, moved.category_id, moved.state, moved.officer_id) == ("light", "lamp", "moved", None)
    assert moved.due_on > report.due_on
    assert [entry.kind for entry in Entry.objects.order_by("id")] == ["filed", "routed", "accepted", "moved"]
    with pytest.raises(Refused):
        actions.accept_report(officer, report.number)


def test_passing_on_to_a_private_category_hides_the_report() -> None:
    make_city()
    report = make_report(VISITOR)
    officer = make_actor("officer", Role.OFFICER, departments=("roads",))
    assert not actions.move_report(officer, report.number, category="abuse").public
