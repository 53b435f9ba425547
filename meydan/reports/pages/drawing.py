"""Maps drawn by the server: SVG in the page itself, for everybody whose device draws no better ones.

Longitudes are shrunk by the cosine of the city's latitude, so that shapes look right; the vertical axis points down.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from meydan.kernel.city import city_today
from meydan.kernel.i18n import text_of
from meydan.kernel.places import Box, Point, light_outlines
from meydan.reports.models import OPEN
from meydan.reports.queries import Row, is_late, labels

WIDTH = 640
"""Of every drawing, in SVG units; the height follows from the shape of what is drawn."""
_MARGIN = 24
_SECONDS = 60


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
    """The stops of a walk and the line through them; None without a stop."""
    if not points:
        return None
    lats, lons = [point.lat for point in points], [point.lon for point in points]
    pad = max(0.0005, (max(lons) - min(lons)) / 20, (max(lats) - min(lats)) / 4)  # degrees: one stop is a drawing too
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


def pins(drawn: Sheet, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Reports as points on the drawing; those outside of it are left out."""
    found, today = [], city_today()
    for row in rows:
        point = Point(row["lat"], row["lon"])
        if drawn.box.covers(point):
            x, y = drawn.place(point)
            is_open = row["state"] in OPEN
            late = is_open and is_late(row, today)
            found.append({"number": row["number"], "x": x, "y": y, "open": is_open, "late": late})
    return found
