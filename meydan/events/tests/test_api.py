"""The JSON doors of events: what takes place, and announcing it as a program."""

import json
from typing import Any

import pytest
from django.test import Client

from meydan.articles.tests.cast import make_moderator, signed_in
from meydan.events.actions import draft_event
from meydan.events.models import Event
from meydan.events.tests.cast import make_event, make_outline, plan, soon
from meydan.kernel.actor import Actor
from meydan.reports.tests.cast import make_actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia() -> Actor:
    make_outline()
    return make_actor("nadia")


def post(client: Client, **changes: Any) -> Any:
    body = {
        "title": "Build a sensor",
        "language": "en",
        "text": "We build a sensor for the air together. Everybody is welcome, with or without knowledge.",
        "starts_on": f"{soon():%Y-%m-%d}",
        "starts_at": "18:00",
        "ends_at": "20:00",
        "place": "Twin Center",
        "spot": "33.55, -7.65",
        "topics": ["data"],
        "about_technology": True,
        "do": "hand_in",
    }
    return client.post("/api/events", json.dumps({**body, **changes}), content_type="application/json")


def test_what_takes_place(client: Client, nadia: Actor) -> None:
    event = make_event(nadia, make_moderator(), seats=12, registers=True)
    draft = draft_event(nadia, plan=plan(title="A draft"), language="en")
    listed = client.get("/api/events?topic=culture").json()
    assert [(one["event"], one["district"]) for one in listed["events"]] == [(event.pk, "anfa")]
    shown = client.get(f"/api/events/{event.pk}").json()
    assert (shown["seats"], len(shown["dates"]), shown["cancelled"]) == (12, 1, False)
    for reader in (client, signed_in(nadia)):
        assert reader.get(f"/api/events/{draft.pk}").status_code == 404
    assert client.get("/api/events?topic=gossip").status_code == 422


def test_a_program_announces_one(client: Client, nadia: Actor) -> None:
    assert post(client).status_code == 401
    answer = post(signed_in(nadia))
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    assert post(signed_in(nadia), do="save").json()["state"] == "draft"


def test_what_is_not_whole_is_not_kept(nadia: Actor) -> None:
    answer = post(signed_in(nadia), text="Come", topics=[])
    assert answer.status_code == 422
    assert {"text", "topics"} <= answer.json()["fields"].keys()
    assert not Event.objects.exists()
