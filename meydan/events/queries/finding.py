"""Events and their dates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from meydan.events.models import Event, Occurrence, State, Version
from meydan.events.policies import is_own, may_announce, may_read
from meydan.kernel.actor import Actor, Role
from meydan.kernel.analyser import fold
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

PAGE = 20
TOO_LARGE = 2**63
MOST_IN_MONTH = 500
MOST_DATES = 200
MOST_MINE = 200
MOST_WORDS = 6


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to. `after`: the number of the last date of the page before."""

    words: str = ""
    topic: str = ""
    district: str = ""
    after: int | None = None


def public_dates() -> QuerySet[Occurrence]:
    """The dates of public events, in order, each with its event and what it says."""
    rows = Occurrence.objects.filter(event__live__isnull=False, event__hidden=False)
    return rows.select_related("event__live").defer("event__search_text").order_by("starts_at", "id")


def _narrow(rows: QuerySet[Occurrence], wanted: Wanted) -> QuerySet[Occurrence]:
    if wanted.topic:
        rows = rows.filter(event__live__topics__contains=[wanted.topic])
    if wanted.district:
        rows = rows.filter(event__live__district=wanted.district)
    for word in fold(wanted.words).split()[:MOST_WORDS]:
        rows = rows.filter(event__search_text__contains=word)
    return rows


def list_upcoming(actor: Actor, wanted: Wanted, *, limit: int = PAGE) -> list[Occurrence]:
    """Dates that are not over, the next first; one more than `limit` where there are more."""
    rows = _narrow(public_dates().filter(ends_at__gt=now()), wanted)
    if wanted.after is not None:
        last = Occurrence.objects.filter(pk=wanted.after).values_list("starts_at", flat=True).first()
        if last is None:
            raise NotFound
        rows = rows.filter(Q(starts_at__gt=last) | Q(starts_at=last, pk__gt=wanted.after))
    return list(rows[: limit + 1])


def occurrences_between(actor: Actor, start: datetime, end: datetime, wanted: Wanted) -> list[Occurrence]:
    """The dates that touch a stretch of time, in order."""
    return list(_narrow(public_dates().filter(starts_at__lt=end, ends_at__gt=start), wanted)[:MOST_IN_MONTH])


def occurrences_of(actor: Actor, event: Event, *, since: datetime | None = None) -> list[Occurrence]:
    """An event's dates, in order; those that ended before `since` are left out."""
    rows = event.occurrences.order_by("starts_at")
    return list(rows.filter(ends_at__gt=since) if since else rows)[:MOST_DATES]


def find_event(actor: Actor, number: int) -> Event:
    """One event, for whoever may read it. Raises `NotFound`."""
    rows = Event.objects.select_related("live", "organiser").filter(pk=number)
    return _readable(actor, rows.first() if number < TOO_LARGE else None)


def _readable(actor: Actor, event: Event | None) -> Event:
    if event is None or not (actor.is_system or may_read(actor, event)):
        raise NotFound
    return event


def lock_event(actor: Actor, number: int) -> Event:
    """One that the actor may read, locked. Raises `NotFound`."""
    rows = Event.objects.select_for_update(of=("self",)).select_related("live")
    return _readable(actor, rows.filter(pk=number).first() if number < TOO_LARGE else None)


def find_occurrence(actor: Actor, number: int) -> Occurrence:
    """One date of an event that the actor may read. Raises `NotFound`."""
    row = Occurrence.objects.select_related("event__live").filter(pk=number).first()
    if row is None:
        raise NotFound
    _readable(actor, row.event)
    return row


def lock_occurrence(actor: Actor, number: int) -> Occurrence:
    """The same, locked: seats on one date are given one after the other."""
    find_occurrence(actor, number)
    return Occurrence.objects.select_for_update(of=("self",)).select_related("event__live").get(pk=number)


def newest_version(event: Event) -> Version:
    """What its organiser last wrote. Every event has one."""
    return event.versions.order_by("-number")[0]


def open_version(event: Event) -> Version | None:
    """What is not public yet: being written or looked at."""
    closed = (State.PUBLISHED, State.REFUSED)
    return event.versions.exclude(state__in=closed).order_by("-number").first()


def shown_version(actor: Actor, event: Event) -> Version:
    """What to show: the live one, else, to who may see more, the newest."""
    return event.live if event.is_public and event.live else newest_version(event)


def list_versions(actor: Actor, event: Event) -> list[Version]:
    """All versions, the newest first: for the organiser and moderators; others see those that were public."""
    rows = event.versions.order_by("-number")
    sees_all = is_own(actor, event) or actor.has(Role.MODERATOR)
    return list(rows if sees_all else rows.filter(state=State.PUBLISHED))[:100]


def list_mine(actor: Actor) -> list[Version]:
    """The newest version of each of the actor's events, the latest first."""
    demand(may_announce(actor), actor)
    rows = Version.objects.filter(event__organiser=actor.person_id).select_related("event__live")
    newest = list(rows.order_by("event", "-number").distinct("event").defer("text")[:MOST_MINE])
    return sorted(newest, key=lambda one: one.saved_at, reverse=True)


def list_related(actor: Actor, event: Event, version: Version) -> list[Occurrence]:
    """The next dates of other events about the same, one of each; at most three."""
    rows = public_dates().filter(starts_at__gt=now(), starts_at__lt=now() + timedelta(days=92), cancelled=False)
    rows = rows.filter(event__live__topics__overlap=version.topics or ["city"]).exclude(event=event)
    found: dict[int, Occurrence] = {}
    for row in rows[:60]:
        found.setdefault(row.event_id, row)
    return list(found.values())[:3]
