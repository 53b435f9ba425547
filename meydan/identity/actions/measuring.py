"""How often the face check errs, by group, on pictures that the operator has (NIST SP 800-63A; ISO/IEC 19795-1).

FNMR: two pictures of one person that the check would not take for one. FMR: two people of one group taken for one. The
bounds are one-sided, 95 %, exact (Clopper-Pearson): with no error among n pairs about 3/n. They treat pairs as
independent, which pairs that share a person are not: the true bounds are wider.
"""

import csv
import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from meydan.identity.models.enrolment import SAME_FACE
from meydan.identity.models.faces import CannotLook, Face, FaceEngine, distance
from meydan.identity.plugins.faces import engine
from meydan.kernel.errors import Unavailable

MOST_PICTURES = 5000
MOST_BYTES = 4 * 2**20
AT_ONCE = 8
SURE = 0.95


@dataclass(frozen=True)
class Measured:
    """The engine's name, and for each group: persons, pairs, errors, upper bounds in percent."""

    engine: str
    groups: list[dict[str, int | float | str]]


def measure_faces(folder: Path) -> Measured:
    """Look at all pictures that `people.csv` (file, person, group) names. Raises `Unavailable` without an engine, and
    OSError or ValueError for a list that cannot be read."""
    camera = engine()
    if camera is None:
        raise Unavailable("No engine is installed: meydan faces install")
    with (folder / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = [(row["file"], row["person"], row["group"]) for row in csv.DictReader(file)][:MOST_PICTURES]
    seen: dict[str, list[tuple[str, Face | None]]] = defaultdict(list)
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        looked = _look(camera, [_read(folder / Path(name).name) for name, _person, _group in part])
        for (_name, person, group), face in zip(part, looked, strict=True):
            seen[group].append((person, face))
    return Measured(camera.name, [_count(group, faces) for group, faces in sorted(seen.items())])


def _read(file: Path) -> bytes:
    with file.open("rb") as source:
        return source.read(MOST_BYTES)


def _look(camera: FaceEngine, pictures: list[bytes]) -> list[Face | None]:
    try:
        return camera.look(pictures, measured=set(range(len(pictures))))
    except CannotLook as error:
        raise Unavailable(str(error)) from error


def _count(group: str, faces: list[tuple[str, Face | None]]) -> dict[str, int | float | str]:
    found = [(person, face) for person, face in faces if face is not None]
    same = other = missed = mixed = 0
    for (one, face), (two, against) in combinations(found, 2):
        near = distance(face.measure, against.measure) <= SAME_FACE
        if one == two:
            same, missed = same + 1, missed + (not near)
        else:
            other, mixed = other + 1, mixed + near
    return {
        "group": group[:60],
        "persons": len({person for person, _face in faces}),
        "unseen": len(faces) - len(found),
        "pairs_same": same,
        "pairs_other": other,
        "missed": missed,
        "mixed": mixed,
        "missed_most": round(100 * upper_bound(missed, same), 2),
        "mixed_most": round(100 * upper_bound(mixed, other), 4),
    }


def upper_bound(errors: int, pairs: int) -> float:
    """The rate that is not exceeded with 95 % sureness (Clopper-Pearson, one-sided), by bisection; 1 without pairs."""
    if errors >= pairs:
        return 1.0
    low, high = errors / pairs, 1.0
    for _halving in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(errors, pairs, middle) > 1 - SURE else (low, middle)
    return high


def _at_most(errors: int, pairs: int, rate: float) -> float:
    """The chance of at most so many errors, at this rate."""
    if rate >= 1:
        return 0.0
    logs = [
        math.lgamma(pairs + 1)
        - math.lgamma(count + 1)
        - math.lgamma(pairs - count + 1)
        + (count * math.log(rate) if count else 0.0)
        + (pairs - count) * math.log1p(-rate)
        for count in range(errors + 1)
    ]
    highest = max(logs)
    return min(1.0, math.exp(highest) * sum(math.exp(one - highest) for one in logs))
