"""Visitors are given the same page until something is committed, and nobody is given another's."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from meydan.site import visitors
from meydan.site.visitors import MAX_BYTES, MAX_PAGES, SamePages

Answer = Callable[[HttpRequest], HttpResponse]


@pytest.fixture
def snapshot(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database says it sees."""
    now = ["1:1:"]
    monkeypatch.setattr(visitors, "snapshot_now", lambda: now[0])
    return now


def counting(change: Callable[[HttpResponse], object] = lambda _response: None) -> Answer:
    """A page that says how often it was made."""
    made = []

    def answer(request: HttpRequest) -> HttpResponse:
        made.append(request)
        response = HttpResponse(f"page {len(made)}")
        change(response)
        return response

    return answer


def get(house: SamePages, rf: RequestFactory, path: str = "/", **headers: str) -> str:
    request = rf.get(path, headers=headers)
    return house(request).content.decode()


@pytest.mark.usefixtures("snapshot")
def test_the_same_page_is_made_once(rf: RequestFactory) -> None:
    house = SamePages(counting())
    assert [get(house, rf), get(house, rf)] == ["page 1", "page 1"]


def test_what_is_committed_shows_at_once(rf: RequestFactory, snapshot: list[str]) -> None:
    house = SamePages(counting())
    get(house, rf)
    snapshot[0] = "1:2:"
    assert get(house, rf) == "page 2"


@pytest.mark.usefixtures("snapshot")
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/?state=open", {}),
        ("/", {"Accept-Language": "ar"}),
        ("/", {"Accept-Encoding": "br"}),
        ("/", {"Save-Data": "on"}),
        ("/", {"Sec-Fetch-Site": "same-origin"}),
        ("/", {"Cookie": "language=fa"}),
    ],
)
def test_another_reader_gets_another_page(rf: RequestFactory, path: str, headers: dict[str, str]) -> None:
    house = SamePages(counting())
    get(house, rf)
    assert get(house, rf, path, **headers) == "page 2"


@pytest.mark.usefixtures("snapshot")
@pytest.mark.parametrize("cookie", ["sessionid=x", "cases=report:1", "language=ar; sessionid=x"])
def test_who_brings_a_cookie_is_nobodys_like(rf: RequestFactory, cookie: str) -> None:
    house = SamePages(counting())
    get(house, rf)
    assert [get(house, rf, Cookie=cookie), get(house, rf, Cookie=cookie)] == ["page 2", "page 3"]


@pytest.mark.usefixtures("snapshot")
@pytest.mark.parametrize(
    "change",
    [
        lambda response: response.set_cookie("csrftoken", "x"),
        lambda response: setattr(response, "status_code", 404),
        lambda response: setattr(response, "content", b"x" * (MAX_BYTES + 1)),
    ],
    ids=["cookie", "status", "size"],
)
def test_some_pages_are_not_kept(rf: RequestFactory, change: Callable[[HttpResponse], Any]) -> None:
    house = SamePages(counting(change))
    get(house, rf)
    get(house, rf)
    assert not house.pages


@pytest.mark.usefixtures("snapshot")
@pytest.mark.parametrize("path", ["/reports/new", "/accounts/login/", "/nowhere"])
def test_pages_that_do_not_say_so_are_made_each_time(rf: RequestFactory, path: str) -> None:
    house = SamePages(counting())
    assert [get(house, rf, path), get(house, rf, path)] == ["page 1", "page 2"]


@pytest.mark.usefixtures("snapshot")
def test_what_is_kept_is_bounded(rf: RequestFactory) -> None:
    house = SamePages(counting())
    for number in range(MAX_PAGES + 5):
        get(house, rf, f"/?before={number}")
    assert len(house.pages) == MAX_PAGES


@pytest.mark.django_db
def test_inside_a_transaction_nothing_is_kept() -> None:
    assert visitors.snapshot_now() is None


@pytest.mark.django_db
def test_a_snapshot_changes_with_every_commit_of_another() -> None:
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True, "cursor_factory": None}) as other:
        look = "select pg_current_snapshot()::text"
        first = other.execute(look).fetchone()
        assert other.execute(look).fetchone() == first
        other.execute("create temporary table something as select 1")
        assert other.execute(look).fetchone() != first
