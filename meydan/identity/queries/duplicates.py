"""People who apply twice: the face of an applicant among those of the living identities.

Exact, over those of the same sex and nearly the same birth year. The measures lie sealed (requirement 17), so an index
inside the database, which would have to hold them open, is not used: docs/decisions/0077.
"""

from array import array
from collections.abc import Iterator
from math import dist

from meydan.identity.models import FaceRecord, Identity, face_block
from meydan.identity.models.enrolment import DUPLICATE_FACE

YEARS = 2
BATCH = 1000


def find_like(measure: bytes, *, sex: str, year: int, engine: str, but: Identity | None = None) -> Identity | None:
    """The living identity whose face is nearest, if it is near enough that a person should look; None else."""
    wanted, best, nearest = array("f", measure), DUPLICATE_FACE, None
    for record in _candidates(sex, year, engine):
        apart = dist(wanted, array("f", record.measure))
        if apart < best and (but is None or record.identity_id != but.pk):
            best, nearest = apart, record.identity_id
    return Identity.objects.filter(pk=nearest).first() if nearest else None


def _candidates(sex: str, year: int, engine: str) -> Iterator[FaceRecord]:
    sexes = {sex, ""} if sex else {"", "F", "M", "X"}
    blocks = [face_block(one, year + step) for one in sexes for step in range(-YEARS, YEARS + 1)]
    rows = FaceRecord.objects.filter(block__in=blocks, engine=engine, identity__ended_at=None)
    return rows.only("sealed", "identity_id").iterator(chunk_size=BATCH)
