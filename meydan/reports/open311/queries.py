"""What Open311 and the open data read: public reports only, and of these nothing that says who sent them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound, Refused
from meydan.reports.actions.keys import DEMO_KEY, digest_of
from meydan.reports.models import CLOSED, FOR_EVERYBODY, OPEN, ApiKey, Audience, Category, Entry, Photo, Report
from meydan.reports.open311.inputs import RequestList, Span

BATCH = 500
NOTES_OF_ONE = 100

Row = dict[str, Any]

_COLUMNS = (
    "number",
    "state",
    "category_id",
    "department_id",
    "district_id",
    "lat",
    "lon",
    "address",
    "description",
    "origin",
    "filed_at",
    "updated_at",
    "due_on",
    "closed_at",
    "confirmed_at",
    "external__address_id",
)


def list_services(actor: Actor) -> list[Category]:
    """The kinds of problems that can be reported now."""
    return list(Category.objects.filter(active=True))


def find_service(actor: Actor, code: str) -> Category:
    """One of them. Raises `NotFound`."""
    category = Category.objects.filter(active=True, code=code).first()
    if category is None:
        raise NotFound
    return category


def public_rows() -> QuerySet[Report, Row]:
    """Public reports with their first picture and the city's latest public words, in one query."""
    pictures = Photo.objects.filter(FOR_EVERYBODY, report=OuterRef("number")).order_by("id").values("id")[:1]
    words = Entry.objects.filter(report=OuterRef("number"), audience=Audience.PUBLIC).exclude(text="")
    rows: QuerySet[Report, Row] = Report.objects.filter(public=True).values(
        *_COLUMNS, photo=Subquery(pictures), words=Subquery(words.order_by("-id").values("text")[:1])
    )
    return rows


def list_requests(actor: Actor, wanted: RequestList) -> list[Row]:
    """The public reports that the filter names, newest first."""
    rows = public_rows().order_by("-filed_at", "-number")
    if wanted.service_request_id:
        return list(rows.filter(number__in=wanted.numbers())[wanted.rows])
    start, end = wanted.bounds()
    rows = rows.filter(filed_at__gte=start, filed_at__lte=end)
    if wanted.service_code:
        rows = rows.filter(category__in=wanted.service_code)
    if len(set(wanted.status)) == 1:
        rows = rows.filter(state__in=OPEN if "open" in wanted.status else CLOSED)
    return list(rows[wanted.rows])


def find_request(actor: Actor, number: int) -> Row:
    """One public report. Raises `NotFound`."""
    row = public_rows().filter(number=number).first()
    if row is None:
        raise NotFound
    return row


def find_key(given: str) -> ApiKey:
    """The program whose key this is. Raises `Refused`: the specification's 403."""
    if not given:
        raise Refused(_("Send your api_key with the request."), code="no_key")
    row = ApiKey.objects.filter(digest=digest_of(given), revoked_at__isnull=True).first()
    if row is None or (row.name == DEMO_KEY and not config().demo):
        raise Refused(_("This api_key is not known, or was revoked. Ask the city for one."), code="wrong_key")
    return row


def find_by_token(actor: Actor, token: UUID) -> int:
    """The number of the report that was filed with this token. Raises `NotFound`."""
    number = Report.objects.filter(form_token=token).values_list("number", flat=True).first()
    if number is None:
        raise NotFound
    return number


def _public_entries() -> QuerySet[Entry]:
    return Entry.objects.filter(audience=Audience.PUBLIC, report__public=True)


def notes_of(actor: Actor, numbers: Iterable[int]) -> dict[int, list[Row]]:
    """The public history of these reports, oldest first, at most the first 100 lines of each."""
    rows = _public_entries().filter(report__in=list(numbers)).order_by("report", "id")
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows.values("report_id", "kind", "text", "state_after", "side", "at").iterator(BATCH):
        if len(found[row["report_id"]]) < NOTES_OF_ONE:
            found[row["report_id"]].append(dict(row))
    return found


def list_updates(actor: Actor, wanted: Span) -> list[Row]:
    """What happened to public reports in the span, as everybody may see it, oldest first: a reader goes on from the
    last moment."""
    start, end = wanted.bounds()
    pictures = Photo.objects.filter(FOR_EVERYBODY, entry=OuterRef("id")).order_by("id").values("id")[:1]
    rows = _public_entries().filter(at__gte=start, at__lte=end).order_by("at", "id")
    columns = rows.values("id", "report_id", "kind", "text", "state_after", "at", photo=Subquery(pictures))
    return [dict(row) for row in columns[wanted.rows]]


def walk_public(actor: Actor, *, after: int = 0) -> Iterator[list[Row]]:
    """All public reports by number, in batches, each its own short query: a slow reader holds no transaction."""
    rows = public_rows().order_by("number")
    while batch := list(rows.filter(number__gt=after)[:BATCH]):
        yield batch
        after = batch[-1]["number"]


def last_changed(actor: Actor) -> datetime | None:
    """When any report last changed, also by leaving the public pages; None when there is none."""
    return Report.objects.order_by("-updated_at").values_list("updated_at", flat=True).first()
