"""The same to many reports: choose on the worklist, say it once, read how it went, take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.kernel.policy import demand
from meydan.reports import actions
from meydan.reports.inputs import ChangeMany
from meydan.reports.models import UNDO_FOR, BulkChange, BulkItem, BulkVerb
from meydan.reports.pages.forms import append, hands_options, typed
from meydan.reports.pages.listing import options
from meydan.reports.pages.looks import category_name, place_name, state_view, team_name
from meydan.reports.policies import may_change_many
from meydan.reports.queries import (
    Row,
    labels,
    list_chosen,
    list_general_replies,
    list_hands,
    list_items,
    show_change,
)

CHANGES_PER_HOUR = 120


@dataclass(frozen=True)
class Words:
    """What the page says about a verb: the question, a hint, and whether words "must" or "may" be given."""

    title: Sentence
    hint: Sentence
    words: str = "may"


WORDS: Mapping[BulkVerb, Words] = {
    BulkVerb.ACCEPT: Words(_("Accept these cases?"), _("They are yours then. What you write here is public.")),
    BulkVerb.ASSIGN: Words(_("Assign these cases to whom?"), _("Only the staff reads this.")),
    BulkVerb.MOVE: Words(_("Pass these cases on to whom?"), _("What you write here is public.")),
    BulkVerb.SOLVE: Words(
        _("Close these cases as solved?"),
        _("Say what was done; everybody can read it. Kinds that need a photo of the repair are closed one by one."),
        "must",
    ),
    BulkVerb.DECLINE: Words(_("Decline these cases?"), _("Give the reason. Everybody can read it."), "must"),
    BulkVerb.NOTE: Words(_("Add a note to these cases"), _("Only the city's staff reads notes."), "must"),
}


@page("GET", "POST")
def change(request: HttpRequest) -> HttpResponse:
    """Say once what to do with the chosen cases; then do it."""
    actor = actor_of(request)
    demand(may_change_many(actor), actor)
    wanted = parse(ChangeMany, request.POST if request.method == "POST" else request.GET)
    if not wanted.number:
        return HttpResponseRedirect(reverse("reports:work"))
    if request.method != "POST":
        return _ask(request, wanted, {"form_token": str(uuid4())})
    if request.POST.get("use"):
        return _ask(request, wanted, _filled_in(actor, wanted, typed(request.POST)))
    check(f"reports.bulk:{actor.person_id}", limit=CHANGES_PER_HOUR, seconds=3600)
    try:
        made = _do(actor, wanted)
    except Invalid as error:
        return _ask(request, wanted, typed(request.POST), error.fields, status=422)
    return HttpResponseRedirect(reverse("reports:bulk_done", kwargs={"key": made.pk}))


def _do(actor: Actor, wanted: ChangeMany) -> BulkChange:
    if WORDS[wanted.verb].words == "must" and not wanted.text:
        raise Invalid(fields={"text": _("Write a few words, so that the other side understands.")})
    if wanted.verb is BulkVerb.ASSIGN and not (wanted.officer or wanted.team):
        raise Invalid(fields={"officer": _("Choose an officer or an office.")})
    if wanted.verb is BulkVerb.MOVE and not (wanted.category or wanted.department):
        raise Invalid(fields={"department": _("Choose another category or another department.")})
    said = wanted.model_dump(include={"text", "officer", "team", "category", "department"})
    return actions.change_many(actor, numbers=wanted.number, verb=wanted.verb, said=said, token=wanted.form_token)


def _filled_in(actor: Actor, wanted: ChangeMany, values: Mapping[str, str]) -> dict[str, str]:
    """What was typed, with the chosen ready-made words after it."""
    return append(values, list_general_replies(actor).get(wanted.verb, []))


def _ask(
    request: HttpRequest,
    wanted: ChangeMany,
    values: Mapping[str, str],
    errors: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    chosen = list_chosen(actor, wanted.number)
    officers, teams = list_hands(actor, {row["department_id"] or "" for row in chosen})
    context = {
        "verb": wanted.verb,
        "words": WORDS[wanted.verb],
        "chosen": [_chosen_view(row) for row in chosen],
        "values": values,
        "errors": errors or {},
        "replies": list_general_replies(actor).get(wanted.verb, []),
        "officers": hands_options(officers),
        "teams": [("", str(_("As it is"))), *((team.pk, team_name(team.pk)) for team in teams)],
        "categories": options(labels().categories, str(_("As it is"))),
        "departments": options(labels().departments, str(_("As the category says"))),
        "minutes": int(UNDO_FOR.total_seconds() // 60),
    }
    return render(request, "reports/bulk.html", context, status=status)


def _chosen_view(row: Row) -> dict[str, Any]:
    place = place_name(row["address"], row["district_id"])
    title = category_name(row["category_id"])
    return {
        "number": row["number"],
        "title": f"{title} · {place}" if place else title,
        "state": state_view(row["state"]),
    }


@page("GET")
def done(request: HttpRequest, key: UUID) -> HttpResponse:
    """How it went, and the way back while there is one."""
    actor = actor_of(request)
    found = show_change(actor, key)
    items = list_items(actor, found)
    context = {
        "change": found,
        "label": BulkVerb(found.verb).label,
        "done": [_item_view(item) for item in items if not item.refusal],
        "refused": [_item_view(item) for item in items if item.refusal],
        "kept": [_item_view(item) for item in items if found.undone_at and not item.refusal and not item.undone],
        "undone": sum(item.undone for item in items),
        "undo_until": found.at + UNDO_FOR if not found.undone_at and now() < found.at + UNDO_FOR else None,
    }
    return render(request, "reports/bulk_done.html", context)


def _item_view(item: BulkItem) -> dict[str, Any]:
    return {
        "number": item.report_id,
        "title": category_name(item.report.category_id),
        "state": state_view(item.report.state),
        "refusal": item.refusal,
    }


@page("POST")
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take it back."""
    actor = actor_of(request)
    try:
        actions.undo_change(actor, key)
    except Conflict:
        if show_change(actor, key).undone_at is None:  # undone already: the page says so
            raise
    return HttpResponseRedirect(reverse("reports:bulk_done", kwargs={"key": key}))
