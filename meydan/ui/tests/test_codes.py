"""Codes for a camera: what a reader sees in them."""

import re

import cv2
import numpy
import pytest

from meydan.ui.codes import qr_code

RUN = re.compile(r"M(\d+),(\d+)h(\d+)v1h-(\d+)z")
ADDRESSES = [
    "https://meydan.example/id/paper/7F3K-22QP",
    "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fmeydan.example%2Fid%2Foffers%2F" + "aZ3_" * 11,
    "openid4vp://?client_id=x509_hash%3A" + "Qx7-" * 11 + "&request_uri=https%3A%2F%2Fmeydan.example%2Fverify%2F9",
    "https://meydan.example/?a=" + "four-words-of-somebody/" * 15,
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("pixels", [3, 8])
def test_a_reader_finds_the_address_in_the_drawing(address: str, pixels: int) -> None:
    picture = numpy.kron(_drawn(qr_code(address)), numpy.ones((pixels, pixels), numpy.uint8))
    text, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(picture)
    assert text == address


def test_a_module_is_as_large_as_was_asked_for() -> None:
    side = len(_drawn(qr_code("https://meydan.example/")))
    assert f'width="{side * 1.6:g}mm" height="{side * 1.6:g}mm"' in qr_code("https://meydan.example/", module=16)


def test_around_it_is_a_quiet_zone_of_four_modules() -> None:
    drawn = _drawn(qr_code("https://meydan.example/"))
    assert (drawn[:4] == 255).all() and (drawn[:, :4] == 255).all() and (drawn[4:11, 4] == 0).all()
    assert (drawn[-4:] == 255).all() and (drawn[:, -4:] == 255).all()


def _drawn(svg: str) -> "numpy.typing.NDArray[numpy.uint8]":
    """A pixel for each module, as its runs say."""
    side = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert side
    picture = numpy.full((int(side[1]), int(side[1])), 255, numpy.uint8)
    for x, y, length, back in RUN.findall(svg):
        assert length == back and (picture[int(y), int(x) : int(x) + int(length)] == 255).all()
        picture[int(y), int(x) : int(x) + int(length)] = 0
    return picture
