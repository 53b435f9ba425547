"""The administrators' pages: who may ask for what."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.identity.actions.parties import add_party, change_party, make_counter_link, make_secret, set_clerk
from meydan.identity.inputs import KeepParty, KeepSignIn, SetClerk
from meydan.identity.models import RelyingParty
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.queries.cards import label_of
from meydan.identity.queries.keys import address, issuer
from meydan.identity.queries.parties import asked_today, find_party, list_clerks, list_parties, read_keys
from meydan.identity.queries.wishes import count_to_answer
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse


@page("GET")
def parties(request: HttpRequest) -> HttpResponse:
    """All relying parties."""
    actor = actor_of(request)
    rows = [(one, asked_today(one)) for one in list_parties(actor)]
    return render(request, "identity/parties.html", {"parties": rows, "wishes": count_to_answer(actor)})


@page("GET", "POST")
def new_party(request: HttpRequest) -> HttpResponse:
    """Register one."""
    actor = actor_of(request)
    list_parties(actor)  # whether the actor may at all
    if request.method != "POST":
        return _form(request, None, {}, {"per_day": 1000, "encrypts": True, "level": "light"}, ["age_over_18"])
    try:
        said = parse(KeepParty, request.POST)
        _check_claims(said)
        add_party(actor, **said.model_dump(exclude={"active"}))
    except Invalid as error:
        return _typed(request, None, error)
    messages.success(request, _("Registered. Now give it clerks, or a link for its counter."))
    return HttpResponseRedirect(reverse("identity:party", kwargs={"code": said.code}))


@page("GET", "POST")
def party(request: HttpRequest, code: str) -> HttpResponse:
    """One of them: what it may ask, who asks."""
    actor = actor_of(request)
    found = find_party(actor, code)
    if request.method != "POST":
        values = {name: getattr(found, name) for name in ("name", "purpose", "level", "per_day", "encrypts", "active")}
        return _form(request, found, {}, values, found.claims)
    try:
        said = parse(KeepParty, request.POST, code=code)
        _check_claims(said)
        change_party(actor, code, values=said.model_dump(exclude={"code"}))
    except Invalid as error:
        return _typed(request, found, error)
    messages.success(request, _("This is kept."))
    return HttpResponseRedirect(reverse("identity:party", kwargs={"code": code}))


def _check_claims(said: KeepParty) -> None:
    if not set(said.claims) <= set(CARD_CLAIMS):
        raise Invalid(fields={"claims": _("Choose from what a credential says.")})


def _typed(request: HttpRequest, found: RelyingParty | None, error: Invalid) -> HttpResponse:
    values = request.POST.dict()
    return _form(request, found, error.fields or {"": error.message}, values, request.POST.getlist("claims"), 422)


def _form(
    request: HttpRequest,
    found: RelyingParty | None,
    errors: Any,
    values: dict[str, Any],
    claims: list[str],
    status: int = 200,
) -> HttpResponse:
    context = {
        "party": found,
        "errors": errors,
        "values": values,
        "claims": [(name, label_of(name), name in claims) for name in CARD_CLAIMS],
        "clerks": list_clerks(actor_of(request), found) if found else [],
    }
    return render(request, "identity/party.html", context, status=status)


@page("POST")
def clerk(request: HttpRequest, code: str) -> HttpResponse:
    """Let somebody ask for the party, or no longer."""
    actor = actor_of(request)
    try:
        said = parse(SetClerk, request.POST)
        set_clerk(actor, code, username=said.username, may=said.may)
    except Invalid as error:
        return _form_of(request, code, error)
    return HttpResponseRedirect(reverse("identity:party", kwargs={"code": code}))


def _form_of(request: HttpRequest, code: str, error: Invalid) -> HttpResponse:
    found = find_party(actor_of(request), code)
    values = {name: getattr(found, name) for name in ("name", "purpose", "level", "per_day", "encrypts", "active")}
    return _form(request, found, error.fields, values, found.claims, 422)


@page("POST")
def counter_link(request: HttpRequest, code: str) -> HttpResponse:
    """A new link for the party's counter, shown once."""
    actor = actor_of(request)
    secret = make_counter_link(actor, code)
    context = {"party": find_party(actor, code), "link": address(f"/verify/counter/{secret}")}
    response = render(request, "identity/counter_link.html", context)
    response["Cache-Control"] = "no-store"
    return response


@page("GET", "POST")
def sign_in_at(request: HttpRequest, code: str) -> HttpResponse:
    """How people sign in there with their account."""
    actor = actor_of(request)
    found = find_party(actor, code)
    if request.method != "POST":
        values = {name: getattr(found, name) for name in ("logout_uri", "proves", "sign_in_level", "learns_email")}
        values |= {name: "\n".join(getattr(found, name)) for name in ("redirects", "leave_to")}
        values["public_keys"] = json.dumps({"keys": found.public_keys}, indent=1) if found.public_keys else ""
        return _sign_in_form(request, found, {}, values)
    try:
        said = parse(KeepSignIn, request.POST)
        keys = read_keys(said.public_keys) if said.proves == "key" else []
        change_party(actor, code, values={**said.model_dump(), **said.lists, "public_keys": keys})
    except Invalid as error:
        return _sign_in_form(request, found, error.fields or {"": error.message}, request.POST.dict(), 422)
    messages.success(request, _("This is kept."))
    return HttpResponseRedirect(reverse("identity:sign_in_at", kwargs={"code": code}))


def _sign_in_form(
    request: HttpRequest, found: RelyingParty, errors: Any, values: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {"party": found, "errors": errors, "values": values, "issuer": issuer()}
    return render(request, "identity/sign_in_at.html", context, status=status)


@page("POST")
def secret(request: HttpRequest, code: str) -> HttpResponse:
    """A new secret for its program, shown once."""
    actor = actor_of(request)
    made = make_secret(actor, code)
    response = render(request, "identity/party_secret.html", {"party": find_party(actor, code), "secret": made})
    response["Cache-Control"] = "no-store"
    return response
