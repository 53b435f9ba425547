"""A street with a face and a number plate, drawn by us: what the detector must find, and nobody's picture."""

import io

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Area = tuple[float, float, float, float]
SKY, ROAD, SKIN, LIGHT_SKIN, DARK = (140, 160, 190), (90, 90, 92), (205, 170, 145), (225, 190, 165), (50, 35, 30)
# Where they stand in the picture of `make_street`: the face's features, and the whole plate.
FACE: Area = (0.16, 0.27, 0.10, 0.14)
PLATE: Area = (0.51, 0.73, 0.16, 0.05)


def make_street(width: int = 1600, height: int = 1200) -> bytes:
    """A JPEG of a face before a wall, and a plate on the road."""
    picture = Image.new("RGB", (width, height), SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, height * 0.6, width, height), fill=ROAD)
    for step in range(12):
        left, shade = width * step / 12, 60 + 13 * step
        draw.rectangle((left, height * 0.1, left + width / 20, height * 0.55), fill=(shade, shade - 10, shade - 20))
    picture.paste(_face(width // 8), (int(width * 0.15), int(height * 0.23)))
    picture.paste(_plate(int(width * 0.175)), (int(width * 0.5), int(height * 0.73)))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


def _face(side: int) -> Image.Image:
    picture = Image.new("RGB", (side, side * 5 // 4), (120, 130, 120))
    draw = ImageDraw.Draw(picture)

    def oval(x: float, y: float, w: float, h: float, fill: tuple[int, int, int]) -> None:
        across, down = picture.size
        draw.ellipse((across * (x - w), down * (y - h), across * (x + w), down * (y + h)), fill=fill)

    oval(0.5, 0.35, 0.42, 0.33, DARK)
    oval(0.5, 0.575, 0.35, 0.38, SKIN)
    for eye in (0.34, 0.66):
        oval(eye, 0.455, 0.12, 0.065, (150, 115, 100))
        oval(eye, 0.40, 0.12, 0.018, DARK)
        oval(eye, 0.465, 0.08, 0.035, (235, 235, 235))
        oval(eye, 0.465, 0.045, 0.035, (40, 30, 30))
    oval(0.5, 0.57, 0.06, 0.10, LIGHT_SKIN)
    oval(0.5, 0.665, 0.08, 0.025, (170, 125, 110))
    oval(0.5, 0.78, 0.16, 0.04, (150, 70, 70))
    return picture.filter(ImageFilter.GaussianBlur(side / 60))


def _plate(width: int) -> Image.Image:
    height = int(width * 0.22)
    picture = Image.new("RGB", (width, height), (235, 235, 235))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width - 1, height - 1), outline=(20, 20, 20), width=max(2, height // 16))
    draw.text(
        (width * 0.07, height * 0.02), "A 123 BC 77", fill=(15, 15, 15), font=ImageFont.load_default(height * 0.8)
    )
    return picture.filter(ImageFilter.GaussianBlur(0.8))
