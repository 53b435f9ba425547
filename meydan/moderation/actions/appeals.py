"""The author asks once more, and somebody else answers."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record
from meydan.moderation.actions.reviews import move_review
from meydan.moderation.actions.words import need_words
from meydan.moderation.facts import (
    AppealAnswered,
    DecisionAppealed,
    EvidenceForgotten,
    ReviewAppealed,
    ReviewApproved,
    ThingPutBack,
)
from meydan.moderation.models import EVIDENCE_DAYS, Appeal, Decision, Review, ReviewState
from meydan.moderation.policies import may_answer_appeal, may_ask_again, may_forget
from meydan.moderation.queries import Disputed, find_disputed, lock_appeal


@action(policy=may_ask_again)
def appeal_decision(actor: Actor, *, about: str, words: str) -> Appeal:
    """Ask that another moderator looks at a refused review ("review:5") or at a decision ("decision:3") about one's own
    thing; once. Raises `NotFound` for everybody but its author, and `Conflict` the second time."""
    disputed = find_disputed(actor, about)
    appeal = Appeal(
        about=about,
        subject=disputed.subject,
        person_id=actor.person_id,
        words=need_words(words, "text"),
        language=actor.language,
        first_id=disputed.first,
        at=now(),
    )
    try:
        with transaction.atomic():
            appeal.save()
    except IntegrityError as error:
        raise Conflict(_("You have appealed already. Another moderator will look at it.")) from error
    record(_appealed(disputed, appeal))
    return appeal


def _appealed(disputed: Disputed, appeal: Appeal) -> ReviewAppealed | DecisionAppealed:
    persons: tuple[UUID, ...] = (disputed.person,)
    if disputed.is_review:
        return ReviewAppealed(subject=disputed.subject, persons=persons, review=disputed.key, appeal=appeal.pk)
    return DecisionAppealed(subject=disputed.subject, persons=persons, decision=disputed.key, appeal=appeal.pk)


@action_on(lock_appeal, policy=may_answer_appeal)
def answer_appeal(actor: Actor, appeal: Appeal, *, overturn: bool, words: str) -> Appeal:
    """Overturn the first decision, or let it stand, and say why: its author reads it."""
    if appeal.answered_at is not None:
        raise Conflict(_("This has been decided already."))
    appeal.answer, appeal.overturned = need_words(words, "text"), overturn
    appeal.second_id, appeal.answered_at = actor.person_id, now()
    appeal.save()
    persons = (appeal.person_id,) if appeal.person_id else ()
    record(AppealAnswered(subject=appeal.subject, persons=persons, appeal=appeal.pk, overturned=overturn))
    if overturn:
        _overturn(appeal, persons)
    return appeal


def _overturn(appeal: Appeal, persons: tuple[UUID, ...]) -> None:
    number = int(appeal.about.partition(":")[2])
    if not appeal.about.startswith("review:"):
        record(ThingPutBack(subject=appeal.subject, persons=persons, decision=number))
        return
    review = Review.objects.select_for_update().get(pk=number)
    if not Review.objects.filter(about=review.about, round__gt=review.round).exists():
        move_review(review, ReviewState.APPROVED)  # else a newer round decides about it
        review.save()
        record(ReviewApproved(subject=review.about, persons=persons, review=review.pk, on_appeal=True))


@action(policy=may_forget)
def forget_evidence(actor: Actor) -> int:
    """Delete what was kept for appeals whose time is over; how many decisions that were."""
    since = now() - timedelta(days=EVIDENCE_DAYS)
    open_ones = Appeal.objects.filter(answered_at=None).values_list("about", flat=True)
    disputed = {kind: [int(one.partition(":")[2]) for one in open_ones if one.startswith(kind)] for kind in KINDS}
    old = ~Q(evidence={})
    count = Review.objects.filter(old, decided_at__lt=since).exclude(pk__in=disputed["review"]).update(evidence={})
    count += Decision.objects.filter(old, at__lt=since).exclude(pk__in=disputed["decision"]).update(evidence={})
    record(EvidenceForgotten(subject="moderation:evidence", count=count))
    return count


KINDS = ("review", "decision")


def forget_old_evidence() -> int:
    """The worker does it every night; nothing is said of a night with nothing to do."""
    since = now() - timedelta(days=EVIDENCE_DAYS)
    due = Review.objects.filter(~Q(evidence={}), decided_at__lt=since).exists()
    due = due or Decision.objects.filter(~Q(evidence={}), at__lt=since).exists()
    return forget_evidence(SYSTEM) if due else 0
