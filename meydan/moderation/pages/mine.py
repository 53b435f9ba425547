"""What was decided about oneself: one's own things, sanctions, and the way to a second moderator."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.errors import Invalid, SignInFirst
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.moderation import actions
from meydan.moderation.inputs import Appeal, AskAgain
from meydan.moderation.models import Decision
from meydan.moderation.queries import (
    Answered,
    CharterRule,
    blocks_of,
    find_appeal,
    find_disputed,
    find_rules,
    list_decided_about,
    list_own_reviews,
    list_told,
    name_of,
    notice_of_review,
    place_in_queue,
)

Errors = Mapping[str, Any]


@page("GET")
def mine(request: HttpRequest) -> HttpResponse:
    """What the reader has handed in and told, what was decided about it, and why."""
    actor = actor_of(request)
    if actor.is_visitor:
        raise SignInFirst
    context = {
        "reviews": [(row, notice_of_review(row), place_in_queue(row.about)) for row in list_own_reviews(actor)],
        "decisions": [_decided(row) for row in list_decided_about(actor)],
        "told": list_told(actor),
        "blocks": list(blocks_of(actor)[:5]),
        "name_of": name_of,
    }
    return render(request, "moderation/mine.html", context)


def _decided(row: Decision) -> tuple[Decision, list[CharterRule], Answered | None]:
    return row, find_rules(row.rules), find_appeal(f"decision:{row.pk}")


@page("GET", "POST")
def ask_again(request: HttpRequest) -> HttpResponse:
    """Ask that another moderator looks at the decision at `?about=`."""
    actor = actor_of(request)
    if actor.is_visitor:
        raise SignInFirst
    if request.method != "POST":
        return _show_ask(request, request.GET.get("about", ""), {})
    try:
        taken = parse(AskAgain, request.POST)
        actions.appeal_decision(actor, about=taken.about, words=taken.text)
    except Invalid as error:
        return _show_ask(request, request.POST.get("about", ""), error.fields, status=422)
    return HttpResponseRedirect(reverse("moderation:mine"))


def _show_ask(request: HttpRequest, about: str, errors: Errors, status: int = 200) -> HttpResponse:
    disputed = find_disputed(actor_of(request), about[:80])
    context = {"about": disputed.about, "errors": errors, "values": request.POST}
    return render(request, "moderation/ask_again.html", context, status=status)


@page("GET", "POST")
def block(request: HttpRequest) -> HttpResponse:
    """What holds for whoever looks, why and until when; and the appeal."""
    if request.method != "POST":
        return _show_block(request, {})
    try:
        taken = parse(Appeal, request.POST)
        actions.appeal_block(actor_of(request), taken.block, words=taken.text, email=taken.email)
    except Invalid as error:
        return _show_block(request, error.fields, status=422)
    return HttpResponseRedirect(reverse("moderation:block"))


def _show_block(request: HttpRequest, errors: Errors, status: int = 200) -> HttpResponse:
    blocks = [(row, find_rules(row.rules)) for row in blocks_of(actor_of(request))[:5]]
    context = {"blocks": blocks, "errors": errors, "values": request.POST}
    return render(request, "moderation/block.html", context, status=status)
