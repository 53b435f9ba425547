"""Places: points and boxes on the Earth, the city's districts, and the SQL that finds rows near them.

All angles are degrees of WGS 84, latitude first in Python and longitude first in GeoJSON and in PostgreSQL's `point`.
A table that has places keeps two floats, `lat` and `lon`, and an index made by `place_index`; PostGIS is not needed.
District membership is always decided by the exact outline, holes included, never by grid cells alone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import h3.api.basic_int as h3
import shapely
from django.contrib.postgres.indexes import GistIndex
from django.db import connection
from django.db.models import BooleanField, F, FloatField, Func, Model, Q, QuerySet, Value
from django.db.transaction import atomic
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.models import District
from meydan.kernel.outlines import Outline, area_of, read_outlines, simplify_together

EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""
METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS
MAX_CODE = 40

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Point:
    """A position in degrees. ValueError outside of the Earth's ranges, and for NaN."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError("latitude must be from -90 to 90 and longitude from -180 to 180 degrees")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees that does not cross the 180th meridian. ValueError when a side is upside down."""

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        if not (-90 <= self.south <= self.north <= 90 and -180 <= self.west <= self.east <= 180):
            raise ValueError("a box is south, west, north, east, in degrees")

    def covers(self, point: Point) -> bool:
        """Whether the point lies inside or on the edge."""
        return self.south <= point.lat <= self.north and self.west <= point.lon <= self.east

    @property
    def centre(self) -> Point:
        """The middle, in degrees."""
        return Point((self.south + self.north) / 2, (self.west + self.east) / 2)


def metres_between(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine; within 0.6 % of the ellipsoid)."""
    half_lat = math.radians(b.lat - a.lat) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    root = math.sin(half_lat) ** 2
    root += math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat)) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, root)))


def box_around(point: Point, metres: float) -> Box:
    """A box that holds every point within `metres`, cut at the poles and at the 180th meridian."""
    tall = metres / METRES_PER_DEGREE
    farthest = min(90.0, abs(point.lat) + tall)
    wide = min(360.0, tall / max(1e-9, math.cos(math.radians(farthest))))
    return Box(
        south=max(-90.0, point.lat - tall),
        west=max(-180.0, point.lon - wide),
        north=min(90.0, point.lat + tall),
        east=min(180.0, point.lon + wide),
    )


def h3_cell(point: Point, resolution: int = 9) -> int:
    """The H3 cell as an integer that fits bigint; resolution 9 is about 350 m across, 11 about 50 m."""
    return int(h3.latlng_to_cell(point.lat, point.lon, resolution))


# What tables with places need from SQL


class _Point(Func):
    function = "point"
    output_field = FloatField()  # PostgreSQL's point has no Django field; nobody reads this value


class _Box(_Point):
    function = "box"


class _Inside(Func):
    template = "%(expressions)s"
    arg_joiner = " <@ "
    output_field = BooleanField()


class _Apart(Func):
    template = "%(expressions)s"
    arg_joiner = " <-> "
    output_field = FloatField()


def place_index(
    name: str, *, lat: str = "lat", lon: str = "lon", condition: Q | None = None, include: Sequence[str] = ()
) -> GistIndex:
    """The index for `Meta.indexes` that makes `in_box` and `nearest` quick: `gist (point(lon, lat))`, of the rows that
    the condition names. Columns that it may `include` are read out of it: what lies side by side in a city is scattered
    all over a table that grew over years, and each row there costs a page."""
    return GistIndex(
        _Point(F(lon), F(lat)), name=name, condition=condition, include=[lat, lon, *include] if include else None
    )


def in_box(rows: QuerySet[Row], box: Box, *, lat: str = "lat", lon: str = "lon") -> QuerySet[Row]:
    """The rows whose place lies in the box. Its corners stand in the SQL as literals, so that the planner sees them."""
    corners = _Box(_Point(Value(box.west), Value(box.south)), _Point(Value(box.east), Value(box.north)))
    return rows.filter(_Inside(_Point(F(lon), F(lat)), corners))


def nearest(rows: QuerySet[Row], point: Point, *, lat: str = "lat", lon: str = "lon") -> QuerySet[Row]:
    """The rows by rising distance in degrees. Degrees are not metres: for an exact order take some more than you
    need and sort them by `metres_between`."""
    return rows.order_by(_Apart(_Point(F(lon), F(lat)), _Point(Value(point.lon), Value(point.lat))))


# Districts


@dataclass(frozen=True, slots=True)
class _Map:
    """The districts as one process knows them; `stamp` tells whether they have changed since."""

    stamp: tuple[datetime | None, int]
    districts: Sequence[District]
    tree: shapely.STRtree


_known: _Map | None = None


def _stamp() -> tuple[datetime | None, int]:
    with connection.cursor() as cursor:
        cursor.execute("select max(changed_at), count(*) from kernel_district")
        found: tuple[datetime | None, int] = cursor.fetchone()
    return found


def _load(stamp: tuple[datetime | None, int]) -> _Map:
    districts = list(District.objects.order_by("position", "code"))
    parents = {district.parent_id for district in districts}
    districts.sort(key=lambda district: district.pk in parents)  # stable: parts come before the whole
    return _Map(stamp, districts, shapely.STRtree([area_of(district.outline) for district in districts]))


def _current() -> _Map:
    global _known
    stamp = _stamp()
    known = _known
    if known is None or known.stamp != stamp:
        known = _known = _load(stamp)
    return known


def find_district(point: Point) -> District | None:
    """The smallest district whose outline holds the point; None outside of all of them.

    A point on a common border belongs to the district that stands first by position. Costs one small query, which
    tells whether another process has changed the districts.
    """
    return find_districts([point])[0]


def find_districts(points: Sequence[Point]) -> list[District | None]:
    """`find_district` for many points at once, with one query."""
    known = _current()
    found: list[District | None] = [None] * len(points)
    if not points or not known.districts:
        return found
    spots = shapely.points([(point.lon, point.lat) for point in points])
    first = dict[int, int]()
    for spot, district in zip(*known.tree.query(spots, predicate="intersects").tolist(), strict=True):
        first[spot] = min(district, first.get(spot, district))
    for spot, district in first.items():
        found[spot] = known.districts[district]
    return found


def light_outlines(metres: float = 30) -> list[tuple[District, BaseGeometry]]:
    """Every district with its outline simplified to about `metres`, for drawing; neighbours still meet exactly."""
    known = _current()
    if not known.districts:
        return []
    return list(zip(known.districts, simplify_together(known.tree.geometries.tolist(), metres), strict=True))


@atomic
def upsert_districts(collection: object) -> int:
    """Store the districts of a GeoJSON FeatureCollection; returns how many. Districts it does not name stay.

    Properties: `code` (text or number, unique), `name` (text, or a dict by language), and if wanted `approximate`
    (the outline is not the official one), `parent` (the code of a district of this file or stored before) and
    `position` (order; else the order in the file). Invalid, naming the feature, when something is wrong; then
    nothing is stored.
    """
    outlines = read_outlines(collection)
    codes = [_code(number, outline) for number, outline in enumerate(outlines, 1)]
    if len(set(codes)) < len(codes):
        twice = sorted({code for code in codes if codes.count(code) > 1})
        raise Invalid(_("Districts stand twice in the file: %s.") % ", ".join(twice), code="bad_outlines")
    for number, (code, outline) in enumerate(zip(codes, outlines, strict=True), 1):
        District.objects.update_or_create(code=code, defaults=_values(number, code, outline))
    for code, outline in zip(codes, outlines, strict=True):
        _set_parent(code, outline.properties.get("parent"))
    return len(codes)


def _code(number: int, outline: Outline) -> str:
    code = str(outline.properties.get("code", "")).strip()
    if not 0 < len(code) <= MAX_CODE:
        sentence = _("Feature %(number)d needs a code of at most %(most)d letters.")
        raise Invalid(sentence % {"number": number, "most": MAX_CODE}, code="bad_outlines")
    return code


def _values(number: int, code: str, outline: Outline) -> dict[str, Any]:
    properties = outline.properties
    name = properties.get("name") or code
    names = dict(name) if isinstance(name, Mapping) else {"en": str(name)}
    if not all(isinstance(key, str) and isinstance(text, str) and len(text) <= 200 for key, text in names.items()):
        raise Invalid(_("Feature %d: a name is a text, or one text per language.") % number, code="bad_outlines")
    position = properties.get("position", number)
    if not isinstance(position, int) or not 0 <= position < 100_000:
        raise Invalid(_("Feature %d: position is a whole number.") % number, code="bad_outlines")
    return {
        "name": names,
        "outline": outline.geojson,
        "approximate": bool(properties.get("approximate", False)),
        "position": position,
        "changed_at": now(),
    }


def _set_parent(code: str, parent: object) -> None:
    key = District.objects.filter(code=str(parent)).exclude(code=code).values_list("pk", flat=True).first()
    if parent is not None and key is None:
        sentence = _("District %(code)s: there is no district %(parent)s to be its parent.")
        raise Invalid(sentence % {"code": code, "parent": parent}, code="bad_outlines")
    District.objects.filter(code=code).update(parent=key)
