"""A day long past with a few facts, and its seal, for tests that need one."""

from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import UUID, uuid4

from meydan.kernel import seals
from meydan.kernel.models import FactRecord, Seal

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_fact(
    moment: datetime = NOON, person: UUID | None = None, name: str = "kernel.personal_data_shown"
) -> FactRecord:
    """A fact as an action would have recorded it at that moment."""
    return FactRecord.objects.create(
        name=name,
        subject="report:1",
        persons=[person or uuid4()],
        actor=uuid4(),
        roles=["officer"],
        departments=["roads"],
        channel="web",
        data={"what": "The reporter's contact", "watts": 40.0, "far": 2**60, "text": "مصباح"},
        recorded_at=moment,
    )


def seal_until(moment: datetime) -> list[Seal]:
    """Seal as if it were this moment."""
    with mock.patch.object(seals, "now", lambda: moment):
        return list(seals.seal_days())


def seal_a_day() -> Seal:
    """A day with one fact, which nobody knows of, sealed."""
    make_fact()
    return seal_until(NOON + timedelta(days=1))[-1]
