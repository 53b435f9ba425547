"""Faces by dlib: its detector, the five-point model and the ResNet measure, in a child process that gives way.

Installed by `meydan faces install` under `<data>/face` (site/faces.py). The 68-point model is never fetched or loaded:
its data may not be used in a commercial product (docs/decisions/0076).
"""

import json
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from meydan.identity.models.faces import CannotLook, Face
from meydan.kernel.config import config

Child: TypeAlias = "subprocess.Popen[bytes]"
CHECKOUT = Path(__file__).parents[3]
START = "import sys; sys.path.insert(0, sys.argv[1]); from meydan.identity.plugins.face_child import main; main()"
WALL_SECONDS = 90.0  # for one application: a third of a second of work, which gives way to others for some seconds
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
MODELS = ("shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat")


def folder() -> Path:
    """Where the engine lies."""
    return config().data / "face"


def is_installed() -> bool:
    """Whether it is there, whole: the stamp is written last."""
    return (folder() / "stamp").is_file()


class DlibEngine:
    """As many children as ask at a time, started when they are needed (1.2 s, 70 MB) and again after one died."""

    name = "dlib-resnet-v1"

    def __init__(self) -> None:
        self._idle: deque[Child] = deque()

    def look(self, pictures: Sequence[bytes], *, measured: Collection[int]) -> list[Face | None]:
        """As the protocol says."""
        try:
            child = self._take()
        except OSError as error:
            raise CannotLook(str(error)) from error
        try:
            said = _ask(child, _framed(pictures, measured))
        except (OSError, ValueError) as error:
            _end(child)
            raise CannotLook(str(error)) from error
        self._idle.append(child)
        return [_face(one) for one in said]

    def _take(self) -> Child:
        while True:
            try:
                child = self._idle.pop()
            except IndexError:
                return _start()
            if child.poll() is None:
                return child
            _end(child)

    def stop(self) -> None:
        """End the children; the next question starts another."""
        while self._idle:
            _end(self._idle.pop())


def _ask(child: Child, request: bytes) -> list[dict[str, Any] | None]:
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child has no pipes")
    watch = threading.Timer(WALL_SECONDS, child.kill)
    watch.start()
    try:
        child.stdin.write(request)
        child.stdin.flush()
        answer = child.stdout.readline()
    finally:
        watch.cancel()
    said: list[dict[str, Any] | None] = json.loads(answer or b"null") or []
    if not answer or not isinstance(said, list):
        raise ValueError("the child died")
    return said


def _end(child: Child) -> None:
    child.kill()
    child.communicate()


def _start() -> Child:
    return subprocess.Popen(
        (sys.executable, "-I", "-B", "-c", START, str(CHECKOUT), str(folder())),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ONE_THREAD,
        cwd="/",
    )


def _framed(pictures: Sequence[bytes], measured: Collection[int]) -> bytes:
    """The count, then for each picture whether it is measured, its length, its bytes (big-endian)."""
    parts = [struct.pack(">I", len(pictures))]
    for place, picture in enumerate(pictures):
        parts += [struct.pack(">BI", place in measured, len(picture)), picture]
    return b"".join(parts)


def _face(said: dict[str, Any] | None) -> Face | None:
    if said is None:
        return None
    return Face(tuple(said["measure"]), said["turn"], said["tilt"], said["size"])
