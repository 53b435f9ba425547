"""People who apply twice: the face of an applicant among those of the living identities.

Exact, over those of the same sex and nearly the same birth year. The measures lie sealed (requirement 17), so an index
inside the database, which would have to hold them open, is not used: docs/decisions/0077.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

import numpy
from django.db import connection

from meydan.identity.models import FaceRecord, Identity, face_block
from meydan.identity.models.enrolment import DUPLICATE_FACE, MEASURE
from meydan.identity.models.sealing import unseal_each

ONE_SEARCHES = (1_296_389_465, 77)
YEARS = 2
READ, OPEN = 4096, 512
"""Rows that are read at a time, and measures that are open: a quarter of a megabyte, which a core's own cache holds."""
KEY = 16
_SEALED = "select uuid_send(identity_id) || sealed from {} where block = any(%s) and engine = %s"
"""One value of each row, out of the index alone: two cost the worker half as much again."""


def find_like(measure: bytes, *, sex: str, year: int, engine: str, but: Identity | None = None) -> Identity | None:
    """The living identity whose face is nearest, if it is near enough that a person should look; None else. Within a
    transaction, which others who search wait for: of two who apply at once with one face, the second finds the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", ONE_SEARCHES)
    wanted, best, nearest = _opened([measure]), DUPLICATE_FACE**2, None
    for rows, measures in _candidates(sex, year, engine):
        apart = measures - wanted
        squares = numpy.einsum("ij,ij->i", apart, apart)
        for place in numpy.flatnonzero(squares < best).tolist():
            key = UUID(bytes=rows[place][:KEY])
            if squares[place] < best and (but is None or key != but.pk):
                best, nearest = float(squares[place]), key
    return Identity.objects.filter(pk=nearest).first() if nearest else None


def _candidates(sex: str, year: int, engine: str) -> Iterator[tuple[Sequence[bytes], Any]]:
    """Rows that begin with the identity's key, and the numbers of each. Who has ended, or said so, has no measure any
    more.

    Read as they lie, past Django's models: a city of a million has thirty thousand for each search.
    """
    sexes = {sex, ""} if sex else {"", "F", "M", "X"}
    blocks = [face_block(one, year + step) for one in sexes for step in range(-YEARS, YEARS + 1)]
    statement = _SEALED.format(FaceRecord._meta.db_table)
    with closing(connection.connection.cursor("faces", binary=True)) as cursor:
        cursor.execute(statement, (blocks, engine))
        while read := cursor.fetchmany(READ):
            for at in range(0, len(read), OPEN):
                rows = [row for (row,) in read[at : at + OPEN]]
                yield rows, _opened(unseal_each(rows, MEASURE, start=KEY))


def _opened(measures: Sequence[bytes]) -> Any:
    """Little-endian float32, a row for each."""
    return numpy.frombuffer(b"".join(measures), "<f4").reshape(len(measures), -1)
