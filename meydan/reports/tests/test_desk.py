"""The desk, through the pages: many at once and back, assigning, joining, splitting, ready-made words, messages."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from meydan.accounts.public import Department, Person
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused
from meydan.kernel.facts import facts_about
from meydan.notifications.models import Mail
from meydan.notifications.reactions import tell_later
from meydan.reports import actions
from meydan.reports.models import BulkChange, BulkItem, BulkVerb, Entry, Report, SentForm, State
from meydan.reports.queries import list_kin
from meydan.reports.tests.cast import make_actor, make_city, make_person, make_report, publish_photos
from meydan.reports.tests.test_ear import react
from meydan.reports.tests.test_pages import officer_of, page_of, picture, signed_in

pytestmark = pytest.mark.django_db


def another_officer(name: str, department: str) -> Any:
    """A colleague with the grant that makes them one."""
    key = make_person(name)
    Person.objects.get(pk=key).grants.create(role=Role.OFFICER, department_id=department)
    return key


def send_change(desk: Client, verb: str, numbers: list[int], **said: Any) -> str:
    """What the page after the worklist sends; where it leads."""
    answer = desk.post("/reports/work/change", {"verb": verb, "number": numbers, "form_token": uuid4(), **said})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_f34_many_are_accepted_and_put_back() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    citizen = make_actor("citizen")
    reports = [make_report(citizen) for _n in range(3)]
    numbers = [one.number for one in reports]
    assert 'form="bulk"' in page_of(desk, "/reports/work")
    asked = page_of(desk, "/reports/work/change?verb=accept&" + "&".join(f"number={n}" for n in numbers))
    assert asked.count(" checked>") == 3
    page = send_change(desk, "accept", numbers, text="On our way.")
    assert set(Report.objects.values_list("state", flat=True)) == {State.ACCEPTED}
    assert "Done: 3 cases." in page_of(desk, page)

    actions.add_note(SYSTEM, numbers[2], text="Ring the bell")
    assert desk.post(f"{page}/undo").status_code == 302
    shown = page_of(desk, page)
    assert "Undone: 2 cases are as they were before." in shown
    assert "for something has happened since" in shown
    states = dict(Report.objects.values_list("number", "state"))
    assert [states[n] for n in numbers] == [State.SUBMITTED, State.SUBMITTED, State.ACCEPTED]
    first = Report.objects.get(pk=numbers[0])
    assert (first.officer_id, first.answered_at, first.due_on) == (None, None, reports[0].due_on)
    assert "Taken back: Accepted" in page_of(desk, f"/reports/{numbers[0]}")
    assert "reports.change_undone" in [one.name for one in facts_about(first.reference)]
    assert desk.post(f"{page}/undo").status_code == 302, "twice is once"
    assert Entry.objects.filter(report=first, kind="undone").count() == 1


def test_a_form_sent_twice_changes_them_once() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    report, token = make_report(VISITOR), uuid4()
    form = {"verb": "note", "number": [report.number], "text": "Look", "form_token": token}
    assert desk.post("/reports/work/change", form)["Location"] == desk.post("/reports/work/change", form)["Location"]
    assert Entry.objects.filter(report=report, kind="note").count() == 1
    stranger = make_actor("other", Role.OFFICER, departments=("light",))
    with pytest.raises(NotFound):
        actions.undo_change(stranger, token)


def test_refusals_are_told_one_by_one() -> None:
    make_city()
    officer, desk = officer_of("light")
    fine, dark = make_report(VISITOR, category="lamp"), make_report(VISITOR, category="lamp")
    other = make_report(VISITOR)
    actions.set_category(SYSTEM, code="bulb", name={"en": "Bulb"}, department="light")
    actions.move_report(officer, fine.number, category="bulb")
    page = send_change(desk, "solve", [fine.number, dark.number, other.number, 10**9], text="New bulb.")
    shown = page_of(desk, page)
    assert "Not possible: 2 cases" in shown
    assert "Add a photo of the repair" in shown
    assert "Only officers of the responsible department may do this." in shown
    states = dict(Report.objects.values_list("number", "state"))
    assert [states[one.number] for one in (fine, dark, other)] == [State.SOLVED, State.SUBMITTED, State.SUBMITTED]
    assert BulkItem.objects.count() == 3, "what nobody has is not in the list"


def test_a_move_of_many_comes_back_with_category_term_and_photos(client: Client) -> None:
    make_city()
    _officer, desk = officer_of("roads")
    client.post("/reports/new", {"category": "pothole", "description": "Deep", "address": "Rue 4", "photo": picture()})
    report = Report.objects.get()
    actions.route_report(SYSTEM, report.number, department="roads")
    publish_photos(report.number)
    before = Report.objects.get()
    page = send_change(desk, "move", [report.number], category="abuse", text="Elsewhere")
    moved = Report.objects.get()
    assert (moved.category_id, moved.public) == ("abuse", False)
    assert desk.post(f"{page}/undo").status_code == 302
    back = Report.objects.get()
    for name in ("category_id", "department_id", "due_on", "state", "public", "search_text", "officer_id"):
        assert getattr(back, name) == getattr(before, name), name
    assert back.photos.get().public


def test_letters_wait_until_it_cannot_be_undone() -> None:
    make_city()
    officer, _desk = officer_of("roads")
    stays, undone = make_report(make_actor("citizen")), make_report(make_actor("neighbour"))
    for report in (stays, undone):
        change = actions.change_many(
            officer, numbers=[report.number], verb=BulkVerb.DECLINE, said={"text": "Not ours"}, token=uuid4()
        )
    assert react("reports.report_declined") == []
    actions.undo_change(officer, change.pk)
    for report in (stays, undone):
        tell_later(reader="reporter", kind="ReportDeclined", number=report.number, department="roads")
    assert list(Mail.objects.values_list("to", flat=True)) == ["citizen@example.org"]
    with transaction.atomic():
        BulkChange.objects.update(at=now() - timedelta(minutes=11), undone_at=None)
    with pytest.raises(Conflict):
        actions.undo_change(officer, change.pk)
    actions.decline_report(officer, make_report(make_actor("third")).number, text="Not ours")
    assert react("reports.report_declined") == ["third@example.org"], "one alone is told at once"


def test_too_many_or_none_at_once() -> None:
    make_city()
    officer, desk = officer_of("roads")
    for numbers in ([], list(range(1, 102))):
        with pytest.raises(Invalid):
            actions.change_many(officer, numbers=numbers, verb=BulkVerb.ACCEPT, said={"text": ""})
    assert desk.get("/reports/work/change?verb=accept").status_code == 302
    assert desk.get("/reports/work/change?verb=fly&number=1").status_code == 422
    assert signed_in(make_actor("citizen")).get("/reports/work/change?verb=accept&number=1").status_code == 403


def test_a_case_is_given_to_an_officer_or_an_office() -> None:
    make_city()
    officer, desk = officer_of("roads")
    colleague, elsewhere = another_officer("colleague", "roads"), another_officer("elsewhere", "light")
    actions.set_team(SYSTEM, code="night", name={"en": "Night"}, department="roads")
    report = make_report(make_actor("citizen"))
    do = f"/reports/{report.number}/do/assign"
    assert "Colleague" in page_of(desk, f"/reports/{report.number}")
    assert desk.post(do, {"officer": colleague, "team": "night", "text": "Yours"}).status_code == 302
    report.refresh_from_db()
    assert (report.officer_id, report.team_id, report.state) == (colleague, "night", State.SUBMITTED)
    shown = page_of(desk, f"/reports/{report.number}")
    assert "Colleague · Night" in shown
    assert "Colleague" not in page_of(Client(), f"/reports/{report.number}")
    for wrong in ({"officer": elsewhere}, {"team": "day"}, {}):
        assert desk.post(do, wrong).status_code == 422, wrong
    assert f"/reports/{report.number}" in page_of(desk, f"/reports/work?officer={colleague}")
    assert f"/reports/{report.number}" in page_of(desk, "/reports/work?team=night")
    assert f'href="/reports/{report.number}"' not in page_of(desk, f"/reports/work?officer={officer.person_id}")
    with pytest.raises(Refused):
        actions.assign_report(make_actor("stranger"), report.number, team="night")


def test_two_of_one_problem_are_joined_and_taken_apart() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    first, second = make_report(make_actor("citizen")), make_report(make_actor("neighbour"))
    do = f"/reports/{second.number}/do/"
    assert desk.post(do + "merge", {"into": second.number}).status_code == 422
    assert desk.post(do + "merge", {"into": first.number, "text": "The same hole"}).status_code == 302
    assert f'href="/reports/{first.number}"' in page_of(Client(), f"/reports/{second.number}")
    assert f'href="/reports/{second.number}"' in page_of(Client(), f"/reports/{first.number}")
    assert react("reports.report_joined") == ["neighbour@example.org"]
    first.refresh_from_db()
    assert first.supporters == 1
    assert desk.post(do + "separate").status_code == 302
    second.refresh_from_db()
    assert (second.state, second.joined_to) == (State.REOPENED, None)
    assert list_kin(VISITOR, first).joined == []
    assert desk.post(do + "separate").status_code == 409


def test_a_report_of_two_problems_is_split_and_a_private_part_stays_private() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    whole = make_report(make_actor("citizen"))
    do = f"/reports/{whole.number}/do/split"
    assert desk.post(do, {"category": "lamp", "text": "The lamp beside it is dark"}).status_code == 302
    part = Report.objects.get(split_from=whole)
    assert (part.category_id, part.reporter_id, part.point) == ("lamp", whole.reporter_id, whole.point)
    for one, other in ((whole, part), (part, whole)):
        assert f'href="/reports/{other.number}"' in page_of(Client(), f"/reports/{one.number}")
    assert desk.post(do, {"category": "abuse", "text": "A clerk asked for money"}).status_code == 302
    hidden = Report.objects.get(category="abuse")
    assert not hidden.public
    assert f"/reports/{hidden.number}" not in page_of(Client(), f"/reports/{whole.number}")


def test_the_timeline_says_from_where_to_where() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    report = make_report(VISITOR)
    assert desk.post(f"/reports/{report.number}/do/move", {"category": "lamp"}).status_code == 302
    shown = re.sub("[\u2066-\u2069]", "", page_of(Client(), f"/reports/{report.number}"))
    assert "from Pothole to Street lamp" in shown
    assert "from Roads to Light" in shown


def test_ready_made_words_speak_the_reporters_language() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    report = make_report(Actor(language="ar"), address="Rue 4")
    words = {"en": "Filled, No. {number}, {place}", "ar": "رُدمت {number}"}
    actions.set_reply(SYSTEM, code="filled", verb="solve", title={"en": "Filled"}, text=words, category="pothole")
    actions.set_reply(SYSTEM, code="bulb", verb="solve", title={"en": "Bulb"}, text=words, category="lamp")
    shown = page_of(desk, f"/reports/{report.number}")
    assert '<option value="filled"' in shown
    assert '<option value="bulb"' not in shown
    answer = desk.post(f"/reports/{report.number}/do/solve", {"use": "1", "reply": "filled", "text": "Hello."})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f"Hello.\n\nرُدمت {report.number}</textarea>" in html
    report.refresh_from_db()
    assert report.state == State.SUBMITTED, "nothing is sent by choosing words"
    assert '<option value="filled"' not in page_of(Client(), f"/reports/{report.number}")


def test_a_clerk_arranges_ready_made_words() -> None:
    make_city()
    admin = make_actor("admin", Role.ADMIN)
    Person.objects.get(pk=str(admin.person_id)).grants.create(role=Role.ADMIN)
    clerk = signed_in(admin)
    form = {"code": "soon", "verb": "accept", "title_en": "Soon", "text_en": "We come soon.", "active": "on"}
    assert clerk.post("/reports/replies/new", form)["Location"] == "/reports/replies"
    assert "Soon" in page_of(clerk, "/reports/replies")
    assert "We come soon." in page_of(clerk, "/reports/replies/soon")
    assert clerk.post("/reports/replies/new", form).status_code == 422, "the code is taken"
    for wrong in ({"title_fr": "Bientôt"}, {"verb": "fly"}, {"category": "none"}):
        assert clerk.post("/reports/replies/soon", {**form, **wrong}).status_code == 422, wrong
    assert clerk.get("/reports/replies/nothing").status_code == 404


def test_f37_both_sides_write_without_changing_the_state() -> None:
    make_city()
    Department.objects.filter(pk="roads").update(email="roads@city.example")
    _officer, desk = officer_of("roads")
    citizen = make_actor("citizen")
    report = make_report(citizen)
    do = f"/reports/{report.number}/do/message"
    assert desk.post(do, {"text": "The crew comes on Friday."}).status_code == 302
    assert signed_in(citizen).post(do, {"text": "I will be there.", "photo": picture()}).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.answered_at) == (State.SUBMITTED, None)
    assert react("reports.message_written") == ["citizen@example.org", "roads@city.example"]
    for words in ("The crew comes on Friday.", "I will be there."):
        assert words in page_of(signed_in(citizen), f"/reports/{report.number}")
        assert words not in page_of(Client(), f"/reports/{report.number}")
    assert signed_in(make_actor("neighbour")).post(do, {"text": "Me too"}).status_code == 403
    assert Client().post(do, {"text": "Me too"}).status_code == 401
    letter = "".join(Mail.objects.values_list("body", flat=True))
    assert "Friday" not in letter, "the words are on the page only"


def test_who_is_asked_answers_in_place_of_writing() -> None:
    make_city()
    citizen = make_actor("citizen")
    report = make_report(citizen)
    actions.ask_reporter(SYSTEM, report.number, text="Where?")
    shown = page_of(signed_in(citizen), f"/reports/{report.number}")
    assert "/do/answer" in shown
    assert "/do/message" not in shown


def test_a_form_that_was_taken_is_not_done_again() -> None:
    make_city()
    _officer, desk = officer_of("roads")
    report, token = make_report(VISITOR), str(uuid4())
    do = f"/reports/{report.number}/do/"
    assert desk.post(do + "note", {"text": "", "form_token": token}).status_code == 422
    for _n in range(2):
        answer = desk.post(do + "note", {"text": "Bring a ladder", "form_token": token})
        assert answer["Location"].endswith("done=note")
    assert Entry.objects.filter(report=report, kind="note").count() == 1
    assert desk.post(do + "accept", {"form_token": str(uuid4())}).status_code == 302
    assert desk.post(do + "accept", {"form_token": str(uuid4())}).status_code == 409
    assert SentForm.objects.count() == 2, "what was refused may be sent again"
    SentForm.objects.update(at=now() - timedelta(days=61))
    assert actions.forget_forms() == 2
