"""The worklist."""

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from meydan.kernel.actor import Actor
from meydan.kernel.city import city_today
from meydan.kernel.policy import demand
from meydan.reports.models import OPEN, Filter, Report, State, WorkFilter
from meydan.reports.policies import OVERSEERS, may_see_worklist
from meydan.reports.queries.listing import LISTED, Page, read_cursor
from meydan.reports.queries.words import narrow

_WORKED = (*LISTED, "department_id", "due_on", "officer__name", "officer_id")


def _work_rows(actor: Actor, wanted: WorkFilter) -> QuerySet[Report]:
    demand(may_see_worklist(actor), actor)
    rows = Report.objects.all()
    if not (actor.is_system or actor.has(*OVERSEERS)):
        rows = rows.filter(department__in=actor.departments)
    if wanted.department == "none":
        rows = rows.filter(department__isnull=True)
    elif wanted.department:
        rows = rows.filter(department=wanted.department)
    return rows


def list_work(actor: Actor, wanted: WorkFilter, *, after: str = "", limit: int = 50) -> Page:
    """The cases of the actor's departments, the most urgent first; open ones unless a state is asked for.

    `after` is the `next` of the page before. `Invalid` when it is not one."""
    rows = narrow(_work_rows(actor, wanted), wanted if wanted.state else _open_only(wanted))
    if wanted.mine or wanted.officer:
        rows = rows.filter(officer=wanted.officer or actor.person_id)
    if wanted.team:
        rows = rows.filter(team=wanted.team)
    if wanted.overdue:
        rows = rows.filter(due_on__lt=city_today(), state__in=OPEN)
    if after:
        due, number = read_cursor(after)
        rows = rows.filter(Q(due_on__gt=due) | Q(due_on=due, number__gt=number), due_on__gte=due)
    found = list(rows.order_by("due_on", "number").values(*_WORKED, summary=Left("description", 140))[: limit + 1])
    kept = found[:limit]
    return Page(kept, f"{kept[-1]['due_on']}_{kept[-1]['number']}" if len(found) > limit else None)


def _open_only(wanted: WorkFilter) -> Filter:
    return Filter(state="open", category=wanted.category, district=wanted.district, words=wanted.words)


def count_work(actor: Actor, wanted: WorkFilter) -> dict[str, int]:
    """How many of the open cases there are: `open`, `overdue`, `new`, `asked`, `mine`."""
    rows = _work_rows(actor, wanted).filter(state__in=OPEN)
    return rows.aggregate(
        open=Count("number"),
        overdue=Count("number", filter=Q(due_on__lt=city_today())),
        new=Count("number", filter=Q(state__in=(State.SUBMITTED, State.MOVED, State.REOPENED))),
        asked=Count("number", filter=Q(state=State.ASKED)),
        mine=Count("number", filter=Q(officer=actor.person_id)),
    )
