"""Where the public is told that a report is: exactly, or roughly where the kind could lead to who sent it."""

from functools import lru_cache

import h3.api.basic_int as h3

from meydan.kernel.actor import Actor
from meydan.kernel.places import Point, h3_cell
from meydan.reports.models import Report
from meydan.reports.policies import is_party
from meydan.reports.queries.labels import labels

ROUGH = 11
"""The H3 resolution of rough places: cells about 50 m across."""


def public_place(category: str, lat: float, lon: float) -> Point:
    """The place itself; for a `coarse` category the middle of its cell."""
    point = Point(lat, lon)
    return _middle(h3_cell(point, ROUGH)) if category in labels().coarse else point


def public_address(category: str, address: str) -> str:
    """The address as everybody reads it; of a `coarse` category none, for a house's number is its exact place."""
    return "" if category in labels().coarse else address


def address_for(actor: Actor, report: Report) -> str:
    """The address as this reader is told it; its parties always know it."""
    return report.address if is_party(actor, report) else public_address(report.category_id, report.address)


def place_for(actor: Actor, report: Report) -> Point | None:
    """Where this reader is told that the report is; its parties always know it exactly."""
    point = report.point
    if point is None or is_party(actor, report):
        return point
    return public_place(report.category_id, point.lat, point.lon)


@lru_cache(maxsize=4096)
def _middle(cell: int) -> Point:
    lat, lon = h3.cell_to_latlng(cell)
    return Point(round(lat, 6), round(lon, 6))
