"""The messenger's stickers, drawn by us: flat shapes with a white edge, which read on light and on dark ground."""

import io
import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIDE = 256
FINE = 3  # drawn so much larger, and made small once
EDGE = 6  # pixels of white round it
INK, SKIN, CHEEK, WHITE = "#22302d", "#f5c15c", "#e99a63", "#ffffff"
TEAL, RED, GREEN, BLUE, NIGHT, CLOUD = "#0b6660", "#c8402f", "#2e8b57", "#4f8fb3", "#2b3a67", "#dfe7ea"
Point = tuple[float, float]


class Pen:
    """Draws in a square of 100 by 100."""

    def __init__(self) -> None:
        self.picture = Image.new("RGBA", (SIDE * FINE, SIDE * FINE))
        self.draw = ImageDraw.Draw(self.picture)
        self.unit = SIDE * FINE / 100

    def disc(self, x: float, y: float, r: float, colour: str, high: float = 0) -> None:
        """A circle; an ellipse where it is given another height."""
        high = high or r
        self.draw.ellipse([one * self.unit for one in (x - r, y - high, x + r, y + high)], fill=colour)

    def line(self, points: list[Point], width: float, colour: str = INK) -> None:
        """A line with round ends and corners."""
        scaled = [(x * self.unit, y * self.unit) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * self.unit), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def shape(self, points: list[Point], colour: str) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=colour)

    def arc(self, box: tuple[float, float, float, float], start: float, end: float, width: float, colour: str) -> None:
        """Part of an ellipse's edge, from and to an angle in degrees."""
        scaled = [one * self.unit for one in box]
        self.draw.arc(scaled, start, end, fill=colour, width=round(width * self.unit))

    def bow(self, box: tuple[float, float, float, float], start: float, end: float, colour: str) -> None:
        """A piece cut off an ellipse."""
        self.draw.chord([one * self.unit for one in box], start, end, fill=colour)


def draw_sticker(name: str) -> bytes:
    """A sticker's PNG of 256 x 256 pixels."""
    return _draw(SCENES[name])


def _draw(scene: Callable[[Pen], None]) -> bytes:
    pen = Pen()
    scene(pen)
    small = pen.picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    solid = small.getchannel("A").filter(ImageFilter.MaxFilter(2 * EDGE + 1)).filter(ImageFilter.GaussianBlur(1))
    ground = Image.new("RGBA", (SIDE, SIDE), WHITE)
    ground.putalpha(ImageChops.lighter(solid, small.getchannel("A")))
    ground.alpha_composite(small)
    out = io.BytesIO()
    ground.quantize(96, Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _face(pen: Pen, x: float = 50, y: float = 52, r: float = 36) -> None:
    pen.disc(x, y, r, SKIN)
    for side in (-1, 1):
        pen.disc(x + side * r * 0.62, y + r * 0.28, r * 0.16, CHEEK, r * 0.1)


def _eyes(pen: Pen, x: float = 50, y: float = 44, apart: float = 13) -> None:
    for side in (-1, 1):
        pen.disc(x + side * apart, y, 3.6, INK, 5)


def _heart(pen: Pen, x: float, y: float, size: float, colour: str = RED) -> None:
    turns = [index * math.tau / 80 for index in range(80)]
    curve = [
        (16 * math.sin(t) ** 3, 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t))
        for t in turns
    ]
    pen.shape([(x + across * size / 32, y - up * size / 32) for across, up in curve], colour)


def _star(pen: Pen, x: float, y: float, r: float, colour: str, points: int = 8, inner: float = 0.76) -> None:
    corners = []
    for index in range(points * 2):
        reach, turn = (r if index % 2 == 0 else r * inner), math.pi * index / points - math.pi / 2
        corners.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
    pen.shape(corners, colour)


def _hello(pen: Pen) -> None:
    _face(pen, 44, 56, 33)
    _eyes(pen, 44, 49)
    pen.bow((30, 48, 58, 76), 10, 170, INK)
    pen.line([(78, 80), (82, 50)], 9, SKIN)
    pen.disc(83, 40, 9, SKIN)
    for x, y in ((74, 26), (81, 21), (89, 22), (95, 29)):
        pen.line([(83, 40), (x, y)], 4.6, SKIN)
    pen.arc((66, 8, 84, 26), 180, 250, 2, TEAL)


def _thanks(pen: Pen) -> None:
    _face(pen)
    for side in (-1, 1):
        pen.arc((50 + side * 13 - 6, 39, 50 + side * 13 + 6, 51), 190, 350, 3, INK)
    pen.arc((38, 44, 62, 66), 20, 160, 3, INK)
    _heart(pen, 50, 80, 30)


def _laugh(pen: Pen) -> None:
    _face(pen)
    for side in (-1, 1):
        pen.line([(50 + side * 20, 38), (50 + side * 11, 43), (50 + side * 20, 48)], 3)
        pen.disc(50 + side * 33, 55, 5, BLUE, 7)
    pen.bow((30, 42, 70, 80), 5, 175, INK)
    pen.bow((36, 64, 64, 84), 190, 350, RED)


def _sad(pen: Pen) -> None:
    _face(pen)
    _eyes(pen)
    pen.arc((36, 62, 64, 86), 205, 335, 3.4, INK)
    for side in (-1, 1):
        pen.line([(50 + side * 8, 33), (50 + side * 18, 36)], 2.6)
    pen.disc(36, 60, 4, BLUE, 6)


def _wonder(pen: Pen) -> None:
    _face(pen)
    for side in (-1, 1):
        pen.disc(50 + side * 13, 45, 7.5, WHITE)
        pen.disc(50 + side * 13, 45, 3.4, INK)
        pen.arc((50 + side * 13 - 8, 27, 50 + side * 13 + 8, 41), 200, 340, 2.6, INK)
    pen.disc(50, 70, 6, INK, 8)


def _goodnight(pen: Pen) -> None:
    pen.disc(50, 52, 38, NIGHT)
    pen.disc(48, 54, 24, SKIN)
    pen.disc(58, 47, 20, NIGHT)
    for x, y, r in ((70, 36, 6), (30, 30, 4), (74, 64, 4)):
        _star(pen, x, y, r, "#ffe9b0", 4, 0.4)


def _yes(pen: Pen) -> None:
    pen.disc(50, 50, 38, GREEN)
    pen.line([(32, 52), (45, 65), (69, 36)], 10, WHITE)


def _no(pen: Pen) -> None:
    pen.disc(50, 50, 38, RED)
    pen.line([(36, 36), (64, 64)], 10, WHITE)
    pen.line([(64, 36), (36, 64)], 10, WHITE)


def _wait(pen: Pen) -> None:
    pen.disc(50, 54, 36, TEAL)
    pen.disc(50, 54, 28, WHITE)
    for index in range(12):
        turn = math.tau * index / 12
        pen.disc(50 + 23 * math.cos(turn), 54 + 23 * math.sin(turn), 1.6, INK)
    pen.line([(50, 54), (50, 36)], 4)
    pen.line([(50, 54), (62, 61)], 4)
    pen.line([(40, 12), (60, 12)], 6, TEAL)


def _big_heart(pen: Pen) -> None:
    _heart(pen, 50, 48, 78)
    pen.disc(33, 34, 5, "#e98074", 8)


def _rose(pen: Pen) -> None:
    pen.line([(50, 56), (50, 94)], 4, GREEN)
    pen.bow((50, 62, 78, 84), 120, 330, GREEN)
    pen.bow((22, 68, 50, 90), 210, 60, GREEN)
    for turn in range(5):
        angle = math.tau * turn / 5 - math.pi / 2
        pen.disc(50 + 14 * math.cos(angle), 34 + 14 * math.sin(angle), 14, RED)
    pen.disc(50, 34, 15, "#a82c20")
    pen.arc((40, 24, 60, 44), 20, 250, 3, "#e98074")


def _tea(pen: Pen) -> None:
    pen.shape([(28, 34), (72, 34), (65, 88), (35, 88)], "#e6f1ee")
    pen.shape([(30.5, 46), (69.5, 46), (65, 88), (35, 88)], "#b8772a")
    for y in (56, 74):
        _star(pen, 50, y, 6, "#e5b567")
    for x in (40, 52, 63):
        pen.bow((x - 9, 30, x + 9, 48), 200, 20, GREEN)
    for x in (38, 50, 62):
        pen.line([(x, 24), (x + 3, 17), (x - 2, 10)], 2.4, "#a9bab6")


def _sun(pen: Pen) -> None:
    _star(pen, 50, 50, 42, "#f0a53a", 12, 0.7)
    _face(pen, 50, 50, 26)
    _eyes(pen, 50, 45, 9)
    pen.arc((40, 46, 60, 64), 20, 160, 3, INK)


def _rain(pen: Pen) -> None:
    for x, y, r in ((34, 42, 17), (52, 34, 21), (69, 44, 15)):
        pen.disc(x, y, r, CLOUD)
    pen.shape([(34, 40), (69, 40), (69, 59), (34, 59)], CLOUD)
    for x, y in ((34, 68), (50, 74), (66, 68), (42, 84), (60, 86)):
        pen.line([(x + 2, y - 5), (x - 1, y + 4)], 5, BLUE)


def _cat(pen: Pen) -> None:
    for side in (-1, 1):
        pen.shape([(50 + side * 34, 14), (50 + side * 10, 30), (50 + side * 32, 46)], "#8d7b6b")
        pen.shape([(50 + side * 29, 22), (50 + side * 17, 31), (50 + side * 28, 40)], CHEEK)
    pen.disc(50, 54, 34, "#8d7b6b", 31)
    for side in (-1, 1):
        pen.disc(50 + side * 14, 50, 6.5, "#d7e8a0", 8)
        pen.disc(50 + side * 14, 50, 2.4, INK, 7)
        for drop in (0, 6):
            pen.line([(50 + side * 18, 66 + drop / 2), (50 + side * 40, 62 + drop)], 1.4)
    pen.shape([(46, 61), (54, 61), (50, 66)], CHEEK)
    for side in (-1, 1):
        pen.arc((50 - 4 + side * 4 - 4, 62, 50 + side * 4 + 4, 73), 20, 160, 2, INK)


def _party(pen: Pen) -> None:
    pen.shape([(18, 90), (36, 40), (66, 70)], TEAL)
    pen.shape([(27, 65), (31, 54), (52, 76), (41, 80.5)], "#f0a53a")
    pen.disc(51, 55, 21, "#0a504c", 7)
    pieces = (
        (52, 34, RED),
        (70, 22, BLUE),
        (82, 42, GREEN),
        (64, 48, SKIN),
        (44, 18, GREEN),
        (86, 66, RED),
        (72, 64, BLUE),
    )
    for index, (x, y, colour) in enumerate(pieces):
        if index % 2:
            pen.disc(x, y, 4.5, colour)
        else:
            _star(pen, x, y, 7, colour, 4, 0.45)
    pen.line([(58, 44), (66, 34), (62, 26), (70, 14)], 2.6, RED)


SCENES: dict[str, Callable[[Pen], None]] = {
    "hello": _hello,
    "thanks": _thanks,
    "laugh": _laugh,
    "sad": _sad,
    "wonder": _wonder,
    "goodnight": _goodnight,
    "yes": _yes,
    "no": _no,
    "wait": _wait,
    "heart": _big_heart,
    "rose": _rose,
    "tea": _tea,
    "sun": _sun,
    "rain": _rain,
    "cat": _cat,
    "party": _party,
}
