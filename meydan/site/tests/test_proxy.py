"""Whose address counts: the reader's, as the city's own proxy names it, and nobody else's word for it."""

import ipaddress

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from meydan.site.proxy import BehindProxy


def seen(rf: RequestFactory, came_from: str, **headers: str) -> HttpRequest:
    """The request as the views see it."""
    requests: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return HttpResponse()

    house = BehindProxy(view)
    house.trusted = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))
    house(rf.get("/", REMOTE_ADDR=came_from, headers=headers))
    return requests[0]


@pytest.mark.parametrize(
    ("came_from", "forwarded", "reader"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("::1", "198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "<script>", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_readers_address(rf: RequestFactory, came_from: str, forwarded: str, reader: str) -> None:
    assert seen(rf, came_from, **{"X-Forwarded-For": forwarded}).META["REMOTE_ADDR"] == reader


def test_the_scheme_is_the_proxys_word(rf: RequestFactory) -> None:
    assert seen(rf, "10.0.0.1", **{"X-Forwarded-Proto": "https"}).is_secure()
    assert not seen(rf, "203.0.113.9", **{"X-Forwarded-Proto": "https"}).is_secure()
