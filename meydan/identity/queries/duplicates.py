"""People who apply twice: the face of an applicant among those of the living identities.

Exact, over those of the same sex and nearly the same birth year. The measures lie sealed (requirement 17), so an index
inside the database, which would have to hold them open, is not used: docs/decisions/0077.
"""

from array import array
from collections.abc import Iterator
from math import dist
from uuid import UUID

from django.db import connection

from meydan.identity.models import FaceRecord, Identity, face_block
from meydan.identity.models.enrolment import DUPLICATE_FACE, MEASURE
from meydan.identity.models.sealing import unseal

ONE_SEARCHES = (1_296_389_465, 77)
YEARS = 2
BATCH = 1000


def find_like(measure: bytes, *, sex: str, year: int, engine: str, but: Identity | None = None) -> Identity | None:
    """The living identity whose face is nearest, if it is near enough that a person should look; None else. Within a
    transaction, which others who search wait for: of two who apply at once with one face, the second finds the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", ONE_SEARCHES)
    wanted, best, nearest = array("f", measure), DUPLICATE_FACE, None
    for key, sealed in _candidates(sex, year, engine):
        apart = dist(wanted, array("f", unseal(sealed, MEASURE)))
        if apart < best and (but is None or key != but.pk):
            best, nearest = apart, key
    return Identity.objects.filter(pk=nearest).first() if nearest else None


def _candidates(sex: str, year: int, engine: str) -> Iterator[tuple[UUID, bytes | memoryview]]:
    sexes = {sex, ""} if sex else {"", "F", "M", "X"}
    blocks = [face_block(one, year + step) for one in sexes for step in range(-YEARS, YEARS + 1)]
    rows = FaceRecord.objects.filter(block__in=blocks, engine=engine, identity__ended_at=None)
    return rows.values_list("identity_id", "sealed").iterator(chunk_size=BATCH)
