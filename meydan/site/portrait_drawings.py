"""Drawn faces for the demo's invented registry: nobody's likeness, and nobody may take them for a photo."""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

SIZE = 640
SKINS = ("#c68863", "#e0ac86", "#a9714b", "#d9a178", "#8d5a3a", "#efc3a0")
HAIRS = ("#2a1d17", "#4b3222", "#111111", "#6b4a2b", "#8a8a8a")
COATS = ("#0b6660", "#955600", "#1f5fa8", "#5b3a67", "#4d5c4a")


@dataclass(frozen=True)
class Pose:
    """How the head is held: `turn` to the person's left, -1 to 1; `tilt` to their left shoulder in degrees; `near`, how
    large it is."""

    turn: float = 0.0
    tilt: float = 0.0
    near: float = 1.0


@dataclass(frozen=True)
class _Looks:
    skin: str
    hair: str
    coat: str
    width: float
    eyes: float
    brow: float
    nose: float
    mouth: float
    beard: bool
    long: bool


def _looks(person: int) -> _Looks:
    dice = iter(hashlib.sha256(f"portrait {person}".encode()).digest())

    def between(low: float, high: float) -> float:
        return low + (high - low) * next(dice) / 255

    return _Looks(
        skin=SKINS[next(dice) % len(SKINS)],
        hair=HAIRS[next(dice) % len(HAIRS)],
        coat=COATS[next(dice) % len(COATS)],
        width=between(0.72, 0.88),
        eyes=between(0.34, 0.46),
        brow=between(-0.03, 0.03),
        nose=between(0.30, 0.40),
        mouth=between(0.24, 0.38),
        beard=next(dice) < 70,
        long=next(dice) < 128,
    )


def draw_portrait(person: int, pose: Pose | None = None, *, side: int = SIZE) -> bytes:
    """A JPEG of `side` pixels: the invented person of this number, looking so."""
    pose, looks = pose or Pose(), _looks(person)
    picture = Image.new("RGB", (SIZE, SIZE), "#dfe6e4")
    pen = ImageDraw.Draw(picture)
    half = SIZE / 2
    pen.ellipse((half - 260, 500, half + 260, 900), fill=looks.coat)
    head = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    _head(ImageDraw.Draw(head), looks, pose)
    head = head.rotate(-pose.tilt, center=(half, 430), resample=Image.Resampling.BICUBIC)
    picture.paste(head, (0, 0), head)
    if pose.near != 1.0:
        inset = half - half / pose.near
        box = (inset, inset * 0.75, SIZE - inset, SIZE - inset * 1.25)
        picture = picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=box)
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(2)).resize((side, side)).save(out, "JPEG", quality=85)
    return out.getvalue()


def _head(pen: ImageDraw.ImageDraw, looks: _Looks, pose: Pose) -> None:
    """Turned to the person's left, the features go to the picture's right."""
    middle, high, tall = SIZE / 2, 290.0, 170.0
    wide = tall * looks.width
    shift = pose.turn * wide * 0.55
    skin, shade = looks.skin, _shade(looks.skin, 0.78)
    if looks.long:
        pen.ellipse((middle - wide * 1.3, high - tall * 1.15, middle + wide * 1.3, high + tall * 1.5), fill=looks.hair)
    pen.rectangle((middle - wide * 0.45, high + tall * 0.6, middle + wide * 0.45, high + tall * 1.5), fill=shade)
    pen.ellipse((middle - wide, high - tall, middle + wide, high + tall), fill=skin)
    pen.chord((middle - wide * 1.05, high - tall * 1.1, middle + wide * 1.05, high + tall * 0.5), 195, 345, looks.hair)
    if looks.beard:
        pen.chord((middle - wide, high - tall * 0.4, middle + wide, high + tall * 1.05), 20, 160, fill=looks.hair)
    for side in (-1, 1):
        _eye(pen, looks, middle + shift + side * wide * looks.eyes, high - tall * 0.12, tall)
    _nose(pen, middle + shift * 1.45, high, tall, looks.nose, shade)
    lips = wide * looks.mouth
    mouth, below = middle + shift, high + tall * 0.52
    pen.ellipse((mouth - lips, below - 13, mouth + lips, below + 13), fill="#9c4a46")
    pen.line((mouth - lips, below, mouth + lips, below), fill="#5a2523", width=4)


def _eye(pen: ImageDraw.ImageDraw, looks: _Looks, x: float, y: float, tall: float) -> None:
    wide, lid = tall * 0.17, tall * 0.085
    pen.ellipse((x - wide * 1.15, y - lid * 1.9, x + wide * 1.15, y + lid * 1.5), fill=_shade(looks.skin, 0.85))
    pen.ellipse((x - wide, y - lid, x + wide, y + lid), fill="#f7f4ef", outline="#3a2a22", width=3)
    pen.ellipse((x - lid, y - lid, x + lid, y + lid), fill="#33231a")
    brow = y - tall * (0.24 + looks.brow)
    pen.line(
        (x - wide * 1.2, brow + 5, x, brow - 5, x + wide * 1.2, brow + 5), fill=looks.hair, width=12, joint="curve"
    )


def _nose(pen: ImageDraw.ImageDraw, x: float, high: float, tall: float, long: float, shade: str) -> None:
    tip = high + tall * long * 0.75
    pen.polygon([(x - 9, high - tall * 0.1), (x + 9, high - tall * 0.1), (x + 26, tip), (x - 26, tip)], fill=shade)
    pen.ellipse((x - 30, tip - 18, x + 30, tip + 14), fill=shade)
    for side in (-1, 1):
        pen.ellipse((x + side * 15 - 7, tip - 2, x + side * 15 + 7, tip + 8), fill="#4a2c20")


def _shade(colour: str, factor: float) -> str:
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part * factor):02x}" for part in parts)
