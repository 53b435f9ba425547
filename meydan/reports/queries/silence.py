"""Reports that nobody has answered in time: whom it is told to, and the public list."""

from datetime import date

from django.db.models import Q
from django.db.models.functions import Left

from meydan.kernel.actor import Actor
from meydan.reports.models import Report, Team
from meydan.reports.queries.listing import LISTED, Page, Row, read_cursor

OVERDUE_PAGE = 50
_OVERDUE = (*LISTED, "department_id", "team_id")


def is_late(row: Row, today: date) -> bool:
    """Whether the term of an open report's row has passed; while the city waits for the reporter it does not run."""
    due: date = row["due_on"]
    return due < (row["paused_on"] or today)


def list_silent(actor: Actor, today: date, *, limit: int) -> list[int]:
    """The numbers of reports whose silence is to be told by today, the oldest first."""
    rows = Report.objects.filter(escalate_on__lte=today).order_by("escalate_on", "number")
    return list(rows.values_list("number", flat=True)[:limit])


def find_manager(report: Report) -> str | None:
    """The team whose manager is told at the report's present escalation: so many above the one that has the case, or
    the highest there is. None when it has no team: then the department is told."""
    code = report.team_id
    for _step in range(report.escalation):
        above = Team.objects.filter(pk=code, parent__active=True).values_list("parent", flat=True).first()
        code = above or code
    return code


def list_overdue(actor: Actor, *, after: str = "", limit: int = OVERDUE_PAGE) -> Page:
    """The public list: reports that two managers have been told of in vain, the longest overdue first. Rows as of a
    list, with `department_id` and `team_id`. `after` is the `next` of the page before; `Invalid` when it is not one."""
    rows = Report.objects.filter(public=True, escalation__gte=3)
    if after:
        due, number = read_cursor(after)
        rows = rows.filter(Q(due_on__gt=due) | Q(due_on=due, number__gt=number), due_on__gte=due)
    found = list(rows.order_by("due_on", "number").values(*_OVERDUE, summary=Left("description", 140))[: limit + 1])
    kept = found[:limit]
    return Page(kept, f"{kept[-1]['due_on']}_{kept[-1]['number']}" if len(found) > limit else None)
