"""The JSON doors of articles: what everybody reads, and suggesting one as a program."""

import json
from typing import Any

import pytest
from django.test import Client

from meydan.articles.models import Article
from meydan.articles.tests.cast import BODY, make_draft, make_moderator, make_public, signed_in
from meydan.kernel.actor import Actor
from meydan.reports.tests.cast import make_actor

pytestmark = pytest.mark.django_db
WHOLE = {
    "title": "The air above us",
    "language": "en",
    "summary": "Twelve roofs measure it.",
    "body": BODY,
    "topics": ["data"],
    "origin": "own",
    "about_technology": True,
    "do": "hand_in",
}


@pytest.fixture
def nadia() -> Actor:
    return make_actor("nadia")


def post(client: Client, **changes: Any) -> Any:
    body = json.dumps({**WHOLE, **changes})
    return client.post("/api/articles", body, content_type="application/json")


def test_what_everybody_reads(client: Client, nadia: Actor) -> None:
    article = make_public(nadia, make_moderator())
    draft = make_draft(nadia, title="A draft")
    listed = client.get("/api/articles?topic=data").json()
    assert [one["slug"] for one in listed["articles"]] == [article.slug]
    assert (listed["before"], listed["articles"][0]["author"]) == (None, nadia.name)
    shown = client.get(f"/api/articles/{article.slug}").json()
    assert (shown["body"], shown["origin"], shown["reference"]) == (BODY, "own", article.reference)
    for reader in (client, signed_in(nadia)):
        assert reader.get(f"/api/articles/{draft.slug}").status_code == 404
    assert client.get("/api/articles?topic=gossip").status_code == 422


def test_a_program_suggests_one(client: Client, nadia: Actor) -> None:
    assert post(client).status_code == 401
    program = signed_in(nadia)
    answer = post(program)
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    assert post(program, do="save", title="Only begun").json()["state"] == "draft"


def test_what_is_not_whole_is_not_kept(nadia: Actor) -> None:
    answer = post(signed_in(nadia), summary="", origin=None)
    assert answer.status_code == 422
    assert {"summary", "origin"} <= answer.json()["fields"].keys()
    assert not Article.objects.exists()
