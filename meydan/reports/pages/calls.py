"""The call centre: a caller's earlier cases, and ringing back those who left only a number."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import format_moment
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.kernel.policy import demand
from meydan.reports import actions
from meydan.reports.inputs import FindCaller, ListToRing, NoteCall
from meydan.reports.models import CallOutcome, Report, State
from meydan.reports.pages.forms import typed
from meydan.reports.pages.listing import address_with
from meydan.reports.pages.looks import category_name, day_of, place_name, state_view, title_of
from meydan.reports.policies import may_follow_up, may_take_calls
from meydan.reports.queries import Row, find_caller, find_news, list_to_ring, show_contact, show_to_ring

LOOKS_PER_HOUR = 600


@page("GET", "POST")
def caller(request: HttpRequest) -> HttpResponse:
    """Who calls? By POST, so that no number stands in an address; the look is recorded."""
    actor = actor_of(request)
    demand(may_take_calls(actor), actor)
    context: dict[str, Any] = {"values": {}, "errors": {}, "found": None}
    if request.method == "POST":
        context["values"] = typed(request.POST)
        try:
            wanted = parse(FindCaller, request.POST)
            check(f"reports.caller:{actor.person_id}", limit=LOOKS_PER_HOUR, seconds=3600)
            context["found"] = find_caller(actor, wanted.phone)
        except Invalid as error:
            context["errors"] = error.fields
    found = context["found"]
    context["cases"] = [_case_view(row) for row in found.cases] if found else []
    return render(request, "reports/calls.html", context, status=422 if context["errors"] else 200)


def _case_view(row: Row) -> dict[str, Any]:
    place = place_name(row["address"], row["district_id"])
    title = category_name(row["category_id"])
    return {
        "number": row["number"],
        "title": f"{title} · {place}" if place else title,
        "summary": row["summary"],
        "state": state_view(row["state"]),
        "day": day_of(row["filed_at"]),
    }


@page("GET")
def to_ring(request: HttpRequest) -> HttpResponse:
    """Who is to be rung back; who waits longest comes first."""
    query = parse(ListToRing, request.GET)
    found = list_to_ring(actor_of(request), after=query.after)
    context = {
        "rows": [_row_view(row) for row in found.rows],
        "next": address_with(request, after=found.next) if found.next else None,
        "first": address_with(request) if query.after else None,
        "done": _("The call is written down.") if request.GET.get("done") else None,
    }
    return render(request, "reports/ringback.html", context)


def _row_view(row: Row) -> dict[str, Any]:
    return {**_case_view(row), "since": format_moment(row["ring_back_at"]), "missed": row["missed"]}


@page("GET", "POST")
def ring(request: HttpRequest, number: int) -> HttpResponse:
    """One call: what there is to say, the number once it is asked for, and how it went."""
    actor = actor_of(request)
    report = show_to_ring(actor, number)
    if request.method != "POST":
        return _show(request, actor, report)
    check(f"reports.ring:{actor.person_id}", limit=LOOKS_PER_HOUR, seconds=3600)
    if "outcome" not in request.POST:
        return _show(request, actor, report, calls=True)
    try:
        said = parse(NoteCall, request.POST)
        actions.note_call(actor, number, outcome=said.outcome, text=said.text, solved=said.verdict)
    except Invalid as error:
        errors = {"text" if name == "form" else name: sentence for name, sentence in error.fields.items()}
        return _show(request, actor, report, calls=True, values=typed(request.POST), errors=errors)
    return HttpResponseRedirect(f"{reverse('reports:ringback')}?done=call")


def _show(
    request: HttpRequest,
    actor: Actor,
    report: Report,
    *,
    calls: bool = False,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context = {
        "report": report,
        "title": title_of(actor, report),
        "state": state_view(report.state),
        "news": find_news(actor, report),
        "contact": show_contact(actor, report.pk) if calls else None,
        "outcomes": CallOutcome.choices,
        "asks": report.state == State.SOLVED and bool(may_follow_up(actor, report)),
        "values": values or {},
        "errors": errors or {},
    }
    return render(request, "reports/ring.html", context, status=422 if errors else 200)
