"""Telling what is wrong, with a thing or with a page, and reading the answer."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.moderation import actions
from meydan.moderation.inputs import FlagPage, FlagThing, Told
from meydan.moderation.models import Flag, Reason
from meydan.moderation.queries import find_rules, find_thing, find_told

Errors = Mapping[str, Any]
REASONS = [choice for choice in Reason.choices if choice[0] != Reason.BROKEN]


@page("GET", "POST")
def flag(request: HttpRequest) -> HttpResponse:
    """ "What is wrong with this?", about the thing at `?about=`."""
    actor = actor_of(request)
    if request.method != "POST":
        return _show_flag(request, request.GET.get("about", ""), {})
    actions.limit_flagging(actor)
    try:
        taken = parse(FlagThing, request.POST)
        told = actions.flag_thing(
            actor, reference=taken.about, reason=taken.reason, words=taken.text, email=taken.email
        )
    except Invalid as error:
        return _show_flag(request, request.POST.get("about", ""), error.fields, status=422)
    return _to_answer(told)


def _show_flag(request: HttpRequest, about: str, errors: Errors, status: int = 200) -> HttpResponse:
    thing = find_thing(actor_of(request), about[:80])
    context = {"about": about, "thing": thing, "reasons": REASONS, "errors": errors, "values": request.POST}
    return render(request, "moderation/flag.html", context, status=status)


def _to_answer(told: Flag) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('moderation:told')}?key={told.token}")


@page("GET", "POST")
def going_on(request: HttpRequest) -> HttpResponse:
    """ "What is going on?": a problem with the page at `?path=`, in words."""
    if request.method != "POST":
        return _show_going_on(request, request.GET.get("path", "/"), {})
    actor = actor_of(request)
    actions.limit_flagging(actor)
    try:
        taken = parse(FlagPage, request.POST)
        told = actions.flag_page(actor, path=taken.path, words=taken.text, email=taken.email)
    except Invalid as error:
        return _show_going_on(request, request.POST.get("path", "/"), error.fields, status=422)
    return _to_answer(told)


def _show_going_on(request: HttpRequest, path: str, errors: Errors, status: int = 200) -> HttpResponse:
    context = {"path": path[:300], "errors": errors, "values": request.POST}
    return render(request, "moderation/going_on.html", context, status=status)


@page("GET")
def told(request: HttpRequest) -> HttpResponse:
    """What somebody has told the moderators, and the answer, at their secret address."""
    try:
        asked = parse(Told, request.GET)
    except Invalid as error:
        raise NotFound from error
    found = find_told(actor_of(request), asked.key)
    decision = found.flag.decision
    context = {"told": found, "rules": find_rules(decision.rules) if decision else []}
    answer = render(request, "moderation/told.html", context)
    answer["Referrer-Policy"] = "same-origin"
    return answer
