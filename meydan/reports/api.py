"""The JSON door of reports."""

from datetime import date, datetime

from django.http import HttpRequest
from pydantic import BaseModel

from meydan.kernel.http import actor_of, doors, json_door
from meydan.kernel.i18n import text_of
from meydan.reports.actions import file_report, limit_filing, limit_suggesting
from meydan.reports.inputs import FileReport, ListReports, SuggestFor
from meydan.reports.models import Photo, Report
from meydan.reports.queries import (
    Row,
    Suggestion,
    TimelineItem,
    find_report,
    list_categories,
    list_photos,
    list_public,
    list_timeline,
    say_sureness,
    suggest_categories,
)


class ReportLine(BaseModel):
    """A report in a list."""

    number: int
    state: str
    category: str
    district: str | None
    address: str
    summary: str
    filed_at: datetime
    closed_at: datetime | None


class ReportList(BaseModel):
    """Public reports, newest first. `before` gives the following page; null at the end."""

    reports: list[ReportLine]
    before: int | None


class Happening(BaseModel):
    """A line of a report's timeline. `side`: reporter, city or system."""

    kind: str
    state: str
    side: str
    department: str
    text: str
    at: datetime
    photos: list[int]


class Picture(BaseModel):
    """A photo: its bytes are at `/reports/photos/<id>/full` and `/thumb`. `kind`: before, after or extra."""

    id: int
    kind: str


class ReportDetail(BaseModel):
    """A report with all that the asker may see. Latitude and longitude in degrees of WGS 84."""

    number: int
    state: str
    category: str
    department: str | None
    district: str | None
    lat: float | None
    lon: float | None
    address: str
    description: str
    filed_at: datetime
    due_on: date
    answered_at: datetime | None
    closed_at: datetime | None
    confirmed_at: datetime | None
    timeline: list[Happening]
    photos: list[Picture]


class SuggestedCategory(BaseModel):
    """A category that may fit. `sureness` is a probability, and in words: "Likely (62 %)". Both are empty in a city
    whose model is not made yet: then a keyword was found."""

    category: str
    name: str
    sureness: float | None
    said: str


class Suggestions(BaseModel):
    """At most three, the surest first."""

    suggestions: list[SuggestedCategory]


class FiledReport(BaseModel):
    """What a new report is called by. `key` opens `/reports/<number>?key=` for whoever files without account."""

    number: int
    state: str
    due_on: date
    key: str | None


@json_door(summary="List public reports, newest first", gives=ReportList, query=ListReports)
def list_reports(request: HttpRequest, *, query: ListReports) -> ReportList:
    """Twenty at a time."""
    found = list_public(actor_of(request), query.filter, before=query.before)
    return ReportList(
        reports=[_line(row) for row in found.rows], before=int(found.next) if found.next is not None else None
    )


@json_door(summary="File a report", gives=FiledReport, takes=FileReport, status=201, errors=(401, 403))
def create_report(request: HttpRequest, *, taken: FileReport) -> FiledReport:
    """Photos are added on the report's page, or come with the form at `/reports/new`."""
    actor = actor_of(request)
    limit_filing(actor)
    report = file_report(
        actor,
        category=taken.category,
        description=taken.description,
        point=taken.point,
        address=taken.address,
        district=taken.district,
        contact_name=taken.contact_name,
        contact_email=taken.contact_email,
        contact_phone=taken.contact_phone,
        on_behalf=taken.on_behalf,
        form_token=taken.form_token,
    )
    key = report.key if actor.person_id is None else None
    return FiledReport(number=report.number, state=report.state, due_on=report.due_on, key=key)


@json_door(summary="One report with its timeline", gives=ReportDetail, errors=(404,))
def show_report(request: HttpRequest, *, number: int) -> ReportDetail:
    """As far as the asker may see it."""
    actor = actor_of(request)
    report = find_report(actor, number)
    return _detail(report, list_timeline(actor, report), list_photos(actor, report))


@json_door(summary="Which categories fit these words", gives=Suggestions, takes=SuggestFor, errors=(429,))
def suggest(request: HttpRequest, *, taken: SuggestFor) -> Suggestions:
    """A guess for the person who decides. The words are not kept."""
    actor = actor_of(request)
    limit_suggesting(actor)
    found = suggest_categories(list_categories(actor), taken.words)
    return Suggestions(suggestions=[_suggested(one) for one in found])


def _suggested(one: Suggestion) -> SuggestedCategory:
    category = one.category
    return SuggestedCategory(
        category=category.code,
        name=text_of(category.name) or category.code,
        sureness=None if one.sureness is None else round(one.sureness, 2),
        said=say_sureness(one.sureness),
    )


def _line(row: Row) -> ReportLine:
    return ReportLine(category=row["category_id"], district=row["district_id"], **_fields(row))


def _fields(row: Row) -> Row:
    return {name: row[name] for name in ("number", "state", "address", "summary", "filed_at", "closed_at")}


def _detail(report: Report, timeline: list[TimelineItem], photos: list[Photo]) -> ReportDetail:
    return ReportDetail(
        number=report.number,
        state=report.state,
        category=report.category_id,
        department=report.department_id,
        district=report.district_id,
        lat=report.lat,
        lon=report.lon,
        address=report.address,
        description=report.description,
        filed_at=report.filed_at,
        due_on=report.due_on,
        answered_at=report.answered_at,
        closed_at=report.closed_at,
        confirmed_at=report.confirmed_at,
        timeline=[_happening(item) for item in timeline],
        photos=[Picture(id=photo.pk, kind=photo.kind) for photo in photos],
    )


def _happening(item: TimelineItem) -> Happening:
    return Happening(
        kind=item.kind,
        state=item.state_after,
        side=item.side,
        department=item.department,
        text=item.text,
        at=item.at,
        photos=list(item.photos),
    )


reports = doors(get=list_reports, post=create_report)
report = doors(get=show_report)
suggestions = doors(post=suggest)
