"""Reports as they leave the house: what feeds, letters and webhooks may say of a public report, and nothing more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
from django.db.models import F, QuerySet
from django.db.models.functions import Left

from meydan.kernel.actor import Actor
from meydan.kernel.i18n import text_of
from meydan.kernel.places import Point, h3_cell
from meydan.reports.models import CLOSED, Filter, Report
from meydan.reports.queries.labels import labels
from meydan.reports.queries.words import narrow_public

COARSE_RESOLUTION = 11
SUMMARY = 280
FEED_PAGE = 50


@dataclass(frozen=True)
class PublicReport:
    """A public report. Of a coarse category the place is the middle of a cell about 50 m across, and the address is
    left out."""

    number: int
    state: str
    open: bool
    category: str
    department: str
    district: str
    point: Point | None
    address: str
    summary: str
    filed_at: datetime
    updated_at: datetime


_COLUMNS = ("number", "state", "category_id", "department_id", "district_id", "lat", "lon", "address")
_MORE = ("filed_at", "updated_at")


def find_public(number: int) -> PublicReport | None:
    """A report, if it is public."""
    row = _public().filter(number=number).first()
    return _public_report(row) if row else None


def list_feed(actor: Actor, wanted: Filter, *, before: int | None = None) -> list[PublicReport]:
    """Public reports, newest first, at most `FEED_PAGE` and one more."""
    rows = narrow_public(wanted)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return [_public_report(row) for row in _values(rows).order_by("-number")[: FEED_PAGE + 1]]


def find_several(numbers: list[int]) -> dict[int, PublicReport]:
    """Those of these reports that are public now, by number."""
    return {row["number"]: _public_report(row) for row in _public().filter(number__in=numbers)}


def title_of_public(report: PublicReport) -> str:
    """ "Pothole · Boulevard Anfa", in the language that is active."""
    known = labels()
    name = text_of(known.categories.get(report.category, {})) or report.category
    place = report.address or text_of(known.districts.get(report.district, {}))
    return f"{name} · {place}" if place else name


def _public() -> "QuerySet[Report, dict[str, Any]]":
    return _values(Report.objects.filter(public=True))


def _values(rows: "QuerySet[Report]") -> "QuerySet[Report, dict[str, Any]]":
    found: QuerySet[Report, dict[str, Any]] = rows.values(
        *_COLUMNS, *_MORE, coarse=F("category__coarse"), summary=Left("description", SUMMARY)
    )
    return found


def _public_report(row: dict[str, Any]) -> PublicReport:
    return PublicReport(
        number=row["number"],
        state=row["state"],
        open=row["state"] not in CLOSED,
        category=row["category_id"],
        department=row["department_id"] or "",
        district=row["district_id"] or "",
        point=_shown_point(row["lat"], row["lon"], coarse=row["coarse"]),
        address="" if row["coarse"] else row["address"],
        summary=row["summary"],
        filed_at=row["filed_at"],
        updated_at=row["updated_at"],
    )


def _shown_point(lat: float | None, lon: float | None, *, coarse: bool) -> Point | None:
    if lat is None or lon is None:
        return None
    if not coarse:
        return Point(lat, lon)
    return Point(*h3.cell_to_latlng(h3_cell(Point(lat, lon), COARSE_RESOLUTION)))
