"""Events as iCalendar (RFC 5545): whole events with their rule, in the city's time zone, which comes with them.

Written here, not by the library that reads it in the tests: a reader that knows our writer by heart proves nothing.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from meydan import __version__
from meydan.events.queries import Entry

LINE = 75
"""Octets, without the line's end (section 3.1)."""
YEARS_AFTER = 3
_DAY = timedelta(days=1)


def calendar(entries: Iterable[Entry], *, name: str, host: str, base: str, zone: str) -> bytes:
    """A calendar of events. `host` makes their names unique, `base` is where their pages begin."""
    shown = list(entries)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//Meydan//Meydan {__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"X-WR-TIMEZONE:{zone}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    if shown:
        first = min(entry.starts.year for entry in shown)
        lines += zone_lines(zone, first, max(entry.starts.year for entry in shown) + YEARS_AFTER)
    for entry in shown:
        lines += _event(entry, host, base, zone)
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines).encode()


def _event(entry: Entry, host: str, base: str, zone: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:event-{entry.number}@{host}"
    yield f"DTSTAMP:{_utc(entry.updated_at)}"
    yield f"CREATED:{_utc(entry.made_at)}"
    yield f"LAST-MODIFIED:{_utc(entry.updated_at)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART;TZID={zone}:{entry.starts:%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID={zone}:{entry.ends:%Y%m%dT%H%M%S}"
    if entry.rule:
        yield f"RRULE:{entry.rule}"
    if entry.dropped and not entry.cancelled:
        yield f"EXDATE;TZID={zone}:" + ",".join(f"{moment:%Y%m%dT%H%M%S}" for moment in entry.dropped)
    yield f"SUMMARY:{_text(entry.title)}"
    yield f"DESCRIPTION:{_text(entry.text)}"
    if entry.place or entry.online:
        yield f"LOCATION:{_text(entry.place or entry.online)}"
    if entry.lat is not None and entry.lon is not None:
        yield f"GEO:{entry.lat:.6f};{entry.lon:.6f}"
    if entry.topics:
        yield "CATEGORIES:" + ",".join(_text(topic) for topic in entry.topics)
    yield f"URL:{base}/events/{entry.number}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A TEXT value (section 3.3.11), without control characters."""
    plain = "".join(letter for letter in text if letter >= " " or letter == "\n")
    escaped = plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\n", "\\n")


def _folded(line: str) -> str:
    """A content line, folded between letters so that none is longer than it may be."""
    parts, part, size = [], "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LINE:
            parts.append(part)
            part, size = " ", 1
        part, size = part + letter, size + octets
    return "\r\n".join([*parts, part]) + "\r\n"


@lru_cache(maxsize=64)
def zone_lines(name: str, first: int, last: int) -> tuple[str, ...]:
    """A VTIMEZONE that holds from the year before `first` to the end of `last`: each change of the clocks by its own
    date, for some zones (Morocco's, by the moon) follow no yearly rule."""
    zone = ZoneInfo(name)
    start = datetime(first - 1, 1, 1, tzinfo=UTC)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{name}", *_observance(zone, start, start)]
    for moment in changes(zone, start, datetime(last + 1, 1, 1, tzinfo=UTC)):
        lines += _observance(zone, moment - timedelta(seconds=1), moment)
    return (*lines, "END:VTIMEZONE")


def changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The moments, in UTC, at which the zone's clocks change."""
    day = start
    while day < end:
        if _shift(zone, day) != _shift(zone, day + _DAY):
            yield _moment(zone, day, day + _DAY)
        day += _DAY


def _moment(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _shift(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (middle, after) if _shift(zone, middle) == old else (before, middle)
    return after


def _shift(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _observance(zone: ZoneInfo, before: datetime, moment: datetime) -> list[str]:
    """From `moment` on. Its start is written by the clock as it was just before."""
    old, new = _shift(zone, before), _shift(zone, moment)
    local = moment.astimezone(zone)
    kind = "DAYLIGHT" if (local.dst() or timedelta()) > timedelta() else "STANDARD"
    clock = (moment + old).replace(tzinfo=None)
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{clock:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{_offset(old)}",
        f"TZOFFSETTO:{_offset(new)}",
        f"TZNAME:{_text(local.tzname() or '')}",
        f"END:{kind}",
    ]


def _offset(shift: timedelta) -> str:
    minutes = int(shift.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
