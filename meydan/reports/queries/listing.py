"""Lists of reports, for everybody and for their reporters; keyset pages, one query each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid
from meydan.reports.models import Filter, Report
from meydan.reports.queries.one import own_numbers
from meydan.reports.queries.places import public_address
from meydan.reports.queries.words import narrow_public

PAGE = 20
Row = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A part of a list. `next` is where the following part starts, None at the end."""

    rows: list[Row]
    next: str | None


LISTED = (
    *("number", "state", "category_id", "district_id", "address", "filed_at", "closed_at", "cover_id"),
    *("due_on", "paused_on", "supporters"),
)
_NEWEST = """
select number, state, category_id, district_id, address, filed_at, closed_at, cover_id,
       due_on, paused_on, supporters, left(description, 140)
  from reports_report where public and number < %(before)s order by number desc limit %(limit)s"""


def list_public(actor: Actor, wanted: Filter, *, before: int | None = None, limit: int = PAGE) -> Page:
    """Public reports, newest first, those before number `before`. Each row has `summary` (140 letters) and
    `cover_id` (the number of a picture, or None). One query, whatever the size of the table."""
    if wanted == Filter():
        found = _page(_read_newest(before, limit), limit)
    else:
        found = _newest_first(narrow_public(wanted), before, limit)
    return Page([_as_public(row) for row in found.rows], found.next)


def _as_public(row: Row) -> Row:
    row["address"] = public_address(row["category_id"], row["address"])
    return row


def _read_newest(before: int | None, limit: int) -> list[Row]:
    """The rows of the unfiltered list, which most people see: plain SQL halves what it costs the web process."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"before": before or 2**63 - 1, "limit": limit + 1})
        return [dict(zip((*LISTED, "summary"), row, strict=True)) for row in cursor.fetchall()]


def list_mine(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> Page:
    """The actor's own reports: by account and by secret links."""
    own = Q(number__in=own_numbers(actor), anonymous_at=None)
    if actor.person_id is not None:
        own |= Q(reporter=actor.person_id)
    return _newest_first(Report.objects.filter(own), before, limit)


def _newest_first(rows: QuerySet[Report], before: int | None, limit: int) -> Page:
    if before is not None:
        rows = rows.filter(number__lt=before)
    return _page(list(rows.order_by("-number").values(*LISTED, summary=Left("description", 140))[: limit + 1]), limit)


def _page(found: list[Row], limit: int) -> Page:
    kept = found[:limit]
    return Page(kept, str(kept[-1]["number"]) if len(found) > limit else None)


def read_cursor(cursor: str) -> tuple[date, int]:
    """The day and number of a `next` of a list by term. `Invalid` when it is none."""
    due, _underscore, number = cursor.partition("_")
    try:
        return date.fromisoformat(due), int(number)
    except ValueError as error:
        raise Invalid(fields={"after": "2026-11-26_123"}) from error
