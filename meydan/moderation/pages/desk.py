"""The moderators' desk: one queue for everything, and the page of one review."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.moderation import actions
from meydan.moderation.inputs import Answer, AnswerAgain, Decide, DecideReview, Look
from meydan.moderation.models import Measure
from meydan.moderation.queries import (
    find_waits,
    list_appeals,
    list_cases,
    list_elsewhere,
    list_open_appeals,
    list_reviews,
    list_rounds,
    list_rules,
    name_of,
)

Errors = Mapping[str, Any]
MOST = 2**63


@page("GET")
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a moderator."""
    return _show_queue(request, {})


def _show_queue(request: HttpRequest, errors: Errors, at: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    cases, reviews = list_cases(actor), list_reviews(actor)
    appeals, again = list_appeals(actor), list_open_appeals(actor)
    counts = {"reviews": len(reviews), "flags": len(cases), "appeals": len(appeals) + len(again)}
    kind = "" if at else _kind(request)
    context = {
        "cases": cases,
        "reviews": reviews,
        "appeals": appeals,
        "again": again,
        "elsewhere": list_elsewhere(actor),
        "counts": counts,
        "kind": kind,
        "rules": list_rules(),
        "measures": Measure.choices,
        "name_of": name_of,
        "errors": errors,
        "at": at,
        "values": request.POST,
        "chosen": request.POST.getlist("rules"),
    }
    return render(request, "moderation/queue.html", context, status=status)


def _kind(request: HttpRequest) -> str:
    """Which part is looked at; all of it for what nobody knows."""
    try:
        return parse(Look, request.GET).kind
    except Invalid:
        return ""


@page("POST")
def decide(request: HttpRequest) -> HttpResponse:
    """Take on, keep, take off, warn or block, then back to the queue."""
    try:
        _decide(actor_of(request), parse(Decide, request.POST))
    except Invalid as error:
        return _show_queue(request, error.fields, at=request.POST.get("about", ""), status=422)
    return HttpResponseRedirect(reverse("moderation:queue"))


def _decide(actor: Actor, taken: Decide) -> None:
    rules = tuple(taken.rules)
    if taken.do == "keep":
        actions.keep_thing(actor, reference=taken.about, words=taken.text)
    elif taken.do == "take_off":
        actions.take_thing_off(actor, reference=taken.about, words=taken.text, rules=rules, sure=taken.sure)
    elif taken.do == "block":
        given: dict[str, Any] = {"whom": taken.whom, "days": taken.days, "measure": taken.measure, "rules": rules}
        actions.block_sender(actor, reference=taken.about, reason=taken.text, **given)
    else:
        actions.claim_thing(actor, reference=taken.about, leave=taken.do == "leave")


@page("GET", "POST")
def review(request: HttpRequest, key: int) -> HttpResponse:
    """One thing that was handed in: what it says, what machines found, and the decision."""
    if key >= MOST:
        raise NotFound
    if request.method != "POST":
        return _show_review(request, key, {})
    try:
        taken = parse(DecideReview, request.POST)
        _decide_review(actor_of(request), key, taken)
    except Invalid as error:
        return _show_review(request, key, error.fields, status=422)
    if taken.do in ("take", "leave"):
        return HttpResponseRedirect(reverse("moderation:review", kwargs={"key": key}))
    return HttpResponseRedirect(f"{reverse('moderation:queue')}?kind=reviews")


def _decide_review(actor: Actor, key: int, taken: DecideReview) -> None:
    if taken.do == "approve":
        actions.approve_review(actor, key, checks=tuple(taken.checks), words=taken.text)
    elif taken.do == "send_back":
        actions.send_back_review(actor, key, changes=tuple(taken.changes.splitlines()), words=taken.text)
    elif taken.do == "refuse":
        actions.refuse_review(actor, key, words=taken.text, rules=tuple(taken.rules))
    else:
        actions.take_review(actor, key, leave=taken.do == "leave")


def _show_review(request: HttpRequest, key: int, errors: Errors, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    waits = find_waits(actor, key)
    context = {
        "waits": waits,
        "kind": name_of(waits.review.about),
        "rounds": [one for one in list_rounds(actor, waits.review.about) if one.pk != key],
        "rules": list_rules(),
        "chosen": request.POST.getlist("rules"),
        "checked": request.POST.getlist("checks"),
        "errors": errors,
        "values": request.POST,
    }
    return render(request, "moderation/review.html", context, status=status)


@page("POST")
def appeal(request: HttpRequest, key: int) -> HttpResponse:
    """The second moderator's decision about a block."""
    if key >= MOST:
        raise NotFound
    try:
        taken = parse(Answer, request.POST)
        actions.decide_appeal(actor_of(request), key, lift=taken.do == "lift", words=taken.text)
    except Invalid as error:
        return _show_queue(request, error.fields, at=f"block:{key}", status=422)
    return HttpResponseRedirect(reverse("moderation:queue"))


@page("POST")
def answer(request: HttpRequest, key: int) -> HttpResponse:
    """The second moderator's decision about a refusal or a removal."""
    if key >= MOST:
        raise NotFound
    try:
        taken = parse(AnswerAgain, request.POST)
        actions.answer_appeal(actor_of(request), key, overturn=taken.do == "overturn", words=taken.text)
    except Invalid as error:
        return _show_queue(request, error.fields, at=f"appeal:{key}", status=422)
    return HttpResponseRedirect(f"{reverse('moderation:queue')}?kind=appeals")
