"""The child process that looks for faces and number plates. Runs alone: `python -I seeing_child.py < picture > boxes`.

It binds itself before it reads a byte, as `imaging_child.py` does. OpenCV is imported here and nowhere else. The result
is one line of JSON: boxes as `[x, y, width, height]`, in parts of the picture's width and height.
"""

import contextlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import cv2.data
import numpy

MAX_BYTES = 25 * 1024 * 1024
ADDRESS_SPACE = 1024 * 1024 * 1024
CPU_SECONDS = 8
MAX_FOUND = 40
Box = list[float]


@dataclass(frozen=True)
class Sight:
    """What is looked for: the cascade, the longer side (pixels) it looks at, the smallest thing it takes for one
    (pixels), and how many of its windows must agree. Why these: docs/security/photos.md."""

    cascade: str
    side: int
    smallest: tuple[int, int]
    agree: int


SIGHTS = (
    Sight("haarcascade_frontalface_default.xml", 1000, (24, 24), 4),
    Sight("haarcascade_russian_plate_number.xml", 1280, (40, 13), 3),
)


def bind() -> None:
    """Bind this process. Limits that the system does not know, or will not set, are passed over."""
    bounds = {
        resource.RLIMIT_AS: ADDRESS_SPACE,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 1024 * 1024,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for name, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (most, most))


def look(data: bytes) -> list[Box]:
    """Everything that may be a face or a plate. Raises whatever OpenCV raises."""
    cv2.setNumThreads(1)
    whole = cv2.imdecode(numpy.frombuffer(data, dtype=numpy.uint8), cv2.IMREAD_GRAYSCALE)
    if whole is None:
        raise ValueError("not a picture")
    return [box for sight in SIGHTS for box in find(sight, shrink(whole, sight.side))][:MAX_FOUND]


def find(sight: Sight, picture: Any) -> Iterator[Box]:
    """What one cascade finds."""
    cascade = cv2.CascadeClassifier(os.path.join(cv2.data.haarcascades, sight.cascade))
    height, width = picture.shape[:2]
    boxes = cascade.detectMultiScale(
        picture, scaleFactor=1.1, minNeighbors=sight.agree, minSize=sight.smallest, maxSize=(width, height)
    )
    for x, y, w, h in boxes:
        yield [round(float(part), 4) for part in (x / width, y / height, w / width, h / height)]


def shrink(picture: Any, side: int) -> Any:
    """The picture with at most `side` pixels on its longer side."""
    height, width = picture.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return picture
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def main() -> None:
    bind()
    sys.stdout.write(json.dumps(look(sys.stdin.buffer.read(MAX_BYTES))))


if __name__ == "__main__":
    main()
