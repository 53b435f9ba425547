"""The messenger's stickers are small, see-through pictures, one for each name."""

import io

from PIL import Image

from meydan.messaging.public import STICKERS
from meydan.site.sticker_drawings import SIDE, draw_sticker

MOST_BYTES = 20_000


def test_each_sticker_is_drawn() -> None:
    drawn = {name: draw_sticker(name) for name in STICKERS}
    assert len(set(drawn.values())) == len(STICKERS)
    for name, body in drawn.items():
        assert len(body) < MOST_BYTES, name
        with Image.open(io.BytesIO(body)) as picture:
            whole = picture.convert("RGBA")
        assert whole.size == (SIDE, SIDE), name
        assert whole.getpixel((0, 0))[3] == 0, name  # type: ignore[index]  # RGBA: a tuple
