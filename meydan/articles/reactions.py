"""What follows for articles from decisions of moderators, from time, and from a closed account."""

from contextlib import suppress

from meydan.accounts.facts import PersonDeleted
from meydan.articles.actions import (
    approve_article,
    forget_author,
    hide_article,
    publish_due_articles,
    return_article,
    show_article,
)
from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import (
    ReviewApproved,
    ReviewRefused,
    ReviewSentBack,
    ThingPutBack,
    ThingTakenOff,
)


def _number(subject: str) -> int | None:
    kind, _sign, number = subject.partition(":")
    return int(number) if kind == "article" else None


@reacts_to(ReviewApproved)
def publish_what_was_approved(fact: ReviewApproved) -> None:
    """A moderator has agreed."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            approve_article(SYSTEM, number)


@reacts_to(ReviewSentBack)
def return_what_needs_changes(fact: ReviewSentBack) -> None:
    """A moderator asks for changes."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            return_article(SYSTEM, number, refused=False)


@reacts_to(ReviewRefused)
def return_what_was_refused(fact: ReviewRefused) -> None:
    """A moderator has refused it."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            return_article(SYSTEM, number, refused=True)


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator wants it off the public pages."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            hide_article(SYSTEM, number)


@reacts_to(ThingPutBack)
def show_what_was_put_back(fact: ThingPutBack) -> None:
    """Another moderator has found that it should not have been taken off."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            show_article(SYSTEM, number)


@reacts_to(PersonDeleted)
def forget_the_author(fact: PersonDeleted) -> None:
    """Who closes their account leaves what was public, without a name."""
    for person in fact.persons:
        forget_author(SYSTEM, person=person)


@periodic(name="articles.publish", cron="* * * * *")
def publish_what_is_due(_due: int) -> None:
    """Every minute: what was agreed to and whose time has come."""
    publish_due_articles()
