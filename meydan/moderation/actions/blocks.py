"""Sanctions: a warning, then blocks that grow longer, each with a reason, an end and an appeal. And traces."""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.facts import record
from meydan.kernel.i18n import format_date
from meydan.kernel.policy import demand
from meydan.kernel.rows import insert
from meydan.moderation.actions.words import need_rules, need_words
from meydan.moderation.facts import AppealDecided, BlockAppealed, SenderBlocked, SenderNoted, SenderWarned
from meydan.moderation.models import MAX_DAYS, TRACE_DAYS, Block, Measure, Trace, Whom
from meydan.moderation.policies import may_appeal, may_decide_appeal, may_moderate, may_note
from meydan.moderation.queries import find_block, find_thing, lock_block, lock_own_block, mark_of, reach_of


def refuse_blocked(actor: Actor) -> None:
    """Raise `Refused` with the reason and the way to appeal, when a block holds for the actor."""
    block = None if actor.is_system else find_block(actor)
    if block is not None:
        until, reason = block
        sentence = _("You cannot send anything until %(day)s. The reason: %(reason)s You can appeal at %(address)s.")
        values = {"day": format_date(until), "reason": reason, "address": "/moderation/block"}
        raise Refused(sentence % values, code="blocked")


@action(policy=may_moderate)
def block_sender(
    actor: Actor,
    *,
    reference: str,
    whom: Whom,
    days: int,
    reason: str,
    measure: Measure = Measure.BLOCK,
    rules: tuple[str, ...] = (),
) -> Block:
    """Keep the sender of a thing from sending, for 1 to `MAX_DAYS` days, or warn them; they read the reason. Raises
    `Invalid` when a sanction would reach nobody."""
    target = reach_of(reference, find_thing(actor, reference)).get(whom)
    if not target:
        raise Invalid(fields={"whom": _("We do not know this of the sender. Choose another.")})
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(fields={"days": _("Give a number of days from 1 to 365.")})
    if target == actor.person_id:
        raise Refused(_("Another moderator must decide about this: it is your own."), code="own_work")
    person = target if isinstance(target, UUID) else None
    block = Block.objects.create(
        measure=measure,
        rules=need_rules(rules),
        whom=whom,
        person_id=person,
        mark="" if person else str(target),
        reference=reference,
        reason=need_words(reason, "text"),
        by_id=actor.person_id,
        at=now(),
        until=now() + timedelta(days=days),
    )
    record(_sanctioned(block, days))
    return block


def _sanctioned(block: Block, days: int) -> SenderBlocked | SenderWarned:
    subject, persons = f"block:{block.pk}", (block.person_id,) if block.person_id else ()
    if block.measure == Measure.WARNING:
        return SenderWarned(subject=subject, persons=persons, whom=block.whom)
    return SenderBlocked(subject=subject, persons=persons, whom=block.whom, days=days)


@action_on(lock_own_block, policy=may_appeal)
def appeal_block(actor: Actor, block: Block, *, words: str, email: str = "") -> None:
    """Ask that another moderator looks at it; once. The answer goes to `email`, or to the account's address."""
    if block.appealed_at is not None:
        raise Conflict(_("You have appealed already. Another moderator will look at it."))
    block.appeal = need_words(words, "text")
    block.appeal_email, block.appeal_language, block.appealed_at = email, actor.language, now()
    block.save()
    record(BlockAppealed(subject=f"block:{block.pk}", persons=(block.person_id,) if block.person_id else ()))


@action_on(lock_block, policy=may_decide_appeal)
def decide_appeal(actor: Actor, block: Block, *, lift: bool, words: str) -> None:
    """Lift the block, or let it stand, and say why: the blocked one reads it."""
    if block.appealed_at is None or block.answered_at is not None:
        raise Conflict(_("This has been decided already."))
    block.answer = need_words(words, "text")
    block.lifted, block.second_id, block.answered_at = lift, actor.person_id, now()
    block.save()
    persons = (block.person_id,) if block.person_id else ()
    record(AppealDecided(subject=f"block:{block.pk}", persons=persons, lifted=lift))


def note_sender(actor: Actor, *, reference: str) -> None:
    """Remember for `TRACE_DAYS`, by keyed hashes, which device and address a thing came from. A part of the action that
    takes the thing in, and of its transaction."""
    demand(may_note(actor), actor)
    trace = Trace(reference=reference, device=actor.device, address=mark_of(actor.address), at=now())
    insert([trace], on_conflict=_REPLACE)
    record(SenderNoted(subject=reference))


_REPLACE = (
    "on conflict (reference) do update set device = excluded.device, address = excluded.address, at = excluded.at"
)


def forget_traces() -> int:
    """Delete the traces that are older than `TRACE_DAYS`; returns how many. The worker does it every night."""
    return Trace.objects.filter(at__lt=now() - timedelta(days=TRACE_DAYS)).delete()[0]
