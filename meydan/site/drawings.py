"""Drawn pictures for the demo's reports: a street, what is wrong with it, and the same street mended.

They are drawings on purpose: nobody may take the demo for somebody's real photo.
"""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

SIZE = (1200, 900)  # of the drawing; the picture is two thirds of it
HORIZON = 520
INK, STONE, ROAD, LEAF, WATER = "#2b2f31", "#d8cfc0", "#6d7275", "#4d7c4a", "#4f8fb3"
Pen = ImageDraw.ImageDraw
Scene = Callable[[Pen, bool], None]


def draw_scene(category: str, *, mended: bool) -> bytes:
    """A JPEG of 800 x 600 pixels that shows a problem of this category, or the place after the repair."""
    night = category == "street-light"
    picture = Image.new("RGB", SIZE, "#1d2738" if night else "#bfdcea")
    pen = ImageDraw.Draw(picture)
    _street(pen, night)
    SCENES.get(category, _rubbish)(pen, mended)
    out = io.BytesIO()
    picture.resize((800, 600), Image.Resampling.BOX).save(out, "JPEG", quality=88)
    return out.getvalue()


def _street(pen: Pen, night: bool) -> None:
    """Houses, a pavement and a road, by day or by night."""
    for index, (left, top) in enumerate(((0, 260), (210, 180), (430, 300), (640, 140), (880, 240), (1060, 200))):
        wall = "#3a4356" if night else ("#f1e7d6", "#e6d3b8", "#f6efe2")[index % 3]
        pen.rectangle((left, top, left + 230, HORIZON), fill=wall, outline=INK)
        for row in range(top + 40, HORIZON - 60, 80):
            for column in range(left + 30, left + 200, 70):
                lit = night and (row + column) % 3 == 0
                pen.rectangle((column, row, column + 34, row + 46), fill="#e9c46a" if lit else "#5f7d86", outline=INK)
    pen.rectangle((0, HORIZON, 1200, 620), fill="#4d5566" if night else STONE, outline=INK)
    for joint in range(0, 1200, 100):
        pen.line((joint, HORIZON, joint - 40, 620), fill=INK)
    pen.rectangle((0, 620, 1200, 900), fill="#353b44" if night else ROAD)
    for dash in range(40, 1200, 220):
        pen.rectangle((dash, 752, dash + 120, 764), fill="#e8e4da")


def _hole(pen: Pen, mended: bool) -> None:
    if mended:
        pen.polygon([(420, 660), (840, 650), (870, 850), (380, 860)], fill="#4b5053")
        return
    pen.polygon([(440, 700), (560, 660), (760, 670), (840, 740), (760, 830), (560, 850), (430, 790)], fill="#3f4345")
    pen.polygon([(500, 730), (600, 695), (730, 705), (780, 755), (700, 805), (560, 810)], fill=INK)
    for crack in ((440, 700, 330, 650), (840, 740, 960, 700), (560, 850, 520, 895)):
        pen.line(crack, fill=INK, width=6)


def _lamp(pen: Pen, mended: bool) -> None:
    for left in (250, 620, 990):
        if mended:
            pen.polygon([(left + 70, 250), (left - 120, 860), (left + 260, 860)], fill="#6b6a52")
        pen.rectangle((left, 200, left + 14, 620), fill="#0f141d")
        pen.rectangle((left, 200, left + 100, 212), fill="#0f141d")
        pen.ellipse((left + 50, 208, left + 96, 250), fill="#ffe9a8" if mended else "#2c3340", outline=INK)


def _rubbish(pen: Pen, mended: bool) -> None:
    pen.rectangle((700, 470, 900, 660), fill="#2f6b46", outline=INK, width=4)
    pen.rectangle((690, 450, 910, 480), fill="#28593b", outline=INK, width=4)
    if mended:
        return
    for left, top, colour in (
        (650, 620, INK),
        (560, 640, "#46505a"),
        (860, 630, INK),
        (720, 400, "#46505a"),
        (790, 410, INK),
    ):
        pen.ellipse((left, top, left + 110, top + 90), fill=colour, outline="#111111", width=3)
    for left in range(480, 980, 60):
        pen.polygon([(left, 720), (left + 30, 700), (left + 44, 730)], fill="#e8e4da")


def _steps(pen: Pen, mended: bool) -> None:
    pen.rectangle((0, 620, 1200, 900), fill="#e7d3a1")
    pen.rectangle((0, HORIZON, 1200, 560), fill=WATER)
    for step in range(5):
        broken = not mended and step in (1, 3)
        top = 560 + step * 62
        right = 640 if broken else 860
        pen.rectangle((380, top, right, top + 62), fill=STONE, outline=INK, width=4)
        if broken:
            pen.polygon([(640, top), (700, top + 30), (660, top + 62), (640, top + 62)], fill=STONE, outline=INK)
    if mended:
        pen.line((370, 520, 370, 860), fill=INK, width=12)


def _swing(pen: Pen, mended: bool) -> None:
    pen.rectangle((0, 560, 1200, 900), fill=LEAF)
    pen.line((360, 820, 440, 360), fill=INK, width=14)
    pen.line((840, 820, 760, 360), fill=INK, width=14)
    pen.line((440, 360, 760, 360), fill=INK, width=14)
    pen.line((540, 360, 540, 700), fill=INK, width=5)
    pen.line((660, 360, 660, 700 if mended else 520), fill=INK, width=5)
    seat = (
        [(520, 700), (680, 700), (680, 718), (520, 718)] if mended else [(520, 690), (620, 800), (606, 812), (510, 706)]
    )
    pen.polygon(seat, fill="#b5532d")


def _water(pen: Pen, mended: bool) -> None:
    pen.rectangle((300, 640, 900, 700), fill="#575c5f", outline=INK, width=4)
    for bar in range(320, 900, 40):
        pen.line((bar, 645, bar, 695), fill=INK, width=8)
    if not mended:
        pen.ellipse((180, 660, 1040, 880), fill=WATER, outline="#2f6a8c", width=6)
        pen.ellipse((380, 710, 820, 820), outline="#9cc8dd", width=5)


SCENES: dict[str, Scene] = {
    "pothole": _hole,
    "street-light": _lamp,
    "beach": _steps,
    "park": _swing,
    "channel": _water,
    "blocked-drain": _water,
    "water-leak": _water,
    "pilgrims": _water,
}
