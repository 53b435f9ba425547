"""A district's day comes by itself: then those who watch it are to hear of it."""

from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to
from meydan.rollout.actions import announce_openings
from meydan.rollout.facts import OpeningSet


@reacts_to(OpeningSet)
def announce_what_was_set(_fact: OpeningSet) -> None:
    """A day that is here already."""
    announce_openings()


@periodic(name="rollout.openings", cron="*/10 * * * *")
def announce_what_is_due(_due: int) -> None:
    """Every ten minutes: a day that has come."""
    announce_openings()
