"""The place that a photo knows, taken where its sender agrees, by the form without scripts."""

import io

import pytest
from django.test import Client

from meydan.kernel.imaging import place_in
from meydan.kernel.tests.pictures import make_phone_photo, make_picture
from meydan.reports.models import Report
from meydan.reports.tests.cast import make_city
from meydan.reports.tests.test_pages import form

pytestmark = pytest.mark.django_db


def phone_photo() -> io.BytesIO:
    body = io.BytesIO(make_phone_photo())
    body.name = "street.jpg"
    return body


def test_what_a_photo_knows() -> None:
    point = place_in(phone_photo())
    assert point is not None
    assert (round(point.lat, 4), round(point.lon, 4)) == (33.5731, -7.5897)
    assert place_in(io.BytesIO(make_picture())) is None
    assert place_in(io.BytesIO(b"no picture")) is None


@pytest.mark.parametrize(("agreed", "expected"), [({"place_from_photo": "on"}, True), ({}, False)])
def test_only_where_the_sender_agrees(client: Client, agreed: dict[str, str], expected: bool) -> None:
    make_city()
    answer = client.post("/reports/new", form(photo=phone_photo(), **agreed))
    assert answer.status_code == 302
    assert (Report.objects.get().point is not None) is expected


def test_a_chosen_place_wins(client: Client) -> None:
    make_city()
    client.post("/reports/new", form(photo=phone_photo(), place_from_photo="on", lat="33.59", lon="-7.61"))
    assert Report.objects.get().lat == 33.59
