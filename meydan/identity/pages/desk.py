"""The desk and the counter, for officers of the identity department."""

import base64
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.identity.actions.desk import accept_application, refuse_application, send_back_application
from meydan.identity.actions.guarding import see_person
from meydan.identity.inputs import Decide, SeePerson
from meydan.identity.models import REASONS, Kind, State
from meydan.identity.models.enrolment import FOR_REFUSAL
from meydan.identity.pages.proof import second_proof
from meydan.identity.policies import may_work_at_desk
from meydan.identity.queries.counter import show_at_counter
from meydan.identity.queries.enrolment import list_desk, show_desk_case
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.kernel.policy import demand

CODE_TRIES = 30
BLANK: dict[str, Any] = {"seen": None, "done": False, "wrong": False, "errors": {}, "values": {}}


@page()
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for an officer."""
    return render(request, "identity/desk.html", {"waiting": list_desk(actor_of(request)), "done": _done(request)})


def _done(request: HttpRequest) -> str:
    return done if (done := request.GET.get("done", "")) in ("accept", "second", "refuse", "back") else ""


@page("GET", "POST")
@second_proof
def case(request: HttpRequest, key: UUID) -> HttpResponse:
    """One application: the pictures side by side, what was given and what the registry says, and the decision."""
    if request.method != "POST":
        return _show_case(request, key, {})
    try:
        done = _decide(actor_of(request), key, parse(Decide, request.POST))
    except Invalid as error:
        return _show_case(request, key, error.fields, status=422)
    return HttpResponseRedirect(f"{reverse('identity:desk')}?done={done}")


def _decide(actor: Actor, key: UUID, taken: Decide) -> str:
    if taken.do == "accept":
        return "accept" if accept_application(actor, key) else "second"
    if taken.do == "back":
        send_back_application(actor, key)
    else:
        refuse_application(actor, key, reason=taken.reason, words=taken.text)
    return taken.do


def _show_case(request: HttpRequest, key: UUID, errors: Mapping[str, Any], status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    shown = show_desk_case(actor, key)
    pictures = [
        (Kind(kind).label, base64.b64encode(shown.pictures[kind]).decode("ascii") if kind in shown.pictures else "")
        for kind in (Kind.SELFIE, Kind.PORTRAIT, Kind.DOCUMENT)
    ]
    row = shown.application
    context = {
        "case": shown,
        "row": row,
        "pictures": pictures,
        "second": row.state == State.SECOND,
        "mine": row.accepted_by_id == actor.person_id,
        "for_refusal": [("", "–"), *((code, REASONS[code]) for code in FOR_REFUSAL)],
        "errors": errors,
        "values": request.POST,
    }
    response = render(request, "identity/case.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@page("GET", "POST")
@second_proof
def counter(request: HttpRequest) -> HttpResponse:
    """The person shows a code and a document; the clerk looks, the person chooses a PIN."""
    actor = actor_of(request)
    demand(may_work_at_desk(actor), actor)
    if request.method != "POST":
        return render(request, "identity/counter.html", BLANK)
    check(f"identity.counter:{actor.person_id}", limit=CODE_TRIES, seconds=600)
    try:
        return _serve(request, actor)
    except NotFound:
        return _refuse_code(request)
    except Invalid as error:
        if "code" in error.fields:
            return _refuse_code(request)
        return _show_person(request, actor, error.fields, status=422)


def _serve(request: HttpRequest, actor: Actor) -> HttpResponse:
    taken = parse(SeePerson, request.POST)
    if not taken.document and not taken.pin:
        return _show_person(request, actor, {})
    see_person(actor, taken.code, document=taken.document, pin=taken.pin, again=taken.again)
    return render(request, "identity/counter.html", {**BLANK, "done": True})


def _refuse_code(request: HttpRequest) -> HttpResponse:
    context = {**BLANK, "wrong": True, "values": request.POST}
    return render(request, "identity/counter.html", context, status=422)


def _show_person(request: HttpRequest, actor: Actor, errors: Mapping[str, Any], status: int = 200) -> HttpResponse:
    seen = show_at_counter(actor, request.POST.get("code", ""))
    context = {**BLANK, "seen": seen, "errors": errors, "values": request.POST}
    return render(request, "identity/counter.html", context, status=status)
