"""Cards: the pictures that stand for a page where its link is shared (Open Graph): a name, an icon, and the city.

They are drawn here: no page of ours has one from somewhere else.
"""

import io
import re
from functools import cache, lru_cache
from pathlib import Path

from django.http import HttpResponse
from PIL import Image, ImageDraw, ImageFont

from meydan.kernel.city import this_city
from meydan.kernel.errors import NotFound
from meydan.kernel.files import open_file
from meydan.kernel.i18n import LANGUAGES, text_of
from meydan.ui.lettering import drawn, runs_to_the_left

WIDTH, HEIGHT = 1200, 630
"""Pixels, as link previews cut them."""
_SECONDS = 24 * 3600
_MARGIN, _ICON, _BAND, _MARK = 84, 260, 132, 68
_GROUND, _INK, _BAND_COLOUR, _ON_BAND = "#fbfaf7", "#17211f", "#0b6660", "#ffffff"  # the tokens of the light scheme
_SIZES = (88, 76, 64, 54)
_LINES = 4
_SHARP = 4
_STATIC = Path(__file__).with_name("static") / "ui"
_FONT = Path(__file__).with_name("fonts") / "names.woff2"


def serve_card(name: str, language: str, *, icon: str = "") -> HttpResponse:
    """The card of what has this name, with the city's in `language`, and an icon (a StoredFile's SHA-256) or the city's
    star. For public things alone: anybody may keep it for a day. Raises `NotFound` for a language that is not ours."""
    if language not in LANGUAGES:
        raise NotFound
    response = HttpResponse(draw_card(name, text_of(this_city().name, language), icon), content_type="image/png")
    response["Cache-Control"] = f"public, max-age={_SECONDS}"
    return response


@lru_cache(maxsize=128)
def draw_card(name: str, city: str, icon: str = "") -> bytes:
    """A PNG of `WIDTH` by `HEIGHT`; what runs to the left stands at the right. The last ones are kept: each costs some
    50 ms of CPU."""
    card = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    pen = ImageDraw.Draw(card)
    pen.rectangle((0, HEIGHT - _BAND, WIDTH, HEIGHT), fill=_BAND_COLOUR)
    middle = (HEIGHT - _BAND) // 2
    to_the_left = runs_to_the_left(name)
    _put(card, _picture(icon) if icon else _star(), _ICON, middle, at_end=to_the_left)
    beside = _MARGIN + _ICON + _MARGIN // 2
    _write(pen, name, beside, middle, ink=_INK, to_the_left=to_the_left)
    city_to_the_left = runs_to_the_left(city)
    foot = HEIGHT - _BAND // 2
    _put(card, _star(), _MARK, foot, at_end=city_to_the_left)
    _write(pen, city, _MARGIN + _MARK + 24, foot, ink=_ON_BAND, to_the_left=city_to_the_left, sizes=(46, 38), most=1)
    target = io.BytesIO()
    card.save(target, "PNG", optimize=True)
    return target.getvalue()


def _picture(icon: str) -> Image.Image:
    with open_file(icon) as file:
        return Image.open(file).convert("RGBA")


@cache
def _star() -> Image.Image:
    return Image.open(_STATIC / "icon-512.png").convert("RGBA")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONT), size, layout_engine=ImageFont.Layout.BASIC)


def _put(card: Image.Image, picture: Image.Image, side: int, middle: int, *, at_end: bool) -> None:
    """A square with round corners at the line's beginning, its middle at this height."""
    square = picture.resize((side, side), Image.Resampling.LANCZOS)
    corners = Image.new("L", (side * _SHARP, side * _SHARP), 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, *corners.size), radius=side * _SHARP // 5, fill=255)
    mask = Image.composite(square.getchannel("A"), Image.new("L", (side, side), 0), corners.resize((side, side)))
    across = WIDTH - _MARGIN - side if at_end else _MARGIN
    card.paste(square, (across, middle - side // 2), mask)


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    beside: int,
    middle: int,
    *,
    ink: str,
    to_the_left: bool,
    sizes: tuple[int, ...] = _SIZES,
    most: int = _LINES,
) -> None:
    """The text as large as it fits into `most` lines between what stands at their beginning and the margin."""
    room = WIDTH - beside - _MARGIN
    size, lines = _fitted(text, room, sizes, most)
    leading = round(size * 1.35)
    across = WIDTH - beside if to_the_left else beside
    top = middle - leading * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        shown = drawn(line, to_the_left=to_the_left)
        pen.text(
            (across, top + number * leading), shown, fill=ink, font=_font(size), anchor="rm" if to_the_left else "lm"
        )


def _fitted(text: str, room: int, sizes: tuple[int, ...], most: int) -> tuple[int, list[str]]:
    """The largest size in which the text needs no more lines than there are, and no word is broken; in the smallest it
    is cut."""
    for size in sizes:
        lines = _wrapped(text, room, size)
        if len(lines) <= most and all(_width(line, size) <= room for line in lines):
            return size, lines
    size = sizes[-1]
    lines = [_cut(line, room, size) for line in _wrapped(text, room, size)]
    return size, [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), room, size)] if len(lines) > most else lines


def _wrapped(text: str, room: int, size: int) -> list[str]:
    lines: list[str] = []
    for word in re.split(r"[ \t\r\n]+", text.strip()):  # not where a space says: no break here
        if lines and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _cut(line: str, room: int, size: int) -> str:
    """What of a line there is room for, with a sign that more was there."""
    while line and _width(line, size) > room:
        line = line.removesuffix("…")[:-1].rstrip() + "…"
    return line


def _width(line: str, size: int) -> float:
    return _font(size).getlength(drawn(line, to_the_left=False))
