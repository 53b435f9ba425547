"""The map: pins, cells, and what is near."""

import h3.api.basic_int as h3
from django.db.models import Count
from django.db.models.functions import Left

from meydan.kernel.actor import Actor
from meydan.kernel.places import Box, Point, box_around, in_box, metres_between, nearest
from meydan.reports.models import OPEN, Filter, Report
from meydan.reports.queries.listing import LISTED, Row
from meydan.reports.queries.words import narrow

MAX_PINS = 1000
CLOSE, CLOSE_OF_ITS_KIND = 50, 100
"""Metres within which an open report may be the same problem: of any kind, and of the same kind."""
_PINNED = ("number", "lat", "lon", "state", "category_id", "due_on", "paused_on")


def list_pins(actor: Actor, box: Box, wanted: Filter, *, limit: int = MAX_PINS) -> list[Row] | None:
    """Public reports inside the box: number, lat, lon, state, category_id, due_on,
    paused_on. None when there are more than `limit`."""
    rows = in_box(narrow(Report.objects.filter(public=True), wanted), box)
    found: list[Row] = [{**row} for row in rows.values(*_PINNED)[: limit + 1]]
    return None if len(found) > limit else found


def list_placed(actor: Actor, wanted: Filter, *, limit: int) -> list[Row]:
    """The newest public reports that have a position, as rows of a list with `lat` and `lon`."""
    rows = narrow(Report.objects.filter(public=True, lat__isnull=False), wanted).order_by("-number")
    return list(rows.values(*LISTED, "lat", "lon", summary=Left("description", 140))[:limit])


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
    return list(nearest(rows, point).values(*LISTED, "lat", "lon")[:limit])


def list_close(actor: Actor, point: Point, *, category: str = "", limit: int = 5) -> list[Row]:
    """Open public reports that may be about the same problem, the nearest first: of the same category within
    `CLOSE_OF_ITS_KIND` metres, of any within `CLOSE`. Rows as of a list, with `summary` and `metres` (whole)."""
    rows = Report.objects.filter(public=True, state__in=OPEN)
    rows = in_box(rows, box_around(point, CLOSE_OF_ITS_KIND)).order_by("-number")
    found: list[Row] = []
    for row in rows.values(*LISTED, "lat", "lon", summary=Left("description", 140))[:MAX_PINS]:
        metres = metres_between(point, Point(row["lat"], row["lon"]))
        if metres <= (CLOSE_OF_ITS_KIND if row["category_id"] == category else CLOSE):
            found.append({**row, "metres": round(metres)})
    return sorted(found, key=lambda row: row["metres"])[:limit]
