"""The worklist. Each department's cases are read off its own index, in order, and only as many as the page shows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from meydan.accounts.public import Department
from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.policy import demand
from meydan.reports.models import OPEN, Filter, Report, State, WorkFilter
from meydan.reports.policies import OVERSEERS, may_see_worklist
from meydan.reports.queries.figures import count_open
from meydan.reports.queries.listing import LISTED, Page, Row, read_cursor
from meydan.reports.queries.tally import count_states
from meydan.reports.queries.words import narrow

MANY = 1000
"""Up to which an officer's own cases are counted."""
NOBODY = ""
"""Stands for the department of cases that nobody is responsible for."""
_WORKED = (*LISTED, "department_id", "officer__name", "officer_id")


def _departments(actor: Actor, wanted: WorkFilter) -> Sequence[str] | None:
    """The codes of the departments whose cases are asked for, as far as the actor sees them; None means all cases."""
    sees_all = actor.is_system or actor.has(*OVERSEERS)
    if wanted.department == "none":
        return [NOBODY] if sees_all else []
    if wanted.department:
        return [wanted.department] if sees_all or wanted.department in actor.departments else []
    return None if sees_all else sorted(actor.departments)


def _of(rows: QuerySet[Report], department: str) -> QuerySet[Report]:
    return rows.filter(department=department) if department != NOBODY else rows.filter(department__isnull=True)


def list_work(actor: Actor, wanted: WorkFilter, *, after: str = "", limit: int = 50) -> Page:
    """The cases of the actor's departments, the most urgent first; open ones unless a state is asked for.

    `after` is the `next` of the page before. `Invalid` when it is not one."""
    demand(may_see_worklist(actor), actor)
    departments = _departments(actor, wanted)
    usual = WorkFilter(department=wanted.department, overdue=wanted.overdue)
    if departments is not None and wanted == usual and NOBODY not in departments:
        return _page(_read_open(departments, after, limit + 1, overdue=wanted.overdue), limit)
    rows = narrow(Report.objects.all(), wanted if wanted.state else _open_only(wanted))
    if wanted.team:
        rows = rows.filter(team=wanted.team)
    if wanted.overdue:
        rows = rows.filter(due_on__lt=city_today(), state__in=OPEN)
    if after:
        due, number = read_cursor(after)
        rows = rows.filter(Q(due_on__gt=due) | Q(due_on=due, number__gt=number), due_on__gte=due)
    if wanted.mine or wanted.officer:
        rows = rows.filter(officer=wanted.officer or actor.person_id)
        found = _first(rows if departments is None else rows.filter(department__in=departments), limit)
    elif departments is None and wanted.state and not wanted.words:
        found = _merged(rows, [*Department.objects.values_list("code", flat=True), NOBODY], limit)
    else:
        found = _first(rows, limit) if departments is None else _merged(rows, departments, limit)
    return _page(found, limit)


def _page(found: list[Row], limit: int) -> Page:
    kept = found[:limit]
    return Page(kept, f"{kept[-1]['due_on']}_{kept[-1]['number']}" if len(found) > limit else None)


_OPEN_FIRST = f"""
select number, state, category_id, district_id, address, filed_at, closed_at, cover_id, due_on, paused_on, supporters,
       department_id, person.name, officer_id, left(description, 140)
  from unnest(%(departments)s::text[]) as own (department)
 cross join lateral (
    select * from reports_report
     where department_id = own.department and state in ({", ".join(f"'{state}'" for state in OPEN)})
       and (due_on, number) > (%(due)s, %(number)s) and due_on < %(before)s
     order by due_on, number limit %(limit)s) report
  left join accounts_person person on person.id = report.officer_id
 order by due_on, number limit %(limit)s"""


def _read_open(departments: Sequence[str], after: str, limit: int, *, overdue: bool) -> list[Row]:
    """The open cases of some departments, or only those overdue, as plain SQL: what officers look at all day."""
    due, number = read_cursor(after) if after else (date.min, 0)
    before = city_today() if overdue else date.max
    values: dict[str, Any] = {
        "departments": list(departments),
        "due": due,
        "number": number,
        "before": before,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_FIRST, values)
        return [dict(zip((*_WORKED, "summary"), row, strict=True)) for row in cursor.fetchall()]


def _first(rows: QuerySet[Report], limit: int) -> list[Row]:
    """One more than the page has, so that it knows whether another one follows."""
    return [{**row} for row in _worked(rows)[: limit + 1]]


def _worked(rows: QuerySet[Report]) -> "QuerySet[Report, Row]":
    worked: QuerySet[Report, Row] = rows.order_by("due_on", "number").values(*_WORKED, summary=Left("description", 140))
    return worked


def _merged(rows: QuerySet[Report], departments: Sequence[str], limit: int) -> list[Row]:
    """The first of each department, merged: one index scan for each, whatever the size of the table."""
    each = [_worked(_of(rows, department))[: limit + 1] for department in departments]
    if len(each) < 2:
        return [{**row} for one in each for row in one]
    return [{**row} for row in each[0].union(*each[1:], all=True).order_by("due_on", "number")[: limit + 1]]


def _count_mine(actor: Actor, departments: Sequence[str] | None) -> int:
    """Up to `MANY`, off the index of the officers' cases."""
    if actor.person_id is None:
        return 0
    codes = None if departments is None else list(departments)
    values: dict[str, Any] = {"officer": actor.person_id, "open": list(OPEN), "departments": codes, "many": MANY}
    with connection.cursor() as cursor:
        cursor.execute(_MINE, values)
        return int(cursor.fetchone()[0])


_MINE = """
select count(*) from (
    select from reports_report
     where officer_id = %(officer)s and state = any(%(open)s)
       and (%(departments)s::text[] is null or department_id = any(%(departments)s)) limit %(many)s) mine"""


def _open_only(wanted: WorkFilter) -> Filter:
    return Filter(state="open", category=wanted.category, district=wanted.district, words=wanted.words)


def count_work(actor: Actor, wanted: WorkFilter) -> dict[str, int]:
    """How many of the open cases there are: `open`, `overdue`, `new`, `asked`, from the tally; and `mine`, up to
    `MANY`."""
    demand(may_see_worklist(actor), actor)
    departments = _departments(actor, wanted)
    stand, overdue = count_open(departments or (), everywhere=departments is None)
    return {
        "open": count_states(stand, OPEN),
        "overdue": overdue,
        "new": count_states(stand, (State.SUBMITTED, State.MOVED, State.REOPENED)),
        "asked": count_states(stand, (State.ASKED,)),
        "mine": _count_mine(actor, departments),
    }
