"""Places: geometry by hand-computed numbers, districts with holes and borders, and the SQL conditions."""

from typing import Any

import pytest
import shapely
from django.db import connection
from django.db.models import F, FloatField
from django.db.models.functions import Cast
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from meydan.kernel.errors import Invalid
from meydan.kernel.models import District
from meydan.kernel.outlines import Frame, area_of
from meydan.kernel.places import (
    Box,
    Point,
    box_around,
    find_district,
    find_districts,
    h3_cell,
    in_box,
    light_outlines,
    metres_between,
    nearest,
    place_index,
    upsert_districts,
)

LATITUDES = st.floats(-89, 89)
LONGITUDES = st.floats(-179, 179)


def square(west: float, south: float, size: float = 1) -> list[list[Any]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str, *rings: list[list[Any]], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": {"en": code.title()}, **properties},
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }


def collection(*features: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def test_metres_between_casablanca_and_rabat() -> None:
    assert metres_between(Point(33.5731, -7.5898), Point(34.0209, -6.8416)) == pytest.approx(85_200, rel=0.01)


@given(LATITUDES, LONGITUDES, st.floats(1, 50_000), st.floats(-1, 1), st.floats(-1, 1))
def test_box_around_holds_all_that_is_near(lat: float, lon: float, metres: float, up: float, along: float) -> None:
    centre = Point(lat, lon)
    box = box_around(centre, metres)
    other = Point(
        min(90, max(-90, lat + up * (box.north - lat) * 1.2)), min(180, max(-180, lon + along * (box.east - lon) * 1.2))
    )
    if metres_between(centre, other) < metres * 0.999999:
        assert box.covers(other)


def test_points_and_boxes_off_the_earth() -> None:
    for lat, lon in [(91, 0), (0, 181), (float("nan"), 0)]:
        with pytest.raises(ValueError, match="latitude"):
            Point(lat, lon)
    with pytest.raises(ValueError, match="box"):
        Box(2, 0, 1, 1)


def test_h3_cell_fits_bigint() -> None:
    cell = h3_cell(Point(33.5731, -7.5898))
    assert 0 < cell < 2**63
    assert cell != h3_cell(Point(33.5731, -7.5898), 11)


@pytest.mark.django_db
class TestDistricts:
    def test_exact_with_hole_and_border(self) -> None:
        upsert_districts(
            collection(
                feature("ring", square(0, 0, 3), square(1, 1)[::-1]),
                feature("east", square(3, 0, 3)),
            )
        )
        found = find_districts([Point(0.5, 0.5), Point(1.5, 1.5), Point(1, 3), Point(1, 5), Point(9, 9)])
        assert [district and district.code for district in found] == ["ring", None, "ring", "east", None]

    def test_the_smallest_wins(self) -> None:
        upsert_districts(collection(feature("city", square(0, 0, 4)), feature("old-town", square(1, 1), parent="city")))
        assert [find_district(Point(lat, 1.5)).code for lat in (1.5, 3.5)] == ["old-town", "city"]  # type: ignore[union-attr]  # found

    def test_a_change_is_seen_at_once_and_costs_one_query(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        upsert_districts(collection(feature("a", square(0, 0))))
        assert find_district(Point(5.5, 5.5)) is None
        upsert_districts(collection(feature("a", square(5, 5))))
        assert find_district(Point(5.5, 5.5)) is not None
        with django_assert_num_queries(1):
            find_districts([Point(5.5, 5.5)] * 100)

    def test_nothing_is_known(self) -> None:
        assert find_district(Point(0, 0)) is None
        assert find_districts([]) == []
        assert light_outlines() == []

    def test_twice_is_once(self) -> None:
        for _time in range(2):
            assert upsert_districts(collection(feature("a", square(0, 0)), feature("b", square(1, 0)))) == 2
        assert District.objects.count() == 2

    @pytest.mark.parametrize(
        ("given_collection", "words"),
        [
            ({}, "FeatureCollection"),
            ([], "FeatureCollection"),
            (collection(), "1 to 1000"),
            (collection("x"), "Feature 1"),
            (collection(feature("", square(0, 0))), "needs a code"),
            (collection(feature("a", square(0, 0)), feature("a", square(1, 0))), "twice in the file: a"),
            (collection(feature("a", [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])), "Self-intersection"),
            (collection(feature("a", [[0, 0], [1, 1]])), "Feature 1 cannot be used"),
            (collection(feature("a", square(200, 0))), "leaves the Earth"),
            (collection(feature("a", [["x", "y"], [1, 1], [2, 2], ["x", "y"]])), "Feature 1 cannot be used"),
            (collection({**feature("a"), "geometry": {"type": "Point", "coordinates": [0, 0]}}), "not a Polygon"),
            (collection({**feature("a"), "geometry": None}), "not a Polygon"),
            (collection({**feature("a"), "properties": 5}), "properties"),
            (collection(feature("a", square(0, 0), parent="z")), "no district z"),
            (collection(feature("a", square(0, 0), parent="a")), "no district a"),
            (collection(feature("a", square(0, 0), name={"en": 5})), "a name is a text"),
            (collection(feature("a", square(0, 0), position="first")), "whole number"),
        ],
    )
    def test_bad_files_say_what_is_wrong_and_store_nothing(self, given_collection: object, words: str) -> None:
        with pytest.raises(Invalid, match=words):
            upsert_districts(given_collection)
        assert not District.objects.exists()

    def test_light_outlines_still_meet(self) -> None:
        wavy = [[1 + (0.001 if step % 2 else 0), step / 20] for step in range(21)]
        upsert_districts(
            collection(
                feature("west", [[0, 0], *wavy, [0, 1], [0, 0]]), feature("east", [[2, 1], *wavy[::-1], [2, 0], [2, 1]])
            )
        )
        (_west, left), (_east, right) = light_outlines(metres=2000)
        assert shapely.get_num_coordinates(left) < 10
        assert left.intersection(right).area == pytest.approx(0, abs=1e-12)
        assert left.union(right).area == pytest.approx(2, abs=0.01)


def test_frame_draws_north_up_and_true_to_scale() -> None:
    area = area_of({"type": "Polygon", "coordinates": [square(-8, 33)]})
    frame = Frame.around([area], width=100, margin=0)
    assert frame.path(area).startswith("M0.0 ")
    assert frame.height == pytest.approx(100 / 0.8339, rel=0.01)
    assert frame.xy(34, -8) == pytest.approx((0, 0))


@pytest.mark.django_db
def test_conditions_in_sql() -> None:
    upsert_districts(collection(*(feature(str(number), square(number, 0), position=number) for number in range(5))))
    rows = District.objects.annotate(lat=Cast(F("position"), FloatField()), lon=-Cast(F("position"), FloatField()))
    assert {row.code for row in in_box(rows, Box(0.5, -3, 3, 0))} == {"1", "2", "3"}
    assert [row.code for row in nearest(rows, Point(3.9, -3.9))][:2] == ["4", "3"]


@pytest.mark.django_db
def test_the_index_is_gist_on_point() -> None:
    index = place_index("spot_place", lat="position", lon="position")
    with connection.schema_editor() as editor:
        assert "USING gist" in str(index.create_sql(District, editor))
        editor.add_index(District, index)
