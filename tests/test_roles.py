"""Every address x every role: the answer that each gets, in one table. An address that is missing here fails."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from meydan.reports.models import Report
from meydan.site import health
from tests.role_scene import Scene, set_scene
from tests.role_table import BODIES, ROLES, TABLE


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    path: str
    method: str
    answers: tuple[str, ...]


def read_rows() -> list[Row]:
    """The lines of the table; a line with one answer means that answer for everybody."""
    rows = []
    for line in TABLE.strip().splitlines()[1:]:
        path, method, *answers = line.split() or ["", ""]
        if not path or path.startswith("#"):
            continue
        answers = answers * len(ROLES) if len(answers) == 1 else answers
        assert len(answers) == len(ROLES), line
        rows.append(Row(path, method, tuple(answers)))
    return rows


ROWS = read_rows()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _long_since_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house that has just started waits for its worker; this one has none, and says so, whatever ran before."""
    monkeypatch.setattr(health, "STARTING_SECONDS", 0.0)


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """The city and its cast, set once, and gone after the last row."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield set_scene()
        transaction.set_rollback(True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_everybody_gets_what_the_table_says(scene: Scene, row: Row) -> None:
    got = {role: ask(scene, role, row.method, row.path) for role in ROLES}
    assert got == dict(zip(ROLES, row.answers, strict=True))


def ask(scene: Scene, role: str, method: str, path: str) -> str:
    """One request of one person, which leaves no trace."""
    client = scene.clients[role]
    cookies = client.cookies.output(header="")
    with transaction.atomic():
        answer = _send(client, method, path.format_map(scene.examples), _body(scene, f"{method} {path}"))
        told = _in_a_word(answer)
        if answer.streaming:
            deque(answer.streaming_content, maxlen=0)  # read to its end, a file is closed
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return told


def _body(scene: Scene, name: str) -> Any:
    body = BODIES.get(name, {})
    if isinstance(body, str):
        return body
    return {key: value.format_map(scene.examples) for key, value in body.items()}


def _send(client: Client, method: str, path: str, body: Any) -> Any:
    if isinstance(body, str):
        return client.generic(method, path, body, content_type="application/json")
    if method == "POST":
        return client.post(path, body)
    return client.generic(method, path)


def _in_a_word(answer: Any) -> str:
    """The status; for the two redirects that are refusals, where they lead."""
    target = answer.headers.get("Location", "")
    if target.startswith("/accounts/login/?"):
        return "login"
    return "again" if target.startswith("/accounts/reauthenticate/") else str(answer.status_code)


def list_patterns(patterns: Any, before: str = "") -> Iterator[str]:
    """Every address of the server as Django writes it down."""
    for pattern in patterns:
        address = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from list_patterns(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address


def test_no_address_is_missing(scene: Scene) -> None:
    named = {resolve(row.path.partition("?")[0].format_map(scene.examples)).route for row in ROWS}
    missing = sorted(set(list_patterns(get_resolver().url_patterns)) - named)
    assert not missing, "say in tests/role_table.py who gets what at: " + ", ".join(missing)


UNASKED = (
    *("/api/", "/open311/", "/language", "/oauth/register", "/oauth/device", "/oauth/token", "/oauth/revoke"),
    *("/id/push", "/id/token", "/id/nonce", "/id/credential", "/id/deferred", "/id/notification", "/verify/answers/"),
    "/id/connect/",  # a form of a relying party's page becomes an address there; the person's answer has its token
)
"""Doors that act on nobody's cookies, or take JSON only."""
JSON_ONLY = "/card"
POSTS = [
    row
    for row in ROWS
    if row.method == "POST" and not row.path.startswith(UNASKED) and not row.path.endswith(JSON_ONLY)
]


@pytest.mark.parametrize("row", POSTS, ids=lambda row: row.path)
def test_no_form_is_taken_without_its_token(scene: Scene, row: Row) -> None:
    """Another site cannot act with somebody's cookies; the administrator's, as they open most."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = SimpleCookie(scene.clients["admin"].cookies.output(header=""))
    assert client.post(row.path.format_map(scene.examples), {}).status_code in (403, 404, 405)


def test_the_programs_doors_take_no_form(scene: Scene) -> None:
    """What is exempt from the token takes JSON only, which no other site can send: a form counts as nothing."""
    before = Report.objects.count()
    answer = scene.clients["reporter"].post("/api/reports", dict(json.loads(str(BODIES["POST /api/reports"]))))
    assert answer.status_code == 422
    assert Report.objects.count() == before
    card = "/reports/{asked}/card".format_map(scene.examples)
    assert scene.clients["reporter"].post(card, {"verb": "answer", "text": "x"}).status_code == 422
