"""Middleware: visitors who ask for the same page are given the same bytes, for as long as nothing was committed.

Each request asks the database for its snapshot (one short query): the names of all transactions that it can see. Two
equal snapshots see the same rows, so a page that was made under this one is exactly as fresh as one made now: a report
is on the public list with the next request. What the page says of the time ("an hour ago") ages by MAX_SECONDS at most.

Only pages that say so themselves (`kernel.http.same_for_visitors`) are kept, and only for requests without any cookie
but that of the language.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

Next = Callable[[HttpRequest], HttpResponse]
Key = tuple[str, ...]
MAX_SECONDS = 30.0
MAX_PAGES = 512
MAX_BYTES = 64 * 1024
MAX_KEY = 2_000
HEADERS = ("HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_SAVE_DATA", "HTTP_SEC_FETCH_SITE")


@dataclass(frozen=True)
class Kept:
    """A page as it went out, and what it was made from."""

    snapshot: str
    until: float
    body: bytes
    headers: tuple[tuple[str, str], ...]

    def response(self) -> HttpResponse:
        """The page again."""
        response = HttpResponse(self.body)
        for name, value in self.headers:
            response[name] = value
        return response


class SamePages:
    """Keeps the last MAX_PAGES pages of this process."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.pages: OrderedDict[Key, Kept] = OrderedDict()
        self.lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = key_of(request)
        snapshot = snapshot_now() if key else None
        if key is None or snapshot is None:
            return self.get_response(request)
        if (kept := self.pages.get(key)) and kept.snapshot == snapshot and kept.until > time.monotonic():
            return kept.response()
        response = self.get_response(request)
        if may_keep(response):
            self._keep(key, snapshot, response)
        return response

    def _keep(self, key: Key, snapshot: str, response: HttpResponse) -> None:
        kept = Kept(snapshot, time.monotonic() + MAX_SECONDS, response.content, tuple(response.items()))
        with self.lock:
            self.pages[key] = kept
            self.pages.move_to_end(key)
            while len(self.pages) > MAX_PAGES:
                self.pages.popitem(last=False)


def key_of(request: HttpRequest) -> Key | None:
    """All of a visitor's request that a page may depend on; None for anybody else, and for any other page."""
    if request.method != "GET" or not request.COOKIES.keys() <= {settings.LANGUAGE_COOKIE_NAME}:
        return None
    if not is_same_for_visitors(request.path_info):
        return None
    key = (
        request.get_host(),
        request.get_full_path(),
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""),
        *(request.META.get(name, "") for name in HEADERS),
    )
    return key if sum(map(len, key)) <= MAX_KEY else None


def is_same_for_visitors(path: str) -> bool:
    """Whether the page at this path says so."""
    try:
        return getattr(resolve(path).func, "same_for_visitors", False)
    except Resolver404:
        return False


def snapshot_now() -> str | None:
    """The names of the transactions that a query would see now. None when the database cannot say, and inside a
    transaction: what that has written itself does not show."""
    if connection.in_atomic_block:
        return None
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_snapshot()::text")
            return str(cursor.fetchone()[0])
    except DatabaseError:
        return None


def may_keep(response: HttpResponse) -> bool:
    """Whether it is the page itself, whole and of a bounded size, and nothing made it one reader's own."""
    return (
        response.status_code == 200
        and not response.cookies
        and not response.streaming
        and len(response.content) <= MAX_BYTES
    )
