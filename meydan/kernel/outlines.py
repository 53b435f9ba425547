"""Outlines: GeoJSON polygons (RFC 7946) read with suspicion, and made into light SVG paths."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from meydan.kernel.errors import Invalid

MAX_FEATURES = 1_000
MAX_CORNERS = 500_000


@dataclass(frozen=True, slots=True)
class Outline:
    """One feature of a collection: its properties, and its area as a valid MultiPolygon in degrees (lon, lat)."""

    properties: Mapping[str, Any]
    area: MultiPolygon

    @property
    def geojson(self) -> dict[str, Any]:
        """The area as a GeoJSON geometry, JSON-able."""
        return {"type": "MultiPolygon", "coordinates": _as_lists(mapping(self.area)["coordinates"])}

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the position lies inside or on the edge."""
        return bool(shapely.intersects_xy(self.area, lon, lat))


def read_outlines(collection: object) -> list[Outline]:
    """The outlines of a GeoJSON FeatureCollection.

    Invalid, naming the feature and what is wrong with it, for anything else than at most 1,000 features and 500,000
    corners of Polygon or MultiPolygon that neither cross themselves nor leave the Earth.
    """
    features = collection.get("features") if isinstance(collection, Mapping) else None
    if not isinstance(features, list) or collection.get("type") != "FeatureCollection":  # type: ignore[attr-defined]  # narrowed by `features`
        raise Invalid(_("This is not a GeoJSON FeatureCollection."), code="bad_outlines")
    if not 0 < len(features) <= MAX_FEATURES:
        raise Invalid(_("A file of outlines holds from 1 to %d features.") % MAX_FEATURES, code="bad_outlines")
    outlines = [_read_feature(number, feature) for number, feature in enumerate(features, 1)]
    if sum(int(shapely.get_num_coordinates(outline.area)) for outline in outlines) > MAX_CORNERS:
        raise Invalid(_("The outlines have more than %d corners. Simplify them.") % MAX_CORNERS, code="bad_outlines")
    return outlines


def _read_feature(number: int, feature: object) -> Outline:
    try:
        if not isinstance(feature, Mapping):
            raise TypeError(_("it is not an object"))
        properties = feature.get("properties") or {}
        if not isinstance(properties, Mapping):
            raise TypeError(_("its properties are not an object"))
        return Outline(properties, _read_area(feature.get("geometry")))
    except (TypeError, ValueError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError) as error:
        sentence = _("Feature %(number)d cannot be used: %(reason)s.")
        raise Invalid(sentence % {"number": number, "reason": error}, code="bad_outlines") from error


def _read_area(geometry: object) -> MultiPolygon:
    if not isinstance(geometry, Mapping) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        raise ValueError(_("its geometry is not a Polygon or MultiPolygon"))
    area: BaseGeometry = shapely.force_2d(shape(dict(geometry)))
    polygon = MultiPolygon([area]) if isinstance(area, Polygon) else area
    if not isinstance(polygon, MultiPolygon) or polygon.is_empty:
        raise ValueError(_("its outline is empty"))
    west, south, east, north = polygon.bounds
    if not (west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise ValueError(_("it leaves the Earth; coordinates are longitude, latitude in degrees"))
    if not polygon.is_valid:
        raise ValueError(shapely.is_valid_reason(polygon))
    return polygon


def _as_lists(coordinates: Any) -> Any:
    if isinstance(coordinates, Iterable):
        return [_as_lists(part) for part in coordinates]
    return coordinates


def area_of(geojson: Mapping[str, Any]) -> BaseGeometry:
    """The shapely geometry of an outline that was checked before it was stored; prepared for many point tests."""
    area = shape(dict(geojson))
    shapely.prepare(area)
    return area


def simplify_together(areas: Sequence[BaseGeometry], metres: float) -> list[BaseGeometry]:
    """Lighter outlines for drawing, to about `metres`; neighbours keep one common border, without gaps."""
    degrees = metres / 111_195
    return list(shapely.coverage_simplify(list(areas), degrees))


@dataclass(frozen=True, slots=True)
class Frame:
    """A flat picture of a part of the Earth, `width` units wide: north is up, and a metre is as long east as north.

    (Equirectangular about the middle latitude: right to 0.1 % within a city.)
    """

    south: float
    west: float
    north: float
    east: float
    width: float

    @classmethod
    def around(cls, areas: Iterable[BaseGeometry], *, width: float = 1000, margin: float = 0.02) -> "Frame":
        """The frame that shows all areas, with a margin as a part of the longer side. ValueError without areas."""
        boxes = [area.bounds for area in areas if not area.is_empty]
        if not boxes:
            raise ValueError("a frame needs at least one area")
        wests, souths, easts, norths = zip(*boxes, strict=True)
        pad = margin * max(max(easts) - min(wests), max(norths) - min(souths))
        return cls(min(souths) - pad, min(wests) - pad, max(norths) + pad, max(easts) + pad, width)

    @property
    def _scale(self) -> tuple[float, float]:
        across = self.width / (self.east - self.west)
        return across, across / math.cos(math.radians((self.south + self.north) / 2))

    @property
    def height(self) -> float:
        """The height in the same units as the width."""
        return (self.north - self.south) * self._scale[1]

    def xy(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a position is drawn: from the top left corner, y downward."""
        across, down = self._scale
        return (lon - self.west) * across, (self.north - lat) * down

    def path(self, area: BaseGeometry) -> str:
        """The `d` of an SVG path, holes included (fill it with `fill-rule="evenodd"`)."""
        polygons = [part for part in shapely.get_parts(area) if isinstance(part, Polygon)]
        rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
        return "".join(self._ring(ring.coords) for ring in rings)

    def _ring(self, corners: Iterable[tuple[float, ...]]) -> str:
        spots = (self.xy(corner[1], corner[0]) for corner in corners)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots) + "Z"
