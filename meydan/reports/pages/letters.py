"""Letters that came in: the refused ones, for the staff; and what a letter left open, for its sender."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import text_of
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand
from meydan.reports.actions import complete_report
from meydan.reports.inputs import CompleteReport, ListLetters
from meydan.reports.models import LETTER_DAYS, Refusal, Report
from meydan.reports.pages.filing import hand_over_key
from meydan.reports.pages.listing import address_with, options
from meydan.reports.policies import may_complete
from meydan.reports.queries import (
    LETTERS_SHOWN,
    find_by_key,
    find_report,
    labels,
    list_categories,
    list_refused,
    show_letter,
)


@page("GET")
def refused(request: HttpRequest) -> HttpResponse:
    """Letters that became nothing, with the reason."""
    query = parse(ListLetters, request.GET)
    found = list_refused(actor_of(request), reason=query.reason, before=query.before)
    reasons = [("", _("All")), *((one.value, str(one.label)) for one in Refusal)]
    more = len(found) > LETTERS_SHOWN
    context = {
        "letters": found[:LETTERS_SHOWN],
        "chips": [
            (label, address_with(request, reason=code or None), code == query.reason)
            for code, label in reasons
            if code in ("", query.reason) or any(one.refusal == code for one in found)
        ],
        "next": address_with(request, before=str(found[LETTERS_SHOWN - 1].pk)) if more else None,
        "first": address_with(request) if query.before else None,
        "days": LETTER_DAYS,
    }
    return render(request, "reports/letters.html", context)


@page("GET")
def letter(request: HttpRequest, key: int) -> HttpResponse:
    """One refused letter; the look is recorded."""
    return render(request, "reports/letter.html", {"letter": show_letter(actor_of(request), key).letter})


@page("GET", "POST")
def complete(request: HttpRequest, number: int) -> HttpResponse:
    """Say what a letter left open; with `?key=` as the secret link does, which makes this browser its sender's."""
    key = request.GET.get("key")
    if key is not None:
        find_by_key(number, key[:64])
        response = HttpResponseRedirect(reverse("reports:complete", kwargs={"number": number}))
        hand_over_key(request, response, number)
        return response
    actor = actor_of(request)
    report = find_report(actor, number)
    demand(may_complete(actor, report), actor)
    if "lacks" not in report.external or not report.is_open:
        raise Conflict
    if request.method != "POST":
        return _show(request, report, _values(report), {})
    try:
        said = parse(CompleteReport, request.POST)
        complete_report(
            actor, number, category=said.category, point=said.point, address=said.address, district=said.district
        )
    except Invalid as error:
        return _show(request, report, {name: str(value)[:300] for name, value in request.POST.items()}, error.fields)
    return HttpResponseRedirect(f"{reverse('reports:show', kwargs={'number': number})}?done=complete")


def _values(report: Report) -> dict[str, str]:
    category = "" if "category" in report.external["lacks"] else report.category_id
    return {"category": category, "address": report.address, "district": report.district_id or ""}


def _show(request: HttpRequest, report: Report, values: dict[str, str], errors: Any) -> HttpResponse:
    names = {one.code: one.name for one in list_categories(actor_of(request))}
    context = {
        "report": report,
        "values": values,
        "errors": errors,
        "categories": options(names, _("Choose a kind")),
        "districts": options(labels().districts, _("Not known")),
        "title": text_of(report.category.name),
    }
    return render(request, "reports/complete.html", context, status=422 if errors else 200)
