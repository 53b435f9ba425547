"""Who comes: seats, the waiting list, and the reminder."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Person
from meydan.events.facts import GuestReminded, OrganiserForgotten, SeatFreed, SeatGivenUp, SeatTaken
from meydan.events.models import Event, Occurrence, Seat, State, Version
from meydan.events.policies import may_come, may_remind
from meydan.events.queries import count_seats, list_to_remind, lock_occurrence
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, SignInFirst
from meydan.kernel.facts import record
from meydan.kernel.limits import check
from meydan.moderation.public import refuse_blocked

SEATS_PER_HOUR = 60


@action_on(lock_occurrence, policy=may_come)
def take_seat(actor: Actor, occurrence: Occurrence) -> Seat:
    """Say that one comes on this date; on the waiting list where all seats are taken. Raises `Conflict`
    when they have said so before, when it is over, cancelled, or nobody needs to say so."""
    refuse_blocked(actor)
    check(f"events.seat:{actor.person_id}", limit=SEATS_PER_HOUR, seconds=3600)
    event = occurrence.event
    if occurrence.cancelled or occurrence.ends_at <= now() or not event.is_public or event.live is None:
        raise Conflict(_("It is over or cancelled."))
    if not event.live.registers:
        raise Conflict(_("Nobody needs to register for this. Just come."))
    full = 0 < event.live.seats <= count_seats(occurrence)
    if actor.person_id is None:  # the policy has said so already, but types do not know
        raise SignInFirst
    person = Person.objects.get(pk=actor.person_id)
    if occurrence.seats.filter(person=person).exists():
        raise Conflict(_("You have registered already."), code="registered")
    seat = Seat.objects.create(occurrence=occurrence, person=person, waiting=full, at=now())
    record(SeatTaken(**_about(seat), waiting=full))
    return seat


def _about(seat: Seat) -> dict[str, Any]:
    reference = f"event:{seat.occurrence.event_id}"
    return {"subject": reference, "persons": (seat.person_id,), "occurrence": seat.occurrence_id}


@action_on(lock_occurrence, policy=may_come)
def give_up_seat(actor: Actor, occurrence: Occurrence) -> None:
    """One does not come after all; who waits longest has the seat then."""
    seat = Seat.objects.filter(occurrence=occurrence, person=actor.person_id).first()
    if seat is None:
        raise Conflict(_("You have not registered for this."))
    seat.delete()
    record(SeatGivenUp(**_about(seat)))
    if not seat.waiting:
        move_up(occurrence)


def move_up(occurrence: Occurrence) -> None:
    """Give the free seats of a date, which is locked, to who waits longest."""
    live = occurrence.event.live
    if live is None or occurrence.cancelled or occurrence.ends_at <= now():
        return
    waiting = Seat.objects.filter(occurrence=occurrence, waiting=True).order_by("at", "pk")
    free = live.seats - count_seats(occurrence) if live.seats else waiting.count()
    for seat in waiting[: max(0, free)]:
        seat.waiting = False
        seat.save(update_fields=["waiting"])
        record(SeatFreed(**_about(seat)))


def remind_guests() -> int:
    """Remind those who come to what begins within a day, once; returns how many. The worker does it every few
    minutes."""
    due = list_to_remind()
    for key in due:
        with suppress(Conflict):
            remind_guest(SYSTEM, seat=key)
    return len(due)


@action(policy=may_remind)
def remind_guest(actor: Actor, *, seat: int) -> None:
    """Have one guest reminded. Raises `Conflict` when they have been, or gave their seat up."""
    row = Seat.objects.select_for_update(of=("self",)).select_related("occurrence").filter(pk=seat).first()
    if row is None or row.reminded:
        raise Conflict(_("This has been done already."))
    row.reminded = True
    row.save(update_fields=["reminded"])
    record(GuestReminded(**_about(row)))


@action(policy=may_remind)
def forget_organiser(actor: Actor, *, person: UUID) -> None:
    """Who closes their account comes to nothing any more, and leaves what was public without a name."""
    for seat in Seat.objects.filter(person=person).select_related("occurrence"):
        occurrence = lock_occurrence(SYSTEM, seat.occurrence_id)
        seat.delete()
        move_up(occurrence)
    mine = Event.objects.filter(organiser=person)
    mine.filter(live=None).delete()
    Version.objects.filter(event__in=mine).exclude(state=State.PUBLISHED).delete()
    record(OrganiserForgotten(subject=f"person:{person}", kept=mine.update(organiser=None)))
