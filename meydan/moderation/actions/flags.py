"""Flagging, and deciding about what was flagged."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused
from meydan.kernel.facts import record
from meydan.kernel.limits import check
from meydan.kernel.masking import mask_contacts
from meydan.moderation.actions.blocks import refuse_blocked
from meydan.moderation.actions.words import evidence_of, need_rules, need_words
from meydan.moderation.facts import ThingClaimed, ThingFlagged, ThingKept, ThingTakenOff
from meydan.moderation.models import CLAIM_HOURS, MAX_WORDS, Claim, Decision, Flag, Page, Reason, make_token
from meydan.moderation.policies import may_flag, may_moderate
from meydan.moderation.queries import Thing, find_thing, is_final, mark_of, moderates, seen_thing
from meydan.moderation.queries.things import look_at_page

FLAGS_PER_HOUR = 20
FLAGS_FROM_ONE_ADDRESS = 200
MOST_PATH = 300

moderates("page", look_at_page, name=_("A page"))


def limit_flagging(actor: Actor) -> None:
    """Count a flag against its sender, at the door. Raises `TooMany`."""
    check(f"moderation.flag:{actor.person_id or actor.device or actor.address}", limit=FLAGS_PER_HOUR, seconds=3600)
    check(f"moderation.flag.address:{actor.address}", limit=FLAGS_FROM_ONE_ADDRESS, seconds=3600)


@action(policy=may_flag)
def flag_thing(actor: Actor, *, reference: str, reason: Reason, words: str = "", email: str = "") -> Flag:
    """Say what is wrong with a thing that the actor can see. The answer goes to their account, or to `email`. Raises
    `NotFound`, `Refused` for who is blocked, and `Conflict` when they have said so already."""
    refuse_blocked(actor)
    find_thing(actor, reference)
    mark = "" if actor.person_id else actor.device or mark_of(actor.address)
    if Flag.objects.filter(reference=reference, person=actor.person_id, mark=mark, decision=None).exists():
        raise Conflict(_("You have told us already. A moderator will look at it."))
    flag = Flag.objects.create(
        reference=reference,
        reason=reason,
        words=words.strip()[:MAX_WORDS],
        person_id=actor.person_id,
        mark=mark,
        email="" if actor.person_id else email,
        language=actor.language,
        token=make_token(),
        at=now(),
    )
    record(ThingFlagged(subject=reference, reason=reason))
    return flag


def flag_page(actor: Actor, *, path: str, words: str, email: str = "") -> Flag:
    """ "What is going on?": say in words what is wrong with a page of the city's. Raises as `flag_thing` does, and
    `Invalid` without words."""
    words = need_words(words, "text")
    with transaction.atomic():
        page, _new = Page.objects.get_or_create(path=path[:MOST_PATH])
        return flag_thing(actor, reference=f"page:{page.pk}", reason=Reason.BROKEN, words=words, email=email)


@action(policy=may_moderate)
def claim_thing(actor: Actor, *, reference: str, leave: bool = False) -> None:
    """Take a flagged thing on, so that others see who looks at it, or `leave` it to them. Raises `Conflict` when
    another moderator was quicker."""
    claim = Claim.objects.select_for_update().filter(pk=reference).first()
    if claim and claim.person_id != actor.person_id and claim.at > now() - timedelta(hours=CLAIM_HOURS):
        raise Conflict(_("Another moderator looks at this already."))
    if not Flag.objects.filter(reference=reference, decision=None).exists():
        raise Conflict(_("This has been decided already."))
    if leave or actor.person_id is None:
        Claim.objects.filter(pk=reference).delete()
    else:
        Claim.objects.update_or_create(pk=reference, defaults={"person_id": actor.person_id, "at": now()})
    record(ThingClaimed(subject=reference, left=leave))


@action(policy=may_moderate)
def keep_thing(actor: Actor, *, reference: str, words: str = "") -> None:
    """Find that nothing is wrong; the flags are answered. Raises `Conflict` when another moderator was quicker."""
    decision, flags = _decide(actor, reference, words, kept=True)
    record(ThingKept(subject=reference, flags=flags, decision=decision.pk))


@action(policy=may_moderate)
def take_thing_off(
    actor: Actor, *, reference: str, words: str, rules: tuple[str, ...] = (), sure: bool = False
) -> Decision:
    """Have the thing's own domain take it off the public pages; `words` say why, and its author reads them. Of a thing
    that is gone for good then, the moderator must be `sure`."""
    thing = seen_thing(actor, reference)
    if thing is not None and not thing.removable:
        raise Conflict(_("This cannot be taken off. Answer it instead."))
    if not sure and is_final(actor, reference):
        raise Invalid(fields={"sure": _("Tick this box: it cannot be put back.")})
    decision, flags = _decide(actor, reference, need_words(words, "text"), kept=False, thing=thing, rules=rules)
    persons = (decision.author_id,) if decision.author_id else ()
    record(ThingTakenOff(subject=reference, persons=persons, flags=flags, decision=decision.pk))
    return decision


def _decide(
    actor: Actor, reference: str, words: str, *, kept: bool, thing: Thing | None = None, rules: tuple[str, ...] = ()
) -> tuple[Decision, int]:
    flags = list(Flag.objects.select_for_update().filter(reference=reference, decision=None).order_by("at"))
    if not flags:
        raise Conflict(_("This has been decided already."))
    _refuse_own(actor, thing or seen_thing(actor, reference))
    decision = Decision.objects.create(
        reference=reference,
        kept=kept,
        reason=_most_given(flags),
        rules=need_rules(rules),
        words=words.strip()[:MAX_WORDS],
        person_id=actor.person_id,
        author_id=thing.person if thing else None,
        evidence=evidence_of(thing.title, thing.text) if thing and not thing.final else {},
        final=bool(thing and thing.final),
        flagged_at=flags[0].at,
        at=now(),
    )
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(decision=decision)
    Claim.objects.filter(pk=reference).delete()
    return decision, len(flags)


def _refuse_own(actor: Actor, thing: Thing | None) -> None:
    if thing is not None and thing.person is not None and thing.person == actor.person_id:
        raise Refused(_("Another moderator must decide about this: it is your own."), code="own_work")


def _most_given(flags: list[Flag]) -> str:
    """What most have found wrong; the first said of equals."""
    reasons = [flag.reason for flag in flags]
    return max(reasons, key=reasons.count)


def forget_flags(reference: str) -> None:
    """Forget who said that something is wrong with a thing, in which words, and who decided; that it was said stays."""
    with transaction.atomic():
        Flag.objects.filter(reference=reference).update(person=None, mark="", words="", email="", token="")
        for decision in Decision.objects.filter(reference=reference):
            decision.person, decision.words = None, mask_contacts(decision.words)
            decision.author, decision.evidence = None, {}
            decision.save(update_fields=["person", "words", "author", "evidence"])
