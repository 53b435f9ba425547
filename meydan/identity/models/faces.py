"""What a machine may say of faces: the shape that every engine has, and the judgement over what it measured."""

import math
import secrets
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from meydan.identity.models.enrolment import CHALLENGE_LENGTH, CHALLENGE_SECONDS, OTHER_FACE, SAME_FACE

POSES = ("left", "right", "tilt_left", "tilt_right", "closer")
"""What a challenge may ask for, from the person's own side: all of it can be read from five points of a face."""
MOVEMENTS = POSES[:4]
TURNED = 0.12
TILTED = 12.0
CLOSER = 1.25
"""From when on a pose counts: the nose's offset between the eyes (in eye distances), degrees, and growth of the face
against its first frame."""
LEAST_FRAMES = 4
CLEARLY = 1.6
"""How many times the threshold a movement is that nobody makes by the way."""


@dataclass(frozen=True)
class Face:
    """The largest face of a picture. `measure`: 128 numbers, none where it was not asked for; two of one person lie
    nearer than two of different ones.
    `turn`: the nose's offset between the eyes in eye distances, positive to the person's left; `tilt` in degrees,
    positive to their left shoulder; `size`: the eye distance in parts of the picture's width."""

    measure: tuple[float, ...]
    turn: float
    tilt: float
    size: float


class FaceEngine(Protocol):
    """Whatever can find and measure faces. It runs beside the worker, in a process that gives way to all others."""

    name: str

    def look(self, pictures: Sequence[bytes], *, measured: Collection[int]) -> list[Face | None]:
        """The largest face in each of these JPEGs, None where there is none; measured are those with these places.
        Raises `CannotLook`."""


class CannotLook(Exception):
    """The engine is missing, or failed: a person compares the pictures."""


def draw_poses() -> list[str]:
    """What the next challenge asks for: three poses in random order, of 54 possible sequences. A turn is always among
    them: a printed photo can be leaned and brought closer."""
    dice = secrets.SystemRandom()
    while not set(poses := dice.sample(POSES, CHALLENGE_LENGTH)) & {"left", "right"}:
        pass
    return poses


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Between two measures (Euclidean)."""
    return math.dist(one, other)


def pack(measure: Sequence[float]) -> bytes:
    """A measure as it is sealed: little-endian float32."""
    return array("f", measure).tobytes()


def shows(pose: str, face: Face, first: Face, *, clearly: float = 1.0) -> bool:
    """Whether the face does what was asked for, against the first frame of the challenge; so many times as much."""
    return {
        "left": face.turn - first.turn > TURNED * clearly,
        "right": first.turn - face.turn > TURNED * clearly,
        "tilt_left": face.tilt - first.tilt > TILTED * clearly,
        "tilt_right": first.tilt - face.tilt > TILTED * clearly,
        "closer": face.size > first.size * CLOSER,
    }[pose]


def choose_measured(frames: int) -> set[int]:
    """Which of so many frames are measured: the first, and two that nobody knows beforehand."""
    later = range(1, frames)
    return {0, *secrets.SystemRandom().sample(later, min(2, len(later)))} if frames else set()


def answers_challenge(poses: Sequence[str], frames: Sequence[tuple[int, Face | None]], still: Face) -> bool:
    """Whether the frames (milliseconds, face) show the poses in their order within the time, in the face of `still`.

    An active challenge, no certified liveness: a printed picture and another person do not pass it; a played or made
    video through a virtual camera may (docs/security/faces.md).
    """
    seen = [face for _millis, face in sorted(frames, key=lambda one: one[0]) if face is not None]
    if len(seen) < LEAST_FRAMES or not poses:
        return False
    if max(millis for millis, _face in frames) - min(millis for millis, _face in frames) > CHALLENGE_SECONDS * 1000:
        return False
    level = [face for face in seen if face.measure and abs(face.turn) < TURNED]
    if not level or any(distance(face.measure, still.measure) > OTHER_FACE for face in level):
        return False
    return _in_order(list(poses), seen)


def _in_order(left: list[str], seen: Sequence[Face]) -> bool:
    """Each pose in its turn, and no clear movement that was not asked for: else a film that goes through all of them
    again and again would pass. Who came closer may stay there."""
    last = ""
    for face in seen[1:]:
        if left and shows(left[0], face, seen[0]):
            last = left.pop(0)
            continue
        awaited = {last, left[0] if left else ""}
        if any(shows(one, face, seen[0], clearly=CLEARLY) for one in MOVEMENTS if one not in awaited):
            return False
    return not left


def compare(portrait: Face, still: Face) -> tuple[Literal["same", "other", "between"], float]:
    """Whether two pictures show one person: same, between or other; and the distance."""
    apart = distance(portrait.measure, still.measure)
    return ("same" if apart <= SAME_FACE else "other" if apart > OTHER_FACE else "between"), apart
