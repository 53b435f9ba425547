"""Who comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from meydan.events.models import Event, Occurrence, Seat
from meydan.events.policies import may_edit
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.policy import demand

REMIND_BEFORE = timedelta(hours=24)
REMINDED_AT_ONCE = 500
MOST_GUESTS = 2_000


@dataclass(frozen=True)
class Seating:
    """How one date stands: `left` is None where there is no limit; `mine` is "seat", "waiting" or ""; `place` counts
    from 1 on the waiting list."""

    taken: int
    waiting: int
    left: int | None
    mine: str = ""
    place: int = 0


def seatings(actor: Actor, dates: Iterable[Occurrence], seats: int) -> dict[int, Seating]:
    """How each of these dates of one event stands, for whoever looks."""
    keys = [date.pk for date in dates]
    counted = Seat.objects.filter(occurrence__in=keys).values("occurrence")
    rows = counted.annotate(taken=Count("pk", filter=Q(waiting=False)), waits=Count("pk", filter=Q(waiting=True)))
    counts = {row["occurrence"]: (row["taken"], row["waits"]) for row in rows}
    mine = {}
    if actor.person_id:
        mine = {seat.occurrence_id: seat for seat in Seat.objects.filter(occurrence__in=keys, person=actor.person_id)}
    return {key: _seating(*counts.get(key, (0, 0)), seats, mine.get(key)) for key in keys}


def _seating(taken: int, waits: int, seats: int, mine: Seat | None) -> Seating:
    left = max(0, seats - taken) if seats else None
    if mine is None:
        return Seating(taken, waits, left)
    if not mine.waiting:
        return Seating(taken, waits, left, "seat")
    before = Q(at__lt=mine.at) | Q(at=mine.at, pk__lt=mine.pk)
    place = 1 + Seat.objects.filter(before, occurrence=mine.occurrence_id, waiting=True).count()
    return Seating(taken, waits, left, "waiting", place)


def count_seats(occurrence: Occurrence) -> int:
    """How many have a seat on this date."""
    return occurrence.seats.filter(waiting=False).count()


def guests_of(event: Event, *, since: datetime) -> tuple[UUID, ...]:
    """Who wants to come on any date that is not over at `since`."""
    rows = Seat.objects.filter(occurrence__event=event, occurrence__ends_at__gt=since)
    return tuple(rows.order_by("person").values_list("person", flat=True).distinct()[:MOST_GUESTS])


def list_guests(actor: Actor, event: Event) -> list[Seat]:
    """Who comes to what is not over, by date, for the organiser: guests are told that their name is shown to them."""
    demand(may_edit(actor, event), actor)
    rows = Seat.objects.filter(occurrence__event=event, occurrence__ends_at__gt=now())
    rows = rows.select_related("person", "occurrence").order_by("occurrence__starts_at", "waiting", "at", "pk")
    return list(rows[:MOST_GUESTS])


def my_seats(actor: Actor) -> list[Seat]:
    """Where the actor goes: what is not over, the next first."""
    if actor.person_id is None:
        return []
    rows = Seat.objects.filter(person=actor.person_id, occurrence__ends_at__gt=now(), occurrence__event__hidden=False)
    return list(rows.select_related("occurrence__event__live").order_by("occurrence__starts_at")[:200])


def list_to_remind() -> list[int]:
    """The seats whose guests have not been reminded of what begins within a day."""
    soon = Q(occurrence__starts_at__gt=now(), occurrence__starts_at__lte=now() + REMIND_BEFORE)
    rows = Seat.objects.filter(soon, waiting=False, reminded=False, occurrence__cancelled=False)
    rows = rows.filter(occurrence__event__live__isnull=False, occurrence__event__hidden=False)
    return list(rows.order_by("occurrence__starts_at").values_list("pk", flat=True)[:REMINDED_AT_ONCE])
