"""Stars: one rating a person, changed as often as they like."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.comments.actions.counting import count_stars, counts, lock_discussion
from meydan.comments.facts import DiscussionRenewed, RatingGiven, RatingWithdrawn
from meydan.comments.models import MOST_STARS, GivenRating
from meydan.comments.policies import may_rate, may_talk
from meydan.comments.queries.things import find_discussed
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.facts import record
from meydan.kernel.policy import demand
from meydan.moderation.public import refuse_blocked


@action(policy=may_talk)
def rate_thing(actor: Actor, *, about: str, stars: int) -> GivenRating:
    """Give a thing of others 1 to 5 stars, or other ones than before. Raises `NotFound` and `Refused`."""
    refuse_blocked(actor)
    thing = find_discussed(actor, about)
    demand(may_rate(actor, thing.owners, rated=thing.rated), actor)
    if not 1 <= stars <= MOST_STARS:
        raise Invalid(fields={"stars": _("Choose one to five stars.")})
    person, discussion = _own_id(actor), lock_discussion(about)
    row = GivenRating.objects.filter(about=about, person=person).first()
    before = row.stars if row else 0
    if row is not None and counts(discussion, row):
        count_stars(discussion, before, -1)
    row = row or GivenRating(about=about, person_id=person, first_at=now())
    row.stars, row.downloaded, row.version, row.at = stars, thing.downloaded, thing.version[:60], now()
    row.save()
    count_stars(discussion, stars, 1)
    record(RatingGiven(subject=about, persons=(person,), stars=stars, before=before, downloaded=thing.downloaded))
    return row


@action(policy=may_talk)
def withdraw_rating(actor: Actor, *, about: str) -> None:
    """Take one's own stars back. Raises `Conflict` when there are none."""
    find_discussed(actor, about)
    person, discussion = _own_id(actor), lock_discussion(about)
    row = GivenRating.objects.filter(about=about, person=person).first()
    if row is None:
        raise Conflict(_("You have not rated this."))
    if counts(discussion, row):
        count_stars(discussion, row.stars, -1)
    row.delete()
    record(RatingWithdrawn(subject=about, persons=(person,), before=row.stars))


def renew_discussion(actor: Actor, *, about: str) -> None:
    """The thing is in other hands: what was said and rated before fades, and its stars no longer count. A part of the
    action by which its own domain hands it over."""
    demand(may_talk(actor), actor)
    discussion = lock_discussion(about)
    discussion.renewed_at = now()
    discussion.n1 = discussion.n2 = discussion.n3 = discussion.n4 = discussion.n5 = 0
    discussion.save()
    record(DiscussionRenewed(subject=about))


def _own_id(actor: Actor) -> UUID:
    """The actor's person. Machinery rates nothing."""
    if actor.person_id is None:
        raise NotFound
    return actor.person_id
