"""Flagging, deciding, blocking, and what the blocked one can do about it."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.facts import record
from meydan.kernel.i18n import format_date
from meydan.kernel.limits import check
from meydan.kernel.masking import mask_contacts
from meydan.kernel.policy import demand
from meydan.kernel.rows import insert
from meydan.moderation.facts import (
    AppealDecided,
    BlockAppealed,
    SenderBlocked,
    SenderNoted,
    ThingFlagged,
    ThingKept,
    ThingTakenOff,
)
from meydan.moderation.models import MAX_DAYS, MAX_WORDS, TRACE_DAYS, Block, Decision, Flag, Reason, Trace, Whom
from meydan.moderation.policies import may_appeal, may_decide_appeal, may_flag, may_moderate, may_note
from meydan.moderation.queries import (
    find_block,
    find_thing,
    is_final,
    lock_block,
    lock_own_block,
    mark_of,
    reach_of,
)

FLAGS_PER_HOUR = 20
FLAGS_FROM_ONE_ADDRESS = 200


def limit_flagging(actor: Actor) -> None:
    """Count a flag against its sender, at the door. Raises `TooMany`."""
    check(f"moderation.flag:{actor.person_id or actor.device or actor.address}", limit=FLAGS_PER_HOUR, seconds=3600)
    check(f"moderation.flag.address:{actor.address}", limit=FLAGS_FROM_ONE_ADDRESS, seconds=3600)


def refuse_blocked(actor: Actor) -> None:
    """Raise `Refused` with the reason and the way to appeal, when a block holds for the actor."""
    block = None if actor.is_system else find_block(actor)
    if block is not None:
        until, reason = block
        sentence = _("You cannot send anything until %(day)s. The reason: %(reason)s You can appeal at %(address)s.")
        values = {"day": format_date(until), "reason": reason, "address": "/moderation/block"}
        raise Refused(sentence % values, code="blocked")


@action(policy=may_flag)
def flag_thing(actor: Actor, *, reference: str, reason: Reason, words: str = "") -> None:
    """Say what is wrong with a thing that the actor can see. Raises `NotFound`, `Refused` for who is blocked, and
    `Conflict` when they have said so already."""
    refuse_blocked(actor)
    find_thing(actor, reference)
    mark = "" if actor.person_id else actor.device or mark_of(actor.address)
    if Flag.objects.filter(reference=reference, person=actor.person_id, mark=mark, decision=None).exists():
        raise Conflict(_("You have told us already. A moderator will look at it."))
    values = {"reason": reason, "words": words.strip()[:MAX_WORDS], "mark": mark}
    Flag.objects.create(reference=reference, person_id=actor.person_id, at=now(), **values)
    record(ThingFlagged(subject=reference, reason=reason))


@action(policy=may_moderate)
def keep_thing(actor: Actor, *, reference: str, words: str = "") -> None:
    """Find that nothing is wrong; the flags are answered. Raises `Conflict` when another moderator was quicker."""
    flags, _one = _decide(actor, reference, words, kept=True)
    record(ThingKept(subject=reference, flags=flags))


@action(policy=may_moderate)
def take_thing_off(actor: Actor, *, reference: str, words: str, sure: bool = False) -> None:
    """Have the thing's own domain take it off the public pages; `words` say why, and its author reads them. Of a thing
    that is gone for good then, the moderator must be `sure`."""
    if not sure and is_final(actor, reference):
        raise Invalid(fields={"sure": _("Tick this box: it cannot be put back.")})
    flags, decision = _decide(actor, reference, _need_words(words, "text"), kept=False)
    record(ThingTakenOff(subject=reference, flags=flags, decision=decision.pk))


def _decide(actor: Actor, reference: str, words: str, *, kept: bool) -> tuple[int, Decision]:
    flags = list(Flag.objects.select_for_update().filter(reference=reference, decision=None))
    if not flags:
        raise Conflict(_("This has been decided already."))
    decision = Decision.objects.create(
        reference=reference, kept=kept, words=words.strip()[:MAX_WORDS], person_id=actor.person_id, at=now()
    )
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(decision=decision)
    return len(flags), decision


@action(policy=may_moderate)
def block_sender(actor: Actor, *, reference: str, whom: Whom, days: int, reason: str) -> Block:
    """Keep the sender of a thing from sending, for 1 to `MAX_DAYS` days; they read the reason. Raises `Invalid` when
    a block would reach nobody."""
    reach = reach_of(reference, find_thing(actor, reference))
    target = reach.get(whom)
    if not target:
        raise Invalid(fields={"whom": _("We do not know this of the sender. Choose another.")})
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(fields={"days": _("Give a number of days from 1 to 365.")})
    person = target if isinstance(target, UUID) else None
    block = Block.objects.create(
        whom=whom,
        person_id=person,
        mark="" if person else str(target),
        reference=reference,
        reason=_need_words(reason, "text"),
        by_id=actor.person_id,
        at=now(),
        until=now() + timedelta(days=days),
    )
    record(SenderBlocked(subject=f"block:{block.pk}", persons=(person,) if person else (), whom=whom, days=days))
    return block


@action_on(lock_own_block, policy=may_appeal)
def appeal_block(actor: Actor, block: Block, *, words: str, email: str = "") -> None:
    """Ask that another moderator looks at it; once. The answer goes to `email`, or to the account's address."""
    if block.appealed_at is not None:
        raise Conflict(_("You have appealed already. Another moderator will look at it."))
    block.appeal = _need_words(words, "text")
    block.appeal_email, block.appeal_language, block.appealed_at = email, actor.language, now()
    block.save()
    record(BlockAppealed(subject=f"block:{block.pk}", persons=(block.person_id,) if block.person_id else ()))


@action_on(lock_block, policy=may_decide_appeal)
def decide_appeal(actor: Actor, block: Block, *, lift: bool, words: str) -> None:
    """Lift the block, or let it stand, and say why: the blocked one reads it."""
    if block.appealed_at is None or block.answered_at is not None:
        raise Conflict(_("This has been decided already."))
    block.answer = _need_words(words, "text")
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


def forget_flags(reference: str) -> None:
    """Forget who said that something is wrong with a thing, in which words, and who decided; that it was said stays."""
    with transaction.atomic():
        Flag.objects.filter(reference=reference).update(person=None, mark="", words="")
        for decision in Decision.objects.filter(reference=reference):
            decision.person, decision.words = None, mask_contacts(decision.words)
            decision.save(update_fields=["person", "words"])


def _need_words(words: str, name: str) -> str:
    words = words.strip()
    if not words:
        raise Invalid(fields={name: _("Write a few words, so that the other side understands.")})
    if len(words) > MAX_WORDS:
        raise Invalid(fields={name: _("Shorten this to at most %(most)s characters.") % {"most": MAX_WORDS}})
    return words
