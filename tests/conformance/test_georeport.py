"""A real client of GeoReport v2, `georeport` from PyPI, against a live server; and the facts of open311's own JSON
schemas (open311/schema-validation, georeport-v2) as assertions of ours."""

import ipaddress
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from georeport import GeoReport  # type: ignore[import-untyped]  # it has no type stubs
from procrastinate.contrib.django.models import ProcrastinateJob

from meydan.kernel import fetch as fetch_module
from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.clock import now
from meydan.kernel.tests.pictures import make_phone_photo, make_svg
from meydan.reports import queries
from meydan.reports.actions import decline_report, issue_api_key
from meydan.reports.models import Photo, Report
from meydan.reports.reactions import bring_the_picture, fetch_picture
from meydan.reports.tests.cast import filed_fact, make_city, make_report

pytestmark = pytest.mark.django_db

KEY = "a-key-for-tests"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
TEXTS = ("service_code", "service_request_id")
MAYBE_TEXTS = (
    "status_notes",
    "service_name",
    "description",
    "agency_responsible",
    "service_notice",
    "address",
    "address_id",
    "zipcode",
    "media_url",
)


@pytest.fixture
def server(live_address: str) -> Iterator[str]:
    make_city()
    issue_api_key(SYSTEM, name="tests", key=KEY)
    queries.forget_labels()
    yield f"{live_address}/open311/v2"
    queries.forget_labels()


def client(server: str, form: str) -> GeoReport:
    return GeoReport(server, output_format=form, api_key=KEY)


def scene() -> tuple[Report, Report]:
    """An open report and a closed one; georeport's XML needs two to make a list."""
    hole = make_report(VISITOR, address="Boulevard Anfa & “Corner”")
    lamp = make_report(VISITOR, category="lamp", description="Dark since <Monday>")
    decline_report(SYSTEM, lamp.pk, text="The lamp is not the city's.")
    return hole, lamp


def check_service(one: Mapping[str, Any]) -> None:
    assert {"service_code", "service_name", "metadata", "type"} <= set(one)
    assert isinstance(one["metadata"], bool)
    assert one["type"] in {"realtime", "batch", "blackbox"}
    assert all(one[name] is None or isinstance(one[name], str) for name in ("description", "keywords", "group"))


def check_request(one: Mapping[str, Any]) -> None:
    assert all(isinstance(one[name], str) for name in TEXTS)
    assert one["status"] in {"open", "closed"}
    assert all(one[name] is None or isinstance(one[name], str) for name in MAYBE_TEXTS)
    assert len(one["description"] or "") <= 4000
    assert all(one[name] is None or isinstance(one[name], float) for name in ("lat", "long"))
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert datetime.fromisoformat(one[name]).tzinfo is not None


def test_services(server: str) -> None:
    in_json, in_xml = (client(server, form).get_service_list() for form in ("json", "xml"))
    for one in in_json:
        check_service(one)
    assert [one["service_code"] for one in in_json] == [one["service_code"] for one in in_xml]
    assert [one["service_name"] for one in in_json] == [one["service_name"] for one in in_xml]
    assert {one["metadata"] for one in in_xml} == {"false"}


def test_definitions(server: str) -> None:
    assert client(server, "json").get_service_definition("pothole") == {"service_code": "pothole", "attributes": []}
    assert client(server, "xml").get_service_definition("pothole") == {"service_code": "pothole", "attributes": None}


def test_lists_in_both_formats_say_the_same(server: str) -> None:
    hole, lamp = scene()
    in_json = client(server, "json").get_service_requests()
    in_xml = client(server, "xml").get_service_requests()
    assert [one["service_request_id"] for one in in_json] == [str(lamp.pk), str(hole.pk)]
    for one, same in zip(in_json, in_xml, strict=True):
        check_request(one)
        assert {key: None if value is None else str(value) for key, value in one.items()} == same


@pytest.mark.parametrize("form", ["json", "xml"])
def test_filters(server: str, form: str) -> None:
    hole, lamp = scene()
    asked = client(server, form)

    def numbers(**filters: str) -> list[str]:
        found = asked.get_service_requests(**filters)
        return [one["service_request_id"] for one in (found if isinstance(found, list) else [found])]

    assert numbers(status="open") == [str(hole.pk)]
    assert numbers(status="closed") == [str(lamp.pk)]
    assert numbers(service_code="lamp") == [str(lamp.pk)]
    assert numbers(service_request_id=f"{hole.pk},{lamp.pk}") == [str(lamp.pk), str(hole.pk)]
    week = (now() - timedelta(days=7)).isoformat()
    assert numbers(start_date=week, end_date=now().isoformat()) == [str(lamp.pk), str(hole.pk)]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_one_request(server: str, form: str) -> None:
    hole, lamp = scene()
    found = client(server, form).get_service_request(str(lamp.pk))
    assert found["status"] == "closed"
    assert found["status_notes"] == "The lamp is not the city's."
    assert found["description"] == "Dark since"
    assert client(server, form).get_service_request(str(hole.pk))["address"] == "Boulevard Anfa & “Corner”"


# Filing with a photo's address: the client sends a form, as the specification says


class Pictures(BaseHTTPRequestHandler):
    """`/photo.jpg` is a phone's photo, `/evil.svg` is none."""

    def do_GET(self) -> None:
        body = make_phone_photo() if self.path == "/photo.jpg" else make_svg()
        self.send_response(503 if self.server.broken else 200)  # type: ignore[attr-defined]  # set by the fixture
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A server of pictures on loopback, which the operator has listed for these tests alone."""
    listed = SimpleNamespace(fetch_private=(ipaddress.ip_network("127.0.0.0/8"),))
    monkeypatch.setattr(fetch_module, "config", lambda: listed)
    httpd = HTTPServer(("127.0.0.1", 0), Pictures)
    httpd.broken = False  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,))
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def file_with(server: str, address: str) -> dict[str, Any]:
    fields = {
        "api_key": KEY,
        "service_code": "pothole",
        "lat": "33.55",
        "long": "-7.65",
        "description": "A hole with a photo",
        "media_url": address,
    }
    with urllib3.PoolManager() as web:
        answer = web.request("POST", f"{server}/requests.json", body=urlencode(fields), headers=FORM)
    assert answer.status == 201, answer.data
    (made,) = json.loads(answer.data)
    return dict(made)


def test_a_photo_by_address_is_there_at_once(server: str, pictures: HTTPServer) -> None:
    made = file_with(server, f"http://127.0.0.1:{pictures.server_port}/photo.jpg")
    for form in ("json", "xml"):
        found = client(server, form).get_service_request(made["service_request_id"])
        assert found["description"] == "A hole with a photo"
        assert found["media_url"].endswith("/full")


def test_what_is_no_picture_is_left_out_and_said(server: str, pictures: HTTPServer) -> None:
    made = file_with(server, f"http://127.0.0.1:{pictures.server_port}/evil.svg")
    assert "not a picture" in made["service_notice"]
    assert client(server, "json").get_service_request(made["service_request_id"])["media_url"] is None


def test_a_photo_that_is_late_is_fetched_by_the_worker(server: str, pictures: HTTPServer) -> None:
    pictures.broken = True  # type: ignore[attr-defined]  # read by the handler
    made = file_with(server, f"http://127.0.0.1:{pictures.server_port}/photo.jpg")
    assert "follows" in made["service_notice"]
    pictures.broken = False  # type: ignore[attr-defined]  # read by the handler
    bring_the_picture(filed_fact(Report.objects.get(pk=made["service_request_id"])))
    (job,) = ProcrastinateJob.objects.filter(task_name="reports.fetch_picture")
    for _again in range(2):
        fetch_picture(**job.args)
    assert Photo.objects.count() == 1
    found = client(server, "json").get_service_request(made["service_request_id"])
    assert found["media_url"].endswith("/full")


def test_a_private_address_is_never_asked(server: str) -> None:
    made = file_with(server, "http://127.0.0.1:8000/photo.jpg")
    assert "cannot be reached" in made["service_notice"]
