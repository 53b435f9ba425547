"""Pictures from strangers: decoded and encoded again in a bounded child process (`imaging_child.py`).

What comes out was written by our own encoder: no EXIF, no position, no comment, nothing behind the picture's end.
Each has a process of its own, forked by one that has loaded the decoders and read nothing; at most two work at a time
in one server process.
"""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.utils.translation import gettext_lazy as _

from meydan.kernel.bounded import Nursery
from meydan.kernel.errors import Invalid, Sentence, TooLarge, Unavailable
from meydan.kernel.imaging_child import MAX_BYTES, MAX_RESULT, WORK
from meydan.kernel.places import Point

WALL_SECONDS = WORK[1] + 5  # the child bounds itself, by its CPU time and by the clock; this is for one that cannot
QUEUE_SECONDS = 20
COMMAND = (sys.executable, "-I", "-B", str(Path(__file__).with_name("imaging_child.py")))
REASONS: dict[str, Sentence] = {
    "not_a_picture": _("This is not a picture that we can read. Send a JPEG, PNG or WebP."),
    "too_many_pixels": _("This picture has too many pixels. Send one of at most 50 megapixels."),
    "too_heavy": _("This picture is too large to open. Send a smaller one."),
    "two_faced": _("This file is a picture and something else at once. Take the picture again, or save it as a JPEG."),
    "damaged": _("This picture is damaged. Send it again, or take another one."),
}
Area = tuple[float, float, float, float]
"""x, y, width, height, in parts of a picture's width and height."""
_places = threading.BoundedSemaphore(2)
_nursery = Nursery()


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a picture: its bytes, and its measures in pixels."""

    body: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was made safe: `full` is a JPEG of at most 1600 px, `thumb` a WebP of at most 320 px."""

    full: Variant
    thumb: Variant


def make_safe(source: BinaryIO, *, hide: Sequence[Area] = ()) -> Picture:
    """Decode a JPEG, PNG or WebP of at most 25 MB and 50 megapixels and encode it again, upright.

    What lies in the areas of `hide` is made unrecognisable. Raises TooLarge, Invalid with the reason and what to do, or
    Unavailable when too many pictures wait or the machine is too busy.
    """
    with _child(source, *([json.dumps(list(hide))] if hide else ())) as result:
        return _read(result)


def make_small(source: BinaryIO, width: int, height: int, *, crop: bool) -> Variant:
    """A JPEG of a stranger's picture, which may be a GIF or an AVIF as well, within so many pixels; with `crop` it
    fills them, and its edges are cut off. Never larger than the picture. Bounds and errors as of `make_safe`."""
    with _child(source, "small", str(width), str(height), "crop" if crop else "scale") as result:
        header, body = _parts(result)
        small = header["small"]
        return Variant(body, "image/jpeg", small["width"], small["height"])


def place_in(source: BinaryIO) -> Point | None:
    """Where a picture says that it was taken, by its EXIF; None when it does not. Ask its sender first. Raises as
    `make_safe` does, but not for a picture that cannot be read."""
    with _child(source, "where") as result:
        found = json.loads(result.read(200) or b"null")
    try:
        return Point(*found) if found and any(found) else None
    except ValueError:
        return None


@contextmanager
def _child(source: BinaryIO, *arguments: str) -> Iterator[IO[bytes]]:
    """What the child has written about the picture."""
    with tempfile.TemporaryFile() as spooled, tempfile.TemporaryFile() as result:
        _spool(source, spooled)
        if not _places.acquire(timeout=QUEUE_SECONDS):
            raise Unavailable
        try:
            _run_child(spooled, result, arguments)
        finally:
            _places.release()
        result.seek(0)
        yield result


def _spool(source: BinaryIO, spooled: IO[bytes]) -> None:
    """Copy at most MAX_BYTES to a file that the child reads as its standard input."""
    left = MAX_BYTES
    while chunk := source.read(256 * 1024):
        left -= len(chunk)
        if left < 0:
            raise TooLarge(_("A picture may be at most 25 MB. Send a smaller one."))
        spooled.write(chunk)
    spooled.flush()
    spooled.seek(0)


def _run_child(spooled: IO[bytes], result: IO[bytes], arguments: tuple[str, ...]) -> None:
    try:
        _nursery.run(COMMAND, arguments, spooled, result, seconds=WALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unavailable from error
    except subprocess.CalledProcessError as error:
        if error.returncode == -signal.SIGALRM:  # not its CPU time: the machine had none for it
            raise Unavailable from error
        raise _refusal("too_heavy") from error


def _read(result: IO[bytes]) -> Picture:
    header, body = _parts(result)
    full, thumb = header["full"], header["thumb"]
    if len(body) != full["size"] + thumb["size"]:
        raise _refusal("damaged")
    return Picture(
        full=Variant(body[: full["size"]], "image/jpeg", full["width"], full["height"]),
        thumb=Variant(body[full["size"] :], "image/webp", thumb["width"], thumb["height"]),
    )


def _parts(result: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """What the child says, and the bytes that follow."""
    line, _newline, body = result.read(MAX_RESULT).partition(b"\n")
    header: dict[str, Any] = json.loads(line)
    if "error" in header:
        raise _refusal(header["error"])
    return header, body


def _refusal(code: str) -> Invalid:
    return Invalid(REASONS[code], code=code)
