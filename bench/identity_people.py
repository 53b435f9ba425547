"""Who applies in `bench.identity`, which faces they show, and the registry that knows them.

Drawn faces are much alike: of a hundred hardly three are as far from one another as people are. So those who apply are
of 32 kinds (both sexes, births five years apart) that are never compared with each other, have one of two faces in
turn, and their measure is deleted once they have their credential (`identity_crowd`). A few apply twice, as somebody
would who wants a second identity: with the same face, and other papers. These are of the third sex that papers know,
and their measure stays: whoever comes with it again must be caught.
"""

import json
import time
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from bench.harness import BenchError
from meydan.identity.models import Claims
from meydan.identity.models.faces import Face, distance, shows
from meydan.identity.plugins.faces import engine
from meydan.identity.tests.registry_server import RegistryServer
from meydan.site.portrait_drawings import Pose
from tests.load.holding import POSES, take_picture

FIRST_YEAR, YEARS, YEARS_APART = 1940, 80, 5
SEXES = "FM"
FACES, APART = 2, 0.46
"""So many drawn people with so much between their measures: more than where a second record is asked about (0.42)."""
MOST_AGAIN = FACES * YEARS // YEARS_APART
PORTRAIT, FRAME = 640, 320
"""Pixels of the registry's portrait and of one's own, and of a film's frame."""
A_YEAR = timedelta(days=365)


def claims_of(number: int, sexes: str = SEXES) -> Claims:
    """Whom the registry knows by this number: of another sex than the one before, or born five years later."""
    later = YEARS_APART * (number // len(sexes)) % YEARS
    return Claims(
        number=f"BN{number + 100_000}",
        given_name="Amina",
        family_name="Idrissi",
        birth_date=date(FIRST_YEAR + later, 1, 1) + timedelta(days=number % 365),
        sex=sexes[number % len(sexes)],
        nationality="MAR",
    )


def list_people(whole: int, again: int, beside: int) -> list[dict[str, Any]]:
    """`said`: what the registry says of each; `look`: which of the drawn people they are; `stays`: their measure is not
    deleted; `again`: they have applied before. Of the `whole`, the first `again` come once more as the last; those
    `beside` follow."""
    people, apart = list[dict[str, Any]](), len(SEXES) * YEARS // YEARS_APART
    for place in range(whole + beside):
        first = place if place < again else place - whole + again if whole - again <= place < whole else None
        if first is None:
            claims, look = claims_of(place), place // apart % FACES
        else:
            claims, look = claims_of(first, "X"), first * YEARS_APART // YEARS % FACES
        if first is not None and first != place:
            other = {"number": claims_of(place).number, "birth_date": claims.birth_date + A_YEAR}
            claims = claims.model_copy(update=other)
        said = claims.model_dump(mode="json")
        people.append({"said": said, "look": look, "stays": first == place, "again": first not in (None, place)})
    return people


def write_registered(people: Sequence[dict[str, Any]], file: Path) -> None:
    """A line of JSON for each."""
    file.write_text("".join(json.dumps(one["said"]) + "\n" for one in people), "utf-8")


def choose_faces() -> list[int]:
    """Two drawn people who are unlike, drawn in all poses before the clock runs: such as the engine can follow. A
    drawing is no photo, and of some it loses the face where a head turns."""
    camera, seen = engine(), dict[int, Face]()
    if camera is None:
        raise BenchError("Nothing compares faces here: bin/meydan faces install")
    for person in count(1):
        (own,) = camera.look([take_picture(person, Pose(), PORTRAIT)], measured={0})
        if own is None:
            continue
        for other, face in seen.items():
            if distance(own.measure, face.measure) > APART and all(map(_can_follow, (other, person))):
                return [other, person]
        seen[person] = own
    raise AssertionError


@cache
def _can_follow(person: int) -> bool:
    camera = engine()
    assert camera is not None
    film = [take_picture(person, pose, FRAME) for pose in (Pose(), *POSES.values())]
    first, *others = camera.look(film, measured=())
    return first is not None and all(one and shows(pose, one, first) for pose, one in zip(POSES, others, strict=True))


class Registry(RegistryServer):
    """Knows those who apply, each with the portrait of the face that they will show. `spent`: seconds of CPU."""

    spent = 0.0

    def __init__(self, people: Sequence[dict[str, Any]], port: int) -> None:
        super().__init__(port)
        self.people = {one["said"]["number"]: one["said"] for one in people}
        self.faces = {one["said"]["number"]: one["face"] for one in people}

    def portrait_of(self, number: str) -> bytes:
        """Each their own."""
        return take_picture(self.faces[number], Pose(), PORTRAIT)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """A thread answers one question, and has done nothing else."""
        super().process_request_thread(request, client_address)
        self.spent += time.thread_time()
