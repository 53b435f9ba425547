"""Reviews: the queue, one of them, and what its author reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from meydan.kernel.actor import Actor, Role
from meydan.kernel.city import promised_day
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.moderation.models import CLAIM_HOURS, Appeal, Decision, Review, ReviewState, moderation_rules
from meydan.moderation.policies import may_moderate
from meydan.moderation.queries.charter import CharterRule, find_rules
from meydan.moderation.queries.things import Reviewed, find_reviewed

MOST = 50
MINE = 30


@dataclass(frozen=True)
class QueuePlace:
    """Where a thing stands in the queue: `place` 1 comes next of `waiting`. `promised`: the day by which a moderator
    has looked at it."""

    place: int
    waiting: int
    promised: date
    taken: bool


@dataclass(frozen=True)
class Answered:
    """An appeal and what came of it. `answered_at`: None while it waits."""

    key: int
    words: str
    at: datetime
    answer: str
    answered_at: datetime | None
    overturned: bool


@dataclass(frozen=True)
class ReviewNotice:
    """What the author of a thing reads about its newest review. `changes`: what is to be changed; `rules`: of the
    charter, in the reader's language. `may_appeal`: it was refused, and nobody has asked again."""

    key: int
    about: str
    round: int
    state: ReviewState
    handed_in_at: datetime
    decided_at: datetime | None
    words: str
    changes: tuple[str, ...]
    rules: tuple[CharterRule, ...]
    may_appeal: bool
    appeal: Answered | None


@dataclass(frozen=True)
class Waits:
    """A review with the thing beside it. `taken_by_other`: somebody else is at it. `second`: one has approved it, and
    another one must."""

    review: Review
    thing: Reviewed | None
    taken: bool
    taken_by_other: bool
    second: bool
    late: bool
    promised: date


def find_review(about: str) -> ReviewNotice | None:
    """What became of the thing that was handed in last, for its author and whoever the owning domain lets read it; None
    when it was never handed in."""
    review = Review.objects.filter(about=about).order_by("-round").first()
    return notice_of_review(review) if review else None


def notice_of_review(review: Review) -> ReviewNotice:
    """A review as its author reads it."""
    appeal = find_appeal(str(review))
    return ReviewNotice(
        key=review.pk,
        about=review.about,
        round=review.round,
        state=ReviewState(review.state),
        handed_in_at=review.handed_in_at,
        decided_at=review.decided_at,
        words=review.words,
        changes=tuple(review.changes),
        rules=tuple(find_rules(review.rules)),
        may_appeal=review.state == ReviewState.REFUSED and appeal is None,
        appeal=appeal,
    )


def find_appeal(about: str) -> Answered | None:
    """The appeal about "review:5" or "decision:3"."""
    row = Appeal.objects.filter(about=about).first()
    return Answered(row.pk, row.words, row.at, row.answer, row.answered_at, row.overturned) if row else None


def place_in_queue(about: str) -> QueuePlace | None:
    """The place of a thing in the queue, and the day by which it is looked at; None when it does not wait."""
    review = waiting_reviews().filter(about=about).first()
    if review is None:
        return None
    before = Q(handed_in_at__lt=review.handed_in_at) | Q(handed_in_at=review.handed_in_at, pk__lt=review.pk)
    place = waiting_reviews().filter(before).count() + 1
    return QueuePlace(place, waiting_reviews().count(), promised_for(review), _is_taken(review))


def waiting_reviews() -> QuerySet[Review]:
    """What waits for a moderator, the longest first."""
    return Review.objects.filter(state=ReviewState.WAITING).order_by("handed_in_at", "pk")


def promised_for(review: Review) -> date:
    """The day by which a moderator has looked at it."""
    return promised_day(timezone.localtime(review.handed_in_at).date(), moderation_rules().review_days)


def _is_taken(review: Review) -> bool:
    since = now() - timedelta(hours=CLAIM_HOURS)
    return review.taken_by_id is not None and review.taken_at is not None and review.taken_at > since


def list_reviews(actor: Actor) -> list[Waits]:
    """The queue of reviews for moderators, the longest waiting first."""
    demand(may_moderate(actor), actor)
    rows = waiting_reviews().select_related("author", "taken_by")[:MOST]
    return [shown_to(actor, review, find_reviewed(actor, review.about)) for review in rows]


def shown_to(actor: Actor, review: Review, thing: Reviewed | None) -> Waits:
    """A review as the desk shows it to the actor."""
    taken, promised = _is_taken(review), promised_for(review)
    return Waits(
        review=review,
        thing=thing,
        taken=taken,
        taken_by_other=taken and review.taken_by_id != actor.person_id,
        second=review.first_id is not None,
        late=timezone.localtime(now()).date() > promised,
        promised=promised,
    )


def find_waits(actor: Actor, key: int) -> Waits:
    """One review for moderators, whatever became of it. Raises `NotFound`."""
    demand(may_moderate(actor), actor)
    review = Review.objects.select_related("author", "taken_by", "first", "decided_by").filter(pk=key).first()
    if review is None:
        raise NotFound
    return shown_to(actor, review, find_reviewed(actor, review.about))


def list_rounds(actor: Actor, about: str) -> list[Review]:
    """All reviews of a thing, the newest first, for moderators."""
    demand(may_moderate(actor), actor)
    return list(Review.objects.filter(about=about).select_related("decided_by").order_by("-round")[:MOST])


def lock_review(actor: Actor, key: int) -> Review:
    """A review for moderators, locked. Raises `NotFound`."""
    row = Review.objects.select_for_update(of=("self",)).filter(pk=key).first() if actor.has(Role.MODERATOR) else None
    if row is None:
        raise NotFound
    return row


def list_own_reviews(actor: Actor) -> list[Review]:
    """What the actor has handed in, the newest first."""
    if actor.person_id is None:
        return []
    return list(Review.objects.filter(author=actor.person_id).order_by("-handed_in_at", "-pk")[:MINE])


@dataclass(frozen=True)
class Disputed:
    """What an appeal is about. `person` may appeal; `first` had decided."""

    about: str
    subject: str
    person: Any
    first: Any
    key: int
    is_review: bool


def find_disputed(actor: Actor, about: str) -> Disputed:
    """The refused review ("review:5") or the decision ("decision:3") of the actor's own thing. Raises `NotFound` for
    everybody else, and for what cannot be appealed."""
    kind, _colon, number = about.partition(":")
    if actor.person_id is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound
    if kind == "review":
        review = Review.objects.filter(pk=int(number), author=actor.person_id, state=ReviewState.REFUSED).first()
        if review is not None:
            return Disputed(about, review.about, review.author_id, review.decided_by_id, review.pk, True)
    if kind == "decision":
        decision = Decision.objects.filter(pk=int(number), author=actor.person_id, kept=False).first()
        if decision is not None:
            return Disputed(about, decision.reference, decision.author_id, decision.person_id, decision.pk, False)
    raise NotFound


def list_open_appeals(actor: Actor) -> list[tuple[Appeal, Mapping[str, Any]]]:
    """The appeals about reviews and decisions that wait, the oldest first, each with what its first decision said."""
    demand(may_moderate(actor), actor)
    rows = Appeal.objects.filter(answered_at=None).select_related("person", "first").order_by("at")[:MOST]
    return [(row, first_decision(row)) for row in rows]


def first_decision(appeal: Appeal) -> Mapping[str, Any]:
    """What was decided first: `title`, `text`, `words`, `rules`."""
    number = int(appeal.about.partition(":")[2])
    if appeal.about.startswith("review:"):
        review = Review.objects.get(pk=number)
        said = review.evidence or {"title": review.title, "text": ""}
        return {**said, "words": review.words, "rules": find_rules(review.rules)}
    decision = Decision.objects.get(pk=number)
    said = decision.evidence or {"title": decision.reference, "text": ""}
    return {**said, "words": decision.words, "rules": find_rules(decision.rules)}


def lock_appeal(actor: Actor, key: int) -> Appeal:
    """An appeal for moderators, locked. Raises `NotFound`."""
    row = Appeal.objects.select_for_update(of=("self",)).filter(pk=key).first() if actor.has(Role.MODERATOR) else None
    if row is None:
        raise NotFound
    return row
