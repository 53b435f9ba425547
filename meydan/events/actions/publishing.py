"""Publishing, and what follows: dates in the calendar, cancelling them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from meydan.events.actions.attending import move_up
from meydan.events.actions.steps import about, decided_already, step
from meydan.events.facts import EventCancelled, EventHidden, EventPublished, EventSentBack, EventShown
from meydan.events.models import Event, Occurrence, State, Version
from meydan.events.policies import may_decide, may_edit
from meydan.events.queries import guests_of, lock_event, newest_version, open_version
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.analyser import fold
from meydan.kernel.city import this_city
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import record


@action_on(lock_event, policy=may_decide)
def approve_event(actor: Actor, event: Event) -> None:
    """A moderator has agreed: the event is public, and its dates are in the calendar."""
    version = newest_version(event)
    if version.state not in (State.WAITING, State.REFUSED):
        raise decided_already()
    step(version, State.PUBLISHED)
    before, first = event.live, event.live is None
    moved = before is not None and _when_and_where(before) != _when_and_where(version)
    event.live, event.updated_at = version, now()
    event.published_at = event.published_at or now()
    event.sequence += moved
    event.search_text = _searched(version)
    event.save()
    lay_out(event, version)
    for occurrence in event.occurrences.select_for_update().filter(ends_at__gt=now()):
        move_up(occurrence)
    guests = guests_of(event, since=now()) if moved else ()
    record(EventPublished(**about(event, version.number, *guests), first=first, moved=moved))


def _when_and_where(version: Version) -> tuple[object, ...]:
    return (version.timing, version.place, version.lat, version.lon, version.online)


def _searched(version: Version) -> str:
    said = [version.title, version.text, version.place]
    said += [part for words in version.texts.values() for part in words.values()]
    return fold(" ".join(said))


def lay_out(event: Event, version: Version) -> None:
    """Have the dates that the version says, and no others to come. A date whose hour changes keeps its guests; one that
    is gone and has guests stays as cancelled."""
    timing = version.timing
    wanted = {moment.isoformat(timespec="minutes"): moment for moment in timing.times()}
    there = {row.at_clock: row for row in event.occurrences.filter(ends_at__gt=now())}
    free = [clock for clock in wanted if clock not in there and not event.occurrences.filter(at_clock=clock).exists()]
    gone = [row for clock, row in there.items() if clock not in wanted]
    for clock, row in _pairs(free, gone, once=not timing.repeats):
        free.remove(clock)
        gone.remove(row)
        row.at_clock = clock
        there[clock] = row
    zone, lasts = ZoneInfo(this_city().time_zone), timing.ends - timing.starts
    fresh = {clock: Occurrence(event=event, at_clock=clock) for clock in free}
    for clock, date in {**fresh, **{clock: there[clock] for clock in wanted if clock in there}}.items():
        date.starts_at = _utc(wanted[clock], zone)
        date.ends_at = date.starts_at + lasts
        date.save()
    _drop(gone)


def _pairs(free: list[str], gone: list[Occurrence], *, once: bool) -> list[tuple[str, Occurrence]]:
    """Which old date became which new one: the same day at another hour; or the only one."""
    if once and len(free) == len(gone) == 1:
        return [(free[0], gone[0])]
    by_day = {row.at_clock[:10]: row for row in gone}
    return [(clock, by_day[clock[:10]]) for clock in free if clock[:10] in by_day]


def _utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """An hour that the clocks jump over counts as if they had not yet (RFC 5545, section 3.3.5)."""
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _drop(rows: list[Occurrence]) -> None:
    for row in rows:
        if row.seats.exists():
            row.cancelled = True
            row.save(update_fields=["cancelled"])
        else:
            row.delete()


@action_on(lock_event, policy=may_decide)
def return_event(actor: Actor, event: Event, *, refused: bool) -> None:
    """A moderator asks for changes, or has refused it. The reasons stand in moderation."""
    version = open_version(event)
    if version is None or version.state != State.WAITING:
        raise decided_already()
    step(version, State.REFUSED if refused else State.SENT_BACK)
    record(EventSentBack(**about(event, version.number), refused=refused))


@action_on(lock_event, policy=may_edit)
def cancel_event(actor: Actor, event: Event) -> None:
    """It does not take place; those who wanted to come hear of it. It stays on its page, as cancelled."""
    if event.cancelled_at is not None or event.live is None:
        raise Conflict(_("There is nothing to cancel."))
    guests = guests_of(event, since=now())
    event.cancelled_at = event.updated_at = now()
    event.sequence += 1
    event.save(update_fields=["cancelled_at", "updated_at", "sequence"])
    event.occurrences.filter(ends_at__gt=now()).update(cancelled=True)
    record(EventCancelled(**about(event, event.live.number, *guests)))


@action_on(lock_event, policy=may_edit)
def cancel_occurrence(actor: Actor, event: Event, *, occurrence: int) -> None:
    """One date of it does not take place. Raises `NotFound`, `Conflict`."""
    row = event.occurrences.filter(pk=occurrence).first()
    if row is None:
        raise NotFound
    if row.cancelled or row.ends_at <= now() or event.live is None:
        raise Conflict(_("There is nothing to cancel."))
    row.cancelled = True
    row.save(update_fields=["cancelled"])
    event.sequence, event.updated_at = event.sequence + 1, now()
    event.save(update_fields=["sequence", "updated_at"])
    guests = tuple(row.seats.values_list("person", flat=True))
    record(EventCancelled(**about(event, event.live.number, *guests), occurrence=row.pk))


@action_on(lock_event, policy=may_decide)
def hide_event(actor: Actor, event: Event) -> None:
    """A moderator wants it off the public pages."""
    if event.hidden:
        raise decided_already()
    event.hidden = True
    event.save(update_fields=["hidden"])
    record(EventHidden(**about(event, newest_version(event).number)))


@action_on(lock_event, policy=may_decide)
def show_event(actor: Actor, event: Event) -> None:
    """Another moderator has found that it should not have been taken off."""
    if not event.hidden:
        raise decided_already()
    event.hidden = False
    event.save(update_fields=["hidden"])
    record(EventShown(**about(event, newest_version(event).number)))
