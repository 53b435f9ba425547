"""A case goes to another authority once, whatever their server does, and what they answer comes back."""

import ipaddress
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.kernel import fetch
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.vault import take_out
from meydan.reports import actions
from meydan.reports.actions import carrying
from meydan.reports.models import Authority, Entry, EntryKind, Forward, Report, Sending, State
from meydan.reports.plugins import open311_client
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.georeport_server import GeoReportServer, running
from meydan.reports.tests.test_pages import officer_of, signed_in

pytestmark = pytest.mark.django_db
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeoReportServer]:
    monkeypatch.setattr(fetch, "config", lambda: SimpleNamespace(fetch_private=(LOOPBACK,)))
    monkeypatch.setattr(open311_client, "TIMEOUT", 0.5)
    with running(GeoReportServer()) as made:
        make_city()
        set_state(made)
        yield made


def set_state(server: GeoReportServer, **more: Any) -> None:
    values: dict[str, Any] = {"services": {"pothole": "A1"}, "endpoint": server.endpoint, "api_key": "k3y", **more}
    actions.set_authority(SYSTEM, code="state", name={"en": "The state's roads"}, **values)


def forward(**values: Any) -> Forward:
    report = make_report(VISITOR, **values)
    actions.forward_report(SYSTEM, report.number, authority="state", text="It is your road.")
    return Forward.objects.get()


def carry(row: Forward) -> Forward:
    """The worker's next turn, as if its time had come."""
    Forward.objects.filter(pk=row.pk).exclude(next_at=None).update(next_at=now())
    actions.carry(forward=row.pk)
    row.refresh_from_db()
    return row


def test_a_case_arrives_once_with_what_everybody_may_know(server: GeoReportServer) -> None:
    row = carry(forward(contact_email="amina@example.org", contact_phone="0600"))
    assert (row.state, row.external_id, row.tries) == (Sending.SENT, "700", 1)
    (sent,) = server.requests.values()
    assert sent["api_key"] == "k3y" and sent["service_code"] == "A1"
    assert row.mark in sent["description"] and "It is your road." in sent["description"]
    assert (sent["lat"], sent["long"]) == ("33.590000", "-7.610000")
    assert not {"email", "phone", "first_name"} & sent.keys() and "amina" not in str(sent)
    assert len(server.requests) == 1


ARRIVES = ["late", "drips", "drops after", "html", "half", "500 after", "no id", "list in list", "deep", "huge"]


@pytest.mark.parametrize("mood", [*ARRIVES, "long id", "redirect"])
def test_after_an_unclear_answer_it_is_looked_for_and_not_sent_again(server: GeoReportServer, mood: str) -> None:
    server.mood = mood
    row = carry(forward())
    assert (row.state, row.doubtful) == (Sending.WAITING, True)
    server.mood = ""
    carry(row)
    assert (row.state, row.external_id) == (Sending.SENT, "700")
    assert len(server.requests) == 1


@pytest.mark.parametrize("mood", ["drops before", "500 before"])
def test_what_never_arrived_is_sent_after_looking_twice(server: GeoReportServer, mood: str) -> None:
    server.mood = mood
    row = carry(forward())
    server.mood = ""
    assert row.doubtful and not server.requests
    carry(row)
    assert (row.looks, row.state) == (1, Sending.WAITING) and not server.requests
    carry(row)
    assert (row.state, len(server.requests)) == (Sending.SENT, 1)


@pytest.mark.parametrize("list_mood", ["html", "drops"])
def test_nothing_is_sent_again_while_the_other_side_cannot_say(server: GeoReportServer, list_mood: str) -> None:
    server.mood = "late"
    row = carry(forward())
    server.mood, server.list_mood = "", list_mood
    for _turn in range(4):
        carry(row)
    assert len(server.requests) == 1 and row.state == Sending.WAITING
    server.list_mood = ""
    assert carry(row).state == Sending.SENT and len(server.requests) == 1


@pytest.mark.parametrize("mood", ["bare", "twice"])
def test_answers_near_the_standard_are_understood(server: GeoReportServer, mood: str) -> None:
    server.mood = mood
    assert carry(forward()).external_id == "700"


def test_a_busy_server_gets_it_later_without_a_look(server: GeoReportServer) -> None:
    server.mood = "busy"
    row = carry(forward())
    assert not row.doubtful
    server.mood = ""
    assert carry(row).state == Sending.SENT
    assert server.asked == ["POST /open311/v2/requests.json"] * 2


def test_xml_is_spoken_too(server: GeoReportServer) -> None:
    set_state(server, form="xml")
    assert carry(forward()).external_id == "700"


def test_a_refusal_is_shown_and_can_be_tried_again_or_taken_back(server: GeoReportServer, client: Client) -> None:
    server.mood = "declines"
    row = carry(forward())
    assert (row.state, row.said, row.next_at) == (Sending.FAILED, "400: No such service", None)
    officer, browser = officer_of("roads")
    address = f"/reports/{row.report_id}"
    page = browser.get(address).content.decode()
    assert "No such service" in page and f"{address}/forwards/{row.pk}/again" in page
    assert "No such service" not in client.get(address).content.decode()
    assert client.post(f"{address}/forwards/{row.pk}/again").status_code == 404
    server.mood = ""
    assert browser.post(f"{address}/forwards/{row.pk}/again").status_code == 302
    assert carry(row).state == Sending.SENT
    with pytest.raises(Conflict):
        actions.recall_forward(officer, row.pk)


def test_after_many_tries_it_has_failed_and_is_taken_back(server: GeoReportServer) -> None:
    row = forward()
    server.shutdown()
    server.server_close()
    for _turn in range(len(carrying.PAUSES) + 1):
        assert row.state == Sending.WAITING
        carry(row)
    assert row.state == Sending.FAILED and row.said
    officer, browser = officer_of("roads")
    assert browser.post(f"/reports/{row.report_id}/forwards/{row.pk}/recall").status_code == 302
    report = Report.objects.get()
    assert (report.state, report.officer_id) == (State.ACCEPTED, officer.person_id)
    carry(row)
    assert row.state == Sending.RECALLED


def test_what_is_taken_back_before_it_left_is_not_sent(server: GeoReportServer) -> None:
    row = forward()
    actions.accept_report(SYSTEM, row.report_id)
    carry(row)
    assert not server.asked


def test_two_workers_send_it_once(server: GeoReportServer) -> None:
    row = forward()
    actions.carry(forward=row.pk)
    actions.carry(forward=row.pk)
    assert len(server.requests) == 1


def test_a_token_becomes_a_number_and_answers_come_back(server: GeoReportServer) -> None:
    server.mood = "token"
    row = carry(forward())
    assert (row.state, row.token, row.external_id) == (Sending.SENT, "t1", "")
    assert carry(row).external_id == "700"
    server.list_mood = "wrong id"
    assert carry(row).state == Sending.SENT
    server.list_mood = ""
    server.requests["700"] |= {"status_notes": "We <i>come</i> on Monday"}
    carry(carry(row))
    server.requests["700"] |= {"status": "closed", "status_notes": "Mended"}
    carry(carry(row))
    assert row.state == Sending.ANSWERED
    said = list(Entry.objects.order_by("id").values_list("kind", "text"))[-2:]
    assert said == [(EntryKind.RETURNED, "We come on Monday"), (EntryKind.DONE_THERE, "Mended")]
    assert Report.objects.get().state == State.FORWARDED, "closing it here is the officer's and the reporter's"


def test_the_clerk_keeps_authorities(server: GeoReportServer) -> None:
    admin = make_actor("admin", Role.ADMIN)
    Person.objects.get(pk=str(admin.person_id)).grants.create(role=Role.ADMIN)
    browser = signed_in(admin)
    form = {"name_en": "Water", "code": "water", "endpoint": "https://water.example/v2", "services": "pothole = 1\n*=2"}
    assert browser.post("/reports/authorities/new", {**form, "api_key": "s3cret", "active": "on"}).status_code == 302
    kept = Authority.objects.get(pk="water")
    assert kept.services == {"pothole": "1", "*": "2"}
    assert "s3cret" not in kept.api_key and take_out(kept.api_key) == "s3cret"
    page = browser.get("/reports/authorities/water").content.decode()
    assert "s3cret" not in page and "pothole = 1" in page
    assert browser.post("/reports/authorities/water", {**form, "active": "on"}).status_code == 302
    assert take_out(Authority.objects.get(pk="water").api_key) == "s3cret"
    for wrong in ({"services": "pothole"}, {"endpoint": "ftp://x"}, {"endpoint": "", "email": ""}, {"email": "x"}):
        assert browser.post("/reports/authorities/water", {**form, **wrong}).status_code == 422


def test_who_may_forward(server: GeoReportServer) -> None:
    report = make_report(VISITOR)
    with pytest.raises(Refused):
        actions.forward_report(make_actor("citizen"), report.number, authority="state")
    officer: Actor = officer_of("roads")[0]
    with pytest.raises(Invalid):
        actions.forward_report(officer, report.number, authority="nobody")
    lamp = make_report(VISITOR, category="lamp")
    with pytest.raises(Invalid):
        actions.forward_report(SYSTEM, lamp.number, authority="state")
