"""Districts are opened one by one: what that means for those who report and announce, and who decides it."""

from datetime import timedelta

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.events.actions import draft_event, hand_in_event
from meydan.events.tests.cast import plan, signed_in
from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.city import city_today
from meydan.kernel.errors import Invalid, NotFound, Refused, SignInFirst
from meydan.kernel.facts import facts_about
from meydan.kernel.models import District
from meydan.kernel.places import Point
from meydan.reports.actions import file_report
from meydan.reports.models import Report
from meydan.reports.tests.cast import CENTRE, make_actor, make_city
from meydan.rollout.public import find_closed, list_closed, list_districts, set_opening

pytestmark = pytest.mark.django_db

TOMORROW = timedelta(days=1)


@pytest.fixture
def place() -> tuple[District, Point]:
    """A district of the reports' small city, and a point in it."""
    make_city()
    return District.objects.get(code="anfa"), CENTRE


def admin_client() -> Client:
    admin = make_actor("boss", Role.ADMIN)
    Person.objects.get(pk=str(admin.person_id)).grants.create(role=Role.ADMIN)
    return signed_in(admin)


def _file(point: Point) -> Report:
    return file_report(VISITOR, category="lamp", description="A dark lamp at the gate.", point=point)


def test_everything_is_open_where_nobody_said_otherwise(place: tuple[District, Point]) -> None:
    assert list_closed(VISITOR) == []
    assert all(one.is_open for one in list_districts(VISITOR))


def test_no_report_begins_where_it_is_closed_and_the_sentence_says_from_when(place: tuple[District, Point]) -> None:
    district, point = place
    set_opening(SYSTEM, district.code, opens_on=None)
    with pytest.raises(Invalid) as caught:
        _file(point)
    assert "is not open in" in str(caught.value.fields["address"])
    set_opening(SYSTEM, district.code, opens_on=city_today() + TOMORROW)
    with pytest.raises(Invalid) as caught:
        file_report(VISITOR, category="lamp", description="A dark lamp.", district=district.code)
    assert "opens there on" in str(caught.value.fields["district"])
    assert not Report.objects.exists()
    set_opening(SYSTEM, district.code, opens_on=city_today())
    assert _file(point).district_id == district.code


def test_a_day_to_come_opens_by_itself(place: tuple[District, Point], monkeypatch: pytest.MonkeyPatch) -> None:
    district, _point = place
    day = city_today() + TOMORROW
    set_opening(SYSTEM, district.code, opens_on=day)
    assert find_closed(VISITOR, district)
    monkeypatch.setattr("meydan.rollout.queries.city_today", lambda: day)
    assert find_closed(VISITOR, district) is None


def test_the_call_centre_reports_for_the_whole_city(place: tuple[District, Point]) -> None:
    district, point = place
    set_opening(SYSTEM, district.code, opens_on=None)
    operator = make_actor("operator", Role.OPERATOR)
    report = file_report(
        operator, category="lamp", description="A caller says so.", point=point, on_behalf=True, contact_phone="0522"
    )
    assert report.district_id == district.code


def test_a_part_follows_the_district_that_holds_it_unless_it_has_its_own_day(place: tuple[District, Point]) -> None:
    part, _point = place
    whole = District.objects.exclude(pk=part.pk).first()
    assert whole is not None
    part.parent = whole
    part.save(update_fields=["parent"])
    set_opening(SYSTEM, whole.code, opens_on=None)
    assert find_closed(VISITOR, part)
    assert {one.code for one in list_closed(VISITOR)} >= {part.code, whole.code}
    set_opening(SYSTEM, part.code, opens_on=city_today())
    assert find_closed(VISITOR, part) is None
    assert find_closed(VISITOR, whole)


def test_no_event_is_announced_where_it_is_closed(place: tuple[District, Point]) -> None:
    district, point = place
    organiser = make_actor("organiser", Role.USER)
    event = draft_event(organiser, plan=plan(lat=point.lat, lon=point.lon), language="en")
    set_opening(SYSTEM, district.code, opens_on=None)
    with pytest.raises(Invalid) as caught:
        hand_in_event(organiser, event.pk)
    assert set(caught.value.fields) == {"spot"}
    set_opening(SYSTEM, district.code, opens_on=city_today())
    hand_in_event(organiser, event.pk)


def test_administrators_alone_decide_and_it_is_a_fact(place: tuple[District, Point]) -> None:
    district, _point = place
    with pytest.raises(SignInFirst):
        set_opening(VISITOR, district.code, opens_on=None)
    with pytest.raises(Refused):
        set_opening(make_actor("moderator", Role.MODERATOR), district.code, opens_on=None)
    with pytest.raises(NotFound):
        set_opening(SYSTEM, "nowhere", opens_on=None)
    with pytest.raises(Invalid):
        set_opening(SYSTEM, district.code, opens_on=city_today() + timedelta(days=4000))
    set_opening(make_actor("admin", Role.ADMIN), district.code, opens_on=city_today())
    facts = facts_about(f"district:{district.code}")
    assert [one.name for one in facts] == ["rollout.opening_set"]


def test_the_page_opens_a_district_and_says_what_is_wrong(place: tuple[District, Point], client: Client) -> None:
    district, _point = place
    admin = admin_client()
    data = {"district": district.code, "state": "closed"}
    assert admin.post("/districts/", data).status_code == 302
    page = admin.get("/districts/").content.decode()
    assert "not open yet" in page
    assert "Open it now" in page
    missing = admin.post("/districts/", {**data, "state": "day", "day": ""})
    assert missing.status_code == 422
    assert "Choose the day on which it opens" in missing.content.decode()
    seen = client.get("/districts/").content.decode()
    assert "not open yet" in seen
    assert "Open it now" not in seen
    assert "Not open yet" in client.get("/reports/new").content.decode()
    assert 'href="/districts/"' in client.get("/").content.decode()
    listed = client.get("/api/districts").json()["districts"]
    assert {one["code"]: one["open"] for one in listed}[district.code] is False


def test_a_program_opens_one(place: tuple[District, Point]) -> None:
    district, _point = place
    admin = admin_client()
    day = (city_today() + TOMORROW).isoformat()
    body = {"district": district.code, "state": "day", "day": day}
    answer = admin.post("/api/districts", body, content_type="application/json")
    assert answer.status_code == 200
    assert {one["code"]: one["opens_on"] for one in answer.json()["districts"]}[district.code] == day
