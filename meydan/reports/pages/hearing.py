"""The Ear: witnesses, followers, how content people are, and the public list of what nobody has answered."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.city import working_days_between
from meydan.kernel.clock import now
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import format_days
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.reports import actions
from meydan.reports.inputs import ListOverdue, Verdict
from meydan.reports.models import Reason
from meydan.reports.pages.listing import address_with
from meydan.reports.pages.looks import category_name, department_name, place_name, state_view, team_name, today
from meydan.reports.queries import Row, Satisfaction, list_overdue, list_satisfaction

SATISFACTION_DAYS = 90
ACTS_PER_HOUR = 120


@page("POST")
def witness(request: HttpRequest, number: int) -> HttpResponse:
    """A follower says whether they find it solved."""
    actor = actor_of(request)
    check(f"reports.act:{actor.person_id or actor.address}", limit=ACTS_PER_HOUR, seconds=3600)
    said = parse(Verdict, request.POST)
    actions.hear_witness(actor, number, solved=said.solved, content=said.content, reasons=said.reasons, text=said.text)
    return _back(number, "witness")


@page("POST")
def unfollow(request: HttpRequest, number: int) -> HttpResponse:
    """Follow a report no longer."""
    actor = actor_of(request)
    check(f"reports.act:{actor.person_id or actor.address}", limit=ACTS_PER_HOUR, seconds=3600)
    actions.unfollow_report(actor, number)
    return _back(number, "unfollow")


def _back(number: int, done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('reports:show', kwargs={'number': number})}?done={done}")


@page("GET")
@same_for_visitors
def overdue(request: HttpRequest) -> HttpResponse:
    """The public list: reports that nobody has answered, though two managers were told."""
    query = parse(ListOverdue, request.GET)
    found = list_overdue(actor_of(request), after=query.after)
    context = {
        "rows": [_overdue_view(row) for row in found.rows],
        "next": address_with(request, after=found.next) if found.next else None,
        "first": address_with(request) if query.after else None,
    }
    return render(request, "reports/overdue.html", context)


def _overdue_view(row: Row) -> dict[str, Any]:
    return {
        "number": row["number"],
        "title": category_name(row["category_id"]),
        "place": place_name(row["address"], row["district_id"]),
        "summary": row["summary"],
        "state": state_view(row["state"]),
        "late": format_days(max(1, working_days_between(row["due_on"], row["paused_on"] or today())), working=True),
        "department": department_name(row["department_id"]),
        "team": team_name(row["team_id"]),
    }


@page("GET")
def satisfaction(request: HttpRequest) -> HttpResponse:
    """How content people are with each department, for its staff."""
    found = list_satisfaction(actor_of(request), now() - timedelta(days=SATISFACTION_DAYS))
    return render(request, "reports/satisfaction.html", {"departments": [_satisfaction_view(one) for one in found]})


def _satisfaction_view(one: Satisfaction) -> dict[str, Any]:
    most = max(one.counts.values(), default=0) or 1
    return {
        "name": department_name(one.department),
        "answers": one.answers,
        "average": one.average,
        "bars": [(value, one.counts[value], round(100 * one.counts[value] / most)) for value in range(5, 0, -1)],
        "reasons": [(Reason(code).label, count) for code, count in one.reasons.items()],
        "witnesses_for": one.witnesses_for,
        "witnesses_against": one.witnesses_against,
    }
