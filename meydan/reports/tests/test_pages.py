"""The HTML door: what each page shows, to whom, and what it never shows."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.facts import facts_about
from meydan.reports import actions
from meydan.reports.models import Category, Entry, Photo, Report, State
from meydan.reports.queries import CASE_COOKIE
from meydan.reports.tests.cast import make_actor, make_city, make_report, publish_photos
from meydan.ui.icons import icon

pytestmark = pytest.mark.django_db
BACKEND = "meydan.accounts.pages.backend.PersonBackend"


def picture(colour: str = "grey", kind: str = "JPEG") -> io.BytesIO:
    """A small photograph, as a phone sends it."""
    body = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(body, kind)
    body.seek(0)
    body.name = "street.jpg"
    return body


def signed_in(actor: Actor) -> Client:
    """A browser in which this person has signed in."""
    client = Client()
    client.force_login(Person.objects.get(pk=str(actor.person_id)), backend=BACKEND)
    return client


def officer_of(department: str) -> tuple[Actor, Client]:
    """An officer with the grant that makes them one."""
    actor = make_actor("officer", Role.OFFICER, departments=(department,))
    Person.objects.get(pk=str(actor.person_id)).grants.create(role=Role.OFFICER, department_id=department)
    return actor, signed_in(actor)


def form(**values: Any) -> dict[str, Any]:
    """The report form, filled in."""
    return {"category": "pothole", "description": "A deep hole", "address": "Rue 4", **values}


def page_of(client: Client, address: str, status: int = 200) -> str:
    """A page's HTML."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


@pytest.mark.parametrize("address", ["/reports/", "/reports/new", "/reports/mine", "/reports/map"])
def test_pages_without_reports(client: Client, address: str) -> None:
    assert "<h1>" in page_of(client, address)


def test_a_visitor_files_with_a_photo_and_follows_the_secret_link(client: Client) -> None:
    make_city()
    answer = client.post("/reports/new", form(photo=picture(), contact_email="somebody@example.org"))
    report = Report.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/reports/{report.number}?done=sent")
    assert Photo.objects.filter(report=report, kind="before").count() == 1
    assert report.key in page_of(client, answer["Location"])
    other = Client()
    assert report.key not in page_of(other, f"/reports/{report.number}")
    assert other.get(f"/reports/{report.number}?key=wrong").status_code == 404
    assert other.get(f"/reports/{report.number}?key={report.key}").status_code == 302
    assert report.key in page_of(other, f"/reports/{report.number}")
    assert f"/reports/{report.number}" in page_of(other, "/reports/mine")


def test_a_changed_cookie_opens_nothing(client: Client) -> None:
    make_city()
    report = make_report(VISITOR)
    client.cookies[CASE_COOKIE] = "WzFd:1tDEKt:forged"
    assert report.key not in page_of(client, f"/reports/{report.number}")


def test_what_was_typed_and_uploaded_survives_an_error(client: Client) -> None:
    make_city()
    answer = client.post("/reports/new", form(category="", photo=picture()))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "A deep hole" in html
    assert 'href="#field-category"' in html
    assert "Choose what the problem is about." in html
    token = html.split('name="photos" value="')[1].split('"')[0]
    assert client.get(f"/reports/photos/draft/{token}").status_code == 200
    assert client.post("/reports/new", form(photos=[token])).status_code == 302
    assert Photo.objects.count() == 1


def test_everything_that_is_missing_is_said_at_once(client: Client) -> None:
    html = client.post("/reports/new", {}).content.decode()
    assert [html.count(f'href="#field-{name}"') for name in ("address", "description", "category")] == [1, 1, 1]
    assert "Fill this in." not in html


def test_a_file_that_is_no_picture_is_refused_by_its_field(client: Client) -> None:
    make_city()
    body = io.BytesIO(b"<svg onload=alert(1)>")
    body.name = "evil.svg"
    answer = client.post("/reports/new", form(photo=body))
    assert answer.status_code == 422
    assert 'href="#field-photo"' in answer.content.decode()
    assert not Report.objects.exists()


def test_a_sixth_photo_is_refused(client: Client) -> None:
    make_city()
    photos = [picture(colour) for colour in ("red", "green", "blue", "white", "black", "grey")]
    assert client.post("/reports/new", form(photo=photos)).status_code == 422


def test_a_forged_photo_token_is_refused(client: Client) -> None:
    make_city()
    assert client.post("/reports/new", form(photos=["WzFd:1tDEKt:forged"])).status_code == 422
    assert client.get("/reports/photos/draft/WzFd:1tDEKt:forged").status_code == 404


def test_a_program_that_fills_the_hidden_field_files_nothing(client: Client) -> None:
    make_city()
    assert client.post("/reports/new", form(website="https://example.org")).status_code == 302
    assert not Report.objects.exists()


def test_the_list_pages_by_key(client: Client) -> None:
    make_city()
    numbers = [make_report(VISITOR).number for _index in range(23)]
    first = page_of(client, "/reports/")
    assert f"before={numbers[3]}" in first
    second = page_of(client, f"/reports/?before={numbers[3]}")
    assert all(f'href="/reports/{number}"' in second for number in numbers[:3])
    assert f'href="/reports/{numbers[3]}"' not in second


def test_the_list_costs_one_query(client: Client, django_assert_max_num_queries: Any) -> None:
    make_city()
    for _index in range(20):
        make_report(VISITOR)
    client.get("/reports/")
    with django_assert_max_num_queries(1):
        client.get("/reports/")


def test_the_list_is_searched_in_any_spelling(client: Client) -> None:
    make_city()
    report = make_report(VISITOR, description="حُفرة كبيرة أمام المدرسة")
    make_report(VISITOR, description="Something in another place", category="other")
    html = page_of(client, "/reports/?q=حفره+امام")
    assert f'href="/reports/{report.number}"' in html
    assert html.count('class="card report"') == 1


@pytest.mark.parametrize("query", ["state=x", "before=0", "before=a", "category=" + "x" * 61, "q=" + "x" * 201])
def test_a_wrong_question_gets_a_reason(client: Client, query: str) -> None:
    assert client.get(f"/reports/?{query}").status_code == 422


def test_a_category_that_cannot_be_one_is_refused_with_the_form(client: Client) -> None:
    make_city()
    for code in ("potho\0le", "a" * 300, "پ"):
        answer = client.post("/reports/new", form(category=code))
        assert answer.status_code == 422, code
        assert "A deep hole" in answer.content.decode()


def test_a_private_category_is_seen_by_its_parties_only(client: Client) -> None:
    make_city()
    citizen = make_actor("citizen")
    _actor, office = officer_of("roads")
    report = make_report(citizen, category="abuse", description="A clerk asked for money")
    address = f"/reports/{report.number}"
    assert client.get(address).status_code == 404
    assert "A clerk asked" not in page_of(client, "/reports/")
    assert "A clerk asked" in page_of(signed_in(citizen), address)
    assert "A clerk asked" in page_of(office, address)


def test_no_contact_on_any_page_until_it_is_asked_for() -> None:
    make_city()
    citizen = make_actor("citizen")
    officer, office = officer_of("roads")
    report = make_report(citizen, contact_phone="0612345678")
    for address in ("/reports/", f"/reports/{report.number}", "/reports/map", "/reports/work"):
        html = page_of(office, address)
        assert "citizen@example.org" not in html
        assert "0612345678" not in html
        assert "Citizen" not in html
    html = office.post(f"/reports/{report.number}/contact").content.decode()
    assert "citizen@example.org" in html
    shown = facts_about(report.reference)[-1]
    assert (shown.name, shown.actor) == ("kernel.personal_data_shown", officer.person_id)
    assert shown.fact.persons == (citizen.person_id,)
    assert Client().post(f"/reports/{report.number}/contact").status_code in (401, 403)


def test_the_officer_works_through_the_page() -> None:
    make_city()
    citizen = make_actor("citizen")
    _actor, office = officer_of("light")
    report = make_report(citizen, category="lamp")
    do = f"/reports/{report.number}/do/"
    assert f'action="{do}accept"' in page_of(office, f"/reports/{report.number}")
    assert office.post(do + "accept")["Location"] == f"/reports/{report.number}?done=accept"
    assert office.post(do + "note", {"text": "Bring a ladder."}).status_code == 302
    assert office.post(do + "solve", {"text": "New bulb."}).status_code == 422
    assert office.post(do + "solve", {"text": "New bulb.", "photo": picture("white")}).status_code == 302
    mine = signed_in(citizen)
    assert "Bring a ladder." not in page_of(mine, f"/reports/{report.number}")
    assert mine.post(do + "reopen", {"text": "Still dark."}).status_code == 302
    assert office.post(do + "solve", {"text": "New lamp.", "photo": picture("red")}).status_code == 302
    assert mine.post(do + "confirm").status_code == 302
    report.refresh_from_db()
    assert report.state == State.CONFIRMED


def test_questions_and_answers_are_between_the_parties(client: Client) -> None:
    make_city()
    citizen = make_actor("citizen")
    report = make_report(citizen)
    actions.ask_reporter(SYSTEM, report.number, text="Which house is yours?")
    actions.answer_question(citizen, report.number, text="Number seven.")
    html = page_of(client, f"/reports/{report.number}")
    assert "Which house is yours?" not in html
    assert "Number seven." not in html
    assert "Number seven." in page_of(signed_in(citizen), f"/reports/{report.number}")


def test_a_stranger_can_do_nothing(client: Client) -> None:
    make_city()
    report = make_report(make_actor("citizen"))
    neighbour = signed_in(make_actor("neighbour"))
    entries = Entry.objects.count()
    for verb in ("accept", "ask", "solve", "decline", "move", "note", "hide", "withdraw", "photo"):
        address = f"/reports/{report.number}/do/{verb}"
        assert client.post(address, {"text": "x"}).status_code == 401, verb
        assert neighbour.post(address, {"text": "x"}).status_code == 403, verb
    assert client.post(f"/reports/{report.number}/do/nonsense").status_code == 404
    assert client.get(f"/reports/{report.number}/do/accept").status_code == 405
    assert Entry.objects.count() == entries


def test_a_hidden_report_leaves_the_public_pages(client: Client) -> None:
    make_city()
    report = make_report(VISITOR)
    client.post("/reports/new", form(photo=picture()))
    number = Report.objects.order_by("-number")[0].number
    photo = Photo.objects.get(report=number)
    stranger = Client()
    assert stranger.get(f"/reports/photos/{photo.pk}/thumb").status_code == 404
    publish_photos(number)
    assert stranger.get(f"/reports/photos/{photo.pk}/thumb").status_code == 200
    actions.hide_report(SYSTEM, number, text="It names a person.")
    assert stranger.get(f"/reports/{number}").status_code == 404
    assert stranger.get(f"/reports/photos/{photo.pk}/thumb").status_code == 404
    assert "It names a person." in page_of(client, f"/reports/{number}")
    actions.show_report(SYSTEM, number)
    assert stranger.get(f"/reports/{number}").status_code == 200
    assert stranger.get(f"/reports/{report.number}").status_code == 200


def test_the_worklist_is_the_departments_own(client: Client) -> None:
    make_city()
    _actor, office = officer_of("roads")
    ours, theirs = make_report(VISITOR), make_report(VISITOR, category="lamp")
    html = page_of(office, "/reports/work")
    assert f'href="/reports/{ours.number}"' in html
    assert f'href="/reports/{theirs.number}"' not in html
    assert client.get("/reports/work").status_code == 302
    assert signed_in(make_actor("neighbour")).get("/reports/work").status_code == 403
    assert office.get("/reports/work?after=nonsense").status_code == 422
    for query in ("overdue=true", "mine=true", "state=asked", "category=pothole&district=anfa", "department=roads"):
        assert office.get(f"/reports/work?{query}").status_code == 200


def test_the_map_gives_points_and_refuses_nonsense(client: Client) -> None:
    make_city()
    report = make_report(VISITOR)
    make_report(VISITOR, category="abuse")
    found = client.get("/reports/map.json?bbox=-8,33,-7,34").json()["features"]
    assert [one["id"] for one in found] == [report.number]
    assert client.get("/reports/map.json?bbox=0,0,1,1").json()["features"] == []
    for wrong in ("1,2,3", "a,b,c,d", "nan,0,1,1", "3,0,1,1"):
        assert client.get(f"/reports/map.json?bbox={wrong}").status_code == 422, wrong
    assert len(client.get("/reports/districts.json").json()["features"]) == 2
    assert f'href="/reports/{report.number}"' in page_of(client, "/reports/map")


@pytest.mark.parametrize("token", ["", "a/b", "x", "../..", "1:2:3"])
def test_a_photo_token_that_is_none_of_ours_is_said_and_left_out(client: Client, token: str) -> None:
    answer = client.post("/reports/new", form(photos=[token]))
    assert answer.status_code == 422
    assert "Choose it again" in answer.content.decode()


def test_a_category_without_an_icon_of_its_own_has_one_that_exists() -> None:
    assert icon(Category._meta.get_field("icon").default).startswith("<svg")


def test_a_coarse_kind_tells_nobody_else_its_address(client: Client) -> None:
    make_city()
    Category.objects.filter(pk="pothole").update(coarse=True)
    maryam = make_actor("maryam")
    number = make_report(maryam, address="4, Rue des Orangers", description="A hole before my door").number
    doors = ("/reports/", f"/reports/{number}", "/reports/?q=hole", "/api/reports", f"/api/reports/{number}")
    for door in doors:
        assert "Orangers" not in page_of(client, door), door
    assert "A hole before my door" in page_of(client, "/reports/?q=hole")
    for door in ("/reports/?q=orangers", "/reports/feed.atom?street=Orangers", "/api/reports?q=orangers"):
        assert "A hole before my door" not in page_of(client, door), door
    assert "Rue des Orangers" in page_of(signed_in(maryam), f"/reports/{number}")
