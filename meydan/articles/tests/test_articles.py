"""From a draft to a published article, its revisions and its end."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from PIL import Image

from meydan.articles import actions
from meydan.articles.models import Article, Picture, Revision
from meydan.articles.queries import Wanted, find_article, list_articles
from meydan.articles.tests.cast import (
    FORM,
    WORDS,
    approve,
    make_actor,
    make_draft,
    make_moderator,
    make_public,
    react,
    signed_in,
)
from meydan.comments.public import rate_thing
from meydan.kernel.actor import SYSTEM, VISITOR, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused
from meydan.moderation.actions import flag_thing, refuse_review, send_back_review, take_thing_off
from meydan.moderation.models import Reason, Review

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia() -> Actor:
    return make_actor("nadia")


@pytest.fixture
def mina() -> Actor:
    return make_moderator()


def picture(colour: str = "teal") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(file, "JPEG")
    file.name = "library.jpg"
    file.seek(0)
    return file


def test_from_the_form_to_everybody(nadia: Actor, mina: Actor, client: Client) -> None:
    author = signed_in(nadia)
    assert client.get("/articles/new").status_code == 302
    answer = author.post("/articles/new", {**FORM, "do": "save"})
    assert (answer.status_code, answer["Location"]) == (302, "/articles/open-data-of-the-library/edit?done=saved")
    sent = {**FORM, "do": "picture", "picture": picture(), "alt": "A reading room"}
    assert author.post("/articles/open-data-of-the-library/edit", sent).status_code == 302
    shown = Picture.objects.get()
    body = f"{FORM['body']}\n\n![](picture:{shown.pk})"
    preview = author.post("/articles/open-data-of-the-library/edit", {**FORM, "body": body, "do": "preview"})
    page = author.get(preview["Location"]).content.decode()
    assert "<h2" in page and 'alt="A reading room"' in page and "<strong>library</strong>" in page
    assert client.get("/articles/open-data-of-the-library").status_code == 404
    handed_in = author.post("/articles/open-data-of-the-library/edit", {**FORM, "body": body, "do": "hand_in"})
    assert handed_in["Location"] == "/articles/open-data-of-the-library?done=handed_in"
    assert "in the queue" in author.get(handed_in["Location"]).content.decode()
    approve(mina, Article.objects.get().reference)
    page = client.get("/articles/open-data-of-the-library").content.decode()
    assert "Open data of the library" in page and f"/articles/pictures/{shown.pk}/full" in page
    assert client.get(f"/articles/pictures/{shown.pk}/thumb").status_code == 200
    assert "open-data-of-the-library" in client.get("/articles/?q=LIBRARY").content.decode()


def test_what_is_missing_is_said_and_what_was_typed_stays(nadia: Actor) -> None:
    author = signed_in(nadia)
    answer = author.post("/articles/new", {"title": "Short", "language": "fr", "body": "Too short", "do": "hand_in"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for field in ("summary", "body", "topics", "about_technology", "origin"):
        assert f'href="#field-{field}"' in page
    assert "Too short" in page
    assert Article.objects.get().language == "fr"  # the draft is kept all the same
    assert 'action="/articles/short/edit"' in page
    cited = author.post("/articles/short/edit", {**FORM, "origin": "cited", "do": "hand_in"})
    assert 'href="#field-source_name"' in cited.content.decode()
    wrong = author.post("/articles/short/edit", {**FORM, "do": "picture", "picture": picture(), "alt": ""})
    assert 'href="#field-alt"' in wrong.content.decode()


def test_a_draft_is_its_authors_alone(nadia: Actor, mina: Actor) -> None:
    article, other = make_draft(nadia), make_actor("neighbour")
    for actor in (VISITOR, other):
        with pytest.raises(NotFound):
            find_article(actor, article.slug)
    assert find_article(mina, article.slug) == article
    with pytest.raises(Refused):
        actions.save_article(mina, article.pk, words=WORDS)
    with pytest.raises(Refused):
        actions.approve_article(mina, article.pk)


def test_the_public_revision_stays_until_the_next_is_approved(nadia: Actor, mina: Actor) -> None:
    article = make_public(nadia, mina)
    actions.save_article(nadia, article.pk, words=replace(WORDS, title="A better title"))
    actions.hand_in_article(nadia, article.pk)
    with pytest.raises(Conflict):
        actions.save_article(nadia, article.pk, words=WORDS)
    page = Client().get(f"/articles/{article.slug}").content.decode()
    assert "A better title" not in page
    approve(mina, article.reference)
    assert "A better title" in Client().get(f"/articles/{article.slug}").content.decode()
    changes = Client().get(f"/articles/{article.slug}/revisions").content.decode()
    assert f"<del>{WORDS.title}</del>" in changes and "<ins>A better title</ins>" in changes


def test_sent_back_with_changes_then_refused(nadia: Actor, mina: Actor) -> None:
    article = make_draft(nadia)
    actions.hand_in_article(nadia, article.pk)
    send_back_review(mina, Review.objects.get().pk, changes=("Name the district",))
    react()
    assert "Name the district" in signed_in(nadia).get(f"/articles/{article.slug}").content.decode()
    actions.hand_in_article(nadia, article.pk)
    refuse_review(mina, Review.objects.get(state="waiting").pk, words="It is advertising.")
    react()
    assert Revision.objects.get().state == "refused"
    assert "It is advertising." in signed_in(nadia).get(f"/articles/{article.slug}").content.decode()


def test_a_time_to_publish(nadia: Actor, mina: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    article = make_draft(nadia)
    with pytest.raises(Invalid):
        actions.hand_in_article(nadia, article.pk, publish_at=now() - timedelta(hours=1))
    actions.hand_in_article(nadia, article.pk, publish_at=now() + timedelta(hours=2))
    approve(mina, article.reference)
    assert actions.publish_due_articles() == 0
    assert list_articles(VISITOR, Wanted()) == []
    later = now() + timedelta(hours=3)
    monkeypatch.setattr(actions, "now", lambda: later)
    assert actions.publish_due_articles() == 1
    assert list_articles(VISITOR, Wanted()) == [article]


def test_taken_back_before_anybody_looked(nadia: Actor) -> None:
    article = make_draft(nadia)
    actions.hand_in_article(nadia, article.pk)
    waiting = signed_in(nadia).get(f"/articles/{article.slug}/edit", follow=True)
    assert f"/articles/{article.slug}/take-back" in waiting.content.decode()
    signed_in(nadia).post(f"/articles/{article.slug}/take-back")
    assert Revision.objects.get().state == "draft"
    assert Review.objects.get().state == "withdrawn"


def test_withdrawn_hidden_and_forgotten(nadia: Actor, mina: Actor) -> None:
    article, gone = make_public(nadia, mina), make_public(nadia, mina, title="Another one")
    signed_in(nadia).post(f"/articles/{gone.slug}/withdraw")
    assert Client().get(f"/articles/{gone.slug}").status_code == 404
    flag_thing(make_actor("neighbour"), reference=article.reference, reason=Reason.SPAM)
    take_thing_off(mina, reference=article.reference, words="It sells something.")
    react()
    assert Client().get(f"/articles/{article.slug}").status_code == 404
    actions.show_article(SYSTEM, article.pk)
    assert nadia.person_id is not None
    actions.forget_author(SYSTEM, person=nadia.person_id)
    assert [one.pk for one in Article.objects.all()] == [article.pk]
    assert "A former member" in Client().get(f"/articles/{article.slug}").content.decode()


def test_nobody_rates_their_own(nadia: Actor, mina: Actor) -> None:
    article = make_public(nadia, mina)
    with pytest.raises(Refused):
        rate_thing(nadia, about=article.reference, stars=5)
    rate_thing(make_actor("neighbour"), about=article.reference, stars=4)


def test_translations_lead_to_each_other(nadia: Actor, mina: Actor) -> None:
    article, other = make_public(nadia, mina), make_actor("tarik")
    beside = signed_in(other).get(f"/articles/new?translates={article.pk}&language=fr").content.decode()
    assert WORDS.summary in beside
    fields = {**FORM, "title": "Les données", "language": "fr", "translates": article.pk, "do": "hand_in"}
    assert signed_in(other).post("/articles/new", fields).status_code == 302
    approve(mina, Article.objects.get(language="fr").reference)
    page = Client().get(f"/articles/{article.slug}").content.decode()
    assert 'hreflang="fr" href="/articles/les-donn%C3%A9es"' in page
    again = signed_in(other).post("/articles/new", {**fields, "language": "en"})
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("language", "title", "asked"),
    [
        ("ar", "مكتبات المدينة تفتح بياناتها", "المَدينة"),
        ("fr", "Une école numérique", "ECOLE"),
        ("fa", "کتابخانه‌های شهر", "كتابخانه"),
        ("tg", "Китобхонаҳои шаҳр", "китобхонахои"),
    ],
)
def test_found_however_it_is_typed(nadia: Actor, mina: Actor, language: str, title: str, asked: str) -> None:
    article = make_public(nadia, mina, language=language, title=title)
    assert list_articles(VISITOR, Wanted(words=asked)) == [article]
