"""Open data: the files, their columns and licence, and that copies are only sent when something changed."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.i18n import LANGUAGES
from meydan.reports import queries
from meydan.reports.actions import decline_report
from meydan.reports.models import Category
from meydan.reports.open311.queries import walk_public
from meydan.reports.tests.cast import make_city, make_report

pytestmark = pytest.mark.django_db

BULK = [
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
]


@pytest.fixture(autouse=True)
def _city() -> Iterator[None]:
    make_city()
    queries.forget_labels()
    yield
    queries.forget_labels()


def read(name: str, **headers: str) -> str:
    answer = Client().get(f"/data/{name}", headers=headers)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()  # type: ignore[attr-defined]  # the test client's answers have it


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(read("reports.csv").removeprefix("\ufeff"))))


def test_the_csv_has_the_columns_of_georeport_bulk() -> None:
    first = make_report(VISITOR, contact_email="nadia@example.org")
    decline_report(SYSTEM, first.pk, text="Not ours.")
    make_report(VISITOR, category="abuse", description="They ask for money")
    (row,) = rows()
    assert list(row)[: len(BULK)] == BULK
    assert row["service_request_id"] == str(first.pk)
    assert (row["status_description"], row["status_notes"]) == ("declined", "Not ours.")
    assert row["closed_date"][10] == "T"
    assert "example.org" not in read("reports.csv")


@pytest.mark.parametrize("word", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"])
def test_a_spreadsheet_finds_no_formula(word: str) -> None:
    make_report(VISITOR, description=word)
    assert rows()[0]["description"] == f"'{word}"


def test_the_geojson_has_a_feature_for_each() -> None:
    assert json.loads(read("reports.geojson"))["features"] == []
    here, somewhere = make_report(VISITOR), make_report(VISITOR, point=None, address="Behind the “school”")
    found = json.loads(read("reports.geojson"))["features"]
    assert [one["id"] for one in found] == [here.pk, somewhere.pk]
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [here.lon, here.lat][:2]}
    assert found[1]["geometry"] is None


def test_batches_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meydan.reports.open311.queries.BATCH", 2)
    made = [make_report(VISITOR).pk for _ in range(5)]
    batches = list(walk_public(VISITOR))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [row["number"] for batch in batches for row in batch] == made
    assert len(rows()) == 5


def test_the_files_speak_the_readers_language() -> None:
    make_report(VISITOR)
    assert "حفرة" in read("reports.csv", **{"Accept-Language": "ar"})


def test_a_copy_is_sent_again_only_when_something_changed() -> None:
    report = make_report(VISITOR)
    first = Client().get("/data/reports.csv")
    again = Client().get("/data/reports.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert first.headers["Last-Modified"]
    decline_report(SYSTEM, report.pk, text="Not ours.")
    later = Client().get("/data/reports.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200


def test_the_catalogue_names_licence_and_files() -> None:
    make_report(VISITOR)
    found: dict[str, Any] = json.loads(read("catalogue.jsonld"))
    assert found["@type"] == "dcat:Catalog"
    (dataset,) = found["dcat:dataset"]
    kinds = {one["dcat:mediaType"]["@id"].rsplit("/", 2)[1:].__str__() for one in dataset["dcat:distribution"][:2]}
    assert kinds == {"['text', 'csv']", "['application', 'geo+json']"}
    assert {one["@language"] for one in dataset["dct:title"]} == set(LANGUAGES)
    assert found["dct:license"]["@id"].startswith("https://creativecommons.org/publicdomain/zero")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_every_file(language: str) -> None:
    text = read("", **{"Accept-Language": language})
    assert all(name in text for name in ("reports.csv", "reports.geojson", "catalogue.jsonld", "CC0", "/open311/v2"))


def test_rough_places_are_told_roughly_everywhere() -> None:
    report = make_report(VISITOR, address="12 Rue du Port")
    Category.objects.filter(pk="pothole").update(coarse=True)
    queries.forget_labels()
    assert report.lat is not None
    told = {
        json.loads(read("reports.geojson"))["features"][0]["geometry"]["coordinates"][1],
        float(rows()[0]["lat"]),
        Client().get("/reports/map.json").json()["features"][0]["geometry"]["coordinates"][1],
        Client().get(f"/api/reports/{report.pk}").json()["lat"],
        Client().get(f"/open311/v2/requests/{report.pk}.json").json()[0]["lat"],
    }
    assert len(told) == 1
    assert 0 < abs(told.pop() - report.lat) < 0.0005
    assert rows()[0]["address"] == ""


def test_however_many_reports_there_are_the_files_need_the_same_memory() -> None:
    make_report(VISITOR)
    fill = """insert into reports_report (state, category_id, lat, lon, address, description, answers, language,
                  contact_name, contact_email, contact_phone, secret, origin, source, external_id, external, public,
                  supporters, search_text, filed_at, updated_at, due_on, escalation, no_calls)
              select 'submitted', category_id, lat, lon, address, repeat('word ', 200), '{}', 'en', '', '', '',
                     gen_random_uuid(), 'web', '', '', '{}', true, 0, '', filed_at, updated_at, due_on, 0, false
                from reports_report, generate_series(1, %s) where description = 'A deep hole'"""
    peaks = []
    for more in (2_000, 8_000):
        with connection.cursor() as cursor:
            cursor.execute(fill, [more])
        answer: Any = Client().get("/data/reports.geojson")
        tracemalloc.start()
        size = sum(len(piece) for piece in answer.streaming_content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert size > more * 1_000
    assert peaks[1] < 1.2 * peaks[0] < 20_000_000, peaks
