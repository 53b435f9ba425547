"""Open data: all public reports as files, for people and programs that want more than a page of the API.

The CSV has the columns of GeoReport Bulk (wiki.open311.org/GeoReport/bulk); the catalogue is DCAT 3 in JSON-LD. Files
are written batch by batch, each its own short query, so that neither a large city nor a slow reader weighs.
"""

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import condition

from meydan.kernel.actor import VISITOR
from meydan.kernel.city import city_today
from meydan.kernel.config import CITIES, config
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, current_language, text_of
from meydan.kernel.inputs import parse
from meydan.reports.inputs import ShowFigures
from meydan.reports.models import Origin, State
from meydan.reports.open311 import queries, shapes
from meydan.reports.open311.formats import moment
from meydan.reports.queries import Numbers, label_of, labels, read_board

Row = queries.Row

LICENCES = {
    "CC0-1.0": ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "CC-BY-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "ODbL-1.0": ("ODbL 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
}
COLUMNS = (
    "service_request_id",
    "requested_datetime",
    "updated_datetime",
    "closed_date",
    "status_description",
    "status_notes",
    "source",
    "service_name",
    "service_subtype",
    "description",
    "agency_responsible",
    "address",
    "lat",
    "long",
    "service_code",
    "district",
    "expected_datetime",
    "media_url",
)
"""GeoReport Bulk's fourteen in its own order, then what readers of ours asked for."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class File:
    """One form of the data: its url name, what it is called, its media type, and how a batch is written."""

    name: str
    label: str
    purpose: str | Promise
    media_type: str
    write: Callable[[Iterator[list[Row]]], Iterator[str]]


def bulk_row(row: Row) -> list[object]:
    """A public report in the columns of GeoReport Bulk."""
    known = shapes.request(row)
    district = labels().districts.get(row["district_id"], {})
    own = {
        "closed_date": shapes.local(row["closed_at"]),
        "status_description": row["state"],
        "source": str(Origin(row["origin"]).label),
        "service_subtype": None,
        "district": text_of(district) or row["district_id"],
    }
    return [_cell({**known, **own}[column]) for column in COLUMNS]


def _cell(value: object) -> object:
    """Empty for nothing, a moment with its zone, and no text that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def write_csv(batches: Iterator[list[Row]]) -> Iterator[str]:
    """RFC 4180, with a heading; the first letters tell spreadsheets that it is UTF-8."""
    yield "\ufeff" + _lines([COLUMNS])
    for batch in batches:
        yield _lines(bulk_row(row) for row in batch)


def _lines(rows: Iterable[Iterable[object]]) -> str:
    page_ = io.StringIO()
    csv.writer(page_).writerows(rows)
    return page_.getvalue()


def write_geojson(batches: Iterator[list[Row]]) -> Iterator[str]:
    """RFC 7946; a report whose place is an address only has no geometry."""
    yield '{"type":"FeatureCollection","features":['
    comma = ""
    for batch in batches:
        yield comma + ",\n".join(_feature(row) for row in batch)
        comma = ",\n"
    yield "]}\n"


def _feature(row: Row) -> str:
    properties = {**shapes.request(row), "state": row["state"], "district": row["district_id"]}
    lat, lon = properties.pop("lat"), properties.pop("long")
    place = {"type": "Point", "coordinates": [lon, lat]} if lat is not None else None
    feature = {"type": "Feature", "id": row["number"], "geometry": place, "properties": properties}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"), default=moment)


FILES = (
    File(
        "reports.csv",
        "CSV",
        _("For spreadsheets and statistics, in the columns of GeoReport Bulk"),
        "text/csv",
        write_csv,
    ),
    File("reports.geojson", "GeoJSON", _("For maps"), "application/geo+json", write_geojson),
)


def last_changed(request: HttpRequest, **more: Any) -> datetime | None:
    """When any report last changed."""
    return queries.last_changed(VISITOR)


def stamp(request: HttpRequest, **more: Any) -> str:
    """The data's state, language and licence: what a copy of a file depends on."""
    changed = last_changed(request)
    return f'"{changed.timestamp() if changed else 0}-{current_language()}-{config().data_licence}"'


def file_view(file: File) -> Callable[..., HttpResponseBase]:
    """The view that sends one file."""

    @page("GET")
    @condition(etag_func=stamp, last_modified_func=last_changed)
    def send(request: HttpRequest) -> HttpResponseBase:
        pieces = _in_language(file, current_language())
        response = StreamingHttpResponse(pieces, content_type=f"{file.media_type}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{file.name}"'
        return _open(response)

    return send


def _in_language(file: File, language: str) -> Iterator[bytes]:
    """The file's pieces in the language of the request, which is over when they are sent."""
    pieces = file.write(queries.walk_public(VISITOR))
    while True:
        with translation.override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece.encode()


def _open(response: HttpResponseBase) -> HttpResponseBase:
    """Anybody's scripts may read it; a copy is asked about each time."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, no-cache"
    response["Link"] = f'<{LICENCES[config().data_licence][1]}>; rel="license"'
    return response


@cache
def city_name() -> dict[str, str]:
    """The city's name by language, from its pack."""
    pack = CITIES / config().city / "city.toml"
    names = tomllib.loads(pack.read_text("utf-8")).get("name") if pack.exists() else None
    return dict(names or {"en": config().city.title()})


def catalogue() -> dict[str, Any]:
    """What there is, as DCAT in JSON-LD. Texts in all of the city's languages."""
    home = shapes.absolute(reverse("data:home"))
    changed = queries.last_changed(VISITOR)
    publisher = {"@type": "foaf:Organization", "foaf:name": _texts(city_name())}
    dataset = {
        "@id": f"{home}#reports",
        "@type": "dcat:Dataset",
        "dct:title": _in_all_languages(_("Reports")),
        "dct:description": _in_all_languages(_("Public reports of problems in the city, and what became of them.")),
        "dct:publisher": publisher,
        "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/UPDATE_CONT"},
        "dcat:distribution": [*map(_distribution, FILES), _service_distribution(home)],
    }
    if changed is not None:
        dataset["dct:modified"] = {"@type": "xsd:dateTime", "@value": moment(timezone.localtime(changed))}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": home,
        "@type": "dcat:Catalog",
        "dct:title": _texts(city_name()),
        "dct:publisher": publisher,
        "dct:license": {"@id": LICENCES[config().data_licence][1]},
        "dcat:dataset": [dataset],
    }


def _texts(by_language: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text} for language, text in by_language.items()]


def _in_all_languages(sentence: Promise) -> list[dict[str, str]]:
    """A sentence of ours in every language."""
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(sentence)
    return _texts(found)


def _distribution(file: File) -> dict[str, Any]:
    address = {"@id": shapes.absolute(reverse(f"data:{file.name}"))}
    return {
        "@type": "dcat:Distribution",
        "dct:title": file.label,
        "dcat:downloadURL": address,
        "dcat:accessURL": address,
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{file.media_type}"},
        "dct:license": {"@id": LICENCES[config().data_licence][1]},
    }


def _service_distribution(home: str) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": "Open311 GeoReport v2",
        "dcat:accessURL": {"@id": shapes.absolute(reverse("open311:discovery", kwargs={"form": "json"}))},
        "dcat:accessService": {
            "@id": f"{home}#open311",
            "@type": "dcat:DataService",
            "dct:conformsTo": {"@id": shapes.SPECIFICATION},
            "dcat:endpointURL": {"@id": shapes.absolute("/open311/v2")},
        },
        "dct:license": {"@id": LICENCES[config().data_licence][1]},
    }


@page("GET")
@condition(etag_func=stamp, last_modified_func=last_changed)
def show_catalogue(request: HttpRequest) -> HttpResponseBase:
    """The catalogue, for portals that harvest."""
    body = json.dumps(catalogue(), ensure_ascii=False, indent=1)
    return _open(HttpResponse(body, content_type="application/ld+json; charset=utf-8"))


FIGURES = tuple(field.name for field in fields(Numbers))


@page("GET")
def figures(request: HttpRequest) -> HttpResponseBase:
    """The public figures of one time as CSV: a row for the whole city, then one for each code."""
    query = parse(ShowFigures, request.GET)
    board = read_board(actor_of(request), query.period, query.day(city_today()), query.by_dimension)
    rows = [("all", text_of(city_name()), board.whole)]
    rows += [(query.by, label_of(query.by_dimension, code), one) for code, one in board.rows.items()]
    lines = [
        [board.period, board.start, board.ends, by, _cell(name), *(_cell(getattr(one, figure)) for figure in FIGURES)]
        for by, name, one in rows
    ]
    text = "\ufeff" + _lines([("period", "start", "ends", "by", "name", *FIGURES), *lines])
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="figures-{query.by}-{board.period}-{board.start}.csv"'
    return _open(response)


@page("GET")
def home(request: HttpRequest) -> HttpResponse:
    """What there is, under which licence, and how a program files reports."""
    name, address = LICENCES[config().data_licence]
    context = {
        "files": FILES,
        "licence": name,
        "licence_address": address,
        "changed": queries.last_changed(actor_of(request)),
        "states": list(State),
        "endpoint": shapes.absolute("/open311/v2"),
        "demo": config().demo,
    }
    return render(request, "reports/data.html", context)


app_name = "data"
urlpatterns = [
    path("", home, name="home"),
    path("figures.csv", figures, name="figures"),
    path("catalogue.jsonld", show_catalogue, name="catalogue"),
    *(path(file.name, file_view(file), name=file.name) for file in FILES),
]
