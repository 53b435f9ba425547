"""The call centre: a caller is found again, and rung back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Refused
from meydan.kernel.facts import facts_about
from meydan.reports import actions
from meydan.reports.models import CallOutcome, Entry, Opinion, Report, State
from meydan.reports.queries import find_caller, list_to_ring
from meydan.reports.tests.cast import make_actor, make_city, make_report, route
from meydan.reports.tests.test_pages import form, page_of, signed_in

pytestmark = pytest.mark.django_db
PHONE = "+212 612-345 678"


def operator() -> tuple[Actor, Client]:
    """Somebody of the call centre."""
    actor = make_actor("operator", Role.OPERATOR)
    Person.objects.get(pk=str(actor.person_id)).grants.create(role=Role.OPERATOR)
    return actor, signed_in(actor)


def take_call(actor: Actor, **values: Any) -> Report:
    """A report by telephone."""
    said = {"on_behalf": True, "contact_phone": PHONE, "contact_name": "Nadia", **values}
    return make_report(actor, **said)


def test_a_caller_is_found_again_however_the_number_is_written() -> None:
    make_city()
    actor, phone = operator()
    report = take_call(actor)
    for written in ("0612345678", "06.12.34.56.78", "00212612345678", "۰۶۱۲۳۴۵۶۷۸"):
        answer = phone.post("/reports/calls", {"phone": written})
        assert f'href="/reports/{report.number}"' in answer.content.decode(), written
    seen = facts_about(report.reference, name="kernel.personal_data_shown")
    assert len(seen) == 4
    html = phone.post("/reports/calls", {"phone": "0699999999"}).content.decode()
    assert "Nobody has left this number before" in html
    assert len(facts_about(report.reference, name="kernel.personal_data_shown")) == 4, "nothing was shown"
    for wrong in ("", "12", "call me", "1" * 41):
        assert phone.post("/reports/calls", {"phone": wrong}).status_code == 422, wrong
    assert PHONE not in page_of(phone, "/reports/calls")
    with pytest.raises(Refused):
        find_caller(make_actor("officer", Role.OFFICER, departments=("roads",)), PHONE)


def test_the_form_begins_with_what_is_known_of_the_caller() -> None:
    make_city()
    _actor, phone = operator()
    answer = phone.post(
        "/reports/new", {"begin": "1", "on_behalf": "on", "contact_phone": PHONE, "contact_name": "Nadia"}
    )
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'value="{PHONE}"' in html
    assert not Report.objects.exists()
    assert phone.post("/reports/new", form(on_behalf="on", contact_phone=PHONE)).status_code == 302
    report = Report.objects.get()
    assert (report.origin, report.contact_phone) == ("phone", PHONE)


def test_who_left_only_a_number_is_rung_back_and_says_that_it_is_solved() -> None:
    make_city()
    actor, phone = operator()
    report = take_call(actor)
    take_call(actor, contact_email="nadia@example.org")
    assert "Nobody to ring back" in page_of(phone, "/reports/ringback")
    actions.close_as_solved(SYSTEM, report.number, text="Filled with asphalt")
    listed = page_of(phone, "/reports/ringback")
    assert f'href="/reports/ringback/{report.number}"' in listed
    assert "612" not in listed
    address = f"/reports/ringback/{report.number}"
    assert PHONE not in page_of(phone, address)
    shown = phone.post(address).content.decode()
    assert PHONE in shown
    assert "Filled with asphalt" in shown
    assert facts_about(report.reference, name="kernel.personal_data_shown")

    assert phone.post(address, {"outcome": "missed"}).status_code == 302
    assert list_to_ring(actor).rows == [], "not again at once"
    Report.objects.update(ring_back_at=now() - timedelta(minutes=1))
    assert "rung 1 time in vain" in page_of(phone, "/reports/ringback")
    assert phone.post(address, {"outcome": "reached", "solved": "no"}).status_code == 422, "in whose words?"
    assert phone.post(address, {"outcome": "reached", "solved": "yes", "text": "Content"}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.ring_back_at) == (State.CONFIRMED, None)
    assert Opinion.objects.get().person_id is None, "it is the caller's, not the operator's"
    assert "Reporter, by telephone" in page_of(Client(), f"/reports/{report.number}")
    assert "Content" not in page_of(Client(), f"/reports/{report.number}")
    assert [one.fact.outcome for one in facts_about(report.reference, name="reports.reporter_rung")] == [  # type: ignore[attr-defined]  # of ReporterRung
        "missed",
        "reached",
    ]
    assert phone.post(address, {"outcome": "missed"}).status_code == 404


def test_a_caller_reopens_or_wants_no_calls() -> None:
    make_city()
    actor, _phone = operator()
    report, other = take_call(actor), take_call(actor, contact_phone="0655555555")
    for one in (report, other):
        actions.close_as_solved(SYSTEM, one.number, text="Filled")
    actions.note_call(actor, report.number, outcome=CallOutcome.REACHED, text="Still deep", solved=False)
    report.refresh_from_db()
    assert report.state == State.REOPENED
    assert Entry.objects.get(report=report, kind="reopened").details == {"by_phone": True}
    actions.note_call(actor, other.number, outcome=CallOutcome.REFUSED)
    actions.reopen_report(actor, other.number, text="She called again")
    actions.accept_report(SYSTEM, other.number)
    assert list_to_ring(actor).rows == []
    with pytest.raises(Conflict):
        actions.note_call(actor, other.number, outcome=CallOutcome.MISSED)
    with pytest.raises(Refused):
        actions.note_call(make_actor("citizen"), other.number, outcome=CallOutcome.MISSED)


def test_the_ring_back_list_pages_by_key() -> None:
    make_city()
    actor, phone = operator()
    numbers = [take_call(actor).number for _n in range(3)]
    for number in numbers:
        actions.accept_report(SYSTEM, number)
    first = list_to_ring(actor, limit=2)
    assert [row["number"] for row in first.rows] == numbers[:2]
    assert [row["number"] for row in list_to_ring(actor, after=str(first.next), limit=2).rows] == numbers[2:]
    for wrong in ("nonsense", "2026-01-01T00:00:00_1", "_", "2026-01-01T00:00:00+00:00_x"):
        assert phone.get("/reports/ringback", {"after": wrong}).status_code == 422, wrong


def test_a_message_to_a_caller_is_told_by_telephone() -> None:
    make_city()
    actor, _phone = operator()
    report = take_call(actor)
    route(report)
    actions.write_message(SYSTEM, report.number, text="The crew comes on Friday")
    assert [row["number"] for row in list_to_ring(actor).rows] == [report.number]
    assert make_report(VISITOR).ring_back_at is None
