"""The scene of the club's tests: people, reports that come to their end, and a worker that reacts at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from meydan.accounts.public import Person
from meydan.club.actions import set_badge, settle
from meydan.club.models import Award, Badge
from meydan.club.queries.kinds import kinds_by
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.facts import FACT_TYPES
from meydan.kernel.models import FactRecord
from meydan.reports.actions import close_as_solved, confirm_solution
from meydan.reports.models import Report
from meydan.reports.tests.cast import make_actor, make_report


def make_badge(code: str = "helper", *, levels: Sequence[int] = (1, 3), **values: Any) -> Badge:
    """A badge for confirmed repairs, without caps."""
    wanted = {"kinds": ["report-confirmed"], "icon": "hammer", "text": {"en": "For repairs"}, **values}
    return set_badge(SYSTEM, code=code, name={"en": code.title(), "ar": "مساعد"}, levels=levels, **wanted)


def make_officer() -> Actor:
    """Somebody who solves what is reported."""
    return make_actor("officer", Role.OFFICER, departments=("roads", "maarif-roads"))


def solve(reporter: Actor, officer: Actor) -> Report:
    """A report, solved and confirmed; the club has not looked yet."""
    report = make_report(reporter)
    close_as_solved(officer, report.number, text="Filled")
    confirm_solution(reporter, report.number)
    return report


def look(reference: str) -> None:
    """What the worker does with the facts about a subject."""
    names = set(FactRecord.objects.filter(subject=reference).values_list("name", flat=True))
    for kind in {kind.code: kind for name in names for kind in kinds_by(FACT_TYPES[name])}.values():
        settle(kind, reference)


def contribute(reporter: Actor, officer: Actor, times: int = 1) -> list[Report]:
    """Confirmed repairs that the club has seen."""
    reports = [solve(reporter, officer) for _number in range(times)]
    for report in reports:
        look(report.reference)
    return reports


def levels_of(person: UUID | None, badge: str = "helper") -> list[int]:
    """The levels that somebody holds now."""
    return sorted(Award.objects.filter(person=person, badge=badge, revoked_at=None).values_list("level", flat=True))


def person_of(actor: Actor) -> Person:
    """Their account."""
    assert actor.person_id
    return Person.objects.get(pk=actor.person_id)


def email_of(actor: Actor) -> str:
    """Their address."""
    return person_of(actor).email or ""
