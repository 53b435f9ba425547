"""The child process that opens a stranger's picture.

Runs alone: `python -I imaging_child.py [BOXES] < picture > result`. BOXES (JSON, `[[x, y, width, height], ...]` in
parts of the picture) are made unrecognisable on the way. With `small WIDTH HEIGHT crop|scale` one small JPEG comes out.

It binds itself (memory, CPU time, size of what it writes, no new processes) before it reads a byte; whatever goes
wrong in a decoder ends here. What it refuses it refuses by the header and by a search, before anything is decoded, and
within `CHECK`; only a picture that passed gets the time that decoding takes. The
result is one line of JSON, then the bytes of the variants, one after another.

Where its standard input is a socket, it serves (`bounded.Nursery`): it reads no picture, and forks a child for each.
"""

import contextlib
import gc
import io
import json
import math
import os
import resource
import signal
import socket
import stat
import sys
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from PIL import AvifImagePlugin, Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
ADDRESS_SPACE = 640 * 1024 * 1024
CHECK = (2, 10)
WORK = (10, 45)
"""Seconds of CPU time, and by the clock. The first says what a picture may cost; the second is for a machine that is
busy with other things, where an honest photo of 48 megapixels (1 to 3 s of CPU) has to wait for its turns."""
MAX_RESULT = 16 * 1024 * 1024
FULL, THUMB = 1600, 320
MARGIN = 0.15  # around a box, in parts of its own size
BLOCKS = 6  # along the longer side of what is hidden
FORMATS = ("JPEG", "PNG", "WEBP")
MOVING = (*FORMATS, "GIF", "AVIF")  # of which only a small still picture is made
# What a browser or a document reader would run or open if it took the file for something else than a picture.
ACTIVE = (
    *(b"<script", b"<html", b"<iframe", b"<?php", b"<!doctype html", b"javascript:"),
    *(b"<svg" + end for end in (b" ", b"\t", b"\n", b"\v", b"\f", b"\r", b">")),
)
TURNS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT,),
    3: (Image.Transpose.ROTATE_180,),
    4: (Image.Transpose.FLIP_TOP_BOTTOM,),
    5: (Image.Transpose.TRANSPOSE,),
    6: (Image.Transpose.ROTATE_270,),
    7: (Image.Transpose.TRANSVERSE,),
    8: (Image.Transpose.ROTATE_90,),
}
ORIENTATION = 0x0112  # EXIF tag
GPS = 0x8825  # EXIF directory: 1 N or S, 2 latitude, 3 E or W, 4 longitude


class Unusable(Exception):
    """The picture is refused; the argument is the reason's code (kernel/imaging.py has the sentences)."""


def bind() -> None:
    """Bind this process. Limits that the system does not know, or will not set, are passed over."""
    bounds = {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_FSIZE: MAX_RESULT,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))
    give_time(*CHECK)


def give_time(cpu: int, clock: int) -> None:
    """From now on the process has so many seconds altogether; then the system ends it."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, WORK[0]))
    signal.alarm(clock)


def open_picture(data: bytes, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """The picture, not decoded yet; Unusable when it is none, too large, or something else as well."""
    if len(data) > MAX_BYTES:
        raise Unusable("too_large")
    try:
        picture = Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError:
        raise Unusable("not_a_picture") from None
    width, height = picture.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Unusable("too_many_pixels")
    if is_active(data):
        raise Unusable("two_faced")
    return picture


def is_active(data: bytes) -> bool:
    """Whether a browser or a document reader could take the file for something that it would run or open. (Plain
    searches: one regular expression takes ten times as long, seconds for a file that was made for it.)"""
    lowered = data.lower()
    found = any(sign in lowered for sign in ACTIVE)
    return found or b"%PDF-" in data[:1024] or zipfile.is_zipfile(io.BytesIO(data))


def flatten(picture: Image.Image) -> Image.Image:
    """Decoded, on white, upright, at most about twice `FULL` on a side. In strips, so that memory stays near one
    decoded copy."""
    turns = TURNS.get(picture.getexif().get(ORIENTATION, 1), ())
    picture.draft("RGB", (2 * FULL, 2 * FULL))  # JPEG decodes straight to a smaller size
    picture.load()
    factor = max(1, max(picture.size) // (2 * FULL))
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    width, height = picture.size
    flat = Image.new("RGB", (-(-width // factor), -(-height // factor)), "white")
    for top in range(0, height, 256 * factor):
        strip = picture.crop((0, top, width, min(height, top + 256 * factor))).convert(mode).reduce(factor)
        flat.paste(strip, (0, top // factor), strip if mode == "RGBA" else None)
    picture.close()
    for turn in turns:
        flat = flat.transpose(turn)
    return flat


def encode(flat: Image.Image, most: int, kind: str, **options: Any) -> tuple[dict[str, Any], bytes]:
    """The picture at most `most` pixels on a side, with no metadata at all; and its measures."""
    small = flat.copy()
    small.thumbnail((most, most), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, kind, **options)
    return {"width": small.width, "height": small.height, "size": out.tell()}, out.getvalue()


def hide(flat: Image.Image, boxes: Sequence[Sequence[float]]) -> None:
    """Put a few large blocks of one colour each over every box and a margin around it. Each block is the mean of what
    lay under it, made rounder: too little is left to reckon a face or a plate from it."""
    for x, y, w, h in boxes:
        left, top = int((x - w * MARGIN) * flat.width), int((y - h * MARGIN) * flat.height)
        right, bottom = math.ceil((x + w * (1 + MARGIN)) * flat.width), math.ceil((y + h * (1 + MARGIN)) * flat.height)
        area = (max(0, left), max(0, top), min(flat.width, right), min(flat.height, bottom))
        width, height = area[2] - area[0], area[3] - area[1]
        if width < 1 or height < 1:
            continue
        block = max(1, math.ceil(max(width, height) / BLOCKS))
        few = flat.crop(area).resize((-(-width // block), -(-height // block)), Image.Resampling.BOX)
        flat.paste(few.point(_round).resize((width, height), Image.Resampling.NEAREST), area[:2])


def _round(value: int) -> int:
    return value // 16 * 16 + 8


def shrink(flat: Image.Image, width: int, height: int, *, crop: bool) -> tuple[dict[str, Any], bytes]:
    """The picture within these measures, or filling them where its edges may be cut off; never larger than it is."""
    if crop and flat.width and flat.height:
        factor = min(1, flat.width / width, flat.height / height)
        size = (max(1, int(width * factor)), max(1, int(height * factor)))
        flat = ImageOps.fit(flat, size, Image.Resampling.LANCZOS)
    flat.thumbnail((width, height), Image.Resampling.LANCZOS)
    return encode(flat, max(width, height), "JPEG", quality=80, optimize=True)


def make_small(data: bytes, width: int, height: int, *, crop: bool) -> tuple[dict[str, Any], bytes]:
    """One small variant of the picture, or the reason why there is none."""
    return _tried(lambda: _small(data, width, height, crop))


def _small(data: bytes, width: int, height: int, crop: bool) -> tuple[dict[str, Any], bytes]:
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the process may have no more
    picture = open_picture(data, MOVING)
    give_time(*WORK)
    small, body = shrink(flatten(picture), width, height, crop=crop)
    return {"small": small}, body


def work(data: bytes, boxes: Sequence[Sequence[float]] = ()) -> tuple[dict[str, Any], bytes]:
    """Both variants of the picture, or the reason why there are none."""
    return _tried(lambda: _work(data, boxes))


def _work(data: bytes, boxes: Sequence[Sequence[float]]) -> tuple[dict[str, Any], bytes]:
    picture = open_picture(data)
    give_time(*WORK)
    flat = flatten(picture)
    hide(flat, boxes)
    full, full_bytes = encode(flat, FULL, "JPEG", quality=82, progressive=True, optimize=True)
    thumb, thumb_bytes = encode(flat, THUMB, "WEBP", quality=75)
    return {"full": full, "thumb": thumb}, full_bytes + thumb_bytes


def _tried(make: Callable[[], tuple[dict[str, Any], bytes]]) -> tuple[dict[str, Any], bytes]:
    """What is made, or the reason why it cannot be."""
    try:
        return make()
    except Unusable as error:
        return {"error": error.args[0]}, b""
    except MemoryError:
        return {"error": "too_heavy"}, b""
    except Exception:  # a decoder met what it cannot take: any kind of error, by experience
        return {"error": "damaged"}, b""


def where(data: bytes) -> list[float] | None:
    """Latitude and longitude in degrees, by the picture's EXIF; None when it does not say."""
    try:
        gps = open_picture(data).getexif().get_ifd(GPS)
        lat, lon = (sum(float(part) / 60**n for n, part in enumerate(gps[tag][:3])) for tag in (2, 4))
        return [-lat if gps[1] == "S" else lat, -lon if gps[3] == "W" else lon]
    except Exception:  # no EXIF, or a broken one, of which there are many kinds: the place is not known
        return None


def serve(line: socket.socket) -> None:
    """For each line of arguments, with two files, a fresh child that reads the one and writes the other; then its exit
    code, until nobody asks any more."""
    Image.init()
    gc.freeze()  # what is loaded is shared by all children
    while True:
        said, files, _flags, _sender = socket.recv_fds(line, 4096, 2)
        while said and not said.endswith(b"\n"):
            said += line.recv(4096)
        if not said:
            return
        child = os.fork()
        if not child:
            _be_child(json.loads(said), files)
        for one in files:
            os.close(one)
        line.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _be_child(arguments: list[str], files: Sequence[int]) -> None:
    """As if it had been started with these: the line to whoever asks is gone."""
    for place, one in enumerate(files):
        os.dup2(one, place)
        os.close(one)
    sys.argv[1:] = arguments
    code = 1
    try:
        work_once()
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Serve, or do it once."""
    if stat.S_ISSOCK(os.fstat(0).st_mode):
        serve(socket.socket(fileno=0))
    else:
        work_once()


def work_once() -> None:
    """One picture: from standard input, to standard output."""
    bind()
    if sys.argv[1:] == ["where"]:
        sys.stdout.write(json.dumps(where(sys.stdin.buffer.read(MAX_BYTES + 1))))
        return
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own bound raises before the size can be told; ours is stricter
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if sys.argv[1:2] == ["small"]:
        header, body = make_small(data, int(sys.argv[2]), int(sys.argv[3]), crop=sys.argv[4] == "crop")
    else:
        header, body = work(data, json.loads(sys.argv[1]) if len(sys.argv) > 1 else [])
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + body)


if __name__ == "__main__":
    main()
