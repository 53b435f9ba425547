"""What calendars are told: whole events with their rules, not single dates."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from meydan.events.models import Event, Occurrence, Version
from meydan.kernel.actor import Actor
from meydan.kernel.city import this_city
from meydan.kernel.clock import now

PAST = timedelta(days=31)
MOST_EVENTS = 1_000


@dataclass(frozen=True)
class Entry:
    """An event as a calendar needs it. `starts` and `ends` by the city's clock; `dropped`: beginnings, by the same
    clock, on which it does not take place."""

    number: int
    title: str
    text: str
    place: str
    online: str
    lat: float | None
    lon: float | None
    starts: datetime
    ends: datetime
    rule: str
    dropped: tuple[datetime, ...]
    cancelled: bool
    sequence: int
    made_at: datetime
    updated_at: datetime
    topics: tuple[str, ...] = ()


def calendar_entries(actor: Actor, language: str) -> list[Entry]:
    """Public events with a date that ended within the last month or is to come."""
    lasting = Occurrence.objects.filter(event=OuterRef("pk"), ends_at__gt=now() - PAST)
    rows = Event.objects.filter(Exists(lasting), live__isnull=False, hidden=False).select_related("live")
    events = list(rows.defer("search_text").order_by("pk")[:MOST_EVENTS])
    dropped: dict[int, list[str]] = {}
    gone = Occurrence.objects.filter(event__in=events, cancelled=True).order_by("starts_at")
    for event, clock in gone.values_list("event", "at_clock"):
        dropped.setdefault(event, []).append(clock)
    return [_entry(event, event.live, dropped.get(event.pk, []), language) for event in events if event.live]


def entry_of(actor: Actor, event: Event, version: Version, language: str) -> Entry:
    """One event, for a calendar."""
    gone = event.occurrences.filter(cancelled=True).order_by("starts_at").values_list("at_clock", flat=True)
    return _entry(event, version, list(gone), language)


def _entry(event: Event, version: Version, dropped: list[str], language: str) -> Entry:
    title, text = version.words_in(language, event.language)
    timing = version.timing
    return Entry(
        number=event.pk,
        title=title,
        text=text,
        place=version.place,
        online=version.online,
        lat=version.lat,
        lon=version.lon,
        starts=timing.starts,
        ends=timing.ends,
        rule=timing.rrule(ZoneInfo(this_city().time_zone)),
        dropped=tuple(datetime.fromisoformat(clock) for clock in dropped) if timing.repeats else (),
        cancelled=event.cancelled_at is not None,
        sequence=event.sequence,
        made_at=event.made_at,
        updated_at=event.updated_at,
        topics=tuple(version.topics),
    )
