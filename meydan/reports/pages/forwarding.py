"""Authorities outside: the clerk's list of them, and what officers do with a case that went there."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.inputs import parse
from meydan.kernel.jobs import enqueue
from meydan.reports import actions
from meydan.reports.inputs import KeepAuthority
from meydan.reports.models import Authority
from meydan.reports.pages.arranging import keep, posted
from meydan.reports.queries import find_report, list_authorities, list_forwards, show_authority


@page("GET")
def authorities(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return render(request, "reports/authorities.html", {"authorities": list_authorities(actor_of(request))})


@page("GET", "POST")
def authority(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add an authority, or change one."""
    actor = actor_of(request)
    list_authorities(actor)  # for administrators only
    known = show_authority(actor, code) if code else None
    errors = keep(_keep_authority, actor, request.POST, code) if request.method == "POST" else {}
    if request.method == "POST" and not errors:
        return HttpResponseRedirect(reverse("reports:authorities"))
    context = {
        "code": code,
        "values": posted(request) or _values(known),
        "errors": errors,
        "languages": LANGUAGES,
        "has_key": bool(known and known.api_key),
    }
    return render(request, "reports/authority.html", context, status=422 if errors else 200)


def _keep_authority(actor: Actor, post: QueryDict, code: Any) -> None:
    said = parse(KeepAuthority, post, **({"code": code} if code else {}))
    if not code and said.code in {"new", *(one.pk for one in list_authorities(actor))}:
        raise Invalid(fields={"code": _("There is one with this code already.")})
    actions.set_authority(
        actor,
        **said.model_dump(include={"code", "email", "endpoint", "form", "jurisdiction", "active"}),
        name=said.name,
        services=said.codes,
        api_key=said.api_key or None,
    )


def _values(known: Authority | None) -> dict[str, Any]:
    if known is None:
        return {"active": "on"}
    return {
        **{f"name_{language}": name for language, name in known.name.items()},
        **{name: getattr(known, name) for name in ("email", "endpoint", "form", "jurisdiction")},
        "services": "\n".join(f"{ours} = {theirs}" for ours, theirs in known.services.items()),
        "active": "on" if known.active else "",
    }


@page("POST")
def handle(request: HttpRequest, number: int, key: int, verb: str) -> HttpResponse:
    """Send a failed forward once more, or take the case back."""
    actor = actor_of(request)
    if key not in {one.pk for one in list_forwards(actor, find_report(actor, number))}:
        raise NotFound
    if verb == "again":
        actions.try_again(actor, key)
        enqueue(actions.carry, forward=key)
    elif verb == "recall":
        actions.recall_forward(actor, key)
    else:
        raise NotFound
    return HttpResponseRedirect(f"{reverse('reports:show', kwargs={'number': number})}?done={verb}")
