"""Changes to many reports at once."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from meydan.accounts.public import Person, list_officers
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.reports.models import MOST_AT_ONCE, BulkChange, BulkItem, Entry, Report, Team
from meydan.reports.policies import OVERSEERS, may_see_worklist
from meydan.reports.queries.labels import Labels, labels
from meydan.reports.queries.listing import LISTED, Row
from meydan.reports.queries.one import visible_to


def find_change(actor: Actor, key: UUID | None) -> BulkChange | None:
    """The actor's own change with this key, if there is one."""
    return _own(actor).filter(pk=key).first() if key else None


def show_change(actor: Actor, key: UUID) -> BulkChange:
    """The actor's own change. Raises `NotFound`."""
    demand(may_see_worklist(actor), actor)
    change = find_change(actor, key)
    if change is None:
        raise NotFound
    return change


def lock_change(actor: Actor, key: UUID) -> BulkChange:
    """The same, locked until the transaction ends."""
    change = _own(actor).select_for_update().filter(pk=key).first()
    if change is None:
        raise NotFound
    return change


def _own(actor: Actor) -> QuerySet[BulkChange]:
    return BulkChange.objects.filter(person__isnull=False, person=actor.person_id)


def list_items(actor: Actor, change: BulkChange) -> list[BulkItem]:
    """The reports of the actor's change, by number."""
    return list(change.items.select_related("report").order_by("report"))


def last_entry(report: Report) -> Entry | None:
    """The last line of the report's timeline."""
    return Entry.objects.filter(report=report).order_by("-id").first()


def list_chosen(actor: Actor, numbers: list[int]) -> list[Row]:
    """The chosen reports that the actor may see, by number: rows as of a list, with the department."""
    demand(may_see_worklist(actor), actor)
    rows = Report.objects.filter(visible_to(actor), pk__in=numbers[:MOST_AT_ONCE]).order_by("number")
    return list(rows.values(*LISTED, "department_id"))


def list_hands(actor: Actor, departments: AbstractSet[str]) -> tuple[Sequence[Person], Sequence[Team]]:
    """Who may be given the cases of these departments (codes): officers, and offices. They are choices of a form, as
    known a moment ago (`labels`); the action that gives a case asks again."""
    demand(may_see_worklist(actor), actor)
    return _hands(labels(), frozenset(departments))


@lru_cache(maxsize=64)
def _hands(_known: Labels, departments: frozenset[str]) -> tuple[Sequence[Person], Sequence[Team]]:
    """Remembered for as long as the names are, and forgotten with them."""
    teams = Team.objects.filter(department__in=departments, active=True)
    ordered = teams.select_related("department").order_by("department", "code")
    return tuple(list_officers(departments)), tuple(ordered)


def own_departments(actor: Actor) -> set[str] | None:
    """The codes of the departments whose cases the actor sees; None for all of them."""
    return None if actor.is_system or actor.has(*OVERSEERS) else set(actor.departments)
