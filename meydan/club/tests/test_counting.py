"""What counts, and which badges follow: once for each thing, only while it stands, within the caps."""

from datetime import UTC, datetime, timedelta

import pytest

from meydan.accounts.public import Person
from meydan.club.actions import forget_member, forget_reference, settle, settle_past, weigh
from meydan.club.actions.counting import count_contribution
from meydan.club.models import Award, Contribution, Member
from meydan.club.queries.kinds import KINDS, judge_confirmed
from meydan.club.reactions import count_what_happened, weigh_all
from meydan.club.tests.cast import contribute, levels_of, look, make_badge, make_officer, solve
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.errors import Refused
from meydan.kernel.facts import facts_about
from meydan.kernel.models import FactRecord
from meydan.kernel.reactions import reactions_to
from meydan.moderation.actions import flag_thing, keep_thing, take_thing_off
from meydan.moderation.models import Reason
from meydan.reports.actions import (
    close_as_solved,
    confirm_solution,
    hear_witness,
    hide_report,
    show_report,
    support_report,
)
from meydan.reports.facts import ReportReopened, WitnessHeard
from meydan.reports.tests.cast import make_actor, make_city, make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen() -> Actor:
    make_city()
    return make_actor("nadia")


@pytest.fixture
def officer(citizen: Actor) -> Actor:
    return make_officer()


def moderator() -> Actor:
    return make_actor("moderator", Role.MODERATOR)


def test_a_confirmed_repair_counts_once_and_levels_follow(citizen: Actor, officer: Actor) -> None:
    make_badge(levels=(1, 3))
    (first,) = contribute(citizen, officer)
    look(first.reference)
    look(first.reference)
    assert Contribution.objects.count() == 1 and levels_of(citizen.person_id) == [1]
    contribute(citizen, officer, 2)
    assert levels_of(citizen.person_id) == [1, 2]


def test_what_falls_takes_its_level_along_and_may_come_back(citizen: Actor, officer: Actor) -> None:
    make_badge(levels=(1, 2))
    _first, second = contribute(citizen, officer, 2)
    hide_report(moderator(), second.number, text="A face")
    look(second.reference)
    assert levels_of(citizen.person_id) == [1]
    fallen = Award.objects.get(revoked_at__isnull=False)
    show_report(make_actor("other", Role.MODERATOR), second.number)
    look(second.reference)
    assert levels_of(citizen.person_id) == [1, 2]
    again = Award.objects.get(level=2, revoked_at=None)
    assert again.pk != fallen.pk and (again.list_number, again.index) != (fallen.list_number, fallen.index)


def test_the_order_in_which_facts_are_learned_does_not_matter(citizen: Actor, officer: Actor) -> None:
    make_badge()
    report = solve(citizen, officer)
    hide_report(moderator(), report.number, text="A face")
    hidden, confirmed = list(reversed([one.fact for one in facts_about(report.reference)]))[:2]
    count_what_happened(hidden)
    count_what_happened(confirmed)
    assert levels_of(citizen.person_id) == [] and not Contribution.objects.filter(dropped_at=None).exists()


def test_a_reopened_report_counts_no_longer(citizen: Actor, officer: Actor) -> None:
    report = solve(citizen, officer)
    facts = facts_about(report.reference)
    assert set(judge_confirmed(facts)) == {citizen.person_id}
    again = [*facts, type(facts[0])(**{**vars(facts[0]), "fact": ReportReopened(subject="report:1", category="x")})]
    assert judge_confirmed(again) == {}


def test_who_solves_their_own_report_earns_nothing(citizen: Actor) -> None:
    make_badge()
    officer = make_officer()
    report = make_report(officer)
    close_as_solved(officer, report.number, text="Filled")
    confirm_solution(officer, report.number)
    look(report.reference)
    assert levels_of(officer.person_id) == []


def test_a_visitors_report_counts_for_nobody(citizen: Actor, officer: Actor) -> None:
    report = make_report(VISITOR)
    close_as_solved(officer, report.number, text="Filled")
    settle(KINDS["report-confirmed"], report.reference)
    assert not Contribution.objects.exists()


def count(person: Actor, moments: list[datetime]) -> None:
    """Contributions at these moments, as if they had stood their test then."""
    assert person.person_id
    for number, moment in enumerate(moments):
        row = Contribution(person_id=person.person_id, kind="report-confirmed", reference=f"report:{number}", at=moment)
        count_contribution(SYSTEM, row)
    weigh(person.person_id)


MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_night_of_diligence_earns_no_more_than_the_caps(citizen: Actor) -> None:
    make_badge("daily", levels=(1, 2, 3, 9), per_day=2)
    make_badge("weekly", levels=(1, 2, 3, 9), per_week=3)
    count(citizen, [MONDAY + timedelta(minutes=minute) for minute in range(9)])
    assert levels_of(citizen.person_id, "daily") == [1, 2]
    assert levels_of(citizen.person_id, "weekly") == [1, 2, 3]


def test_days_and_weeks_add_up(citizen: Actor) -> None:
    make_badge("both", levels=(4, 5), per_day=2, per_week=3)
    days = [MONDAY, MONDAY, MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=1), MONDAY + timedelta(days=7)]
    count(citizen, days)
    assert levels_of(citizen.person_id, "both") == [1]


def test_a_new_rule_gives_and_never_takes(citizen: Actor, officer: Actor) -> None:
    make_badge(levels=(1, 2))
    reports = contribute(citizen, officer, 2)
    make_badge(levels=(5,))
    weigh_all(badge="helper")
    contribute(citizen, officer)
    assert levels_of(citizen.person_id) == [1, 2]
    hide_report(moderator(), reports[0].number, text="A face")
    look(reports[0].reference)
    assert levels_of(citizen.person_id) == [1, 2]  # two others still stand
    make_badge(levels=(1, 2, 3))
    contribute(citizen, officer)
    weigh_all(badge="helper")
    assert levels_of(citizen.person_id) == [1, 2, 3]


def test_a_badge_that_is_not_given_any_more_stays_with_its_holders(citizen: Actor, officer: Actor) -> None:
    make_badge(levels=(1, 2))
    contribute(citizen, officer)
    make_badge(levels=(1, 2), active=False)
    contribute(citizen, officer)
    assert levels_of(citizen.person_id) == [1]


def test_the_past_counts_when_the_club_comes_to_a_city(citizen: Actor, officer: Actor) -> None:
    solve(citizen, officer)
    make_badge()
    assert "meydan.club.reactions.weigh_by_the_rule" in reactions_to(type(facts_about("badge:helper")[0].fact))
    last = settle_past("report-confirmed")
    assert last and settle_past("report-confirmed", after=last) == ""
    assert levels_of(citizen.person_id) == [1]


def test_a_hint_counts_for_whoever_gave_it_when_a_moderator_agrees(citizen: Actor, officer: Actor) -> None:
    make_badge(kinds=["flag-upheld"], levels=(1,))
    kept, taken = make_report(citizen), make_report(citizen)
    watcher, judge = make_actor("watcher"), moderator()
    for report in (kept, taken):
        flag_thing(watcher, reference=report.reference, reason=Reason.INSULT)
        flag_thing(VISITOR, reference=report.reference, reason=Reason.SPAM)
    keep_thing(judge, reference=kept.reference, words="Fine")
    take_thing_off(judge, reference=taken.reference, words="An insult")
    look(kept.reference)
    look(taken.reference)
    assert list(Contribution.objects.values_list("person", "reference")) == [(watcher.person_id, taken.reference)]
    assert levels_of(watcher.person_id) == [1] and levels_of(judge.person_id) == []


def test_nobody_gives_or_takes_a_badge_by_hand(citizen: Actor) -> None:
    admin = make_actor("admin", Role.ADMIN)
    assert admin.person_id
    row = Contribution(person_id=admin.person_id, kind="report-confirmed", reference="report:1", at=MONDAY)
    with pytest.raises(Refused):
        count_contribution(admin, row)


def test_an_anonymous_report_leads_to_nobody_and_still_counts(citizen: Actor, officer: Actor) -> None:
    make_badge()
    (report,) = contribute(citizen, officer)
    forget_reference(report.reference)
    FactRecord.objects.create(
        name="reports.report_anonymised",
        subject=report.reference,
        channel="system",
        data={"category": "pothole"},
        recorded_at=MONDAY,
    )
    look(report.reference)
    assert Contribution.objects.get().reference == "" and levels_of(citizen.person_id) == [1]


def test_a_closed_account_is_forgotten(citizen: Actor, officer: Actor) -> None:
    make_badge()
    (report,) = contribute(citizen, officer)
    assert citizen.person_id
    forget_member(citizen.person_id)
    Person.objects.filter(pk=citizen.person_id).update(is_active=False, email=None, name="")
    look(report.reference)
    assert not Contribution.objects.exists() and not Member.objects.exists()


def test_a_witness_counts_and_not_while_the_report_is_hidden(citizen: Actor, officer: Actor) -> None:
    make_badge(kinds=["repair-witnessed"], levels=(1,))
    assert "meydan.club.reactions.count_what_happened" in reactions_to(WitnessHeard)
    report = make_report(citizen)
    neighbour = make_actor("neighbour")
    support_report(neighbour, report.number, follow=True)
    close_as_solved(officer, report.number, text="Filled")
    hear_witness(neighbour, report.number, solved=True)
    hear_witness(neighbour, report.number, solved=False)
    look(report.reference)
    assert levels_of(neighbour.person_id) == [1] and Contribution.objects.count() == 1
    hide_report(moderator(), report.number, text="A face")
    look(report.reference)
    assert levels_of(neighbour.person_id) == []
