"""The map: a page that works without JavaScript, and the GeoJSON that feeds the moving map."""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from meydan.kernel.errors import MeydanError
from meydan.kernel.http import actor_of, page, problem, render
from meydan.kernel.i18n import current_language, text_of
from meydan.kernel.inputs import parse
from meydan.kernel.places import Box, light_outlines
from meydan.reports.inputs import ShowMap
from meydan.reports.models import OPEN, State
from meydan.reports.pages.drawing import bubbles, look_at, pins, sheet
from meydan.reports.pages.listing import address_with, options, state_chips
from meydan.reports.pages.looks import category_name, rows_markup
from meydan.reports.queries import Cell, Labels, OnMap, Pin, find_on_map, labels, list_placed
from meydan.ui.maps import map_library

PINS_DRAWN = 200
"""Reports on the drawing that needs no JavaScript; where there are more, it shows bubbles with their number."""
ROWS = 10


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """The map: a drawing with links, which the script turns into a moving map where the device can. Without the script
    a bubble leads to the part of the city that it stands for, drawn larger."""
    query = parse(ShowMap, request.GET)
    actor, drawn = actor_of(request), sheet()
    view = look_at(drawn, query.box if query.bbox else drawn.box) if drawn else None
    found = find_on_map(actor, view.box, query.filter, limit=PINS_DRAWN) if view else OnMap()
    context = {
        "query": query,
        "sheet": drawn,
        "view": view,
        "pins": pins(view, found.pins) if view else [],
        "bubbles": bubbles(view, found.cells, _closer(request)) if view else [],
        "whole": address_with(request, bbox=None) if query.bbox else None,
        "rows": rows_markup(list_placed(actor, query.filter, limit=ROWS)),
        "categories": options(labels().categories, _("All kinds")),
        "chips": state_chips(request, str(query.state), [("", _("All")), ("open", _("Open")), ("closed", _("Closed"))]),
        "query_string": request.GET.urlencode(),
        "map_library": map_library(),
    }
    return render(request, "reports/map.html", context)


def _closer(request: HttpRequest) -> Callable[[Box], str]:
    """The address of this map, drawn around a box."""

    def address(box: Box) -> str:
        corners = (box.west, box.south, box.east, box.north)
        return address_with(request, bbox=",".join(f"{corner:.5f}" for corner in corners))

    return address


@page("GET")
def features(request: HttpRequest) -> HttpResponse:
    """Reports inside `bbox` as GeoJSON (RFC 7946): points, or where there are more than 1000, H3 cells with counts."""
    try:
        query = parse(ShowMap, request.GET)
        found = find_on_map(actor_of(request), query.box, query.filter)
    except MeydanError as error:
        return problem(error)
    shown = [_cell(one) for one in found.cells] or _points(found.pins)
    body = f'{{"type":"FeatureCollection","features":[{",".join(shown)}]}}'
    return HttpResponse(body, content_type="application/geo+json")


def _points(pins: Iterable[Pin]) -> list[str]:
    """Each report as a feature. What many of them share is put into JSON once."""
    language, known = current_language(), labels()
    return [
        f'{{"type":"Feature","id":{number},"geometry":{{"type":"Point","coordinates":[{lon},{lat}]}},'
        f'"properties":{{"number":{number},{_shared(language, known, category, state, late)}}}}}'
        for number, lat, lon, state, category, late in pins
    ]


@lru_cache(maxsize=4096)
def _shared(_language: str, _known: Labels, category: str, state: str, late: bool) -> str:
    """The inside of a JSON object: what reports of this kind and state say alike, in the active language."""
    named = State(state)
    said = {"name": category_name(category), "state": str(named.label), "open": named in OPEN, "late": late}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))[1:-1]


def _cell(one: Cell) -> str:
    middle = one.centre
    return (
        f'{{"type":"Feature","id":{one.cell},"geometry":{{"type":"Point","coordinates":'
        f'[{middle.lon:.5f},{middle.lat:.5f}]}},"properties":{{"count":{one.count},"waiting":{one.open}}}}}'
    )


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
