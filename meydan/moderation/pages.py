"""The pages of moderation: telling what is wrong, the queue, and the page of who is blocked."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.moderation import actions
from meydan.moderation.inputs import Answer, Appeal, Decide, FlagThing
from meydan.moderation.models import Reason
from meydan.moderation.queries import blocks_of, find_thing, list_appeals, list_cases

Errors = Mapping[str, Any]


@page("GET", "POST")
def flag(request: HttpRequest) -> HttpResponse:
    """ "What is wrong with this?", about the thing at `?about=`."""
    actor = actor_of(request)
    if request.method != "POST":
        return _show_flag(request, request.GET.get("about", ""), {})
    actions.limit_flagging(actor)
    try:
        taken = parse(FlagThing, request.POST)
        actions.flag_thing(actor, reference=taken.about, reason=taken.reason, words=taken.text)
    except Invalid as error:
        return _show_flag(request, request.POST.get("about", ""), error.fields, status=422)
    return HttpResponseRedirect(f"{find_thing(actor, taken.about).href}?done=flagged")


def _show_flag(request: HttpRequest, about: str, errors: Errors, status: int = 200) -> HttpResponse:
    thing = find_thing(actor_of(request), about[:80])
    context = {"about": about, "thing": thing, "reasons": Reason.choices, "errors": errors, "values": request.POST}
    return render(request, "moderation/flag.html", context, status=status)


@page("GET")
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a moderator."""
    return _show_queue(request, {})


def _show_queue(request: HttpRequest, errors: Errors, at: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    context = {"cases": list_cases(actor), "appeals": list_appeals(actor), "errors": errors, "at": at}
    return render(request, "moderation/queue.html", {**context, "values": request.POST}, status=status)


@page("POST")
def decide(request: HttpRequest) -> HttpResponse:
    """Keep, take off or block, then back to the queue."""
    try:
        _decide(actor_of(request), parse(Decide, request.POST))
    except Invalid as error:
        return _show_queue(request, error.fields, at=request.POST.get("about", ""), status=422)
    return HttpResponseRedirect(reverse("moderation:queue"))


def _decide(actor: Actor, taken: Decide) -> None:
    if taken.do == "keep":
        actions.keep_thing(actor, reference=taken.about, words=taken.text)
    elif taken.do == "take_off":
        actions.take_thing_off(actor, reference=taken.about, words=taken.text, sure=taken.sure)
    else:
        actions.block_sender(actor, reference=taken.about, whom=taken.whom, days=taken.days, reason=taken.text)


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
    context = {"blocks": list(blocks_of(actor_of(request))[:5]), "errors": errors, "values": request.POST}
    return render(request, "moderation/block.html", context, status=status)


@page("POST")
def appeal(request: HttpRequest, key: int) -> HttpResponse:
    """The second moderator's decision."""
    if key >= 2**63:
        raise NotFound
    try:
        taken = parse(Answer, request.POST)
        actions.decide_appeal(actor_of(request), key, lift=taken.do == "lift", words=taken.text)
    except Invalid as error:
        return _show_queue(request, error.fields, at=f"block:{key}", status=422)
    return HttpResponseRedirect(reverse("moderation:queue"))
