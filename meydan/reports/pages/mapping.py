"""The map: a page that works without JavaScript, and the GeoJSON that feeds the moving map."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import h3.api.basic_int as h3
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _

from meydan import ui
from meydan.kernel.city import city_today
from meydan.kernel.errors import MeydanError
from meydan.kernel.http import actor_of, page, problem, render
from meydan.kernel.i18n import current_language, text_of
from meydan.kernel.inputs import parse
from meydan.kernel.places import Box, light_outlines
from meydan.reports.inputs import ShowMap
from meydan.reports.models import OPEN, Filter, State
from meydan.reports.pages.drawing import pins, sheet
from meydan.reports.pages.listing import options, state_chips
from meydan.reports.pages.looks import category_name, rows_markup
from meydan.reports.queries import is_late, labels, list_cells, list_pins, list_placed

VENDOR = Path(ui.__file__).parent / "static" / "vendor"
PINS_DRAWN = 200
"""Reports on the drawing that needs no JavaScript: the newest."""
MAX_CELLS = 1000


@dataclass(frozen=True)
class MapLibrary:
    """Addresses of MapLibre's files."""

    js: str
    worker: str
    css: str


def map_library() -> MapLibrary | None:
    """The moving map's library; None until it is installed, for pages do not wait for it."""
    names = ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css")
    if not all((VENDOR / name).exists() for name in names):
        return None
    try:
        return MapLibrary(*(static(f"vendor/{name}") for name in names))
    except ValueError:  # installed, but not collected yet
        return None


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """The map: a drawing with links, which the script turns into a moving map where the device can."""
    query = parse(ShowMap, request.GET)
    rows = list_placed(actor_of(request), query.filter, limit=PINS_DRAWN)
    drawn = sheet()
    context = {
        "query": query,
        "sheet": drawn,
        "pins": pins(drawn, rows) if drawn else [],
        "rows": rows_markup(rows[:10]),
        "categories": options(labels().categories, _("All kinds")),
        "chips": state_chips(request, str(query.state), [("", _("All")), ("open", _("Open")), ("closed", _("Closed"))]),
        "query_string": request.GET.urlencode(),
        "map_library": map_library(),
    }
    return render(request, "reports/map.html", context)


@page("GET")
def features(request: HttpRequest) -> HttpResponse:
    """Reports inside `bbox` as GeoJSON (RFC 7946): points, or where there are more than 1000, H3 cells with counts."""
    try:
        query = parse(ShowMap, request.GET)
        box = query.box
    except MeydanError as error:
        return problem(error)
    actor, today = actor_of(request), city_today()
    found = list_pins(actor, box, query.filter)
    shown = _cells(actor, box, query.filter) if found is None else [_point(row, today) for row in found]
    return JsonResponse({"type": "FeatureCollection", "features": shown}, content_type="application/geo+json")


def _point(row: dict[str, Any], today: date) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": row["number"],
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {
            "number": row["number"],
            "name": category_name(row["category_id"]),
            "state": str(State(row["state"]).label),
            "open": row["state"] in OPEN,
            "late": row["state"] in OPEN and is_late(row, today),
        },
    }


def resolution_for(box: Box) -> int:
    """The H3 resolution at which a box of this width holds some hundreds of cells at most."""
    width = max(box.east - box.west, box.north - box.south)
    steps = ((0.08, 9), (0.25, 8), (0.8, 7), (2.5, 6), (8, 5), (25, 4), (80, 3))
    return next((resolution for most, resolution in steps if width <= most), 1)


def _cells(actor: Any, box: Box, wanted: Filter) -> list[dict[str, Any]]:
    counted = list_cells(actor, box, wanted, resolution=resolution_for(box))
    biggest = sorted(counted.items(), key=lambda one: -one[1])[:MAX_CELLS]
    return [_cell(cell, count) for cell, count in biggest]


def _cell(cell: int, count: int) -> dict[str, Any]:
    lat, lon = h3.cell_to_latlng(cell)
    return {
        "type": "Feature",
        "id": cell,
        "geometry": {"type": "Point", "coordinates": [round(lon, 5), round(lat, 5)]},
        "properties": {"count": count},
    }


@page("GET")
def districts(request: HttpRequest) -> HttpResponse:
    """The districts' outlines as GeoJSON, simplified to about 30 m, for drawing."""
    return HttpResponse(
        _districts(int(timezone.now().timestamp() // 60), current_language()),
        content_type="application/geo+json",
    )


@lru_cache(maxsize=8)
def _districts(_moment: int, language: str) -> bytes:
    shown = [
        {
            "type": "Feature",
            "geometry": outline.__geo_interface__,
            "properties": {"code": district.code, "name": text_of(district.name, language)},
        }
        for district, outline in light_outlines()
    ]
    return JsonResponse({"type": "FeatureCollection", "features": shown}).content
