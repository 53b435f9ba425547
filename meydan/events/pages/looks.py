"""How events look: their times in words, and what programs read in their pages."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from meydan.events.models import Event, Occurrence, Repeats, Version
from meydan.events.queries import Entry
from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.i18n import current_language, format_date, format_time, text_of
from meydan.ui.templating import url

NO_BREAK = "\u2060"

_NOT_IN_SCRIPTS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True)
class Row:
    """A date in a list."""

    date: Occurrence
    title: str
    language: str
    href: str
    when: str
    place: str
    district: str
    cancelled: bool


def row_of(date: Occurrence, names: dict[str, str]) -> Row:
    """A date with its event's words in the reader's language."""
    event, version = date.event, date.event.live
    if version is None:
        raise LookupError("a list shows public events only")
    title, _text = version.words_in(current_language(), event.language)
    cancelled = date.cancelled or event.cancelled_at is not None
    language = current_language() if current_language() in version.texts else event.language
    return Row(
        date,
        title,
        language,
        url("events:show", number=event.pk),
        when_of(date),
        version.place or _("Online"),
        names.get(version.district, ""),
        cancelled,
    )


def when_of(date: Occurrence) -> str:
    """From when to when, in the city's time: "Thursday 26 November 2026, 18:00-20:00"."""
    return _between(date.starts_at, date.ends_at)


def plan_of(version: Version) -> str:
    """From when to when it is planned for, the first time, before it has dates in the calendar."""
    zone = ZoneInfo(this_city().time_zone)
    return _between(version.timing.starts.replace(tzinfo=zone), version.timing.ends.replace(tzinfo=zone))


def _between(starts: datetime, ends: datetime) -> str:
    """The two hours of one day stay on one line."""
    first, last = format_date(starts, weekday=True), format_date(ends, weekday=True)
    if first == last:
        return f"{first} · {format_time(starts)}{NO_BREAK}–{NO_BREAK}{format_time(ends)}"
    return f"{first} {format_time(starts)} – {last} {format_time(ends)}"


def repeats_of(version: Version) -> str:
    """How it comes again, in words; "" for what takes place once."""
    if not version.repeats or version.until is None:
        return ""
    rule = str(Repeats(version.repeats).label)
    return _("%(rule)s, until %(day)s") % {"rule": rule, "day": format_date(version.until)}


def organiser_of(event: Event) -> str:
    """What its organiser is called; somebody whose account is closed has no name."""
    return (event.organiser.name or event.organiser.username) if event.organiser else _("A former member")


def address_of(event: Event) -> str:
    """Its whole address."""
    return f"{config().base_url}{url('events:show', number=event.pk)}"


def picture_address(event: Event) -> str:
    """The picture that stands for an event elsewhere (Open Graph)."""
    return f"{config().base_url}{url('events:card', number=event.pk, language=current_language())}"


def host() -> str:
    """The name that makes names of ours unique."""
    return urlsplit(config().base_url).hostname or "localhost"


def linked_data(event: Event, entry: Entry, dates: list[Occurrence], left: int | None) -> SafeString:
    """What schema.org calls an Event, as JSON-LD; its next date, and its rule as a Schedule."""
    city = text_of(this_city().name)
    next_date = next((date for date in dates if not date.cancelled), dates[-1] if dates else None)
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": entry.title,
        "description": entry.text,
        "url": address_of(event),
        "image": [picture_address(event)],
        "inLanguage": event.language,
        "eventStatus": f"https://schema.org/Event{'Cancelled' if entry.cancelled else 'Scheduled'}",
        "organizer": {"@type": "Person", "name": organiser_of(event)},
        "isAccessibleForFree": True,
        **_where(entry, city),
    }
    if next_date:
        said |= {"startDate": next_date.starts_at.isoformat(), "endDate": next_date.ends_at.isoformat()}
    if entry.rule:
        said["eventSchedule"] = _schedule(entry)
    if event.live and event.live.seats:
        said |= {"maximumAttendeeCapacity": event.live.seats, "remainingAttendeeCapacity": left or 0}
    return SafeString(json.dumps(said, ensure_ascii=False).translate(_NOT_IN_SCRIPTS))


def _where(entry: Entry, city: str) -> dict[str, Any]:
    here: dict[str, Any] = {"@type": "Place", "name": entry.place, "address": f"{entry.place}, {city}"}
    if entry.lat is not None and entry.lon is not None:
        here["geo"] = {"@type": "GeoCoordinates", "latitude": entry.lat, "longitude": entry.lon}
    online = {"@type": "VirtualLocation", "url": entry.online}
    kinds = {(True, True): "Mixed", (True, False): "Offline", (False, True): "Online", (False, False): "Offline"}
    mode = kinds[bool(entry.place), bool(entry.online)]
    places = [*([here] if entry.place else []), *([online] if entry.online else [])]
    return {"location": places, "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode"}


_FREQUENCY = {"DAILY": "P1D", "WEEKLY": "P1W", "MONTHLY": "P1M"}


def _schedule(entry: Entry) -> dict[str, Any]:
    parts = dict(part.split("=", 1) for part in entry.rule.split(";"))
    step = "P2W" if parts.get("INTERVAL") == "2" else _FREQUENCY[parts["FREQ"]]
    return {
        "@type": "Schedule",
        "startDate": f"{entry.starts:%Y-%m-%d}",
        "startTime": f"{entry.starts:%H:%M}",
        "endTime": f"{entry.ends:%H:%M}",
        "repeatFrequency": step,
        "scheduleTimezone": this_city().time_zone,
        "exceptDate": [moment.isoformat() for moment in entry.dropped],
    }
