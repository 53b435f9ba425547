"""The child process that finds and measures faces. Runs alone: `python -I face_child.py <folder>`.

It binds itself before it reads a byte. Each request is framed as `face_dlib._framed` has it; the answer is one line of
JSON: a list of faces or nulls. dlib is imported here and nowhere else.
"""

import io
import json
import math
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy
from PIL import Image

MOST = 20
MAX_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 3_000_000
ADDRESS_SPACE = 2 * 1024 * 1024 * 1024
SMALL = 400  # px: a picture of at most this is looked at twice as large when nothing was found
LARGE = 800
HALF = 2


def bind() -> None:
    """Bind this process; limits that the system will not set are passed over."""
    for name, most in (
        (resource.RLIMIT_AS, ADDRESS_SPACE),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(name, (most, most))
        except (ValueError, OSError):
            continue


class Looker:
    """dlib's detector, five points and measure, loaded once."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder / "lib"))
        self.dlib = __import__("dlib")
        self.detector = self.dlib.get_frontal_face_detector()
        self.points = self.dlib.shape_predictor(str(folder / "models" / "shape_predictor_5_face_landmarks.dat"))
        self.net = self.dlib.face_recognition_model_v1(
            str(folder / "models" / "dlib_face_recognition_resnet_model_v1.dat")
        )

    def find(self, pixels: Any) -> Any:
        """Where the largest face is. A large picture is searched at half its size first: a quarter of the work, and who
        takes a picture of their face fills it."""
        if max(pixels.shape[:2]) > SMALL:
            half = numpy.ascontiguousarray(pixels[::HALF, ::HALF])
            if found := self.detector(half, 0):
                box = largest(found)
                sides = (box.left(), box.top(), box.right(), box.bottom())
                return self.dlib.rectangle(*(HALF * side for side in sides))
            found = self.detector(pixels, 0)
        else:
            found = self.detector(pixels, 0) or self.detector(pixels, 1)
        return largest(found) if found else None

    def look(self, picture: bytes, *, measure: bool) -> dict[str, Any] | None:
        """The largest face."""
        pixels = read(picture)
        if pixels is None:
            return None
        box = self.find(pixels)
        if box is None:
            return None
        shape = self.points(pixels, box)
        turn, tilt, eyes = pose([(shape.part(place).x, shape.part(place).y) for place in range(5)])
        numbers = list(self.net.compute_face_descriptor(pixels, shape)) if measure else []
        return {
            "measure": [round(number, 6) for number in numbers],
            "turn": turn,
            "tilt": tilt,
            "size": eyes / pixels.shape[1],
        }


def largest(found: Any) -> Any:
    """The largest of some boxes."""
    return max(found, key=lambda box: box.area())


def pose(points: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Turn, tilt and eye distance from dlib's five points: outer and inner corner of the person's left eye, of the
    right one, and the nose's base."""
    left = ((points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2)
    right = ((points[2][0] + points[3][0]) / 2, (points[2][1] + points[3][1]) / 2)
    across, down = left[0] - right[0], left[1] - right[1]
    eyes = math.hypot(across, down) or 1.0
    nose_across = points[4][0] - (left[0] + right[0]) / 2
    nose_down = points[4][1] - (left[1] + right[1]) / 2
    turn = (nose_across * across + nose_down * down) / eyes / eyes
    return round(turn, 4), round(math.degrees(math.atan2(down, across)), 2), eyes


def read(picture: bytes) -> Any:
    """The pixels, at most 800 on the longer side; None for what is no picture of a bounded size."""
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            image = opened.convert("RGB")
            image.thumbnail((LARGE, LARGE))
            return numpy.asarray(image)
    except (OSError, ValueError, SyntaxError):
        return None


def exactly(source: BinaryIO, size: int) -> bytes:
    """So many bytes; EOFError when there are fewer."""
    body = source.read(size)
    if len(body) < size:
        raise EOFError
    return body


def answer(looker: Looker, source: BinaryIO) -> list[dict[str, Any] | None]:
    """One request."""
    (count,) = struct.unpack(">I", exactly(source, 4))
    faces = []
    for _one in range(min(count, MOST)):
        measure, size = struct.unpack(">BI", exactly(source, 5))
        if size > MAX_BYTES:
            raise EOFError
        faces.append(looker.look(exactly(source, size), measure=bool(measure)))
    return faces


def main() -> None:
    looker = Looker(Path(sys.argv[1]))
    bind()
    while True:
        try:
            faces = answer(looker, sys.stdin.buffer)
        except EOFError:
            return
        sys.stdout.write(json.dumps(faces) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
