"""What follows for events from decisions of moderators, from the clock, and from a closed account."""

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
from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.moderation.public import carries_out

carries_out("event", approve=approve_event, give_back=return_event, hide=hide_event, show=show_event)


@reacts_to(PersonDeleted)
def forget_the_organiser(fact: PersonDeleted) -> None:
    """Who closes their account leaves what was public, without a name."""
    for person in fact.persons:
        forget_organiser(SYSTEM, person=person)


@periodic(name="events.remind", cron="*/5 * * * *")
def remind_who_comes(_due: int) -> None:
    """Every five minutes: who comes to what begins within a day."""
    remind_guests()
