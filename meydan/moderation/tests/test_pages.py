"""The desk, the pages of authors and of who tells, and the public log."""

import re
from typing import Any

import pytest
from django.test import Client

from meydan.accounts.public import Person, publish_charter
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.moderation import actions
from meydan.moderation.models import Appeal, Block, Decision, Flag, Review, ReviewState
from meydan.moderation.queries import read_figures
from meydan.moderation.tests import kinds
from meydan.moderation.tests.test_moderation import moderator_client
from meydan.moderation.tests.test_reviews import CHARTER
from meydan.reports.tests.cast import make_actor, make_city
from meydan.reports.tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia() -> Actor:
    make_city()
    publish_charter(SYSTEM, version="1", text={"en": CHARTER})
    return make_actor("nadia")


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def post(client: Client, address: str, **fields: Any) -> int:
    return int(client.post(address, fields).status_code)


def test_a_moderator_works_through_a_review(nadia: Actor) -> None:
    first, second, author = moderator_client("first"), moderator_client("second"), signed_in(nadia)
    about = kinds.put_up(nadia)
    kinds.submit(nadia, about)
    desk = text_of(first, "/moderation?kind=reviews")
    assert "A garden on every roof" in desk
    (address,) = set(re.findall(r"/moderation/reviews/\d+", desk))
    page = text_of(first, address)
    assert all(words in page for words in ("Come and plant", "None was added", "Is it complete?", "Whose work is it?"))
    assert "Place 1 of 1" in text_of(author, "/moderation/mine")
    assert post(first, address, do="take") == 302
    assert "Another moderator looks at this" in text_of(second, address)
    assert post(second, address, do="approve", checks=["city", "complete"]) == 409
    kept = first.post(address, {"do": "approve", "checks": ["city"], "text": "Nearly"})
    assert (kept.status_code, "Nearly" in kept.content.decode()) == (422, True)
    assert post(first, address, do="send_back", text="") == 422
    assert post(first, address, do="send_back", changes="Add a picture\n\nSay where") == 302
    mine = text_of(author, "/moderation/mine")
    assert "Add a picture" in mine
    assert "Say where" in mine


def test_a_refusal_is_appealed_and_answered_on_pages(nadia: Actor) -> None:
    first, second, author = moderator_client("first"), moderator_client("second"), signed_in(nadia)
    about = kinds.put_up(nadia)
    kinds.submit(nadia, about)
    review = Review.objects.get()
    address = f"/moderation/reviews/{review.pk}"
    assert post(first, address, do="refuse") == 422
    assert post(first, address, do="refuse", text="It insults.", rules=["1:2"]) == 302
    mine = text_of(author, "/moderation/mine")
    assert "It insults." in mine
    assert "Be kind" in mine
    again = f"/moderation/again?about=review:{review.pk}"
    assert again in mine
    assert text_of(author, again)
    assert second.get(again).status_code == 404
    assert Client().get(again).status_code == 302
    assert post(author, "/moderation/again", about=f"review:{review.pk}", text=" ") == 422
    assert post(author, "/moderation/again", about=f"review:{review.pk}", text="It does not.") == 302
    key = Appeal.objects.get().pk
    assert "the first decision is your own" in text_of(first, "/moderation")
    assert "It does not." in text_of(second, "/moderation?kind=appeals")
    assert post(first, f"/moderation/again/{key}", do="stand", text="No") == 403
    assert post(second, f"/moderation/again/{key}", do="stand") == 422
    assert post(second, f"/moderation/again/{key}", do="overturn", text="Right you are.") == 302
    assert "Right you are." in text_of(author, "/moderation/mine")
    assert Review.objects.get().state == ReviewState.APPROVED


def test_who_tells_gets_an_answer_with_and_without_an_account(nadia: Actor) -> None:
    kinds.put_up(nadia)
    karim, visitor, first = signed_in(make_actor("karim")), Client(), moderator_client("first")
    flag = {"about": "poster:1", "reason": "insult", "text": "Rude"}
    addresses = [
        browser.post("/moderation/flag", {**flag, **more}).headers["Location"]
        for browser, more in ((karim, {}), (visitor, {"email": "me@example.org"}))
    ]
    assert "keep its address" in text_of(visitor, addresses[1])
    assert post(visitor, "/moderation/flag", **flag, email="nowhere") == 422
    assert visitor.get("/moderation/told?key=wrong").status_code == 404
    assert Flag.objects.filter(email="me@example.org").count() == 1
    taken = {"about": "poster:1", "do": "take_off", "text": "It is rude.", "rules": ["1:2"]}
    assert first.post("/moderation/decide", taken).status_code == 302
    for browser, address in zip((karim, visitor), addresses, strict=True):
        page = text_of(browser, address)
        assert "It is rude." in page
        assert "Be kind" in page
    assert "answered" in text_of(karim, "/moderation/mine")


def test_the_author_of_what_was_taken_off_reads_why(nadia: Actor) -> None:
    kinds.put_up(nadia)
    first, author = moderator_client("first"), signed_in(nadia)
    assert post(Client(), "/moderation/flag", about="poster:1", reason="spam") == 302
    assert post(first, "/moderation/decide", about="poster:1", do="claim") == 302
    assert post(moderator_client("second"), "/moderation/decide", about="poster:1", do="claim") == 409
    assert post(first, "/moderation/decide", about="poster:1", do="take_off", text="Advertising.") == 302
    mine = text_of(author, "/moderation/mine")
    assert "Advertising." in mine
    assert "Come and plant with us" in mine
    assert f"/moderation/again?about=decision:{Decision.objects.get().pk}" in mine


def test_what_is_going_on_with_a_page(nadia: Actor) -> None:
    first, visitor = moderator_client("first"), Client()
    assert "/moderation/page?path=/reports/" in text_of(visitor, "/reports/?q=hole")
    assert text_of(visitor, "/moderation/page?path=/reports/")
    for wrong in (
        {"path": "/reports/"},
        {"path": "https://elsewhere.example/", "text": "Look"},
        {"path": "//x", "text": "L"},
    ):
        assert post(visitor, "/moderation/page", **wrong) == 422
    told = visitor.post("/moderation/page", {"path": "/reports/", "text": "The map is white"})
    queue = text_of(first, "/moderation")
    assert "The map is white" in queue
    about = Flag.objects.get().reference
    assert post(first, "/moderation/decide", about=about, do="take_off", text="No") == 409
    assert post(first, "/moderation/decide", about=about, do="keep", text="Mended, thank you.") == 302
    assert "Mended, thank you." in text_of(visitor, told.headers["Location"])


def test_sanctions_grow_and_end(nadia: Actor) -> None:
    kinds.put_up(nadia)
    first = moderator_client("first")
    assert post(Client(), "/moderation/flag", about="poster:1", reason="spam") == 302
    assert "The next step is a warning." in text_of(first, "/moderation")
    warning = {"about": "poster:1", "do": "block", "measure": "warning", "days": "90", "text": "Please do not."}
    assert first.post("/moderation/decide", warning).status_code == 302
    actions.refuse_blocked(nadia)
    assert "You were warned" in text_of(signed_in(nadia), "/moderation/block")
    desk = text_of(first, "/moderation")
    assert "1 sanction in the last year." in desk
    assert "The next step is a block of 1 day." in desk
    Block.objects.update(lifted=True)
    assert "The next step is a warning." in text_of(first, "/moderation")


def test_the_log_is_public_and_names_nobody(nadia: Actor) -> None:
    first = moderator_client("first")
    kinds.submit(nadia, kinds.put_up(nadia))
    assert "Nothing has been decided yet." in text_of(Client(), "/moderation/log")
    actions.refuse_review(_actor("first"), Review.objects.get().pk, words="It insults Karim.", rules=("1:2",))
    page = text_of(Client(), "/moderation/log")
    assert "Be kind" in page
    assert not any(name in page for name in ("Nadia", "Karim", "First", "A garden on every roof"))
    rows = Client().get("/moderation/log.csv").content.decode().splitlines()
    assert rows[1].split(",")[1:5] == ["poster", "refused", "", "1:2"]
    figures = read_figures()
    assert (figures.reviews.done, figures.refused, figures.upheld) == (1, 1, None)
    assert Client().get("/moderation/log?before=yesterday").status_code == 404
    assert "Nothing has been decided yet." in text_of(Client(), "/moderation/log?before=2020-01-01T00:00:00")
    assert first.get("/moderation/reviews/99").status_code == 404


def _actor(username: str) -> Actor:
    person = Person.objects.get(username=username)
    return Actor(person_id=person.pk, name=person.name, roles=frozenset({Role.MODERATOR}))
