"""What is near a place: open reports that may be about the same problem as one more."""

import math
from typing import Any

from django.db import connection

from meydan.kernel.actor import Actor
from meydan.kernel.places import METRES_PER_DEGREE, Point, box_around, metres_between
from meydan.reports.models import OPEN
from meydan.reports.queries.labels import labels
from meydan.reports.queries.listing import LISTED, Row
from meydan.reports.queries.places import public_address, public_place

CLOSE, CLOSE_OF_ITS_KIND = 50, 100
"""Metres within which an open report may be the same problem: of any kind, and of the same kind."""
MOST = 5
MOST_ROUGH = 50
"""Reports of a `coarse` kind that are looked at: their public place may be nearer than their own."""
_IS_OPEN = "state in ({})".format(", ".join(f"'{state}'" for state in OPEN))
_CLOSE = f"""
with around as materialized (
  select number, lat, lon, category_id, sqrt((lat - %(lat)s) ^ 2 + ((lon - %(lon)s) * %(narrower)s) ^ 2) as away
    from reports_report
   where public and {_IS_OPEN} and point(lon, lat) <@ box(point(%(west)s, %(south)s), point(%(east)s, %(north)s))),
near as (
  (select number from around where array_position(%(coarse)s, category_id::text) is not null limit {MOST_ROUGH})
  union all
  (select number from around
    where array_position(%(coarse)s, category_id::text) is null
      and away <= case category_id when %(kind)s then %(wide)s else %(small)s end
    order by away limit {MOST}))
select {", ".join(LISTED)}, left(description, 140), lat, lon from near join reports_report using (number)"""
"""Distances in degrees of latitude; one of longitude is `narrower` by so much. Nothing is compared in a way of which
the server would guess otherwise with other values, and how many there are at most is said in figures: so it finds one
plan as good as any, and keeps it. Making it anew took longer than everything else."""


def list_close(actor: Actor, point: Point, *, category: str = "") -> list[Row]:
    """Open public reports that may be about the same problem, the nearest first: of the same category within
    `CLOSE_OF_ITS_KIND` metres, of any within `CLOSE`; at most `MOST`. Rows as of a list, with `summary` and `metres`
    (whole)."""
    box = box_around(point, CLOSE_OF_ITS_KIND)
    values: dict[str, Any] = {
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
        "lat": point.lat,
        "lon": point.lon,
        "narrower": math.cos(math.radians(point.lat)),
        "kind": category,
        "coarse": list(labels().coarse),
        "wide": CLOSE_OF_ITS_KIND / METRES_PER_DEGREE,
        "small": CLOSE / METRES_PER_DEGREE,
    }
    found: list[Row] = []
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, values)
        for *listed, summary, lat, lon in cursor.fetchall():
            row = dict(zip(LISTED, listed, strict=True)) | {"summary": summary}
            kind = row["category_id"]
            row["address"] = public_address(kind, row["address"])
            metres = metres_between(point, public_place(kind, lat, lon))
            if metres <= (CLOSE_OF_ITS_KIND if kind == category else CLOSE):
                found.append({**row, "metres": round(metres)})
    return sorted(found, key=lambda row: (row["metres"], row["number"]))[:MOST]
