"""Builders of pictures, honest and hostile."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image

SCRIPT = b"<script>alert(document.domain)</script>"
GPS_POSITION = {1: "N", 2: (33.0, 34.0, 23.0), 3: "W", 4: (7.0, 35.0, 23.0)}


def make_picture(width: int = 640, height: int = 480, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A gradient, so that every corner has another colour."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    bands = [across, down, across.point(lambda value: 255 - value)]
    picture = Image.merge("RGB", bands).convert(mode)
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def make_phone_photo(orientation: int = 6) -> bytes:
    """A JPEG as phones make it: lying on its side, with its position and a comment."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone maker"
    exif.get_ifd(0x8825).update(GPS_POSITION)
    return make_picture(400, 200, exif=exif, comment=b"taken at home")


def make_bomb(side: int) -> bytes:
    """A PNG of side x side black pixels, a few hundred kB small: rows are compressed as they are made."""
    packer = zlib.compressobj(9)
    row = bytes(1 + side * 3)
    data = b"".join(packer.compress(row) for _row in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def make_svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + SCRIPT + b"</svg>"


def make_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("Evil.class", b"\xca\xfe\xba\xbe")
    return out.getvalue()


class EndlessBody(io.RawIOBase):
    """A body of so many bytes that is never in memory; counts what was read of it."""

    def __init__(self, size: int, head: bytes = b"\xff\xd8\xff") -> None:
        self.size, self.taken, self._head = size, 0, head

    def read(self, size: int = -1) -> bytes:
        size = min(size if size >= 0 else self.size, self.size - self.taken)
        chunk = self._head[self.taken : self.taken + size].ljust(size, b"\0")
        self.taken += size
        return chunk
