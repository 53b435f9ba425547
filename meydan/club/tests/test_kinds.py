"""What each kind of contribution makes of the facts about one subject, whoever recorded them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from meydan.articles.facts import ArticleHidden, ArticlePublished, ArticleShown, ArticleWithdrawn
from meydan.club.queries.kinds import KINDS
from meydan.comments.facts import CommentDeleted, CommentFoundHelpful, CommentHidden, CommentShown
from meydan.events.facts import EventCancelled, EventPublished
from meydan.kernel.facts import Fact, StoredFact
from meydan.moderation.facts import ThingFlagged, ThingPutBack, ThingTakenOff
from meydan.store.facts import AppPublished, AppPutBack, AppTakenOff, ReleasePublished

NADIA, KARIM, MODERATOR, GUEST = (UUID(int=number) for number in range(1, 5))
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
Told = tuple[UUID, Fact]


def published(first: bool = True) -> Told:
    return MODERATOR, ArticlePublished(subject="article:1", persons=(NADIA,), revision=1, language="fr", first=first)


def hidden() -> Told:
    return MODERATOR, ArticleHidden(subject="article:1", persons=(NADIA,), revision=1)


def shown() -> Told:
    return MODERATOR, ArticleShown(subject="article:1", persons=(NADIA,), revision=1)


def withdrawn() -> Told:
    return NADIA, ArticleWithdrawn(subject="article:1", persons=(NADIA,), revision=1)


def helpful(count: int, *, undone: bool = False) -> Told:
    fact = CommentFoundHelpful(subject="comment:1", persons=(NADIA,), about="article:1", count=count, undone=undone)
    return KARIM, fact


def announced(*guests: UUID, first: bool = True) -> Told:
    return MODERATOR, EventPublished(
        subject="event:1", persons=(NADIA, *guests), version=1, first=first, moved=not first
    )


def cancelled(occurrence: int | None = None) -> Told:
    return NADIA, EventCancelled(subject="event:1", persons=(NADIA, GUEST), version=1, occurrence=occurrence)


def release(code: int) -> Told:
    return NADIA, ReleasePublished(subject="app:1", persons=(NADIA,), version_code=code)


APP: Told = (MODERATOR, AppPublished(subject="app:1", persons=(NADIA,), first=True, fields=[]))
APP_OFF: Told = (MODERATOR, AppTakenOff(subject="app:1", persons=(NADIA,), decision=1))
APP_BACK: Told = (MODERATOR, AppPutBack(subject="app:1", persons=(NADIA,)))
FLAG: Told = (KARIM, ThingFlagged(subject="article:1", reason="spam"))
OWN_FLAG: Told = (MODERATOR, ThingFlagged(subject="article:1", reason="spam"))
OFF: Told = (MODERATOR, ThingTakenOff(subject="article:1", flags=2, decision=1))
BACK: Told = (GUEST, ThingPutBack(subject="article:1", decision=1))
COMMENT_HIDDEN: Told = (MODERATOR, CommentHidden(subject="comment:1", persons=(NADIA,), about="article:1"))
COMMENT_SHOWN: Told = (MODERATOR, CommentShown(subject="comment:1", persons=(NADIA,), about="article:1"))
COMMENT_GONE: Told = (NADIA, CommentDeleted(subject="comment:1", persons=(NADIA,), about="article:1"))


def judge(kind: str, told: list[Told], days: int = 1) -> set[UUID]:
    """For whom it counts, when these things happened so many days apart."""
    facts = [
        StoredFact(number, fact, "", actor, (), (), "web", START + number * days * DAY)
        for number, (actor, fact) in enumerate(told)
    ]
    return set(KINDS[kind].judge(facts))


@pytest.mark.parametrize(
    ("kind", "told", "counts"),
    [
        ("article-published", [published(), published(first=False)], {NADIA}),
        ("article-published", [published(), hidden()], set()),
        ("article-published", [published(), hidden(), shown()], {NADIA}),
        ("article-published", [published(), withdrawn()], set()),
        ("article-published", [published(), withdrawn(), published()], {NADIA}),
        ("comment-helpful", [helpful(1), helpful(2)], set()),
        ("comment-helpful", [helpful(2), helpful(3)], {NADIA}),
        ("comment-helpful", [helpful(3), helpful(2, undone=True)], set()),
        ("comment-helpful", [helpful(3), COMMENT_HIDDEN], set()),
        ("comment-helpful", [helpful(3), COMMENT_HIDDEN, COMMENT_SHOWN], {NADIA}),
        ("comment-helpful", [helpful(3), COMMENT_GONE], set()),
        ("event-published", [announced(), announced(GUEST, first=False)], {NADIA}),
        ("event-published", [announced(), cancelled(occurrence=7)], {NADIA}),
        ("event-published", [announced(), cancelled()], set()),
        ("app-published", [APP], {NADIA}),
        ("app-published", [APP, APP_OFF], set()),
        ("app-published", [APP, APP_OFF, APP_BACK], {NADIA}),
        ("flag-upheld", [FLAG, OWN_FLAG, OFF], {KARIM}),
        ("flag-upheld", [FLAG, OFF, BACK], set()),
    ],
)
def test_what_counts_for_whom(kind: str, told: list[Told], counts: set[UUID]) -> None:
    assert judge(kind, told) == counts


@pytest.mark.parametrize(("days", "counts"), [(10, set()), (30, {NADIA})])
def test_an_app_is_kept_up_by_a_version_that_comes_a_month_later(days: int, counts: set[UUID]) -> None:
    assert judge("app-kept-up", [APP, release(1), release(2)], days) == counts
    assert judge("app-kept-up", [APP, release(1), release(2), APP_OFF], days) == set()
