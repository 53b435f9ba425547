"""The Ear, through the pages: silence goes up twice and then onto the public list; a closing needs its picture, is
judged by witnesses, is reopened, and is confirmed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from meydan.accounts.public import Department
from meydan.kernel import reactions as kernel_reactions
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.city import city_today, promised_day, this_city
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, SignInFirst
from meydan.kernel.facts import FACT_TYPES, facts_about
from meydan.kernel.models import FactRecord
from meydan.notifications.models import Mail
from meydan.reports import actions
from meydan.reports.actions import terms
from meydan.reports.models import Entry, Follower, Opinion, Report, State
from meydan.reports.queries import forget_figures, hear, list_overdue, list_satisfaction, public_figures
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.test_pages import officer_of, page_of, picture, signed_in

pytestmark = pytest.mark.django_db


def make_offices() -> dict[str, Actor]:
    """Menders below works below the city hall, each with a manager."""
    make_city()
    Department.objects.filter(pk="roads").update(email="roads@city.example")
    managers = {code: make_actor(f"chief-{code}") for code in ("hall", "works", "menders")}
    for code, parent in (("hall", None), ("works", "hall"), ("menders", "works")):
        holder = managers[code].person_id
        actions.set_team(SYSTEM, code=code, name={"en": code.title()}, department="roads", parent=parent, holder=holder)
    actions.set_rule(SYSTEM, category="pothole", district=None, department="roads", team="menders")
    return managers


def react(name: str) -> list[str]:
    """What the worker does with the facts of this name that nobody has reacted to; who got letters."""
    before = set(Mail.objects.values_list("pk", flat=True))
    for row in FactRecord.objects.filter(name=name).order_by("id"):
        for reaction in kernel_reactions.reactions_to(FACT_TYPES[row.name]):
            if reaction.startswith("meydan.notifications"):
                with transaction.atomic():
                    kernel_reactions.run_reaction(fact_id=row.pk, reaction=reaction)
    return sorted(Mail.objects.exclude(pk__in=before).values_list("to", flat=True))


def follow(report: Report, *followers: Actor) -> None:
    for one in followers:
        Follower.objects.create(report=report, person_id=one.person_id, me_too=True, follows=True, at=report.filed_at)
    Report.objects.filter(pk=report.pk).update(supporters=len(followers))


def test_b06_silence_goes_up_and_a_closing_is_judged(client: Client) -> None:
    make_offices()
    citizen, neighbour = make_actor("citizen"), make_actor("neighbour")
    report = make_report(citizen, category="pothole")
    number = report.number
    follow(report, neighbour)
    days = this_city().escalation_days

    assert actions.escalate_silence(report.due_on) == 0, "the last day of the term is still in it"
    first = promised_day(report.due_on, days[0])
    told = []
    for step in range(3):
        assert actions.escalate_silence(first) == 1, step
        assert actions.escalate_silence(first) == 0, "once a day is once"
        told.append(react("reports.silence_escalated"))
        first = promised_day(first, days[min(step + 1, 2)])
    assert told[0] == ["chief-works@example.org", "citizen@example.org"]
    assert told[1] == ["chief-hall@example.org", "citizen@example.org"]
    assert told[2] == ["chief-hall@example.org", "citizen@example.org", "neighbour@example.org"]
    assert actions.escalate_silence(first + timedelta(days=99)) == 0, "three steps, no more"
    assert f"/reports/{number}" in page_of(client, "/reports/overdue")
    shown = page_of(client, f"/reports/{number}")
    assert "on the public list of overdue reports" in shown
    assert "Menders" in shown
    assert "Chief" not in shown, "the office by name, its manager not"

    _officer, desk = officer_of("roads")
    actions.set_category(
        SYSTEM, code="pothole", name={"en": "Pothole"}, department="roads", term_days=5, needs_after_photo=True
    )
    assert desk.post(f"/reports/{number}/do/solve", {"text": "Filled"}).status_code == 422, "no picture, no closing"
    assert desk.post(f"/reports/{number}/do/solve", {"text": "Filled", "photo": picture()}).status_code == 302
    assert f"/reports/{number}" not in page_of(client, "/reports/overdue")
    assert react("reports.report_solved") == ["citizen@example.org", "neighbour@example.org"]
    forget_figures()
    assert public_figures(VISITOR).claimed == 1
    assert public_figures(VISITOR).confirmed_this_week == 0, "silence confirms nothing"

    witness = signed_in(neighbour)
    assert "do you find it solved?" in page_of(witness, f"/reports/{number}")
    sent = {"solved": "no", "content": "2", "reasons": ["not_done", "slow"]}
    assert witness.post(f"/reports/{number}/witness", sent).status_code == 302
    assert "1 witness says that it is not solved" in page_of(client, f"/reports/{number}")
    reporter = signed_in(citizen)
    answer = reporter.post(
        f"/reports/{number}/do/reopen", {"text": "Still deep", "content": "1", "reasons": ["not_done"]}
    )
    assert answer.status_code == 302
    report.refresh_from_db()
    assert (report.state, report.escalation, report.due_on) == (State.REOPENED, 0, promised_day(city_today(), 5))
    assert desk.post(f"/reports/{number}/do/solve", {"text": "Filled well", "photo": picture()}).status_code == 302
    assert reporter.post(f"/reports/{number}/do/confirm", {"content": "5", "reasons": ["well_done"]}).status_code == 302
    forget_figures()
    assert public_figures(VISITOR).confirmed_this_week == 1
    staff = page_of(desk, "/reports/satisfaction")
    assert "3 of 5" in staff
    assert "1 found it solved" not in staff
    for name in ("Citizen", "Neighbour"):
        assert name not in staff


def test_three_witnesses_reopen_and_the_majority_counts() -> None:
    make_city()
    report = make_report(make_actor("citizen"))
    people = [make_actor(f"witness{n}") for n in range(7)]
    follow(report, *people)
    actions.close_as_solved(SYSTEM, report.number, text="Done")
    for one in people[:3]:
        actions.hear_witness(one, report.number, solved=True)
    for one in people[3:6]:
        assert actions.hear_witness(one, report.number, solved=False).state == State.SOLVED, "as many for it"
    assert (hear(people[0], report).solved, hear(people[0], report).said) == (0, None), "an old row is not asked"
    report.refresh_from_db()
    heard = hear(people[0], report)
    assert (heard.solved, heard.not_solved, heard.follows, heard.said) == (3, 3, True, True)
    actions.hear_witness(people[0], report.number, solved=False)  # looked again: 2 for, 4 against
    report.refresh_from_db()
    assert report.state == State.REOPENED
    assert Entry.objects.filter(report=report, kind="reopened", side="system").exists()
    assert Opinion.objects.filter(report=report).count() == 6
    with pytest.raises(Conflict):
        actions.hear_witness(people[6], report.number, solved=False)


def test_who_may_be_a_witness() -> None:
    make_city()
    citizen, stranger = make_actor("citizen"), make_actor("stranger")
    report = make_report(citizen)
    actions.close_as_solved(SYSTEM, report.number, text="Done")
    for actor, refusal in ((VISITOR, SignInFirst), (stranger, Refused), (citizen, Refused)):
        with pytest.raises(refusal):
            actions.hear_witness(actor, report.number, solved=False)


def test_following_ends_and_counts_no_more() -> None:
    make_city()
    report, neighbour = make_report(VISITOR), make_actor("neighbour")
    follow(report, neighbour)
    assert "1 other affected" in page_of(Client(), "/reports/")
    assert signed_in(neighbour).post(f"/reports/{report.number}/unfollow").status_code == 302
    report.refresh_from_db()
    assert report.supporters == 0
    with pytest.raises(NotFound):
        actions.unfollow_report(neighbour, report.number)


def test_followers_of_a_hidden_report_hear_nothing() -> None:
    make_city()
    report, neighbour = make_report(VISITOR), make_actor("neighbour")
    follow(report, neighbour)
    actions.hide_report(SYSTEM, report.number, text="A face")
    actions.accept_report(SYSTEM, report.number)
    assert react("reports.report_accepted") == []


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let the terms think that it is this day in the city."""
    monkeypatch.setattr(terms, "city_today", lambda: day)


def test_the_term_waits_while_the_reporter_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    make_city()
    citizen = make_actor("citizen")
    report = make_report(citizen)
    due, start = report.due_on, city_today()
    at(monkeypatch, promised_day(start, 2))
    actions.ask_reporter(SYSTEM, report.number, text="Where?")
    report.refresh_from_db()
    assert (report.paused_on, report.escalate_on) == (promised_day(start, 2), None)
    assert actions.escalate_silence(due + timedelta(days=60)) == 0, "who asks does not keep silent"
    at(monkeypatch, promised_day(start, 9))
    answered = actions.answer_question(citizen, report.number, text="There")
    assert (answered.due_on, answered.paused_on) == (promised_day(due, 7), None)
    moved = actions.move_report(SYSTEM, report.number, category="lamp")  # 10 days where the pothole had 5
    assert moved.due_on == promised_day(promised_day(start, 10), 7), "the days that it waited stay added"


def test_after_a_standstill_each_manager_still_gets_their_days() -> None:
    make_offices()
    report = make_report(VISITOR)
    late = report.due_on + timedelta(days=200)
    assert actions.escalate_silence(late) == 1
    report.refresh_from_db()
    assert report.escalation == 1
    assert report.escalate_on == promised_day(late, this_city().escalation_days[1])


def test_without_a_team_the_department_is_told() -> None:
    make_city()
    Department.objects.filter(pk="roads").update(email="roads@city.example")
    report = make_report(VISITOR)
    actions.escalate_silence(report.due_on + timedelta(days=30))
    assert react("reports.silence_escalated") == ["roads@city.example"]


def test_the_public_list_pages_by_key() -> None:
    make_city()
    numbers = [make_report(VISITOR).number for _n in range(3)]
    for place, number in enumerate(numbers):
        Report.objects.filter(pk=number).update(escalation=3, due_on=date(2026, 1, 5 - place))
    first = list_overdue(VISITOR, limit=2)
    assert [row["number"] for row in first.rows] == [numbers[2], numbers[1]]
    assert [row["number"] for row in list_overdue(VISITOR, after=first.next or "").rows] == [numbers[0]]
    with pytest.raises(Invalid):
        list_overdue(VISITOR, after="nonsense")


def test_what_is_overdue_shows_on_the_map_and_in_the_list() -> None:
    make_city()
    report = make_report(VISITOR)
    Report.objects.filter(pk=report.pk).update(due_on=date(2026, 1, 5))
    found: Any = Client().get("/reports/map.json").json()
    assert found["features"][0]["properties"]["late"] is True
    assert 'class="open late"' in page_of(Client(), "/reports/map")
    assert "Overdue" in page_of(Client(), "/reports/")
    Report.objects.filter(pk=report.pk).update(state="asked", paused_on=date(2026, 1, 4))
    assert Client().get("/reports/map.json").json()["features"][0]["properties"]["late"] is False


def test_the_reporter_picks_another_kind_twice() -> None:
    make_offices()
    citizen = make_actor("citizen")
    report = make_report(citizen)
    browser = signed_in(citizen)
    assert browser.post(f"/reports/{report.number}/do/repick", {"category": "pothole"}).status_code == 422
    assert browser.post(f"/reports/{report.number}/do/repick", {"category": "lamp"}).status_code == 302
    report.refresh_from_db()
    assert (report.department_id, report.team_id, report.state) == ("light", None, State.SUBMITTED)
    actions.accept_report(SYSTEM, report.number)
    again = actions.repick_category(citizen, report.number, category="pothole")
    assert (again.department_id, again.team_id, again.state, again.officer_id) == ("roads", "menders", "moved", None)
    with pytest.raises(Conflict):
        actions.repick_category(citizen, report.number, category="lamp")
    with pytest.raises(Refused):
        actions.repick_category(make_actor("stranger"), report.number, category="lamp")
    names = [one.name for one in facts_about(report.reference)]
    assert names.count("reports.category_repicked") == 2
    closed = make_report(citizen)
    actions.close_as_solved(SYSTEM, closed.number, text="Done")
    with pytest.raises(Conflict):
        actions.repick_category(citizen, closed.number, category="lamp")


def test_satisfaction_is_the_departments_own() -> None:
    make_city()
    citizen = make_actor("citizen")
    report = make_report(citizen)
    actions.close_as_solved(SYSTEM, report.number, text="Done")
    actions.confirm_solution(citizen, report.number, content=4, reasons=["fast"])
    ours = make_actor("ours", Role.OFFICER, departments=("roads",))
    theirs = make_actor("theirs", Role.OFFICER, departments=("light",))
    found = list_satisfaction(ours, report.filed_at)
    assert [(one.department, one.answers, one.counts[4], one.reasons) for one in found] == [
        ("roads", 1, 1, {"fast": 1})
    ]
    assert list_satisfaction(theirs, report.filed_at) == []
    with pytest.raises(Refused):
        list_satisfaction(citizen, report.filed_at)
