"""The calendar as two readers that are not ours open it, and the other formats that programs read."""

import json
import re
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import feedparser
import icalendar
import pytest
from dateutil.rrule import rrulestr
from django.test import Client

from meydan.articles.tests.cast import make_public
from meydan.events.actions import cancel_occurrence
from meydan.events.models import Event, Timing
from meydan.events.pages.ical import _folded, calendar, changes
from meydan.events.queries import Entry
from meydan.events.tests.cast import make_actor, make_event, make_moderator, make_outline, soon
from meydan.kernel.actor import Actor
from meydan.site.frontend import TEST_TOOLS

CASABLANCA = "Africa/Casablanca"
RULES = {
    "daily": ((), date(2027, 3, 20)),
    "weekly": ((0, 3), date(2027, 4, 30)),
    "fortnightly": ((1,), date(2027, 6, 30)),
    "monthly": ((), date(2027, 12, 31)),
    "month_day": ((), date(2027, 12, 31)),
}
STARTS = {
    CASABLANCA: datetime.fromisoformat("2027-02-01T18:30"),  # its clocks change with Ramadan, on 7 February
    "Europe/Paris": datetime.fromisoformat("2027-02-25T18:30"),
    "Asia/Tehran": datetime.fromisoformat("2027-02-26T09:00"),
    "America/New_York": datetime.fromisoformat("2027-02-26T23:15"),
}
JS = TEST_TOOLS / "ical.js"
READ = """
import {{ readFileSync }} from "node:fs";
const ICAL = (await import({module})).default;
const whole = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of whole.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
const found = whole.getAllSubcomponents("vevent").map((part) => {{
  const event = new ICAL.Event(part), starts = [], steps = event.iterator();
  for (let next; starts.length < 400 && (next = steps.next()); ) starts.push(next.toJSDate().toISOString());
  return {{ uid: event.uid, title: event.summary, place: event.location, starts, zone: event.startDate.zone.tzid }};
}});
console.log(JSON.stringify(found));
"""


def entry(zone: str, repeats: str, *dropped: datetime) -> tuple[Entry, list[datetime]]:
    """An event, and the moments at which it begins by our own reckoning."""
    days, until = RULES[repeats]
    starts = STARTS[zone]
    timing = Timing(starts, starts.replace(hour=23, minute=45), repeats, days, until)
    moments = [one.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for one in timing.times() if one not in dropped]
    made = datetime(2027, 1, 1, tzinfo=UTC)
    shown = Entry(
        number=7,
        title="ورشة; «Été», \\ 100 % " + "ж" * 60,
        text="One\nTwo, three; four",
        place="Rue 3, Anfa",
        online="",
        lat=33.55,
        lon=-7.65,
        starts=starts,
        ends=timing.ends,
        rule=timing.rrule(ZoneInfo(zone)),
        dropped=dropped,
        cancelled=False,
        sequence=2,
        made_at=made,
        updated_at=made,
    )
    return shown, moments


def written(one: Entry, zone: str) -> bytes:
    return calendar([one], name="City", host="city.example", base="https://city.example", zone=zone)


def parts_of(body: bytes, name: str) -> list[Any]:
    """The components of this name, as icalendar reads them; its types leave open what a property holds."""
    return list(icalendar.Calendar.from_ical(body).walk(name))


@pytest.mark.parametrize("zone", STARTS)
@pytest.mark.parametrize("repeats", RULES)
def test_the_python_reader_finds_every_date(zone: str, repeats: str) -> None:
    one, moments = entry(zone, repeats, STARTS[zone])
    (event,) = parts_of(written(one, zone), "VEVENT")
    start = event.decoded("DTSTART")
    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)
    gone = {day.dt for day in event["EXDATE"].dts}
    assert [moment.astimezone(UTC) for moment in rule if moment not in gone] == moments
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"])) == (one.title, one.text)
    assert str(event["UID"]) == "event-7@city.example"


@pytest.mark.parametrize("zone", STARTS)
def test_the_zone_that_comes_with_it_is_right(zone: str) -> None:
    """The file's own VTIMEZONE, not the reader's knowledge of the name."""
    one, _moments = entry(zone, "daily")
    (part,) = parts_of(written(one, zone), "VTIMEZONE")
    steps = sorted((step.DTSTART - step.TZOFFSETFROM, step.TZOFFSETTO) for step in part.subcomponents)
    for month in range(1, 13):
        moment = datetime(2027, month, 20, 12, tzinfo=UTC)
        shift = [to for at, to in steps if at <= moment.replace(tzinfo=None)][-1]
        assert shift == moment.astimezone(ZoneInfo(zone)).utcoffset(), month
    assert (
        list(changes(ZoneInfo("Asia/Dushanbe"), datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)))
        == []
    )


def test_lines_are_folded_between_letters() -> None:
    one, _moments = entry(CASABLANCA, "weekly")
    lines = written(one, CASABLANCA).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert _folded("A" * 75) == "A" * 75 + "\r\n"


@pytest.mark.browser
def test_ical_js_finds_the_same_dates(tmp_path: Path) -> None:
    script = tmp_path / "read.mjs"
    script.write_text(READ.format(module=json.dumps(JS.as_uri())))
    for zone in STARTS:
        shown = [entry(zone, repeats, STARTS[zone]) for repeats in RULES]
        body = calendar([one for one, _moments in shown], name="C", host="c", base="https://c", zone=zone)
        done = subprocess.run(["node", str(script)], input=body, capture_output=True, check=True)
        found = json.loads(done.stdout)
        for read, (one, moments) in zip(found, shown, strict=True):
            assert [datetime.fromisoformat(moment) for moment in read["starts"]] == moments, (zone, one.rule)
            assert (read["title"], read["place"], read["zone"]) == (one.title, one.place, zone)


@pytest.fixture
def nadia() -> Actor:
    make_outline()
    return make_actor("nadia")


def linked(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, object] = json.loads(found[1])
    return read


@pytest.mark.django_db
def test_whole_and_single_calendars(nadia: Actor) -> None:
    mina = make_moderator()
    event = make_event(nadia, mina, repeats="weekly", until=soon(days=30).date())
    make_event(nadia, mina, title="Another")
    dates = list(event.occurrences.order_by("starts_at"))
    cancel_occurrence(nadia, event.pk, occurrence=dates[1].pk)
    answer = Client().get("/events/calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert len(parts_of(answer.content, "VEVENT")) == 2
    (one,) = parts_of(Client().get(f"/events/{event.pk}.ics").content, "VEVENT")
    rule = rrulestr(one["RRULE"].to_ical().decode(), dtstart=one.decoded("DTSTART"))
    gone = {day.dt for day in one["EXDATE"].dts}
    assert [moment for moment in rule if moment not in gone] == [one.starts_at for one in dates if one != dates[1]]
    assert (int(one["SEQUENCE"]), str(one["STATUS"])) == (1, "CONFIRMED")
    assert str(one["LOCATION"]) == "Library, rue Anfa 3"


@pytest.mark.django_db
def test_what_search_engines_and_other_sites_read(nadia: Actor) -> None:
    mina = make_moderator()
    event = make_event(nadia, mina, title="</script><b>Evening", registers=True, seats=5)
    page = Client().get(f"/events/{event.pk}").content.decode()
    said = linked(page)
    assert (said["@type"], said["name"]) == ("Event", "</script><b>Evening")
    assert said["eventStatus"] == "https://schema.org/EventScheduled"
    assert datetime.fromisoformat(str(said["startDate"])) == event.occurrences.get().starts_at
    assert said["remainingAttendeeCapacity"] == 5
    assert '<meta property="og:title" content="&lt;/script&gt;&lt;b&gt;Evening">' in page
    assert shown_elsewhere(page) == "image/png"
    article = make_public(nadia, mina)
    page = Client().get(f"/articles/{article.slug}").content.decode()
    said = linked(page)
    assert (said["@type"], said["headline"], said["inLanguage"]) == (
        "Article",
        article.live and article.live.title,
        "en",
    )
    for name in ("og:type", "og:title", "og:description", "og:url", "og:image", "og:site_name"):
        assert f'<meta property="{name}"' in page
    assert shown_elsewhere(page) == "image/png"
    assert Event.objects.count() == 1


def shown_elsewhere(page: str) -> str:
    """What kind of picture a page has for others to show."""
    (address,) = re.findall(r'<meta property="og:image" content="([^"]+)">', page)
    return str(Client().get(urlsplit(address).path)["Content-Type"])


@pytest.mark.django_db
def test_the_feed_opens_in_feedparser(nadia: Actor) -> None:
    mina = make_moderator()
    make_public(nadia, mina, title="An <b> & \x0bold")
    article = make_public(nadia, mina, language="ar", title="مقال")
    read = feedparser.parse(Client().get("/articles/feed.atom").content)
    assert (read.bozo, read.version, len(read.entries)) == (False, "atom10", 2)
    first = read.entries[0]
    assert (first.title, unquote(first.link).endswith(f"/articles/{article.slug}"), first.author) == (
        "مقال",
        True,
        "Nadia",
    )
    assert "<strong>library</strong>" in first.content[0].value
    assert len(feedparser.parse(Client().get("/articles/feed.atom?language=ar").content).entries) == 1
