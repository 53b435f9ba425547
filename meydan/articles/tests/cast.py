"""The scene: somebody who writes, a moderator, and what both do through the real actions."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.test import Client

from meydan.accounts.public import Person
from meydan.articles import actions
from meydan.articles import public as _door
from meydan.articles.models import Article, Words
from meydan.kernel import reactions
from meydan.kernel.actor import Actor, Role
from meydan.kernel.facts import FACT_TYPES
from meydan.kernel.models import FactRecord
from meydan.moderation.actions import approve_review
from meydan.moderation.models import Review
from meydan.reports.tests.cast import make_actor

BODY = "## Why\n\nThe **library** opens its data. " + "Everybody may read what was lent, by district and by day. " * 5
WORDS = Words(
    title="Open data of the library",
    summary="What the city lends, for everybody to count.",
    body=BODY,
    topics=("data",),
    origin="own",
    about_technology=True,
)
FORM = {
    "title": WORDS.title,
    "language": "en",
    "summary": WORDS.summary,
    "body": BODY,
    "topics": "data",
    "origin": "own",
    "about_technology": "on",
}
CHECKS = ("technology", "source", "charter")
__all__ = ["CHECKS", "FORM", "WORDS", "make_actor"]
assert _door.Article is Article


def make_moderator(name: str = "mina") -> Actor:
    return make_actor(name, Role.MODERATOR)


def signed_in(actor: Actor) -> Client:
    client = Client()
    person = Person.objects.get(username=actor.name.lower())
    client.force_login(person, backend="meydan.accounts.pages.backend.PersonBackend")
    return client


def react() -> None:
    """What the worker does with all facts so far: each reaction once."""
    wanted = [
        {"fact_id": row.pk, "reaction": reaction}
        for row in FactRecord.objects.order_by("pk")
        for reaction in reactions.reactions_to(FACT_TYPES[row.name])
    ]
    with transaction.atomic():
        reactions.run_many(wanted)


def make_draft(author: Actor, *, language: str = "en", **words: Any) -> Article:
    return actions.draft_article(author, words=replace(WORDS, **words), language=language)


def approve(moderator: Actor, about: str, checks: tuple[str, ...] = CHECKS) -> None:
    """A moderator says yes, and the worker carries it out."""
    review = Review.objects.get(about=about, state="waiting")
    approve_review(moderator, review.pk, checks=checks)
    react()


def make_public(author: Actor, moderator: Actor, **values: Any) -> Article:
    article = make_draft(author, **values)
    actions.hand_in_article(author, article.pk)
    approve(moderator, article.reference)
    article.refresh_from_db()
    return article
