"""Open311 GeoReport v2, call by call: shapes, filters, refusals, and what must not be seen."""

import argparse
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from meydan.kernel.actor import SYSTEM, VISITOR
from meydan.kernel.clock import now
from meydan.reports import queries
from meydan.reports.actions import (
    accept_report,
    add_note,
    ask_reporter,
    decline_report,
    hide_report,
    issue_api_key,
    keep_demo_key,
    revoke_api_key,
)
from meydan.reports.models import Photo, Report
from meydan.reports.tests.cast import make_city, make_report, publish_photos
from meydan.site.commands import key

pytestmark = pytest.mark.django_db

KEY = "a-key-for-tests"
HOLE = {"api_key": KEY, "service_code": "pothole", "lat": "33.55", "long": "-7.65", "description": "A deep hole"}


@pytest.fixture(autouse=True)
def _city() -> Iterator[None]:
    make_city()
    issue_api_key(SYSTEM, name="tests", key=KEY)
    queries.forget_labels()
    yield
    queries.forget_labels()


def get(path: str, **query: Any) -> Any:
    answer = Client().get(f"/open311/v2/{path}.json", query)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def get_xml(path: str, **query: Any) -> ElementTree.Element:
    answer = Client().get(f"/open311/v2/{path}.xml", query)
    assert answer.status_code == 200, answer.content
    return ElementTree.fromstring(answer.content)


def post(**fields: Any) -> tuple[int, Any]:
    answer = Client().post("/open311/v2/requests.json", {**HOLE, **fields})
    return answer.status_code, json.loads(answer.content)


def numbers(found: list[dict[str, Any]]) -> list[int]:
    return [int(one["service_request_id"]) for one in found]


def file_at(days_ago: float, **values: Any) -> Report:
    report = make_report(VISITOR, **values)
    Report.objects.filter(pk=report.pk).update(filed_at=now() - timedelta(days=days_ago))
    return report


# Discovery and services


def test_discovery_names_the_endpoint_in_both_formats() -> None:
    found = json.loads(Client().get("/open311/discovery.json").content)
    (endpoint,) = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"].endswith("/open311/v2")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    answer = Client().get("/open311/discovery.xml")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "discovery"
    assert root.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == endpoint["formats"]


def test_services_in_the_readers_language() -> None:
    first = get("services")[0]
    assert first == {
        "service_code": "pothole",
        "service_name": "Pothole",
        "description": "",
        "metadata": False,
        "type": "realtime",
        "keywords": "hole, asphalt",
        "group": "",
    } | {"service_code": first["service_code"], "service_name": first["service_name"], "keywords": first["keywords"]}
    by_code = {one["service_code"]: one for one in get("services", lang="ar")}
    assert by_code["pothole"]["service_name"] == "حفرة"
    assert by_code["pothole"]["keywords"] == "حفرة"
    answer = Client().get("/open311/v2/services.json", headers={"Accept-Language": "ar"})
    assert "حفرة" in answer.content.decode()


def test_services_in_xml() -> None:
    root = get_xml("services")
    assert root.tag == "services"
    assert {one.findtext("service_code") for one in root.findall("service")} == {"pothole", "lamp", "abuse", "other"}
    assert {one.findtext("metadata") for one in root.findall("service")} == {"false"}


def test_a_definition_has_a_code_and_attributes() -> None:
    assert get("services/pothole") == {"service_code": "pothole", "attributes": []}
    assert get_xml("services/pothole").findtext("service_code") == "pothole"
    assert Client().get("/open311/v2/services/nothing.xml").status_code == 404


# Filing


def test_a_posted_request_is_public_at_once() -> None:
    status, (made,) = post(email="nadia@example.org", first_name="Nadia", device_id="phone-1")
    assert status == 201
    assert isinstance(made["service_request_id"], str)
    assert "token" not in made
    (found,) = get(f"requests/{made['service_request_id']}")
    assert found["description"] == "A deep hole"
    assert (found["lat"], found["long"]) == (33.55, -7.65)
    report = Report.objects.get(pk=made["service_request_id"])
    assert (report.source, report.origin, report.contact_name) == ("tests", "open311", "Nadia")
    assert report.external["device_id"] == "phone-1"
    assert report.reporter_id is None


def test_nobody_learns_who_sent_it() -> None:
    _status, (made,) = post(email="nadia@example.org", first_name="Nadia", last_name="B", phone="0600000000")
    for form in ("json", "xml"):
        address = f"/open311/v2/requests/{made['service_request_id']}.{form}"
        text = Client().get(address, {"extensions": "true"}).content.decode()
        assert not {"nadia", "0600000000", "Nadia"} & set(text.replace('"', " ").replace("<", " ").split())
        assert "example.org" not in text


def test_a_session_of_the_same_browser_does_not_count() -> None:
    status, (made,) = post()
    assert status == 201
    assert Report.objects.get(pk=made["service_request_id"]).reporter_id is None


def test_xml_answers_a_post_in_xml() -> None:
    answer = Client().post("/open311/v2/requests.xml", HOLE)
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "service_requests"
    assert int(root.findtext("request/service_request_id") or 0) == Report.objects.get().pk


def test_the_same_token_makes_one_report_and_finds_it() -> None:
    token = str(uuid4())
    assert post(token=token) == post(token=token)
    number = str(Report.objects.get().pk)
    assert get(f"tokens/{token}") == [{"service_request_id": number, "token": token}]
    assert Client().get(f"/open311/v2/tokens/{uuid4()}.json").status_code == 404
    assert Client().get("/open311/v2/tokens/abc.json").status_code == 404


def test_an_uploaded_photo_comes_with_it() -> None:
    status, (made,) = post(media=picture())
    assert status == 201
    (found,) = get(f"requests/{made['service_request_id']}")
    assert found["media_url"] is None  # nobody has looked at it yet
    publish_photos(int(made["service_request_id"]))
    (found,) = get(f"requests/{made['service_request_id']}")
    assert found["media_url"].endswith(f"/reports/photos/{Photo.objects.get().pk}/full")


def picture() -> SimpleUploadedFile:
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, "JPEG")
    return SimpleUploadedFile("hole.jpg", drawn.getvalue(), "image/jpeg")


@pytest.mark.parametrize(
    ("fields", "status", "word"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "wrong"}, 403, "api_key"),
        ({"service_code": "nothing"}, 404, "service"),
        ({"service_code": ""}, 400, "service_code"),
        ({"lat": "", "long": ""}, 400, "lat and long"),
        ({"lat": "91"}, 400, "lat"),
        ({"lat": "nan"}, 400, "lat"),
        ({"long": ""}, 400, "together"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"description": "<script>alert(1)</script>"}, 400, "plain text"),
        ({"email": "nobody"}, 400, "e-mail"),
        ({"attribute[COLOUR]": "red"}, 400, "attribute"),
        ({"token": "not-a-uuid"}, 400, "token"),
        ({"media": SimpleUploadedFile("x.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")}, 400, "picture"),
    ],
)
def test_a_refusal_says_what_is_wrong_in_both_formats(fields: dict[str, Any], status: int, word: str) -> None:
    for form in ("json", "xml"):
        if "media" in fields:
            fields["media"].seek(0)
        answer = Client().post(f"/open311/v2/requests.{form}", {**HOLE, **fields})
        assert answer.status_code == status
        errors = errors_in(answer.content, form)
        assert errors[0][0] == status
        assert word in " ".join(text for _code, text in errors)
    assert not Report.objects.exists()


def errors_in(body: bytes, form: str) -> list[tuple[int, str]]:
    if form == "json":
        return [(one["code"], one["description"]) for one in json.loads(body)]
    root = ElementTree.fromstring(body)
    assert root.tag == "errors"
    return [(int(one.findtext("code") or 0), one.findtext("description") or "") for one in root.findall("error")]


def test_refusals_speak_the_readers_language() -> None:
    answer = Client().post("/open311/v2/requests.json?lang=fr", {**HOLE, "api_key": "wrong"})
    assert answer.headers["Content-Language"] == "fr"
    assert answer.status_code == 403


def test_other_methods_bodies_and_addresses_are_refused_in_format() -> None:
    client = Client()
    answer = client.put("/open311/v2/requests.xml")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert client.post("/open311/v2/requests.json", "{}", "application/json").status_code == 415
    for path in ("v2/nothing.json", "v2/requests.csv", "v2/requests/1.csv", "v2/a/b/c.xml"):
        answer = client.get(f"/open311/{path}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith(("text/xml", "application/json")), path


def test_a_body_that_is_no_form_is_refused() -> None:
    broken = Client().post("/open311/v2/requests.json", b"--x\r\n", "multipart/form-data; boundary=")
    assert broken.status_code == 400
    latin = Client().post("/open311/v2/requests.xml", b"a=%e9", "application/x-www-form-urlencoded; charset=latin-1")
    assert latin.status_code == 400
    large = b"a=" + b"x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    assert Client().post("/open311/v2/requests.xml", large, "application/x-www-form-urlencoded").status_code == 413


def test_a_revoked_key_and_a_used_up_one() -> None:
    few = issue_api_key(SYSTEM, name="few", hourly_limit=2)
    assert [post(api_key=few)[0] for _ in range(3)] == [201, 201, 429]
    revoke_api_key(SYSTEM, name="tests")
    assert post()[0] == 403


def test_a_private_kind_can_be_reported_and_is_not_shown() -> None:
    status, (made,) = post(service_code="abuse")
    assert status == 201
    assert "not shown" in made["service_notice"]
    assert get("requests") == []
    assert Client().get(f"/open311/v2/requests/{made['service_request_id']}.json").status_code == 404
    assert get("requests", service_request_id=made["service_request_id"]) == []
    assert get("servicerequestupdates") == []


# Lists


def test_the_list_is_newest_first_and_looks_back_90_days() -> None:
    old, middle, new = file_at(95), file_at(40), file_at(1)
    assert numbers(get("requests")) == [new.pk, middle.pk]
    assert numbers(get("requests", service_request_id=f"{old.pk},{new.pk},999999,abc")) == [new.pk, old.pk]


def test_the_filters() -> None:
    hole, lamp = file_at(10), file_at(5, category="lamp")
    decline_report(SYSTEM, lamp.pk, text="It is not ours.")
    assert numbers(get("requests", service_code="lamp")) == [lamp.pk]
    assert numbers(get("requests", service_code="lamp,pothole")) == [lamp.pk, hole.pk]
    assert numbers(get("requests", status="open")) == [hole.pk]
    assert numbers(get("requests", status="closed")) == [lamp.pk]
    assert numbers(get("requests", status="open,closed")) == [lamp.pk, hole.pk]
    week = (now() - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert numbers(get("requests", start_date=week)) == [lamp.pk]
    assert numbers(get("requests", end_date=week)) == [hole.pk]
    assert get("requests", start_date="2010-01-01T00:00:00Z") == []


def test_a_plus_that_nobody_escaped_is_understood() -> None:
    report = file_at(1)
    start = (now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S")
    answer = Client().get(f"/open311/v2/requests.json?start_date={start}+01:00")
    assert numbers(json.loads(answer.content)) == [report.pk]


def test_pages() -> None:
    made = [file_at(days).pk for days in (1, 2, 3)]
    assert numbers(get("requests", page_size=2)) == made[:2]
    assert numbers(get("requests", page_size=2, page=2)) == made[2:]


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2010-01-01T00:00:00Z", "end_date": "2010-06-01T00:00:00Z"},
        {"start_date": "2010-02-01T00:00:00Z", "end_date": "2010-01-01T00:00:00Z"},
        {"start_date": "yesterday"},
        {"end_date": "2010-13-45"},
        {"start_date": "0001-01-01T00:00:00Z"},
        {"start_date": "9999-12-31T23:59:59Z"},
        {"status": "asleep"},
        {"page_size": "1001"},
        {"page": "0"},
        {"page": "1000", "page_size": "1000"},
        {"page": "x"},
        {"extensions": "true", "page_size": "1000"},
        {"service_code": "x\0"},
    ],
)
def test_a_list_that_cannot_be_is_refused_with_a_reason(query: dict[str, str]) -> None:
    for form in ("json", "xml"):
        answer = Client().get(f"/open311/v2/requests.{form}", query)
        assert answer.status_code == 400
        assert all(len(text) > 15 for _code, text in errors_in(answer.content, form))


def test_a_list_costs_one_query_and_a_history_one_more(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for days in range(5):
        file_at(days)
    queries.labels()
    with django_assert_num_queries(1):
        Client().get("/open311/v2/requests.json")
    with django_assert_num_queries(2):
        Client().get("/open311/v2/requests.json?extensions=true")


# One request


def test_a_request_has_every_element_of_the_specification() -> None:
    report = make_report(VISITOR, address="Boulevard Anfa")
    accept_report(SYSTEM, report.pk, text="We come on Monday.")
    (found,) = get(f"requests/{report.pk}")
    assert found["status"] == "open"
    assert found["status_notes"] == "We come on Monday."
    assert found["agency_responsible"] == "Roads"
    assert found["address"] == "Boulevard Anfa"
    assert found["zipcode"] is None
    assert found["media_url"] is None
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert found[name][-6] in "+-" and found[name][10] == "T"
    root = get_xml(f"requests/{report.pk}")
    assert [one.tag for one in root.find("request") or ()] == list(found)
    assert root.find("request/zipcode") is not None


def test_updated_is_the_closing_once_it_is_closed() -> None:
    report = make_report(VISITOR)
    decline_report(SYSTEM, report.pk, text="Not ours.")
    (found,) = get(f"requests/{report.pk}")
    assert found["status"] == "closed"
    closed = Report.objects.get(pk=report.pk).closed_at
    assert closed is not None
    assert datetime.fromisoformat(found["updated_datetime"]) == closed.replace(microsecond=0)


def test_the_history_holds_public_lines_only() -> None:
    report = make_report(VISITOR)
    add_note(SYSTEM, report.pk, text="The secret plan")
    ask_reporter(SYSTEM, report.pk, text="A private question")
    decline_report(SYSTEM, report.pk, text="Not <b>ours</b> & done")
    (found,) = get(f"requests/{report.pk}", extensions="true")
    assert [one["status"] for one in found["notes"]][-1] == "closed"
    assert found["notes"][-1]["description"] == "Not ours & done"
    assert found["extended_attributes"]["state"] == "declined"
    everything = json.dumps([found, get("servicerequestupdates")])
    assert "secret" not in everything
    assert "private question" not in everything


def test_updates_of_a_span() -> None:
    report = make_report(VISITOR)
    decline_report(SYSTEM, report.pk, text="Not ours.")
    found = get("servicerequestupdates")
    assert found[-1]["description"] == "Not ours."
    assert found[-1]["service_request_id"] == str(report.pk)
    assert get("servicerequestupdates", start_date=(now() + timedelta(hours=1)).isoformat()) == []
    root = get_xml("servicerequestupdates")
    assert root.tag == "service_request_updates"
    assert root.findtext("request_update/service_request_id") == str(report.pk)


def test_a_hidden_report_is_gone_everywhere() -> None:
    report = make_report(VISITOR)
    hide_report(SYSTEM, report.pk, text="It names a person.")
    assert get("requests") == []
    assert get("servicerequestupdates") == []
    assert Client().get(f"/open311/v2/requests/{report.pk}.xml").status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "abc", "-1", "9" * 40, "１"])
def test_a_number_that_is_none(number: str) -> None:
    assert Client().get(f"/open311/v2/requests/{number}.json").status_code == 404


def test_xml_bears_any_letter_that_was_written() -> None:
    report = make_report(VISITOR, description="5 < 6 & 7 > 3 \x0b \x1f ]]> 😀")
    (found,) = get_xml("requests").findall("request")
    assert found.findtext("service_request_id") == str(report.pk)
    assert "5 < 6 & 7 > 3" in (found.findtext("description") or "")


def test_only_reading_is_open_to_other_sites() -> None:
    assert Client().get("/open311/v2/services.json").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in Client().post("/open311/v2/requests.json", HOLE).headers
    assert Client().options("/open311/v2/requests.json").status_code == 405


def test_the_console_issues_lists_and_revokes_keys(capsys: pytest.CaptureFixture[str]) -> None:
    def run_key(*words: str) -> str:
        parser = argparse.ArgumentParser()
        key.add_arguments(parser)
        key.run(parser.parse_args(words))
        said = capsys.readouterr()
        return said.out + said.err

    made = run_key("issue", "app", "--hourly", "5").splitlines()[-1]
    assert post(api_key=made)[0] == 201
    assert "has a key" in run_key("issue", "app")
    assert "app\tsince" in run_key("list")
    run_key("revoke", "app")
    assert post(api_key=made)[0] == 403
    assert "revoked" in run_key("list")
    assert "name" in run_key("issue")


def test_the_demos_key_is_made_once_and_opens_only_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_demo_key(SYSTEM)
    keep_demo_key(SYSTEM)
    assert post(api_key="demo")[0] == 201
    monkeypatch.setattr("meydan.reports.open311.queries.config", lambda: SimpleNamespace(demo=False))
    assert post(api_key="demo")[0] == 403


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_body_that_says_it_is_huge_is_refused_in_format(form: str) -> None:
    answer = Client().post(f"/open311/v2/requests.{form}", HOLE, headers={"Content-Length": str(2 * 1024**3)})
    assert answer.status_code == 413
    assert errors_in(answer.content, form)[0][0] == 413
