"""Looking at things before they are published. `hand_in` and `withdraw_review` are parts of their domain's action."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.policy import demand
from meydan.moderation.actions.blocks import refuse_blocked
from meydan.moderation.actions.words import evidence_of, need_rules, need_words
from meydan.moderation.facts import (
    ReviewApproved,
    ReviewHandedIn,
    ReviewRefused,
    ReviewSeconded,
    ReviewSentBack,
    ReviewTaken,
    ReviewWithdrawn,
)
from meydan.moderation.models import (
    ALLOWED,
    CLAIM_HOURS,
    MAX_ANSWERS_BYTES,
    MAX_LIST,
    MAX_TITLE,
    MAX_WORDS,
    REFERENCE,
    Review,
    ReviewState,
    moderation_rules,
)
from meydan.moderation.policies import may_approve, may_hand_in, may_review
from meydan.moderation.queries import find_reviewed, is_reviewed, lock_review

_REFERENCE = re.compile(REFERENCE)


def hand_in(
    actor: Actor, *, about: str, title: str, language: str = "", answers: Mapping[str, Any] | None = None
) -> Review:
    """Have a thing looked at before it is published. Called within the action by which its author submits it, also
    again after changes: what waits already keeps its place in the queue. `answers`: what its author was asked, as
    JSON of at most 8 kB. LookupError for a kind that nobody registered; raises `Refused` for who is blocked."""
    if not is_reviewed(about) or not _REFERENCE.match(about):
        raise LookupError(f"nobody registered reviews of {about!r}")
    demand(may_hand_in(actor), actor)
    refuse_blocked(actor)
    given = {
        "title": title.strip()[:MAX_TITLE],
        "language": language[:8],
        "answers": _bounded(answers or {}),
        "changed_at": now(),
    }
    waiting = Review.objects.select_for_update().filter(about=about, state=ReviewState.WAITING).first()
    return _change(waiting, given) if waiting else _begin(actor, about, given)


def _bounded(answers: Mapping[str, Any]) -> dict[str, Any]:
    if len(json.dumps(dict(answers), default=str)) > MAX_ANSWERS_BYTES:
        raise Invalid(fields={"answers": _("Shorten your answers.")})
    return dict(answers)


def _change(review: Review, given: Mapping[str, Any]) -> Review:
    """Whoever had looked at it, or approved it first, has seen something else."""
    for name, value in given.items():
        setattr(review, name, value)
    review.taken_by = review.taken_at = review.first = review.first_at = None
    review.save()
    record(ReviewHandedIn(**_about(review), round=review.round, again=True))
    return review


def _begin(actor: Actor, about: str, given: Mapping[str, Any]) -> Review:
    last = Review.objects.filter(about=about).order_by("-round").first()
    review = Review.objects.create(
        about=about,
        round=last.round + 1 if last else 1,
        author_id=actor.person_id,
        handed_in_at=now(),
        **given,
    )
    record(ReviewHandedIn(**_about(review), round=review.round))
    return review


def withdraw_review(actor: Actor, *, about: str) -> bool:
    """Take back what waits, within the action by which its author does so. False when nothing waits."""
    demand(may_hand_in(actor), actor)
    review = Review.objects.select_for_update().filter(about=about, state=ReviewState.WAITING).first()
    if review is None:
        return False
    review.state = ReviewState.WITHDRAWN
    review.save()
    record(ReviewWithdrawn(**_about(review)))
    return True


@action_on(lock_review, policy=may_review)
def take_review(actor: Actor, review: Review, *, leave: bool = False) -> Review:
    """Take a review on, so that others see who looks at it, or `leave` it to them; it ends by itself after
    `CLAIM_HOURS`. Raises `Conflict` when another moderator was quicker."""
    _demand_waiting(review)
    _refuse_taken(actor, review)
    review.taken_by_id, review.taken_at = (None, None) if leave else (actor.person_id, now())
    review.save()
    record(ReviewTaken(**_about(review), left=leave))
    return review


@action_on(lock_review, policy=may_approve)
def approve_review(actor: Actor, review: Review, *, checks: tuple[str, ...] = (), words: str = "") -> Review:
    """Let it be published. `checks`: the keys of the questions that the moderator answers with yes: all of them. Where
    two must approve, the first one's approval waits for the second's."""
    _open(actor, review)
    asked = _questions(actor, review)
    if missing := [key for key in asked if key not in checks]:
        fields = {f"check-{key}": _("Without a yes to this, send it back or refuse it.") for key in missing}
        raise Invalid(fields=fields)
    review.checks = asked
    if _needs_another(review):
        review.first_id, review.first_at, review.taken_by, review.taken_at = actor.person_id, now(), None, None
        review.save()
        record(ReviewSeconded(**_about(review)))
        return review
    _settle(actor, review, ReviewState.APPROVED, words.strip()[:MAX_WORDS])
    record(ReviewApproved(**_about(review)))
    return review


def _needs_another(review: Review) -> bool:
    """Whether two must approve things of this kind, and nobody has yet."""
    return review.first_id is None and review.about.partition(":")[0] in moderation_rules().four_eyes


def _questions(actor: Actor, review: Review) -> list[str]:
    thing = find_reviewed(actor, review.about)
    if thing is None:
        raise Conflict(_("It is no longer there."))
    return [question.key for question in thing.questions]


@action_on(lock_review, policy=may_review)
def send_back_review(actor: Actor, review: Review, *, changes: tuple[str, ...], words: str = "") -> Review:
    """Ask its author for changes, one by one. They may then hand it in again."""
    _open(actor, review)
    asked = [change.strip()[:MAX_WORDS] for change in changes if change.strip()][:MAX_LIST]
    if not asked:
        raise Invalid(fields={"changes": _("Write at least one change, each on a line of its own.")})
    review.changes = asked
    _settle(actor, review, ReviewState.SENT_BACK, words.strip()[:MAX_WORDS])
    record(ReviewSentBack(**_about(review), changes=len(asked)))
    return review


@action_on(lock_review, policy=may_review)
def refuse_review(actor: Actor, review: Review, *, words: str, rules: tuple[str, ...] = ()) -> Review:
    """Refuse it, with a written reason and the rules of the charter that it breaks. Its author may appeal once."""
    _open(actor, review)
    review.rules = need_rules(rules)
    thing = find_reviewed(actor, review.about)
    review.evidence = evidence_of(thing.title, thing.excerpt) if thing else {}
    _settle(actor, review, ReviewState.REFUSED, need_words(words, "text"))
    record(ReviewRefused(**_about(review), rules=tuple(review.rules)))
    return review


def _open(actor: Actor, review: Review) -> None:
    """It waits, and nobody else is at it."""
    _demand_waiting(review)
    _refuse_taken(actor, review)


def _demand_waiting(review: Review) -> None:
    if review.state != ReviewState.WAITING:
        raise Conflict(_("This has been decided already."))


def _refuse_taken(actor: Actor, review: Review) -> None:
    other = review.taken_by_id is not None and review.taken_by_id != actor.person_id
    if other and review.taken_at is not None and review.taken_at > now() - timedelta(hours=CLAIM_HOURS):
        raise Conflict(_("Another moderator looks at this already."))


def _settle(actor: Actor, review: Review, state: ReviewState, words: str) -> None:
    move_review(review, state)
    review.words, review.decided_by_id, review.decided_at = words, actor.person_id, now()
    review.save()


def move_review(review: Review, state: ReviewState) -> None:
    """The review's next state. Raises `Conflict` when it may not follow."""
    if state not in ALLOWED[ReviewState(review.state)]:
        raise Conflict(_("This has been decided already."))
    review.state = state


def _about(review: Review) -> dict[str, Any]:
    """What every fact about a review says."""
    persons = (review.author_id,) if review.author_id else ()
    return {"subject": review.about, "persons": persons, "review": review.pk}
