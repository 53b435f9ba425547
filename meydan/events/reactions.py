"""What follows for events from decisions of moderators, from the clock, and from a closed account."""

from contextlib import suppress

from meydan.accounts.facts import PersonDeleted
from meydan.events.actions import (
    approve_event,
    forget_organiser,
    hide_event,
    remind_guests,
    return_event,
    show_event,
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
    return int(number) if kind == "event" else None


@reacts_to(ReviewApproved)
def publish_what_was_approved(fact: ReviewApproved) -> None:
    """A moderator has agreed."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            approve_event(SYSTEM, number)


@reacts_to(ReviewSentBack)
def return_what_needs_changes(fact: ReviewSentBack) -> None:
    """A moderator asks for changes."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            return_event(SYSTEM, number, refused=False)


@reacts_to(ReviewRefused)
def return_what_was_refused(fact: ReviewRefused) -> None:
    """A moderator has refused it."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            return_event(SYSTEM, number, refused=True)


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator wants it off the public pages."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            hide_event(SYSTEM, number)


@reacts_to(ThingPutBack)
def show_what_was_put_back(fact: ThingPutBack) -> None:
    """Another moderator has found that it should not have been taken off."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            show_event(SYSTEM, number)


@reacts_to(PersonDeleted)
def forget_the_organiser(fact: PersonDeleted) -> None:
    """Who closes their account leaves what was public, without a name."""
    for person in fact.persons:
        forget_organiser(SYSTEM, person=person)


@periodic(name="events.remind", cron="*/5 * * * *")
def remind_who_comes(_due: int) -> None:
    """Every five minutes: who comes to what begins within a day."""
    remind_guests()
