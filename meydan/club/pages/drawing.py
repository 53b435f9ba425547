"""The pictures of badges: the city's eight-fold star, with the badge's icon and a bead for each level."""

import io
import math
from functools import lru_cache

from PIL import Image, ImageDraw

from meydan.ui.icons import icon

SIZE = 240
CENTRE, RADIUS, INNER = 120, 112, 82
# From the tokens: teal for what one begins with, saffron for what lasts. (star, its middle, what is drawn on it)
COLOURS = (("#0B6660", "#E3F1EE", "#0B6660"), ("#955600", "#FBEFD9", "#955600"))
BEAD = "#F0B45A"
SHARP = 3
"""How much larger the PNG is drawn before it is made small: Pillow draws without smooth edges."""


def star_points(radius: float, centre: float = CENTRE) -> list[tuple[float, float]]:
    """The sixteen corners of two squares, one turned by an eighth."""
    inner = radius * math.cos(math.pi / 4) / math.cos(math.pi / 8)
    return [
        (
            centre + (radius if corner % 2 == 0 else inner) * math.sin(corner * math.pi / 8),
            centre - (radius if corner % 2 == 0 else inner) * math.cos(corner * math.pi / 8),
        )
        for corner in range(16)
    ]


def beads(level: int) -> list[tuple[float, float]]:
    """Where the beads of a level lie: on the star's lower edge, in the middle."""
    return [
        (CENTRE + 92 * math.sin(angle), CENTRE + 92 * math.cos(angle))
        for number in range(level)
        for angle in [math.radians(24) * (number - (level - 1) / 2)]
    ]


def colours_of(level: int, levels: int) -> tuple[str, str, str]:
    """The highest of several levels has the second pair of colours."""
    return COLOURS[1 if levels > 1 and level >= levels else 0]


@lru_cache(maxsize=256)
def draw_svg(name: str, level: int, levels: int) -> str:
    """A badge as SVG, which stands alone."""
    star, middle, ink = colours_of(level, levels)
    corners = " ".join(f"{across:.1f},{down:.1f}" for across, down in star_points(RADIUS))
    sign = str(icon(name, 88)).replace("<svg ", f'<svg x="76" y="72" color="{ink}" ', 1)
    dots = "".join(
        f'<circle cx="{across:.1f}" cy="{down:.1f}" r="9" fill="{BEAD}" stroke="{star}" stroke-width="3"/>'
        for across, down in beads(level)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f'<polygon points="{corners}" fill="{star}"/>'
        f'<circle cx="{CENTRE}" cy="{CENTRE}" r="{INNER - 8}" fill="{middle}"/>{sign}{dots}</svg>'
    )


@lru_cache(maxsize=64)
def draw_png(level: int, levels: int) -> Image.Image:
    """A badge as a picture without its icon, for programs that take no SVG: in its middle are its beads."""
    star, middle, _ink = colours_of(level, levels)
    large = Image.new("RGBA", (SIZE * SHARP, SIZE * SHARP), (0, 0, 0, 0))
    pen = ImageDraw.Draw(large)
    pen.polygon([(across * SHARP, down * SHARP) for across, down in star_points(RADIUS)], fill=star)
    pen.ellipse(_box(CENTRE, CENTRE, INNER - 8), fill=middle)
    pen.polygon([(across * SHARP, down * SHARP) for across, down in star_points(52)], fill=star)
    for across, down in beads(level):
        pen.ellipse(_box(across, down, 10), fill=BEAD, outline=star, width=3 * SHARP)
    return large.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _box(across: float, down: float, radius: float) -> tuple[float, float, float, float]:
    return tuple(SHARP * one for one in (across - radius, down - radius, across + radius, down + radius))  # type: ignore[return-value]  # four of them


def png_bytes(picture: Image.Image) -> bytes:
    """A picture as PNG."""
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()
