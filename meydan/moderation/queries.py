"""What moderators see, and who is blocked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils.crypto import salted_hmac

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.moderation.models import Block, Decision, Flag, Trace, Whom
from meydan.moderation.policies import may_moderate

MOST = 50


@dataclass(frozen=True)
class Thing:
    """A thing as its own domain shows it to the actor. `person`: its author, where they have an account. `final`: what
    is taken off is gone for good."""

    title: str
    text: str
    href: str
    pictures: tuple[str, ...] = ()
    person: UUID | None = None
    final: bool = False


@dataclass(frozen=True)
class Case:
    """A thing with what is said to be wrong with it."""

    reference: str
    thing: Thing | None
    flags: list[Flag]
    reach: list[Whom]  # whom a block would reach


Look = Callable[[Actor, str], Thing | None]
_LOOKS: dict[str, Look] = {}


def moderates(kind: str, look: Look) -> None:
    """Have things of this kind ("report") flagged and moderated. `look(actor, reference)` shows one, or gives None
    when the actor may not see it. LookupError when the kind is taken."""
    if _LOOKS.setdefault(kind, look) is not look:
        raise LookupError(f"the kind {kind!r} is taken")


def find_thing(actor: Actor, reference: str) -> Thing:
    """The thing. Raises `NotFound` also when the actor may not see it."""
    look = _LOOKS.get(reference.partition(":")[0])
    thing = look(actor, reference) if look else None
    if thing is None:
        raise NotFound
    return thing


def is_final(actor: Actor, reference: str) -> bool:
    """Whether a thing that is taken off is gone for good."""
    look = _LOOKS.get(reference.partition(":")[0])
    thing = look(actor, reference) if look else None
    return thing is not None and thing.final


def mark_of(address: str) -> str:
    """The keyed hash of a network address."""
    return salted_hmac("meydan.moderation.address", address, algorithm="sha256").hexdigest() if address else ""


def list_cases(actor: Actor) -> list[Case]:
    """What waits for a decision: what most people have flagged first, then what waits longest."""
    demand(may_moderate(actor), actor)
    waiting = Flag.objects.filter(decision=None).values("reference").annotate(count=Count("pk"), first=Min("at"))
    references = [row["reference"] for row in waiting.order_by("-count", "first")[:MOST]]
    return [_case(actor, reference) for reference in references]


def _case(actor: Actor, reference: str) -> Case:
    try:
        thing = find_thing(actor, reference)
    except NotFound:
        thing = None
    flags = list(Flag.objects.filter(reference=reference, decision=None).order_by("at")[:MOST])
    return Case(reference, thing, flags, list(reach_of(reference, thing)))


def reach_of(reference: str, thing: Thing | None) -> dict[Whom, UUID | str]:
    """Whom a block because of this thing can be about: the author's account, the device, the address."""
    trace = Trace.objects.filter(pk=reference).first()
    known: dict[Whom, UUID | str | None] = {
        Whom.PERSON: thing.person if thing else None,
        Whom.DEVICE: trace.device if trace else "",
        Whom.ADDRESS: trace.address if trace else "",
    }
    return {whom: value for whom, value in known.items() if value}


def list_appeals(actor: Actor) -> list[Block]:
    """Blocks whose appeals wait, the oldest first."""
    demand(may_moderate(actor), actor)
    return list(Block.objects.filter(appealed_at__isnull=False, answered_at=None).order_by("appealed_at")[:MOST])


def blocks_of(actor: Actor) -> QuerySet[Block]:
    """The blocks that hold for the actor now. Moderators' and other staff's work is never blocked by an address."""
    mine = Q(person=actor.person_id) if actor.person_id else Q(pk=None)
    if marks := _marks_of(actor):
        mine |= Q(mark__in=marks)
    return Block.objects.filter(mine, until__gt=now(), lifted=False).order_by("-until")


def _marks_of(actor: Actor) -> list[str]:
    """By what the actor is known without an account; their address counts only where they have none."""
    return [mark for mark in (actor.device, "" if actor.person_id else mark_of(actor.address)) if mark]


def find_block(actor: Actor) -> tuple[datetime, str] | None:
    """Until when the actor is blocked, and why; None for nearly everybody. Asked before anything is taken in, so it is
    plain SQL: a fifth of what it costs by way of the ORM."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select until, reason from moderation_block
                where (person_id = %s or (mark <> '' and mark = any(%s))) and until > %s and not lifted
                order by until desc limit 1""",
            [actor.person_id, _marks_of(actor), now()],
        )
        found: tuple[datetime, str] | None = cursor.fetchone()
    return found


def lock_own_block(actor: Actor, key: int) -> Block:
    """One of the actor's blocks, locked. Raises `NotFound`."""
    return _only(blocks_of(actor).select_for_update(of=("self",)).filter(pk=key))


def lock_block(actor: Actor, key: int) -> Block:
    """Any block, for moderators, locked. Raises `NotFound`."""
    if not may_moderate(actor):
        raise NotFound
    return _only(Block.objects.select_for_update(of=("self",)).filter(pk=key))


def _only(rows: QuerySet[Block]) -> Block:
    block = rows.first()
    if block is None:
        raise NotFound
    return block


def words_of(decision: int) -> str:
    """Why a moderator took something off."""
    return Decision.objects.values_list("words", flat=True).get(pk=decision)
