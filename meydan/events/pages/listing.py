"""What takes place: as a list, by month, on the map, and as calendars."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.articles.public import Topic
from meydan.events.inputs import ListEvents
from meydan.events.pages.drawing import Sheet, district_names, sheet
from meydan.events.pages.ical import calendar as as_calendar
from meydan.events.pages.looks import Row, host, row_of
from meydan.events.queries import (
    Wanted,
    calendar_entries,
    entry_of,
    find_event,
    list_upcoming,
    occurrences_between,
    shown_version,
)
from meydan.kernel.city import city_today, this_city
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import current_language, format_date, text_of
from meydan.kernel.inputs import parse

PAGE = 20
ON_MAP = 300
MAP_WIDTH = 640
FIRST_WEEKDAY = {"fa": 5, "ar": 0, "fr": 0, "en": 0, "tg": 0}
ICAL = "text/calendar; charset=utf-8"


def _wanted(query: ListEvents) -> Wanted:
    return Wanted(query.q, query.topic or "", query.district, query.after)


@page("GET")
@same_for_visitors
def index(request: HttpRequest) -> HttpResponse:
    """What comes next, narrowed by `?q=`, `?topic=`, `?district=`."""
    query = parse(ListEvents, request.GET)
    found = list_upcoming(actor_of(request), _wanted(query))
    names = district_names()
    context = {
        **_common(query, "events:list", names),
        "rows": [row_of(one, names) for one in found[:PAGE]],
        "next": _address("events:list", query, after=found[PAGE - 1].pk) if len(found) > PAGE else None,
        "first": _address("events:list", query) if query.after else None,
    }
    return render(request, "events/list.html", context)


def _common(query: ListEvents, name: str, districts: dict[str, str]) -> dict[str, Any]:
    views = (("events:list", _("List")), ("events:month", _("Month")), ("events:map", _("Map")))
    return {
        "query": query,
        "narrowed": bool(query.q or query.topic or query.district),
        "views": [(label, _address(view, query), view == name) for view, label in views],
        "topics": [(_("All"), _address(name, query, topic=None), not query.topic)]
        + [(label, _address(name, query, topic=code), query.topic == code) for code, label in Topic.choices],
        "districts": [("", _("Every district")), *districts.items()],
        "here_address": reverse(name),
    }


def _address(name: str, query: ListEvents, **changes: Any) -> str:
    values = {"q": query.q, "topic": query.topic, "district": query.district, "month": query.month, **changes}
    asked = urlencode({key: str(value) for key, value in values.items() if value})
    return f"{reverse(name)}?{asked}" if asked else reverse(name)


@dataclass(frozen=True)
class Day:
    """One square of the month. `named`: "1 December"."""

    day: date
    inside: bool
    today: bool
    named: str
    rows: list[Row]


@page("GET")
@same_for_visitors
def month(request: HttpRequest) -> HttpResponse:
    """A month as a calendar; `?month=2026-12`."""
    query = parse(ListEvents, request.GET)
    first = _first_of(query.month)
    weeks = calendar.Calendar(FIRST_WEEKDAY[current_language()]).monthdatescalendar(first.year, first.month)
    names = district_names()
    by_day = _by_day(request, query, weeks[0][0], weeks[-1][-1], names)
    drawn = [[_day(day, first, by_day) for day in week] for week in weeks]
    before, after = first - timedelta(days=1), (first + timedelta(days=32)).replace(day=1)
    context = {
        **_common(query, "events:month", names),
        "weeks": drawn,
        "days": [format_date(day, weekday=True, year=False).split(" ")[0].strip(",") for day in weeks[0]],
        "name": _named(first),
        "any": any(day.rows for week in drawn for day in week if day.inside),
        "before": _address("events:month", query, month=f"{before:%Y-%m}"),
        "after": _address("events:month", query, month=f"{after:%Y-%m}"),
        "before_name": _named(before),
        "after_name": _named(after),
    }
    return render(request, "events/month.html", context)


def _named(day: date) -> str:
    """A month as a calendar of the city calls it. In Persian its days are those of the Solar Hijri months that it
    touches, so it is named by its first and last day."""
    if current_language() == "fa":
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return f"{format_date(day.replace(day=1))} – {format_date(last)}"
    return " ".join(format_date(day.replace(day=1)).split(" ")[1:])


def _first_of(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01") if month else city_today().replace(day=1)
    except ValueError:
        first = date.min
    if not 2000 <= first.year <= 2200:
        raise Invalid(fields={"month": _("Choose a day within the next two years.")})
    return first


def _by_day(
    request: HttpRequest, query: ListEvents, first: date, last: date, names: dict[str, str]
) -> dict[date, list[Row]]:
    zone = ZoneInfo(this_city().time_zone)
    start, end = (datetime.combine(day, time(), tzinfo=zone) for day in (first, last + timedelta(days=1)))
    found: dict[date, list[Row]] = {}
    for one in occurrences_between(actor_of(request), start, end, _wanted(query)):
        row = row_of(one, names)
        day, final = one.starts_at.astimezone(zone).date(), (one.ends_at - timedelta(seconds=1)).astimezone(zone).date()
        while day <= min(final, last):
            if day >= first:
                found.setdefault(day, []).append(row)
            day += timedelta(days=1)
    return found


def _day(day: date, first: date, by_day: dict[date, list[Row]]) -> Day:
    inside = day.month == first.month
    return Day(day, inside, day == city_today(), format_date(day, year=False, weekday=True), by_day.get(day, []))


@dataclass(frozen=True)
class Pin:
    """Events at one place on the map."""

    x: float
    y: float
    number: int
    rows: list[Row]


@page("GET")
@same_for_visitors
def on_map(request: HttpRequest) -> HttpResponse:
    """Where the events to come are: a drawing with links, and the same as a list."""
    query = parse(ListEvents, request.GET)
    found = list_upcoming(actor_of(request), _wanted(query), limit=ON_MAP)
    names, drawn = district_names(), sheet(MAP_WIDTH)
    context = {
        **_common(query, "events:map", names),
        "sheet": drawn,
        "pins": _pins(drawn, [row_of(one, names) for one in found]) if drawn else [],
    }
    return render(request, "events/map.html", context)


def _pins(drawn: Sheet, rows: list[Row]) -> list[Pin]:
    """One pin for each place, with one line for each event there: its next date."""
    places: dict[tuple[float, float], dict[str, Row]] = {}
    for row in rows:
        live = row.date.event.live
        if live and live.lat is not None and live.lon is not None:
            places.setdefault(drawn.spot(live.lat, live.lon), {}).setdefault(row.href, row)
    return [Pin(x, y, number, list(there.values())) for number, ((x, y), there) in enumerate(places.items(), 1)]


@page("GET")
@same_for_visitors
def whole_calendar(request: HttpRequest) -> HttpResponse:
    """All public events as iCalendar, to subscribe to."""
    city = text_of(this_city().name)
    return _calendar(calendar_entries(actor_of(request), current_language()), f"{city} · {_('Events')}", "events")


@page("GET")
def one_calendar(request: HttpRequest, number: int) -> HttpResponse:
    """One event as iCalendar."""
    actor = actor_of(request)
    event = find_event(actor, number)
    entry = entry_of(actor, event, shown_version(actor, event), current_language())
    return _calendar([entry], entry.title, f"event-{number}")


def _calendar(entries: list[Any], name: str, file: str) -> HttpResponse:
    body = as_calendar(entries, name=name, host=host(), base=config().base_url, zone=this_city().time_zone)
    response = HttpResponse(body, content_type=ICAL)
    response["Content-Disposition"] = f'inline; filename="{file}.ics"'
    return response
