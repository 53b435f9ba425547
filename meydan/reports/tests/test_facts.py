"""Reactions run once, facts hold nothing private, and the figures count what happened."""

from datetime import timedelta

import pytest

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord, ReactionRun
from meydan.kernel.places import Point
from meydan.kernel.reactions import run_reaction
from meydan.reports import actions, public, reactions
from meydan.reports.actions import ImportedReport, file_report, import_reports
from meydan.reports.models import Entry, Report, State
from meydan.reports.queries import read_figures
from meydan.reports.tests.cast import CENTRE, make_actor, make_city, make_report

pytestmark = pytest.mark.django_db
ROUTING = f"{reactions.__name__}.find_the_department"


def test_the_department_is_found_exactly_once() -> None:
    make_city()
    report = file_report(VISITOR, category="pothole", description="A hole", point=CENTRE)
    fact = FactRecord.objects.get(name="reports.report_filed")
    for _again in range(3):
        run_reaction(fact_id=fact.pk, reaction=ROUTING)
    assert ReactionRun.objects.filter(fact=fact, reaction=ROUTING).count() == 1
    assert Entry.objects.filter(report=report, kind="routed").count() == 1
    report.refresh_from_db()
    assert report.department_id == "roads"


def test_without_a_rule_nobody_is_responsible() -> None:
    make_city()
    assert make_report(VISITOR, category="other").department_id is None


def test_no_fact_holds_private_words() -> None:
    make_city()
    report = make_report(VISITOR, description="SECRET-1", contact_email="secret-2@example.org", address="SECRET-3")
    actions.ask_reporter(SYSTEM, report.number, text="SECRET-4")
    actions.add_note(SYSTEM, report.number, text="SECRET-5")
    assert "secret" not in str(list(FactRecord.objects.values())).lower()


def test_figures_count_what_was_confirmed() -> None:
    make_city()
    citizen = make_actor("citizen")
    for index in range(3):
        number = make_report(citizen).number
        actions.close_as_solved(SYSTEM, number, text="Done.")
        if index:
            actions.confirm_solution(citizen, number)
    late = make_report(citizen)
    Report.objects.filter(pk=late.pk).update(due_on=now().date() - timedelta(days=1))
    figures = read_figures(now())
    assert (figures.confirmed_this_week, figures.claimed, figures.open, figures.overdue) == (2, 1, 1, 1)
    assert figures.median_days_to_answer is not None
    assert figures.median_days_to_answer < 0.1
    assert figures.pair is None
    assert read_figures(now() + timedelta(days=8)).confirmed_this_week == 0


def test_an_import_takes_each_row_over_once() -> None:
    make_city()
    moment = now() - timedelta(days=30)
    rows = [
        ImportedReport(
            external_id=str(index),
            category="pothole",
            description="Pothole",
            state=State.CONFIRMED if index else State.SUBMITTED,
            filed_at=moment,
            updated_at=moment,
            closed_at=moment + timedelta(days=2) if index else None,
            department="roads",
            point=Point(33.55, -7.65),
        )
        for index in range(5)
    ]
    assert import_reports(SYSTEM, "old", rows[:3]) == 3
    assert import_reports(SYSTEM, "old", rows) == 2
    assert import_reports(SYSTEM, "old", rows) == 0
    assert import_reports(SYSTEM, "other", rows) == 5
    assert Entry.objects.count() == 18
    assert FactRecord.objects.filter(name="reports.report_imported").count() == 10


def test_a_notice_says_whom_to_tell() -> None:
    make_city()
    visitor = make_report(VISITOR, contact_email="me@example.org")
    citizen = make_actor("citizen")
    notice = public.notice_of(visitor.number)
    assert (notice.email, notice.person_id, notice.key) == ("me@example.org", None, visitor.key)
    notice = public.notice_of(make_report(citizen).number)
    assert (notice.email, notice.person_id, notice.key) == ("citizen@example.org", citizen.person_id, "")


def test_search_and_my_cases() -> None:
    make_city()
    citizen = make_actor("citizen")
    mine, other = make_report(citizen, description="A lonely bench"), make_report(VISITOR)
    assert [row["number"] for row in public.search_reports(VISITOR, "lonely bench")] == [mine.number]
    assert public.search_reports(VISITOR, "  ") == []
    assert [row["number"] for row in public.search_reports(VISITOR, f"{other.number}")] == [other.number]
    assert [row["number"] for row in public.list_my_cases(citizen).rows] == [mine.number]


def test_a_person_takes_their_reports_along() -> None:
    make_city()
    citizen = make_actor("citizen")
    report = make_report(citizen, description="A lonely bench")
    make_report(VISITOR, description="Somebody else's")
    actions.add_note(SYSTEM, report.number, text="Only for the staff")
    files = {file.path: file.content for file in public.export_mine(citizen)}
    assert set(files) == {"reports.csv", "reports.json"}
    everything = str(files)
    assert "A lonely bench" in everything
    assert "Somebody else's" not in everything
    assert "Only for the staff" not in everything
