"""The pictures that stand for a page elsewhere: every language's letters, joined and in their order."""

import io
from typing import Any

import numpy
import pytest
from PIL import Image, ImageDraw, ImageFont, features

from meydan.kernel.errors import NotFound
from meydan.ui import cards
from meydan.ui.lettering import drawn, joined, runs_to_the_left

NAMES = {
    "ar": "حافلات الدار البيضاء",
    "fa": "اتوبوس‌های مشهد ۱۳۷",
    "fr": "Où est mon bus ? Été à la Médina",
    "tg": "Автобусҳои Душанбе: ғӣқӯҳҷ",
    "en": "Buses of Casablanca",
}
MIXED = (
    "تطبيق Casa Bus 2",
    "Casa Bus (حافلات)",
    "مواقيت 24/7",
    "حافلات (كازا) 3.5",
    "الخط 12 و 15",
    "Bus 12 حافلة",
    "لا إله",
    "سلام‌ها",
)


def pixels(text: str, layout: ImageFont.Layout, direction: str | None = None) -> Image.Image:
    font = ImageFont.truetype(str(cards._FONT), 60, layout_engine=layout)
    picture = Image.new("L", (1400, 120))
    ImageDraw.Draw(picture).text((20, 20), text, fill=255, font=font, direction=direction)
    return picture


@pytest.mark.skipif(not features.check("fribidi"), reason="the judge, FriBidi, is not on this machine")
@pytest.mark.parametrize("text", [*NAMES.values(), *MIXED])
def test_it_is_drawn_as_fribidi_and_harfbuzz_draw_it(text: str) -> None:
    """As wide, and ink in the same places, but for a pixel of kerning here and there. Letters apart, or in reading
    order, agree by less than 0.4."""
    to_the_left = runs_to_the_left(text)
    judge = pixels(text, ImageFont.Layout.RAQM, "rtl" if to_the_left else "ltr")
    ours = pixels(drawn(text, to_the_left=to_the_left), ImageFont.Layout.BASIC)
    widths = [box[2] - box[0] for picture in (ours, judge) if (box := picture.getbbox())]
    assert widths[0] == pytest.approx(widths[1], rel=0.02)
    assert numpy.corrcoef(ink_of(ours), ink_of(judge))[0, 1] > 0.97


def ink_of(picture: Image.Image) -> Any:
    """How much ink lies in each part of its width, a little smoothed."""
    narrow = picture.crop(picture.getbbox()).resize((80, 1), Image.Resampling.BOX)
    return numpy.convolve(numpy.frombuffer(narrow.tobytes(), dtype=numpy.uint8).astype(float), [1 / 3] * 3, "same")


def test_letters_are_joined() -> None:
    assert joined("بيت") == "\ufe91\ufef4\ufe96"
    assert joined("سلام") == "\ufeb3\ufefc\ufee1"
    assert joined("دار") == "\ufea9\ufe8d\ufead"
    assert joined("ها‌ی") == "\ufeeb\ufe8e\ufbfc"
    assert joined("مَدِينَة") == joined("مدينة")


def test_order() -> None:
    assert drawn("abc 12", to_the_left=False) == "abc 12"
    assert drawn("אב 12 ג", to_the_left=True) == "ג 12 בא"
    assert drawn("אב (גד) 3.5", to_the_left=True) == "3.5 (דג) בא"
    assert drawn("bus אב, גד now", to_the_left=False) == "bus דג ,בא now"
    assert drawn("", to_the_left=True) == ""


@pytest.mark.parametrize("language", NAMES)
def test_every_letter_is_in_the_font(language: str) -> None:
    font = ImageFont.truetype(str(cards._FONT), 60)
    missing = font.getmask("\U000f0000").getbbox(), bytes(font.getmask("\U000f0000"))
    shown = {one for one in drawn(NAMES[language], to_the_left=False) if not one.isspace()}
    assert not [one for one in shown if (font.getmask(one).getbbox(), bytes(font.getmask(one))) == missing]


@pytest.mark.parametrize(("name", "at_end"), [(NAMES["ar"], True), (NAMES["fr"], False)])
def test_what_runs_to_the_left_begins_at_the_right(name: str, at_end: bool) -> None:
    picture = Image.open(io.BytesIO(cards.draw_card(name, "Casablanca")))
    assert picture.format == "PNG"
    assert picture.size == (cards.WIDTH, cards.HEIGHT)
    icon = picture.getpixel((cards.WIDTH - 200 if at_end else 200, 180))
    empty = picture.getpixel((40 if at_end else cards.WIDTH - 40, 180))
    assert empty == (0xFB, 0xFA, 0xF7)
    assert icon != empty


@pytest.mark.parametrize("name", ["word " * 60, "x" * 400, "كلمة " * 60, "ل" * 300, ""])
def test_no_name_runs_over_the_edge(name: str) -> None:
    picture = Image.open(io.BytesIO(cards.draw_card(name, "City " * 30))).convert("RGB")
    ground, band = (0xFB, 0xFA, 0xF7), (0x0B, 0x66, 0x60)
    for across in (20, cards.WIDTH - 20):
        column = {picture.getpixel((across, down)) for down in range(cards.HEIGHT)}
        assert column == {ground, band}


@pytest.mark.django_db
def test_it_is_kept_for_a_day_and_speaks_our_languages() -> None:
    answer = cards.serve_card("Casa Bus", "ar")
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "public, max-age=86400"
    with pytest.raises(NotFound):
        cards.serve_card("Casa Bus", "de")
