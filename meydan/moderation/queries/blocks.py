"""Who is blocked or warned, why and until when, and whom a sanction would reach."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.moderation.models import Block, Measure, Trace, Whom
from meydan.moderation.policies import may_moderate
from meydan.moderation.queries.things import Thing

MOST = 50
MEMORY = timedelta(days=365)
STEPS: tuple[tuple[Measure, int], ...] = (
    (Measure.WARNING, 90),
    (Measure.BLOCK, 1),
    (Measure.BLOCK, 7),
    (Measure.BLOCK, 30),
    (Measure.BLOCK, 180),
)
"""Sanctions, the lighter first, with their days: each time that somebody breaks the charter within a year, the next."""


@dataclass(frozen=True)
class Step:
    """The sanction that comes next, after `before` others in the last year."""

    measure: Measure
    days: int
    before: int


def mark_of(address: str) -> str:
    """The keyed hash of a network address."""
    return salted_hmac("meydan.moderation.address", address, algorithm="sha256").hexdigest() if address else ""


def reach_of(reference: str, thing: Thing | None) -> dict[Whom, UUID | str]:
    """Whom a block because of this thing can be about: the author's account, the device, the address."""
    trace = Trace.objects.filter(pk=reference).first()
    known: dict[Whom, UUID | str | None] = {
        Whom.PERSON: thing.person if thing else None,
        Whom.DEVICE: trace.device if trace else "",
        Whom.ADDRESS: trace.address if trace else "",
    }
    return {whom: value for whom, value in known.items() if value}


def next_step(reach: dict[Whom, UUID | str]) -> Step:
    """What the sender's last year asks for. Sanctions that another moderator has lifted do not count."""
    person, marks = reach.get(Whom.PERSON), [str(reach[whom]) for whom in (Whom.DEVICE, Whom.ADDRESS) if whom in reach]
    who = Q(person=person) if person else Q(mark__in=marks)
    before = Block.objects.filter(who, lifted=False, at__gt=now() - MEMORY).count() if reach else 0
    measure, days = STEPS[min(before, len(STEPS) - 1)]
    return Step(measure, days, before)


def list_appeals(actor: Actor) -> list[Block]:
    """Blocks whose appeals wait, the oldest first."""
    demand(may_moderate(actor), actor)
    return list(Block.objects.filter(appealed_at__isnull=False, answered_at=None).order_by("appealed_at")[:MOST])


def blocks_of(actor: Actor) -> QuerySet[Block]:
    """The blocks and warnings that hold for the actor now. Moderators' and other staff's work is never blocked by an
    address."""
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
                where (person_id = %s or (mark <> '' and mark = any(%s))) and until > %s
                  and not lifted and measure = 'block'
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
