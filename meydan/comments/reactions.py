"""What follows for comments from what happens elsewhere."""

from contextlib import suppress

from meydan.accounts.facts import PersonDeleted
from meydan.comments.actions import forget_writer, hide_comment, show_comment
from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.reactions import reacts_to
from meydan.moderation.facts import ThingPutBack, ThingTakenOff


def _number(subject: str) -> int | None:
    """Of "comment:5"; None of other things."""
    kind, _colon, number = subject.partition(":")
    return int(number) if kind == "comment" and number.isdigit() else None


@reacts_to(ThingTakenOff)
def hide_what_was_taken_off(fact: ThingTakenOff) -> None:
    """A moderator has decided: the comment goes, its answers stay."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):  # hidden already, or taken back meanwhile
            hide_comment(SYSTEM, number)


@reacts_to(ThingPutBack)
def show_what_was_put_back(fact: ThingPutBack) -> None:
    """Another moderator has decided: it should not have gone."""
    if (number := _number(fact.subject)) is not None:
        with suppress(Conflict, NotFound):
            show_comment(SYSTEM, number)


@reacts_to(PersonDeleted)
def forget_who_wrote(fact: PersonDeleted) -> None:
    """With an account its name goes from what it wrote, and its stars from what it rated."""
    for person in fact.persons:
        forget_writer(SYSTEM, person=person)
