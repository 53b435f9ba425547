"""Drawn icons and screens for the demo's made-up apps: nobody may take them for somebody's real app."""

import io

from PIL import Image, ImageDraw

ICON, SCREEN = 512, (720, 1280)
WHITE, LINE = "#ffffff", "#dad7ce"


def draw_icon(colour: str, number: int) -> bytes:
    """A PNG of 512 x 512 pixels: an eight-fold star or a ring of its own on the app's colour."""
    picture = Image.new("RGB", (ICON, ICON), colour)
    pen = ImageDraw.Draw(picture)
    inset = 96 + 12 * (number % 4)
    box = (inset, inset, ICON - inset, ICON - inset)
    middle = ICON // 2
    if number % 3 == 0:
        pen.ellipse(box, outline=WHITE, width=40)
    elif number % 3 == 1:
        pen.rectangle(box, fill=WHITE)
        near, far = inset - 40, ICON - inset + 40
        pen.polygon([(middle, near), (far, middle), (middle, far), (near, middle)])
    else:
        pen.rounded_rectangle(box, radius=70, outline=WHITE, width=40)
    pen.ellipse((middle - 56, middle - 56, middle + 56, middle + 56), fill=colour if number % 3 == 1 else WHITE)
    return _png(picture)


def draw_screen(colour: str, number: int) -> bytes:
    """A PNG of a phone's screen: a bar, a card, and lines where words would be."""
    picture = Image.new("RGB", SCREEN, "#fbfaf7")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SCREEN[0], 150), fill=colour)
    pen.rounded_rectangle((40, 60, 400, 100), radius=20, fill=WHITE)
    pen.rounded_rectangle((40, 190, 680, 520 + 30 * (number % 5)), radius=24, fill=WHITE, outline=LINE, width=3)
    pen.ellipse((280, 260, 440, 420), fill=colour)
    for row in range(5):
        top = 720 + row * 100
        pen.rounded_rectangle((40, top, 120, top + 70), radius=16, fill=colour)
        pen.rounded_rectangle((150, top + 8, 520 + 30 * ((row + number) % 5), top + 28), radius=10, fill="#54625f")
        pen.rounded_rectangle((150, top + 44, 420, top + 60), radius=8, fill=LINE)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
