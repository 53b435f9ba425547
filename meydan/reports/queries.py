"""Every read of reports. The actor comes first, and what they may not see is left out by the query itself."""

import time
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import h3.api.basic_int as h3
from django.core import signing
from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left
from django.utils.translation import gettext_noop

from meydan.accounts.public import Department
from meydan.kernel.actor import Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.facts import reveals
from meydan.kernel.models import District
from meydan.kernel.places import Box, Point, in_box, nearest
from meydan.kernel.policy import demand
from meydan.reports.models import (
    MAX_ENTRIES,
    OPEN,
    ApiKey,
    Audience,
    Category,
    Entry,
    EntryKind,
    Photo,
    Report,
    RoutingRule,
    Side,
    State,
    report_reference,
)
from meydan.reports.policies import OVERSEERS, is_party, is_staff_of, may_arrange, may_see_contact, may_see_worklist

PAGE = 20
MAX_WORDS = 6
MAX_PINS = 1000
LABELS_SECONDS = 10
FIGURES_SECONDS = 10
"""How long a process may go on with the labels and the public figures that it has read."""

CASE_COOKIE = "meydan_cases"
CASE_COOKIE_SECONDS = 365 * 24 * 3600
MAX_CASES = 50
_SALT = "meydan.reports.cases"

Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A part of a list. `next` is where the following part starts, None at the end."""

    rows: list[Row]
    next: str | None


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; empty means everything. `state` is a state, or "open" or "closed"."""

    state: str = ""
    category: str = ""
    district: str = ""
    words: str = ""


# Words


_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None})


def searchable(text: str) -> str:
    """A text as searches compare it: without case, vowel signs and the differences between Arabic and Persian keys."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def _with_words(rows: QuerySet[Report], words: str) -> QuerySet[Report]:
    for word in searchable(words).split()[:MAX_WORDS]:
        said = Q(search_text__contains=word)
        rows = rows.filter(said | Q(number=int(word)) if word.isdecimal() else said)
    return rows


# Labels: the names of categories, districts and departments


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: two readings are two
class Labels:
    """The city's names by code, each a dict by language; `icons` and `groups` by category."""

    categories: Mapping[str, Mapping[str, str]]
    icons: Mapping[str, str]
    districts: Mapping[str, Mapping[str, str]]
    departments: Mapping[str, Mapping[str, str]]


def labels() -> Labels:
    """The names, as read at most `LABELS_SECONDS` ago: a clerk's change shows after that."""
    return _labels(int(time.monotonic() // LABELS_SECONDS))


@lru_cache(maxsize=1)
def _labels(_moment: int) -> Labels:
    categories = list(Category.objects.values_list("code", "name", "icon"))
    return Labels(
        categories={code: name for code, name, _icon in categories},
        icons={code: icon for code, _name, icon in categories},
        districts=dict(District.objects.values_list("code", "name")),
        departments=dict(Department.objects.values_list("code", "name")),
    )


def list_api_keys(actor: Actor) -> list[ApiKey]:
    """The programs that have, or had, a key for Open311, by name. The keys themselves nobody knows."""
    demand(may_arrange(actor), actor)
    return list(ApiKey.objects.order_by("name"))


def list_categories(actor: Actor) -> list[Category]:
    """The kinds of problems that can be reported now, in the city's order."""
    return list(Category.objects.filter(active=True))


def find_category(actor: Actor, code: str) -> Category:
    """One active category. Raises `NotFound`."""
    category = Category.objects.filter(code=code, active=True).first()
    if category is None:
        raise NotFound
    return category


def find_department(category: str, district: str | None) -> str | None:
    """Who is responsible: the most exact rule, else the category's own department, else nobody."""
    rules = RoutingRule.objects.filter(
        Q(category=category) | Q(category__isnull=True), Q(district=district) | Q(district__isnull=True)
    )
    exact = max(rules, key=lambda rule: (rule.category_id is not None, rule.district_id is not None), default=None)
    if exact is not None:
        return exact.department_id
    return Category.objects.values_list("department", flat=True).get(code=category)


# One report


def visible_to(actor: Actor) -> Q:
    """What the actor may see, as a condition."""
    if actor.is_system or actor.has(*OVERSEERS):
        return Q()
    condition = Q(public=True)
    if actor.person_id is not None:
        condition |= Q(reporter=actor.person_id)
    if actor.case_keys:
        condition |= Q(number__in=own_numbers(actor))
    if actor.has(Role.OFFICER):
        condition |= Q(department__in=actor.departments)
    return condition


def own_numbers(actor: Actor) -> list[int]:
    """The reports whose secret links the actor holds."""
    return [number_of(key) for key in actor.case_keys if key.startswith("report:")]


def number_of(reference: str) -> int:
    """123 of "report:123"."""
    return int(reference.rpartition(":")[2])


def find_report(actor: Actor, number: int) -> Report:
    """One report. Raises `NotFound` also when the actor may not see it."""
    return _only(Report.objects.filter(visible_to(actor), pk=number))


def lock_report(actor: Actor, number: int) -> Report:
    """The same, locked until the transaction ends."""
    return _only(Report.objects.select_for_update(of=("self",)).filter(visible_to(actor), pk=number))


def _only(rows: QuerySet[Report]) -> Report:
    report = rows.first()
    if report is None:
        raise NotFound
    return report


def find_by_key(number: int, key: str) -> Report:
    """The report whose secret link this is. Raises `NotFound`."""
    report = Report.objects.filter(pk=number).first()
    if report is None or not report.opens_with(key):
        raise NotFound
    return report


def find_by_form_token(actor: Actor, token: UUID | None) -> Report | None:
    """The report that this very form has made before, for the same person."""
    if token is None:
        return None
    return Report.objects.filter(Q(reporter=actor.person_id) | Q(operator=actor.person_id), form_token=token).first()


# Secret links


def case_keys_in(cookie: str) -> frozenset[str]:
    """The references ("report:123") whose secret links the bearer of this cookie has opened; empty when the cookie is
    none of ours, was changed, or is older than a year. Site's middleware puts them into `Actor.case_keys`."""
    if not cookie:
        return frozenset()
    try:
        numbers = signing.loads(cookie, salt=_SALT, max_age=CASE_COOKIE_SECONDS)
    except signing.BadSignature:
        return frozenset()
    return frozenset(report_reference(int(number)) for number in numbers)


def cookie_with(case_keys: frozenset[str], number: int) -> str:
    """The cookie's new value when one more secret link was opened; keeps the 50 newest reports."""
    numbers = {number, *(number_of(key) for key in case_keys if key.startswith("report:"))}
    return signing.dumps(sorted(numbers)[-MAX_CASES:], salt=_SALT)


# The timeline and the pictures


@dataclass(frozen=True)
class TimelineItem:
    """A line of the timeline, as far as its reader may see it. `who` names an officer, for the staff
    only; a reporter's name is private even there (`show_contact`)."""

    kind: EntryKind
    text: str
    hidden_text: bool
    state_after: State
    side: Side
    department: str
    who: str
    at: datetime
    staff_only: bool
    photos: tuple[int, ...]


def list_timeline(actor: Actor, report: Report) -> list[TimelineItem]:
    """What happened to the report, oldest first: to others than its parties without the words between them."""
    party, staff = is_party(actor, report), is_staff_of(actor, report)
    entries = Entry.objects.filter(report=report).select_related("person").prefetch_related("photos").order_by("id")
    if not staff:
        entries = entries.exclude(audience=Audience.STAFF)
    return [_item(entry, party=party, staff=staff) for entry in entries[:MAX_ENTRIES]]


def _item(entry: Entry, *, party: bool, staff: bool) -> TimelineItem:
    readable = party or entry.audience == Audience.PUBLIC
    return TimelineItem(
        kind=EntryKind(entry.kind),
        text=entry.text if readable else "",
        hidden_text=bool(entry.text) and not readable,
        state_after=State(entry.state_after),
        side=Side(entry.side),
        department=entry.department,
        who=entry.person.name if staff and entry.person and entry.side == Side.CITY else "",
        at=entry.at,
        staff_only=entry.audience == Audience.STAFF,
        photos=tuple(photo.id for photo in entry.photos.all() if party or photo.public),
    )


def list_photos(actor: Actor, report: Report) -> list[Photo]:
    """The report's pictures, oldest first; those that are not public only for its parties."""
    photos = Photo.objects.filter(report=report)
    return list(photos if is_party(actor, report) else photos.filter(public=True))


def find_photo(actor: Actor, photo_id: int) -> Photo:
    """One picture with its report, if the actor may see both. Raises `NotFound`."""
    photo = Photo.objects.select_related("report").filter(pk=photo_id).first()
    if photo is None or not _shows(actor, photo):
        raise NotFound
    return photo


def _shows(actor: Actor, photo: Photo) -> bool:
    return (photo.public and photo.report.public) or is_party(actor, photo.report)


@dataclass(frozen=True)
class Contact:
    """How to reach the person who reported; empty where they left nothing."""

    subject: str
    persons: tuple[UUID, ...]
    name: str
    email: str
    phone: str


CONTACT_SHOWN = gettext_noop("your name, e-mail address and phone number, with a report")


@reveals(CONTACT_SHOWN, persons=lambda contact: contact.persons, subject=lambda contact: contact.subject)
def show_contact(actor: Actor, number: int) -> Contact:
    """The reporter's name, e-mail and phone: `Refused` unless the actor works on the case. The look is recorded."""
    report = find_report(actor, number)
    demand(may_see_contact(actor, report), actor)
    person = report.reporter
    return Contact(
        subject=report.reference,
        persons=report.persons,
        name=report.contact_name or (person.name if person else ""),
        email=report.contact_email or ((person.email or "") if person else ""),
        phone=report.contact_phone,
    )


# Lists


_LISTED = ("number", "state", "category_id", "district_id", "address", "filed_at", "closed_at", "cover_id")
_NEWEST = """
select number, state, category_id, district_id, address, filed_at, closed_at, cover_id, left(description, 140)
  from reports_report where public and number < %(before)s order by number desc limit %(limit)s
"""


def narrow(rows: QuerySet[Report], wanted: Filter) -> QuerySet[Report]:
    """The rows that fit the filter."""
    if wanted.state == "open":
        rows = rows.filter(state__in=OPEN)
    elif wanted.state == "closed":
        rows = rows.exclude(state__in=OPEN)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    if wanted.district:
        rows = rows.filter(district_id=wanted.district)
    return _with_words(rows, wanted.words) if wanted.words else rows


def list_public(actor: Actor, wanted: Filter, *, before: int | None = None, limit: int = PAGE) -> Page:
    """Public reports, newest first, those before number `before`. Each row has `summary` (140 letters) and
    `cover_id` (the number of a picture, or None). One query, whatever the size of the table."""
    if wanted == Filter():
        return _page(_read_newest(before, limit), limit)
    return _newest_first(Report.objects.filter(public=True), wanted, before, limit)


def _read_newest(before: int | None, limit: int) -> list[Row]:
    """The rows of the unfiltered list, which most people see: plain SQL halves what it costs the web process."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"before": before or 2**63 - 1, "limit": limit + 1})
        return [dict(zip((*_LISTED, "summary"), row, strict=True)) for row in cursor.fetchall()]


def list_mine(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> Page:
    """The actor's own reports: by account and by secret links."""
    own = Q(number__in=own_numbers(actor))
    if actor.person_id is not None:
        own |= Q(reporter=actor.person_id)
    return _newest_first(Report.objects.filter(own), Filter(), before, limit)


def _newest_first(rows: QuerySet[Report], wanted: Filter, before: int | None, limit: int) -> Page:
    rows = narrow(rows, wanted)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return _page(list(rows.order_by("-number").values(*_LISTED, summary=Left("description", 140))[: limit + 1]), limit)


def _page(found: list[Row], limit: int) -> Page:
    kept = found[:limit]
    return Page(kept, str(kept[-1]["number"]) if len(found) > limit else None)


@dataclass(frozen=True)
class WorkFilter(Filter):
    """What an officer looks at. `department` is one of theirs; `none` means: nobody is responsible yet."""

    department: str = ""
    mine: bool = False
    overdue: bool = False


_WORKED = (*_LISTED, "department_id", "due_on", "officer__name", "officer_id")


def _work_rows(actor: Actor, wanted: WorkFilter) -> QuerySet[Report]:
    demand(may_see_worklist(actor), actor)
    rows = Report.objects.all()
    if not (actor.is_system or actor.has(*OVERSEERS)):
        rows = rows.filter(department__in=actor.departments)
    if wanted.department == "none":
        rows = rows.filter(department__isnull=True)
    elif wanted.department:
        rows = rows.filter(department=wanted.department)
    return rows


def list_work(actor: Actor, wanted: WorkFilter, *, after: str = "", limit: int = 50) -> Page:
    """The cases of the actor's departments, the most urgent first; open ones unless a state is asked for.

    `after` is the `next` of the page before. `Invalid` when it is not one."""
    rows = narrow(_work_rows(actor, wanted), wanted if wanted.state else _open_only(wanted))
    if wanted.mine:
        rows = rows.filter(officer=actor.person_id)
    if wanted.overdue:
        rows = rows.filter(due_on__lt=now().date(), state__in=OPEN)
    if after:
        due, number = _read_cursor(after)
        rows = rows.filter(Q(due_on__gt=due) | Q(due_on=due, number__gt=number), due_on__gte=due)
    found = list(rows.order_by("due_on", "number").values(*_WORKED, summary=Left("description", 140))[: limit + 1])
    kept = found[:limit]
    return Page(kept, f"{kept[-1]['due_on']}_{kept[-1]['number']}" if len(found) > limit else None)


def _open_only(wanted: WorkFilter) -> Filter:
    return Filter(state="open", category=wanted.category, district=wanted.district, words=wanted.words)


def _read_cursor(cursor: str) -> tuple[date, int]:
    due, _underscore, number = cursor.partition("_")
    try:
        return date.fromisoformat(due), int(number)
    except ValueError as error:
        raise Invalid(fields={"after": "2026-11-26_123"}) from error


def count_work(actor: Actor, wanted: WorkFilter) -> dict[str, int]:
    """How many of the open cases there are: `open`, `overdue`, `new`, `asked`, `mine`."""
    rows = _work_rows(actor, wanted).filter(state__in=OPEN)
    return rows.aggregate(
        open=Count("number"),
        overdue=Count("number", filter=Q(due_on__lt=now().date())),
        new=Count("number", filter=Q(state__in=(State.SUBMITTED, State.MOVED, State.REOPENED))),
        asked=Count("number", filter=Q(state=State.ASKED)),
        mine=Count("number", filter=Q(officer=actor.person_id)),
    )


# The map


def list_pins(actor: Actor, box: Box, wanted: Filter, *, limit: int = MAX_PINS) -> list[Row] | None:
    """Public reports inside the box: number, lat, lon, state, category_id. None when there are more than `limit`."""
    rows = in_box(narrow(Report.objects.filter(public=True), wanted), box)
    found: list[Row] = [{**row} for row in rows.values("number", "lat", "lon", "state", "category_id")[: limit + 1]]
    return None if len(found) > limit else found


def list_placed(actor: Actor, wanted: Filter, *, limit: int) -> list[Row]:
    """The newest public reports that have a position, as rows of a list with `lat` and `lon`."""
    rows = narrow(Report.objects.filter(public=True, lat__isnull=False), wanted).order_by("-number")
    return list(rows.values(*_LISTED, "lat", "lon", summary=Left("description", 140))[:limit])


def list_cells(actor: Actor, box: Box, wanted: Filter, *, resolution: int) -> dict[int, int]:
    """How many public reports lie in each H3 cell of `resolution` (at most 9) that the box touches."""
    rows = in_box(narrow(Report.objects.filter(public=True, h3_9__isnull=False), wanted), box)
    counted: dict[int, int] = {}
    for cell, count in rows.values_list("h3_9").annotate(count=Count("number")).order_by():
        parent = int(h3.cell_to_parent(cell, resolution))
        counted[parent] = counted.get(parent, 0) + count
    return counted


def list_near(actor: Actor, point: Point, *, category: str = "", limit: int = 5) -> list[Row]:
    """Open public reports around a point, the nearest first."""
    rows = narrow(Report.objects.filter(public=True, state__in=OPEN, lat__isnull=False), Filter(category=category))
    return list(nearest(rows, point).values(*_LISTED, "lat", "lon")[:limit])


# The public figures


@dataclass(frozen=True)
class Figures:
    """What everybody may know of how the city does. The pair is (report, picture before, picture after), or None."""

    confirmed_this_week: int
    claimed: int
    median_days_to_answer: float | None
    open: int
    overdue: int
    pair: tuple[int, int, int] | None


_FIGURES = """
select (select count(*) from reports_report where confirmed_at > %(week)s),
       (select count(*) from reports_report where state = 'solved'),
       (select percentile_cont(0.5) within group (order by extract(epoch from answered_at - filed_at) / 86400.0)
          from reports_report where answered_at > %(month)s),
       count(*), count(*) filter (where due_on < %(today)s)
  from reports_report where state = any(%(open)s)
"""
_PAIR = """
select report.number,
       (select min(id) from reports_photo where report_id = report.number and kind = 'before' and public),
       after.id
  from reports_photo after join reports_report report on report.number = after.report_id
 where after.kind = 'after' and after.public and report.public and report.state in ('solved', 'confirmed')
   and exists (select from reports_photo where report_id = report.number and kind = 'before' and public)
 order by after.id desc limit 1
"""


def public_figures(actor: Actor) -> Figures:
    """The public figures, as read at most `FIGURES_SECONDS` ago. Weeks are the last 7 days; the median is over the
    answers of the last 30 days, in days."""
    return _figures(int(time.monotonic() // FIGURES_SECONDS))


@lru_cache(maxsize=1)
def _figures(_moment: int) -> Figures:
    return read_figures(now())


def read_figures(moment: datetime) -> Figures:
    """The public figures at this moment, from the database."""
    values: dict[str, Any] = {
        "week": moment - timedelta(days=7),
        "month": moment - timedelta(days=30),
        "today": moment.date(),
        "open": [str(state) for state in OPEN],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, values)
        confirmed, claimed, median, open_now, overdue = cursor.fetchone()
        cursor.execute(_PAIR)
        pair = cursor.fetchone()
    return Figures(confirmed, claimed, None if median is None else float(median), open_now, overdue, pair)


def suggest_categories(categories: Sequence[Category], words: str, *, limit: int = 3) -> list[Category]:
    """The categories whose keywords or names stand in the words, the best match first."""
    said = searchable(words)
    scores = [(sum(word in said for word in _keywords(category)), category) for category in categories] if said else []
    best = sorted((one for one in scores if one[0]), key=lambda one: -one[0])
    return [category for _score, category in best[:limit]]


def _keywords(category: Category) -> set[str]:
    words = [word for several in category.keywords.values() for word in several]
    return {found for word in [*words, *category.name.values()] if len(found := searchable(word)) > 2}
