"""The JSON door of reports."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import BinaryIO, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import BaseModel

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.errors import Invalid, MeydanError
from meydan.kernel.files import store_image
from meydan.kernel.http import actor_of, doors, json_door, problem
from meydan.kernel.i18n import text_of
from meydan.kernel.limits import check
from meydan.kernel.places import Point
from meydan.reports import actions
from meydan.reports.actions import file_report, limit_bringing, limit_filing, limit_suggesting
from meydan.reports.inputs import DoFromCard, FileReport, ListReports, Near, ShowFigures, SuggestFor
from meydan.reports.models import Photo, Report
from meydan.reports.queries import (
    Card,
    Row,
    Suggestion,
    TimelineItem,
    address_for,
    find_card,
    find_report,
    label_of,
    list_categories,
    list_close,
    list_photos,
    list_public,
    list_timeline,
    place_for,
    read_board,
    say_sureness,
    shas_of,
    suggest_categories,
    token_of,
)

PICTURES = ("image/jpeg", "image/png", "image/webp")


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


class CloseReport(ReportLine):
    """A report close to a place: how many metres away, and its picture's number, if it has one."""

    metres: int
    photo: int | None


class CloseReports(BaseModel):
    """Reports that it may be."""

    reports: list[CloseReport]


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
    """A photo: its bytes are at `/reports/photos/<id>/full` and `/thumb`. `kind`: before, after or extra.
    `state`: how far it has come on its way to the public, new, marked, checked or refused."""

    id: int
    kind: str
    state: str


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


@json_door(summary="Open reports that may be about the same problem, the nearest first", gives=CloseReports, query=Near)
def list_near(request: HttpRequest, *, query: Near) -> CloseReports:
    """Of the same category within 100 m, of any within 50 m; five at most. Ask before filing one more."""
    found = list_close(actor_of(request), query.point, category=query.category)
    return CloseReports(
        reports=[
            CloseReport(
                **_fields(row),
                category=row["category_id"],
                district=row["district_id"],
                metres=row["metres"],
                photo=row["cover_id"],
            )
            for row in found
        ]
    )


@json_door(summary="File a report", gives=FiledReport, takes=FileReport, status=201, errors=(401, 403))
def create_report(request: HttpRequest, *, taken: FileReport) -> FiledReport:
    """`answers` are by the code of the category's question (`/open311/v2/services/<code>.json` names them). `photos`
    are tokens from `POST /api/reports/photos`, at most five, good for a day."""
    actor = actor_of(request)
    limit_filing(actor)
    report = file_report(
        actor,
        category=taken.category,
        description=taken.description,
        point=taken.point,
        address=taken.address,
        district=taken.district,
        photos=shas_of(taken.photos),
        contact_name=taken.contact_name,
        contact_email=taken.contact_email,
        contact_phone=taken.contact_phone,
        on_behalf=taken.on_behalf,
        form_token=taken.form_token,
        answers=taken.answers,
    )
    key = report.key if actor.person_id is None else None
    return FiledReport(number=report.number, state=report.state, due_on=report.due_on, key=key)


@json_door(summary="One report with its timeline", gives=ReportDetail, errors=(404,))
def show_report(request: HttpRequest, *, number: int) -> ReportDetail:
    """As far as the asker may see it."""
    actor = actor_of(request)
    report = find_report(actor, number)
    photos = list_photos(actor, report)
    return _detail(
        report, place_for(actor, report), address_for(actor, report), list_timeline(actor, report, photos), photos
    )


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


def _detail(
    report: Report, place: Point | None, address: str, timeline: list[TimelineItem], photos: list[Photo]
) -> ReportDetail:
    return ReportDetail(
        number=report.number,
        state=report.state,
        category=report.category_id,
        department=report.department_id,
        district=report.district_id,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        address=address,
        description=report.description,
        filed_at=report.filed_at,
        due_on=report.due_on,
        answered_at=report.answered_at,
        closed_at=report.closed_at,
        confirmed_at=report.confirmed_at,
        timeline=[_happening(item) for item in timeline],
        photos=[Picture(id=photo.pk, kind=photo.kind, state=photo.looking) for photo in photos],
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


class Counted(BaseModel):
    """Figures of one code of a time, or of the whole city. Shares from 0 to 1; `open` and `overdue` stand now;
    `median_days` until the first answer is known to within a tenth; `upheld` of the `claimed` were confirmed by who
    reported them, `confirmed` is their share; `content` from 1 to 5, null below five answers."""

    received: int
    answered: int
    median_days: float | None
    closed: int
    in_term: float | None
    claimed: int
    upheld: int
    confirmed: float | None
    reopened: int
    open: int
    overdue: int
    content: float | None


class CountedCode(Counted):
    """Figures by a code; "" is nobody's, or nowhere."""

    code: str
    name: str


class CountedTime(Counted):
    """Figures of the time that begins on a day."""

    start: date


class FiguresShown(BaseModel):
    """The public figures of one time, from `start` up to but without `ends`, and of those before it."""

    period: str
    start: date
    ends: date
    whole: Counted
    rows: list[CountedCode]
    trend: list[CountedTime]


@json_door(summary="How the city answers: the public figures", gives=FiguresShown, query=ShowFigures)
def show_figures(request: HttpRequest, *, query: ShowFigures) -> FiguresShown:
    """By department, office, district or category. The same as the page `/reports/figures`."""
    board = read_board(actor_of(request), query.period, query.day(city_today()), query.by_dimension)
    return FiguresShown(
        period=board.period,
        start=board.start,
        ends=board.ends,
        whole=Counted(**asdict(board.whole)),
        rows=[
            CountedCode(code=code, name=label_of(query.by_dimension, code), **asdict(one))
            for code, one in board.rows.items()
        ],
        trend=[CountedTime(start=start, **asdict(one)) for start, one in board.trend],
    )


class CardDeedShown(BaseModel):
    """What the reporter can do from the card. `words`, `photos`: "" it asks for none, "may", "must"; `waits`: the case
    waits for just this; `tone`: primary or quiet."""

    verb: str
    label: str
    hint: str
    words: str
    photos: str
    tone: str
    waits: bool


class CardShown(BaseModel):
    """A case in a few words, as the messenger shows it above its conversation, in the reader's language. `pictures` is
    where a picture is brought before it is named in `photos`; `term` "" where none runs."""

    number: int
    title: str
    state: str
    tone: str
    term: str
    late: bool
    following: str
    deeds: list[CardDeedShown]
    pictures: str


DEEDS: Mapping[str, Callable[[Actor, int, DoFromCard, list[str]], object]] = {
    "answer": lambda actor, number, said, photos: actions.answer_question(actor, number, text=said.text, photos=photos),
    "confirm": lambda actor, number, said, _photos: actions.confirm_solution(actor, number, text=said.text),
    "reopen": lambda actor, number, said, photos: actions.reopen_report(actor, number, text=said.text, photos=photos),
    "photo": lambda actor, number, said, photos: actions.add_photo(actor, number, text=said.text, photos=photos),
}
DEEDS_PER_HOUR = 120


@json_door(summary="The card of one's own case", gives=CardShown, errors=(404,))
def show_card(request: HttpRequest, *, number: int) -> CardShown:
    """For its reporter and the staff; 404 for everybody else, also where the report is public."""
    return _card(find_card(actor_of(request), number))


@json_door(summary="Do something from the card", gives=CardShown, takes=DoFromCard, errors=(401, 403, 404, 409, 429))
def act_from_card(request: HttpRequest, *, number: int, taken: DoFromCard) -> CardShown:
    """Answer, confirm, reopen, add photos: once for each `form_token`. Gives the card as it is then."""
    actor = actor_of(request)
    find_card(actor, number)
    check(f"reports.act:{actor.person_id or actor.address}", limit=DEEDS_PER_HOUR, seconds=3600)
    photos = shas_of(taken.photos)
    actions.do_once(actor, taken.form_token, lambda: DEEDS[taken.verb](actor, number, taken, photos))
    return _card(find_card(actor, number))


def _card(found: Card) -> CardShown:
    return CardShown(**asdict(found), pictures=reverse("reports:api_photos"))


@csrf_exempt
@require_POST
def photos(request: HttpRequest) -> HttpResponse:
    """Bring a picture before its report: the body is the picture itself, `Content-Type: image/...`, which no other site
    can send with the person's cookie unasked. Gives `{"token"}`, good for a day in `photos` of a new report."""
    try:
        actor = actor_of(request)
        if request.content_type not in PICTURES:
            raise Invalid(_("Send the picture itself, as image/jpeg, image/png or image/webp."), code="not_a_picture")
        limit_bringing(actor)
        file = store_image(cast(BinaryIO, request), purpose="report_photo")
    except MeydanError as error:
        return problem(error)
    return JsonResponse({"token": token_of(file.sha256)}, status=201)


reports = doors(get=list_reports, post=create_report)
report = doors(get=show_report)
card = doors(get=show_card, post=act_from_card)
suggestions = doors(post=suggest)
near = doors(get=list_near)
figures = doors(get=show_figures)
