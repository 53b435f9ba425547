"""The search of people who apply twice: exact, over as many as there are."""

import pytest

from meydan.identity.models import FaceRecord, Identity, face_block
from meydan.identity.models.enrolment import DUPLICATE_FACE
from meydan.identity.models.faces import pack
from meydan.identity.queries import duplicates
from meydan.identity.tests.cast import CLAIMS, a_face, make_identity, make_person
from meydan.kernel.errors import Unavailable

pytestmark = pytest.mark.django_db
SEX, YEAR, ENGINE = "F", 1990, "tests"
NEAR = DUPLICATE_FACE - 0.01


def _remember(number: int, shift: float, *, year: int = YEAR, engine: str = ENGINE) -> Identity:
    identity = make_identity(make_person(f"person{number}"), CLAIMS.model_copy(update={"number": f"BN{number:06}"}))
    row = FaceRecord(identity=identity, block=face_block(SEX, year), engine=engine)
    row.measure = pack(a_face(shift).measure)
    row.save(force_insert=True)
    return identity


def _find(but: Identity | None = None) -> Identity | None:
    return duplicates.find_like(pack(a_face().measure), sex=SEX, year=YEAR, engine=ENGINE, but=but)


@pytest.mark.parametrize(("read", "opened"), [(4, 2), (3, 3), (4096, 512)])
@pytest.mark.parametrize("place", [0, 3, 6])
def test_the_nearest_of_all_portions_is_found(
    monkeypatch: pytest.MonkeyPatch, read: int, opened: int, place: int
) -> None:
    monkeypatch.setattr(duplicates, "READ", read)
    monkeypatch.setattr(duplicates, "OPEN", opened)
    shifts = [NEAR, DUPLICATE_FACE + 0.01, 3.0, NEAR, -NEAR, 2.0, NEAR]
    shifts[place] = 0.2
    all_of_them = [_remember(number, shift) for number, shift in enumerate(shifts)]
    assert _find() == all_of_them[place]
    found = _find(but=all_of_them[place])
    assert found is not None and found != all_of_them[place], "but the next of those that are near enough"


def test_who_is_not_near_enough_or_of_another_block_or_engine_is_nobody() -> None:
    _remember(1, DUPLICATE_FACE + 0.001)
    _remember(2, 0.0, year=YEAR + duplicates.YEARS + 1)
    _remember(3, 0.0, engine="other")
    assert _find() is None
    near = _remember(4, DUPLICATE_FACE - 0.001, year=YEAR - duplicates.YEARS)
    assert _find() == near


def test_a_measure_that_somebody_changed_is_never_passed_over() -> None:
    _remember(1, 0.0)
    row = FaceRecord.objects.get()
    sealed = bytearray(row.sealed)
    sealed[-1] ^= 1
    FaceRecord.objects.update(sealed=bytes(sealed))
    with pytest.raises(Unavailable):
        _find()
