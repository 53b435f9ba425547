"""The errand: a report is filed, routed, answered, closed, reopened and confirmed."""

from uuid import uuid4

import pytest

from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import facts_about
from meydan.reports import actions
from meydan.reports.models import Origin, Report, State
from meydan.reports.tests.cast import make_actor, make_city, make_report

pytestmark = pytest.mark.django_db


def test_a_report_travels_from_its_filing_to_its_confirmation() -> None:
    make_city()
    citizen = make_actor("citizen")
    officer = make_actor("officer", Role.OFFICER, departments=("roads",))
    report = make_report(citizen)
    assert (report.department_id, report.district_id, report.state) == ("roads", "anfa", State.SUBMITTED)
    number = report.number
    actions.accept_report(officer, number)
    actions.ask_reporter(officer, number, text="Which side of the road?")
    actions.answer_question(citizen, number, text="The left one.")
    actions.close_as_solved(officer, number, text="Filled.")
    actions.reopen_report(citizen, number, text="It is open again.")
    actions.close_as_solved(officer, number, text="Filled with asphalt.")
    done = actions.confirm_solution(citizen, number)
    assert done.state == State.CONFIRMED
    assert done.answered_at and done.closed_at and done.confirmed_at
    names = [one.name.removeprefix("reports.") for one in facts_about(report.reference)]
    assert names == [
        "report_filed",
        "report_routed",
        "report_accepted",
        "question_asked",
        "question_answered",
        "report_solved",
        "report_reopened",
        "report_solved",
        "solution_confirmed",
    ]
    assert all(one.fact.persons == (citizen.person_id,) for one in facts_about(report.reference))


def test_a_form_sent_twice_makes_one_report() -> None:
    make_city()
    token = uuid4()
    first = make_report(VISITOR, form_token=token)
    second = make_report(VISITOR, form_token=token)
    assert first.number == second.number
    assert Report.objects.count() == 1


def test_an_operator_files_for_a_caller() -> None:
    make_city()
    operator = make_actor("operator", Role.OPERATOR)
    report = make_report(operator, on_behalf=True, contact_phone="0600000000")
    assert (report.origin, report.reporter_id, report.operator_id) == (Origin.PHONE, None, operator.person_id)


def test_a_place_is_demanded() -> None:
    make_city()
    with pytest.raises(Invalid) as error:
        make_report(VISITOR, point=None)
    assert "address" in error.value.fields


def test_a_closed_case_is_not_accepted() -> None:
    make_city()
    report = make_report(VISITOR)
    actions.decline_report(SYSTEM, report.number, text="It is a private road.")
    with pytest.raises(Conflict):
        actions.accept_report(SYSTEM, report.number)


def test_a_category_may_demand_a_picture_of_the_repair() -> None:
    make_city()
    report = make_report(VISITOR, category="lamp")
    with pytest.raises(Invalid) as error:
        actions.close_as_solved(SYSTEM, report.number, text="New bulb.")
    assert "photos" in error.value.fields


def test_the_exact_rule_wins() -> None:
    make_city()
    report = make_report(VISITOR, point=None, district="maarif")
    assert report.department_id == "maarif-roads"
