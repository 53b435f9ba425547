"""The map: single reports while they are few, else how many lie in each cell.

How many there are in a box is known from the tally, before any report is read: a far map costs the same for ten million
reports as for ten thousand.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import h3.api.basic_int as h3
from django.db import connection
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Left

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.places import METRES_PER_DEGREE, Box, Point, in_box
from meydan.reports.models import CLOSED, OPEN, Filter, State
from meydan.reports.queries.labels import labels
from meydan.reports.queries.listing import LISTED, Row
from meydan.reports.queries.places import public_place
from meydan.reports.queries.tally import CHANGES, RESOLUTIONS, celled
from meydan.reports.queries.words import narrow_public

MAX_PINS = 1000
MAX_CELLS = 1000
SAMPLED = 5000
"""Reports of which cells are made where the tally does not know the filter: words, or a district."""
SURELY = 1.25
"""Times as many as may be shown one by one, by the estimate: then nobody looks whether it was wrong."""
NEAR = 0.006
"""Degrees, some 600 m. So narrow a box is as full as the cell in its middle, near enough to choose by."""
WIDEST = 10.0
"""Degrees. A wider box is not looked up cell by cell: whoever looks at a continent sees all of the city."""


def _counted(which: str) -> str:
    return f"""
select cell, sum(n)::bigint, coalesce(sum(n) filter (where {_IS_OPEN}), 0)::bigint
  from (select cell, state, count as n from reports_cell_tally
         where resolution = %(resolution)s and category = %(category)s and {which}
         union all
        select cell, state, n from ({celled(CHANGES)}) fresh
         where resolution = %(resolution)s and category = %(category)s and {which}) counted
 where array_position(%(states)s, state::text) is not null
 group by 1 having sum(n) > 0 order by 2 desc limit {MAX_CELLS}"""


_IS_OPEN = "state in ({})".format(", ".join(f"'{state}'" for state in OPEN))
_ALL_CELLS, _SOME_CELLS, _ONE_CELL = map(_counted, ("true", "cell = any(%(cells)s)", "cell = %(cell)s"))
"""Three, so that the server keeps its plans: it takes longer over them than over the reading."""


@dataclass(frozen=True)
class Cell:
    """How many public reports lie in an H3 cell, and how many of them are still open."""

    cell: int
    count: int
    open: int

    @property
    def centre(self) -> Point:
        """Its middle."""
        return Point(*h3.cell_to_latlng(self.cell))


class Pin(NamedTuple):
    """A public report on the map."""

    number: int
    lat: float
    lon: float
    state: str
    category_id: str
    late: bool
    """Whether the term of an open report has passed."""

    @property
    def open(self) -> bool:
        """Whether the city still has something to do."""
        return self.state in OPEN


@dataclass(frozen=True)
class OnMap:
    """What a map shows: pins, or cells."""

    pins: Sequence[Pin] = ()
    cells: Sequence[Cell] = field(default=())


def find_on_map(actor: Actor, box: Box, wanted: Filter, *, limit: int = MAX_PINS) -> OnMap:
    """The public reports inside the box: one by one up to `limit`, else the cells that the box touches."""
    if wanted.district or wanted.words:
        pins = list_pins(actor, box, wanted, limit=limit)
        return OnMap(cells=_sample(box, wanted)) if pins is None else OnMap(pins=pins)
    place = _sounding(box)
    found = list_cells(actor, place, wanted)
    if _expected(found, box, is_whole=place is box) <= SURELY * limit:
        pins = list_pins(actor, box, wanted, limit=limit)
        if pins is not None:
            return OnMap(pins=pins)
    return OnMap(cells=found if place is box else list_cells(actor, box, wanted))


def _sounding(box: Box) -> Box:
    """Where to look how full the box is: all of it, or the middle of one that covers few cells."""
    if max(box.east - box.west, box.north - box.south) > NEAR:
        return box
    return Box(box.centre.lat, box.centre.lon, box.centre.lat, box.centre.lon)


def list_pins(actor: Actor, box: Box, wanted: Filter, *, limit: int = MAX_PINS) -> list[Pin] | None:
    """Public reports inside the box, None when there are more than `limit`."""
    if wanted == Filter():
        found = _read_pins(box, limit + 1)
    else:
        rows = in_box(narrow_public(wanted), box)
        late = Q(state__in=OPEN) & Q(due_on__lt=Coalesce("paused_on", Value(city_today())))
        found = list(map(Pin._make, rows.annotate(late=late).values_list(*Pin._fields)[: limit + 1]))
    if len(found) > limit:
        return None
    coarse = labels().coarse
    return [_roughly(pin) if pin.category_id in coarse else pin for pin in found] if coarse else found


def _read_pins(box: Box, limit: int) -> list[Pin]:
    """The unfiltered map, which most people see, as plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(_PINS, {**_sides(box), "limit": limit, "today": city_today()})
        return list(map(Pin._make, cursor.fetchall()))


def _sides(box: Box) -> dict[str, Any]:
    return {"west": box.west, "south": box.south, "east": box.east, "north": box.north}


_INSIDE = "point(lon, lat) <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))"
_PINS = f"""
select number, round(lat * 1e6) / 1e6, round(lon * 1e6) / 1e6, state, category_id,
       {_IS_OPEN} and due_on < coalesce(paused_on, %(today)s)
  from reports_report where public and {_INSIDE} limit %(limit)s"""


def _roughly(pin: Pin) -> Pin:
    """Where the public is told that it is."""
    place = public_place(pin.category_id, pin.lat, pin.lon)
    return pin._replace(lat=place.lat, lon=place.lon)


def list_cells(actor: Actor, box: Box, wanted: Filter) -> list[Cell]:
    """How many public reports lie in each H3 cell that the box touches, by state and category alone; the fullest first,
    at most `MAX_CELLS`."""
    resolution = resolution_for(box)
    kept = max(resolution, RESOLUTIONS.start)
    values: dict[str, Any] = {
        "states": _states(wanted.state),
        "resolution": kept,
        "category": wanted.category,
    }
    match _touched(box, kept):
        case None:
            statement = _ALL_CELLS
        case [only]:
            statement, values["cell"] = _ONE_CELL, only
        case cells:
            statement, values["cells"] = _SOME_CELLS, cells
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return _cells(rows, resolution)


def _states(wanted: str) -> list[str]:
    groups = {"": State.values, "open": OPEN, "closed": CLOSED}
    return [str(state) for state in groups.get(wanted, (wanted,))]


def resolution_for(box: Box) -> int:
    """The H3 resolution at which a box of this width holds some hundreds of cells at most."""
    width = max(box.east - box.west, box.north - box.south)
    steps = ((0.08, 9), (0.25, 8), (0.8, 7), (2.5, 6), (8, 5), (25, 4), (80, 3))
    return next((resolution for most, resolution in steps if width <= most), 1)


def _touched(box: Box, resolution: int) -> list[int] | None:
    """The cells that the box touches; None for a box so wide that all of them count."""
    if max(box.east - box.west, box.north - box.south) > WIDEST:
        return None
    corners = [(box.south, box.west), (box.south, box.east), (box.north, box.east), (box.north, box.west)]
    if box.south == box.north or box.west == box.east:
        return [int(h3.latlng_to_cell(*corner, resolution)) for corner in corners]
    return list(map(int, h3.h3shape_to_cells_experimental(h3.LatLngPoly(corners), resolution, contain="overlap")))


def _expected(cells: Iterable[Cell], box: Box, *, is_whole: bool) -> float:
    """About how many reports the box itself holds: it cuts through the cells at its edge. In a box that was only
    sounded (not `is_whole`) there are more than the cells hold."""
    counts = [cell.count for cell in cells]
    height, width = box.north - box.south, (box.east - box.west) * math.cos(math.radians(box.centre.lat))
    inside = height * width * METRES_PER_DEGREE**2
    around = max(1, len(counts)) * float(h3.average_hexagon_area(min(9, resolution_for(box)), unit="m^2"))
    return sum(counts) * (min(1.0, inside / around) if is_whole else inside / around)


def _sample(box: Box, wanted: Filter) -> list[Cell]:
    """The same for a filter that the tally does not know, from at most `SAMPLED` reports."""
    resolution = resolution_for(box)
    rows = in_box(narrow_public(wanted).filter(h3_9__isnull=False), box)
    found = rows.values_list("h3_9", "state")[:SAMPLED]
    return _cells([(cell, 1, int(state in OPEN)) for cell, state in found if cell is not None], resolution)


def _cells(rows: Iterable[tuple[int, int, int]], resolution: int) -> list[Cell]:
    """Cells of the resolution, from finer ones."""
    counts: dict[int, int] = defaultdict(int)
    still_open: dict[int, int] = defaultdict(int)
    for cell, count, is_open in rows:
        parent = int(h3.cell_to_parent(cell, resolution)) if h3.get_resolution(cell) > resolution else cell
        counts[parent] += count
        still_open[parent] += is_open
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    return [Cell(cell, count, still_open[cell]) for cell, count in ordered[:MAX_CELLS]]


def list_placed(actor: Actor, wanted: Filter, *, limit: int) -> list[Row]:
    """The newest public reports that have a position, as rows of a list with `lat` and `lon`."""
    rows = narrow_public(wanted).filter(lat__isnull=False).order_by("-number")
    found = [{**row} for row in rows.values(*LISTED, "lat", "lon", summary=Left("description", 140))[:limit]]
    for row in found:
        place = public_place(row["category_id"], row["lat"], row["lon"])
        row["lat"], row["lon"] = place.lat, place.lon
    return found
