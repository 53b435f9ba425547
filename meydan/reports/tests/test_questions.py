"""What a category asks beside: in the form, by the JSON door and by Open311; who reads the answers."""

from typing import Any

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.errors import Invalid
from meydan.reports.actions import issue_api_key, set_category
from meydan.reports.models import Category, Question, QuestionKind, Report
from meydan.reports.tests.cast import make_city, make_person, make_report
from meydan.reports.tests.test_pages import form, page_of, picture

pytestmark = pytest.mark.django_db
QUESTIONS: list[dict[str, Any]] = [
    {"code": "post", "label": {"en": "Number on the post"}, "required": True},
    {"code": "several", "kind": "yesno", "label": {"en": "Several?"}},
    {
        "code": "seen",
        "kind": "many",
        "label": {"en": "What do you see?"},
        "choices": [{"code": "dark", "label": {"en": "Dark"}}, {"code": "blinks", "label": {"en": "It blinks"}}],
        "private": True,
    },
]


@pytest.fixture(autouse=True)
def _city() -> None:
    make_city()
    set_category(SYSTEM, code="lamp", name={"en": "Street lamp"}, department="light", questions=QUESTIONS)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (QuestionKind.NUMBER, "12,5", 12.5),
        (QuestionKind.DATE, "2026-11-20", "2026-11-20"),
        (QuestionKind.YESNO, ["yes"], "yes"),
        (QuestionKind.TEXT, " 7 ", "7"),
        (QuestionKind.TEXT, "  ", None),
    ],
)
def test_answers_are_read(kind: QuestionKind, given: Any, kept: Any) -> None:
    assert Question("a", {}, kind).read(given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (QuestionKind.NUMBER, "many"),
        (QuestionKind.NUMBER, "nan"),
        (QuestionKind.DATE, "yesterday"),
        (QuestionKind.CHOICE, "x"),
        (QuestionKind.MANY, ["x"]),
        (QuestionKind.TEXT, "x" * 501),
    ],
)
def test_what_is_no_answer_is_refused(kind: QuestionKind, given: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        Question("a", {}, kind).read(given)


def test_without_scripts_the_form_comes_back_with_its_questions(client: Client) -> None:
    first = client.post("/reports/new", form(category="lamp", photo=picture()))
    page = first.content.decode()
    assert "Number on the post" in page
    assert "A deep hole" in page
    assert "Photos that are here already" in page
    asked = form(category="lamp", asked="lamp")
    missing = client.post("/reports/new", asked)
    assert (missing.status_code, "Answer this question." in missing.content.decode()) == (422, True)
    sent = client.post("/reports/new", {**asked, "answer-post": "L-7", "answer-seen": ["dark", "blinks"]})
    assert sent.status_code == 302
    report = Report.objects.get()
    assert report.answers == {"post": "L-7", "seen": ["dark", "blinks"]}
    assert "Dark, It blinks" in page_of(client, f"/reports/{report.number}")
    stranger = page_of(Client(), f"/reports/{report.number}")
    assert "L-7" in stranger
    assert "It blinks" not in stranger


def test_the_questions_alone_for_the_forms_script(client: Client) -> None:
    assert 'name="answer-post"' in page_of(client, "/reports/questions?category=lamp")
    assert page_of(client, "/reports/questions?category=pothole").strip() == ""


def test_the_json_door_asks_too(client: Client) -> None:
    filed: dict[str, Any] = {"category": "lamp", "description": "A lamp", "district": "anfa"}
    refused = client.post("/api/reports", filed, content_type="application/json")
    assert refused.json()["fields"] == {"answer-post": "Answer this question."}
    answers = {"post": "L-7", "several": "no"}
    assert (
        client.post("/api/reports", {**filed, "answers": answers}, content_type="application/json").status_code == 201
    )
    assert Report.objects.get().answers == answers


def test_who_cannot_ask_need_not() -> None:
    assert make_report(Actor(), category="lamp").answers == {}
    with pytest.raises(Invalid):
        make_report(Actor(), category="lamp", answers={"several": "maybe"})


def test_open311_describes_and_takes_attributes(client: Client) -> None:
    issue_api_key(SYSTEM, name="test", key="key")
    services = client.get("/open311/v2/services.json").json()
    assert {one["service_code"]: one["metadata"] for one in services}["lamp"] is True
    attributes = client.get("/open311/v2/services/lamp.json").json()["attributes"]
    assert [one["datatype"] for one in attributes] == ["string", "singlevaluelist", "multivaluelist"]
    assert attributes[2]["values"][0] == {"key": "dark", "name": "Dark"}
    assert b"<key>dark</key>" in client.get("/open311/v2/services/lamp.xml").content
    sent = {"api_key": "key", "service_code": "lamp", "lat": "33.59", "long": "-7.61", "description": "Dark"}
    assert client.post("/open311/v2/requests.json", sent).status_code == 400
    answered = {**sent, "attribute[post]": "L-7", "attribute[seen][]": ["dark", "blinks"]}
    assert client.post("/open311/v2/requests.json", answered).status_code == 201
    assert Report.objects.get().answers == {"post": "L-7", "seen": ["dark", "blinks"]}


def test_a_clerk_who_changes_a_kind_keeps_its_questions(client: Client) -> None:
    before = Category.objects.get(pk="lamp").questions
    form_sent = {"name_en": "Lamp", "department": "light", "term_days": "3", "icon": "lamp", "active": "on"}
    clerk = Person.objects.get(pk=make_person("clerk"))
    clerk.grants.create(role=Role.ADMIN)
    client.force_login(clerk)
    assert client.post("/reports/categories/lamp", form_sent).status_code == 302
    after = Category.objects.get(pk="lamp")
    assert (after.name["en"], after.term_days, after.questions) == ("Lamp", 3, before)
    assert before
