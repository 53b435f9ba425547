"""Maps drawn by the server: SVG in the page itself, for everybody whose device draws no better ones.

Longitudes are shrunk by the cosine of the city's latitude, so that shapes look right; the vertical axis points down.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from meydan.kernel.i18n import text_of
from meydan.kernel.places import Box, Point, box_around, light_outlines, metres_between
from meydan.reports.queries import Cell, Pin, labels

WIDTH = 640
"""Of every drawing, in SVG units; the height follows from the shape of what is drawn."""
_MARGIN = 24
_SECONDS = 60
SMALLEST_PART = 0.004
"""Of the sheet's width: about 150 m of a large city."""
CLOSER = 4
"""A bubble leads to a part of the view so many times smaller, and so does each one there."""
SMALLEST_BUBBLE, BIGGEST_BUBBLE = 9, 22


@dataclass(frozen=True)
class Area:
    """A district on the drawing: the path of its outline, and where its name fits."""

    code: str
    path: str
    x: float
    y: float

    @property
    def name(self) -> str:
        """In the reader's language."""
        return text_of(labels().districts.get(self.code, {})) or self.code


@dataclass(frozen=True)
class Sheet:
    """The city's districts as a drawing, and how to place points on it."""

    box: Box
    height: float
    areas: Sequence[Area]
    width: int = WIDTH

    def place(self, point: Point) -> tuple[float, float]:
        """Where a point lies on the drawing, in SVG units with one decimal."""
        return _place(self.box, point.lon, point.lat)


def _scale(box: Box) -> tuple[float, float]:
    """SVG units per degree of longitude and of latitude."""
    shrink = math.cos(math.radians(box.centre.lat))
    across = (WIDTH - 2 * _MARGIN) / max(1e-6, (box.east - box.west) * shrink)
    return across * shrink, across


def _place(box: Box, lon: float, lat: float) -> tuple[float, float]:
    x, y = _scale(box)
    return round(_MARGIN + (lon - box.west) * x, 1), round(_MARGIN + (box.north - lat) * y, 1)


def sheet() -> Sheet | None:
    """The districts' drawing; None for a city without districts. Drawn once a minute at most."""
    return _sheet(int(timezone.now().timestamp() // _SECONDS))


@lru_cache(maxsize=1)
def _sheet(_moment: int) -> Sheet | None:
    outlines = light_outlines(60)
    if not outlines:
        return None
    west, south, east, north = _bounds([outline for _district, outline in outlines])
    box = Box(south, west, north, east)
    areas = [_area(district.code, outline, box) for district, outline in outlines]
    return Sheet(box, round(2 * _MARGIN + (north - south) * _scale(box)[1], 1), areas)


def _bounds(outlines: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    sides = [outline.bounds for outline in outlines]
    west, south, east, north = zip(*sides, strict=True)
    return min(west), min(south), max(east), max(north)


def _area(code: str, outline: BaseGeometry, box: Box) -> Area:
    inside = outline.representative_point()
    x, y = _place(box, inside.x, inside.y)
    return Area(code, _path(outline, box), x, y)


def _path(outline: BaseGeometry, box: Box) -> str:
    parts = getattr(outline, "geoms", [outline])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(_ring([_place(box, lon, lat) for lon, lat, *_height in ring.coords]) for ring in rings)


def _ring(spots: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in spots) + "Z"


@dataclass(frozen=True)
class Walk:
    """A walk as a drawing: the line, and where each stop lies on it, in SVG units."""

    path: str
    stops: Sequence[tuple[float, float]]
    height: float
    width: int = WIDTH


def draw_walk(points: Sequence[Point]) -> Walk | None:
    """The stops of a walk and the line through them; None where there is no way to go: one stop, or none."""
    if len(points) < 2:
        return None
    lats, lons = [point.lat for point in points], [point.lon for point in points]
    pad = max(0.0005, (max(lons) - min(lons)) / 20, (max(lats) - min(lats)) / 4)  # degrees; one house is one
    box = Box(min(lats) - pad / 4, min(lons) - pad, max(lats) + pad / 4, max(lons) + pad)
    spots = [_place(box, point.lon, point.lat) for point in points]
    height = round(2 * _MARGIN + (box.north - box.south) * _scale(box)[1], 1)
    return Walk(_ring(spots).removesuffix("Z"), spots, height)


def locator(point: Point | None, district: str | None) -> dict[str, Any] | None:
    """What a report's page needs to show where in the city it is; None when there is nothing to show."""
    drawn = sheet()
    if drawn is None or (point is None and district is None):
        return None
    pin = drawn.place(point) if point is not None and drawn.box.covers(point) else None
    return {"sheet": drawn, "district": district, "pin": pin}


@dataclass(frozen=True)
class View:
    """A part of the sheet, drawn larger: `x`, `y`, `width`, `height` in its units; `scale` is how large a sign must be
    drawn there to look as it does on the whole sheet. `box` is the same part in degrees."""

    sheet: Sheet
    box: Box
    x: float
    y: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """1 on the whole sheet, less on a part of it."""
        return round(self.width / self.sheet.width, 4)


def look_at(drawn: Sheet, box: Box) -> View:
    """The part of the sheet around the box, in the sheet's own proportions; all of it where the box is as wide."""
    left, top = drawn.place(Point(box.north, box.west))
    end, bottom = drawn.place(Point(box.south, box.east))
    scale = max((end - left) / drawn.width, (bottom - top) / drawn.height, SMALLEST_PART)
    if scale >= 1 - 2 * _MARGIN / drawn.width:
        return View(drawn, drawn.box, 0, 0, drawn.width, drawn.height)
    width, height = drawn.width * scale, drawn.height * scale
    x, y = (left + end - width) / 2, (top + bottom - height) / 2
    across, down = _scale(drawn.box)
    west, north = drawn.box.west + (x - _MARGIN) / across, drawn.box.north - (y - _MARGIN) / down
    part = Box(max(-90, north - height / down), max(-180, west), min(90, north), min(180, west + width / across))
    return View(drawn, part, round(x, 2), round(y, 2), round(width, 2), round(height, 2))


def bubbles(view: View, cells: Iterable[Cell], address: Callable[[Box], str]) -> list[dict[str, Any]]:
    """Cells as bubbles whose area says how many reports they stand for; each leads to its own part of the city."""
    most = max((cell.count for cell in cells), default=1)
    found = []
    for cell in cells:
        if view.box.covers(cell.centre):
            x, y = view.sheet.place(cell.centre)
            part = box_around(cell.centre, metres_between(cell.centre, _corner(view.box)) / CLOSER)
            radius = round(SMALLEST_BUBBLE + (BIGGEST_BUBBLE - SMALLEST_BUBBLE) * math.sqrt(cell.count / most), 1)
            found.append({"x": x, "y": y, "r": radius, "count": cell.count, "open": cell.open, "href": address(part)})
    return found


def _corner(box: Box) -> Point:
    return Point(box.north, box.centre.lon)


def pins(view: View, found: Iterable[Pin]) -> list[dict[str, Any]]:
    """Reports as points on the drawing; those outside of what it shows are left out."""
    drawn = []
    for pin in found:
        point = Point(pin.lat, pin.lon)
        if view.box.covers(point):
            x, y = view.sheet.place(point)
            drawn.append({"number": pin.number, "x": x, "y": y, "open": pin.open, "late": pin.late})
    return drawn
