"""Open reports close by, asked about before one more is sent; and "me too"."""

from typing import Any

import pytest
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR, Actor
from meydan.kernel.devices import DEVICE_COOKIE, device_of
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.facts import facts_about
from meydan.kernel.places import Point, metres_between
from meydan.reports import actions
from meydan.reports.actions import support_report
from meydan.reports.models import Follower, Report
from meydan.reports.queries import list_close
from meydan.reports.tests.cast import CENTRE, make_actor, make_city, make_report
from meydan.reports.tests.test_pages import form, picture, signed_in

pytestmark = pytest.mark.django_db
AWAY = Point(CENTRE.lat + 0.0007, CENTRE.lon)  # about 78 m


@pytest.fixture
def report() -> Report:
    make_city()
    return make_report(make_actor("nadia"))


def test_its_own_kind_counts_from_farther_away(report: Report) -> None:
    assert 70 < metres_between(CENTRE, AWAY) < 90
    assert [row["number"] for row in list_close(VISITOR, AWAY, category="pothole")] == [report.number]
    assert list_close(VISITOR, AWAY, category="lamp") == []
    assert [row["metres"] for row in list_close(VISITOR, CENTRE, category="lamp")] == [0]


def test_what_is_closed_or_hidden_is_not_shown(report: Report) -> None:
    make_report(make_actor("omar"), category="abuse")
    actions.withdraw_report(Actor(person_id=report.reporter_id), report.number)
    assert list_close(SYSTEM, CENTRE, category="abuse") == []


def test_the_form_asks_first_and_keeps_everything(client: Client, report: Report) -> None:
    sent: dict[str, Any] = form(lat="33.59", lon="-7.61", form_token="0190f0c0-0000-7000-8000-000000000001")
    answer = client.post("/reports/new", {**sent, "photo": picture()})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert Report.objects.count() == 1
    assert f'action="/reports/{report.number}/support"' in page
    assert 'name="form_token" value="0190f0c0-0000-7000-8000-000000000001"' in page
    token = page.partition('name="photos" value="')[2].partition('"')[0]
    sent_on = client.post("/reports/new", {**sent, "photos": token, "is_new": "1"})
    assert sent_on.status_code == 302
    assert Report.objects.latest("number").photos.count() == 1


def test_the_same_list_for_scripts_and_programs(client: Client, report: Report) -> None:
    assert f"/reports/{report.number}" in client.get("/reports/near?lat=33.59&lon=-7.61").content.decode()
    assert client.get("/reports/near?lat=10&lon=10").content.strip() == b""
    (found,) = client.get("/api/reports/near?lat=33.59&lon=-7.61&category=pothole").json()["reports"]
    assert (found["number"], found["metres"]) == (report.number, 0)
    assert client.get("/api/reports/near?lat=91&lon=0").status_code == 422


def test_me_too_counts_once_for_each_person(report: Report) -> None:
    omar = make_actor("omar")
    support_report(omar, report.number)
    support_report(omar, report.number, follow=True)
    report.refresh_from_db()
    assert report.supporters == 1
    assert list(Follower.objects.values_list("person", "me_too", "follows")) == [(omar.person_id, True, True)]
    names = [stored.name for stored in facts_about(report.reference)]
    assert names.count("reports.report_supported") == 2


def test_me_too_of_a_visitor_counts_once_for_each_browser(report: Report) -> None:
    first, second = Client(), Client()
    for browser in (first, first, second):
        assert browser.post(f"/reports/{report.number}/support", {"follow": "1"}).status_code == 302
    report.refresh_from_db()
    assert report.supporters == 2
    devices = {device_of(browser.cookies[DEVICE_COOKIE].value) for browser in (first, second)}
    assert set(Follower.objects.values_list("device", flat=True)) == devices
    assert not Follower.objects.filter(follows=True).exists()
    assert not any("device" in str(stored.fact) for stored in facts_about(report.reference))


def test_who_may_not_say_me_too(report: Report) -> None:
    with pytest.raises(Refused):
        support_report(Actor(person_id=report.reporter_id), report.number)
    with pytest.raises(Invalid):
        support_report(VISITOR, report.number)
    actions.withdraw_report(Actor(person_id=report.reporter_id), report.number)
    with pytest.raises(Conflict):
        support_report(VISITOR, report.number, device="d" * 64)


def test_the_json_door_takes_photos_that_were_brought_before(client: Client, report: Report) -> None:
    brought = client.post("/api/reports/photos", picture().read(), content_type="image/jpeg")
    assert brought.status_code == 201
    filed = {"category": "pothole", "description": "A hole", "district": "anfa", "photos": [brought.json()["token"]]}
    number = client.post("/api/reports", filed, content_type="application/json").json()["number"]
    assert Report.objects.get(pk=number).photos.count() == 1
    forged = client.post("/api/reports", {**filed, "photos": ["forged"]}, content_type="application/json")
    assert forged.status_code == 422
    assert client.post("/api/reports/photos", b"no picture", content_type="image/jpeg").status_code == 422


def test_the_page_offers_me_too_to_others_only(client: Client, report: Report) -> None:
    address = f"/reports/{report.number}"
    assert "/support" in client.get(address).content.decode()
    assert "/support" not in signed_in(Actor(person_id=report.reporter_id)).get(address).content.decode()
