"""The JSON door."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.reports import actions
from meydan.reports.models import Report
from meydan.reports.tests.cast import make_actor, make_city, make_report

pytestmark = pytest.mark.django_db
HOLE = {"category": "pothole", "description": "A deep hole", "lat": 33.55, "lon": -7.65}


def post(client: Client, body: Any) -> Any:
    """Send JSON."""
    return client.post("/api/reports", body, content_type="application/json")


def test_a_program_files_a_report_and_reads_it(client: Client) -> None:
    make_city()
    answer = post(client, {**HOLE, "contact_email": "me@example.org"})
    assert answer.status_code == 201
    filed = answer.json()
    assert Report.objects.get().opens_with(filed["key"])
    shown = client.get(f"/api/reports/{filed['number']}").json()
    assert (shown["category"], shown["district"], shown["state"]) == ("pothole", "anfa", "submitted")
    assert "me@example.org" not in str(shown)
    listed = client.get("/api/reports").json()
    assert [one["number"] for one in listed["reports"]] == [filed["number"]]
    assert listed["before"] is None


def test_the_same_form_twice_is_one_report(client: Client) -> None:
    make_city()
    body = {**HOLE, "form_token": str(uuid4())}
    assert post(client, body).json() == post(client, body).json()
    assert Report.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "nothing"}, "category"),
        ({"category": None}, "category"),
        ({"description": " "}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"lat": 91}, "lat"),
        ({"lat": "x"}, "lat"),
        ({"lon": None}, "form"),
        ({"lat": None, "lon": None}, "address"),
        ({"lat": None, "lon": None, "district": "nowhere"}, "district"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_phone": "<b>"}, "contact_phone"),
        ({"form_token": "1"}, "form_token"),
        ({"photos": ["a"] * 6}, "photos"),
    ],
)
def test_what_is_wrong_is_named(client: Client, change: dict[str, Any], field: str) -> None:
    make_city()
    answer = post(client, {**HOLE, **change})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["fields"]


def test_only_the_call_centre_files_for_others(client: Client) -> None:
    make_city()
    assert post(client, {**HOLE, "on_behalf": True}).status_code == 401


def test_private_and_hidden_reports_are_not_there(client: Client) -> None:
    make_city()
    private, hidden = make_report(VISITOR, category="abuse"), make_report(VISITOR)
    actions.hide_report(SYSTEM, hidden.number, text="Names somebody.")
    assert client.get("/api/reports").json()["reports"] == []
    for number in (private.number, hidden.number, 10**30, 0):
        assert client.get(f"/api/reports/{number}").status_code == 404, number


def test_notes_and_answers_are_not_public(client: Client) -> None:
    make_city()
    report = make_report(make_actor("citizen"))
    actions.add_note(SYSTEM, report.number, text="A secret note")
    actions.ask_reporter(SYSTEM, report.number, text="A secret question")
    shown = client.get(f"/api/reports/{report.number}").json()
    assert [one["kind"] for one in shown["timeline"]] == ["filed", "routed", "asked"]
    assert "secret" not in str(shown)


def test_the_list_goes_on_by_key(client: Client) -> None:
    make_city()
    numbers = [make_report(VISITOR).number for _index in range(21)]
    first = client.get("/api/reports").json()
    assert first["before"] == numbers[1]
    rest = client.get("/api/reports", {"before": first["before"]}).json()
    assert [one["number"] for one in rest["reports"]] == [numbers[0]]
