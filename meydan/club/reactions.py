"""What the club does by itself: it counts when something happened, and weighs anew when a rule has changed."""

from meydan.accounts.facts import PersonDeleted
from meydan.club.actions import forget_member, forget_reference, settle, settle_past, weigh_everybody
from meydan.club.facts import BadgeSet
from meydan.club.queries.counting import list_uncounted
from meydan.club.queries.kinds import FORGETTING, KINDS, WATCHED, kinds_by
from meydan.kernel.facts import Fact
from meydan.kernel.jobs import PATIENT, enqueue, job
from meydan.kernel.reactions import reacts_to


@reacts_to(*WATCHED, alone=True)
def count_what_happened(fact: Fact) -> None:
    """Judge the subject anew, by every kind that this fact belongs to."""
    for kind in kinds_by(type(fact)):
        settle(kind, fact.subject)


@reacts_to(*FORGETTING, alone=True)
def forget_whose_it_was(fact: Fact) -> None:
    """What counted stays with whom it counted for, and leads to its subject no longer."""
    forget_reference(fact.subject)


@reacts_to(PersonDeleted)
def forget_a_member(fact: PersonDeleted) -> None:
    """A closed account is on no list."""
    for person in fact.persons:
        forget_member(person)


@reacts_to(BadgeSet)
def weigh_by_the_rule(fact: BadgeSet) -> None:
    """Give the badge to all who reach it by the rule that holds now; that may take long. A kind of which nothing has
    counted yet may be new to this city: then its past is looked at as well."""
    badge = fact.subject.removeprefix("badge:")
    for kind in list_uncounted(badge):
        enqueue(count_the_past, kind=kind)
    enqueue(weigh_all, badge=badge)


@job(name="club.weigh_all", queue=PATIENT)
def weigh_all(*, badge: str) -> None:
    """Weigh everybody by one badge."""
    weigh_everybody(badge)


@job(name="club.count_the_past", queue=PATIENT)
def count_the_past(*, kind: str, after: str = "") -> None:
    """Judge what was recorded before this version, or this domain, was there; a part at a time."""
    if kind in KINDS and (last := settle_past(kind, after=after)):
        enqueue(count_the_past, kind=kind, after=last)
