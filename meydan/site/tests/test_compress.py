"""Texts are compressed, once, and only for those who take it."""

import gzip

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
from django.http import FileResponse, HttpResponse
from django.test import Client, RequestFactory

from meydan.site.compress import Compress

WORDS = "street lamp " * 200


def answer(response: HttpResponse, accepted: str) -> HttpResponse:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepted})
    return Compress(lambda _request: response)(request)


def test_brotli_before_gzip() -> None:
    response = answer(HttpResponse(WORDS), "gzip, deflate, br")
    assert response["Content-Encoding"] == "br"
    assert brotli.decompress(response.content).decode() == WORDS
    assert response["Content-Length"] == str(len(response.content))
    assert "Accept-Encoding" in response["Vary"]


def test_gzip_for_those_without_brotli() -> None:
    response = answer(HttpResponse(WORDS), "gzip")
    assert gzip.decompress(response.content).decode() == WORDS


def test_a_strong_tag_becomes_weak() -> None:
    assert answer(HttpResponse(WORDS, headers={"ETag": '"a"'}), "br")["ETag"] == 'W/"a"'


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        HttpResponse(WORDS, content_type="image/jpeg"),
        HttpResponse(WORDS, headers={"Content-Encoding": "br"}),
        HttpResponse(WORDS, status=206),
        FileResponse([WORDS.encode()], content_type="text/csv"),
    ],
)
def test_the_rest_passes(response: HttpResponse) -> None:
    before = response.get("Content-Encoding")
    assert answer(response, "br, gzip").get("Content-Encoding") == before


def test_nobody_gets_what_they_did_not_ask_for() -> None:
    assert not answer(HttpResponse(WORDS), "identity").has_header("Content-Encoding")


def test_the_first_page_is_small_and_brings_its_sheet() -> None:
    first = Client().get("/offline", headers={"Accept-Encoding": "br"})
    assert len(first.content) < 12_000
    page = brotli.decompress(first.content).decode()
    assert "<style>@layer" in page and 'rel="prefetch"' in page
    second = Client().get("/offline", headers={"Accept-Encoding": "br", "Sec-Fetch-Site": "same-origin"})
    page = brotli.decompress(second.content).decode()
    assert "<style>@layer" not in page and 'rel="stylesheet"' in page
    assert len(second.content) < 5_000
