"""The child process that finds and measures faces. Runs alone, as `face_dlib` starts it.

It binds itself before it reads a byte. Each request is framed as `face_dlib._framed` has it; the answer is one line of
JSON: a list of faces or nulls. dlib is imported here and nowhere else.
"""

import io
import json
import math
import os
import resource
import struct
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy
from PIL import Image

from meydan.identity.plugins.face_net import SIDE, Net
from meydan.kernel.bounded import give_way

MOST = 20
MAX_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 3_000_000
ADDRESS_SPACE = 2 * 1024 * 1024 * 1024
SMALL = 400  # px: a picture of at most this is looked at twice as large when nothing was found
LARGE = 800
SIDES = (200, 400)  # px of the longer side: a picture is searched so small first
LEAST = 60  # px: a face must be so large to be found without luck
TOGETHER = 5  # faces that are measured at once: what one application has
GIVES_WAY_SECONDS, NICENESS = 5.0, 10
MARGIN = 0.25  # around a face that is measured, as dlib's own model has it

Done = TypeVar("Done")


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
    """dlib's detector and five points, and its measure by our own reckoning, loaded once."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder / "lib"))
        self.dlib = __import__("dlib")
        self.detector = self.dlib.get_frontal_face_detector()
        self.points = self.dlib.shape_predictor(str(folder / "models" / "shape_predictor_5_face_landmarks.dat"))
        self.net = Net(folder / "models" / "dlib_face_recognition_resnet_model_v1.dat")

    def find(self, pixels: Any, share: float = 1.0) -> Any:
        """Where the largest face is. The whole picture is searched as small as SIDES first, a seventh of the work for a
        large one: who takes a picture of their face fills it. `share`, of the picture's longer side, is how large the
        face before was: where it would be too small to be found, nobody searches."""
        grey = Image.fromarray(pixels).convert("L")  # the detector has learnt from such, and is a fifth faster
        whole = max(grey.size)
        for side in [*(side for side in SIDES if side < whole and side * share >= LEAST), whole]:
            if found := self.detector(shrunk(grey, side / whole), 0):
                return self._grown(largest(found), whole / side)
        found = self.detector(numpy.asarray(grey), 1) if whole <= SMALL else None
        return largest(found) if found else None

    def _grown(self, box: Any, times: float) -> Any:
        sides = (box.left(), box.top(), box.right(), box.bottom())
        return self.dlib.rectangle(*(round(times * side) for side in sides))

    def look(self, picture: bytes, *, measure: bool, share: float = 1.0) -> "Seen | None":
        """The largest face."""
        pixels = read(picture)
        box = None if pixels is None else self.find(pixels, share)
        if box is None:
            return None
        shape = self.points(pixels, box)
        turn, tilt, eyes = pose([(shape.part(place).x, shape.part(place).y) for place in range(5)])
        begun = self.net.begin(self.dlib.get_face_chip(pixels, shape, SIDE, MARGIN)) if measure else None
        return Seen(turn, tilt, eyes / pixels.shape[1], box.width() / max(pixels.shape[:2]), begun)


@dataclass
class Seen:
    """A face. `share`: how large it is, of the picture's longer side; `begun`: what the net goes on from; the others as
    `models.faces.Face` has them."""

    turn: float
    tilt: float
    size: float
    share: float
    begun: Any = None
    measure: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """What the parent hears of it."""
        measure = [round(number, 6) for number in self.measure]
        return {"measure": measure, "turn": self.turn, "tilt": self.tilt, "size": self.size}


def shrunk(grey: Any, times: float) -> Any:
    """Pixels of a picture that is so many times as large, at least one each way."""
    if times == 1:
        return numpy.asarray(grey)
    return numpy.asarray(grey.resize([max(1, round(times * side)) for side in grey.size], Image.Resampling.BILINEAR))


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


class Patient:
    """A thread that takes only what nobody else wants of the machine, and this one, which takes its turn as others do.

    On a machine that is full for long the first would hardly ever go on, so what is left of a request after some
    seconds is done by the second. It is asked between two pictures, of a hundredth of a second or two each, and before
    the last layers of the measures.
    """

    def __init__(self, seconds: float = GIVES_WAY_SECONDS) -> None:
        self.seconds, self.until = seconds, 0.0
        self._last = ThreadPoolExecutor(1, initializer=give_way)
        self._last.submit(int).result()  # the thread begins before this process may have no more of them

    def begin(self) -> None:
        """A request has come."""
        self.until = time.monotonic() + self.seconds

    def do(self, work: Callable[[], Done]) -> Done:
        """A part of it."""
        return self._last.submit(work).result() if time.monotonic() < self.until else work()


def answer(looker: Looker, source: BinaryIO, patient: Patient) -> list[dict[str, Any] | None]:
    """One request."""
    (count,) = struct.unpack(">I", exactly(source, 4))
    patient.begin()
    faces, share = list[Seen | None](), 1.0
    for _one in range(min(count, MOST)):
        measured, size = struct.unpack(">BI", exactly(source, 5))
        if size > MAX_BYTES:
            raise EOFError
        look = partial(looker.look, exactly(source, size), measure=bool(measured), share=share)
        faces.append(patient.do(look))
        share = faces[-1].share if faces[-1] else share
    begun = [face for face in faces if face and face.begun is not None]
    for at in range(0, len(begun), TOGETHER):
        some = begun[at : at + TOGETHER]
        measures = patient.do(partial(looker.net.finish, [face.begun for face in some]))
        for face, measure in zip(some, measures, strict=True):
            face.measure = measure
    return [face.told() if face else None for face in faces]


def main() -> None:
    """Answer until nobody asks any more."""
    os.nice(NICENESS)
    looker, patient = Looker(Path(sys.argv[-1])), Patient()
    bind()
    while True:
        try:
            faces = answer(looker, sys.stdin.buffer, patient)
        except EOFError:
            return
        sys.stdout.write(json.dumps(faces) + "\n")
        sys.stdout.flush()
