"""The administrator's pages: which programs are told, and what each was told."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.fetch import explain
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.webhooks import actions
from meydan.webhooks.inputs import KeepHook
from meydan.webhooks.models import KEPT_DAYS, Delivery, Hook, Kind, Step
from meydan.webhooks.queries import list_deliveries, list_hooks, show_hook

LOOKS = {
    Step.WAITING: ("info", "hourglass"),
    Step.DELIVERED: ("good", "check"),
    Step.FAILED: ("bad", "circle-alert"),
    Step.WITHHELD: ("quiet", "eye-off"),
}


@page("GET")
def index(request: HttpRequest) -> HttpResponse:
    """All webhooks."""
    return render(request, "webhooks/list.html", {"hooks": list_hooks(actor_of(request))})


@page("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Add one. The page that follows shows its secret, this once."""
    actor = actor_of(request)
    list_hooks(actor)  # for administrators only
    if request.method != "POST":
        return _form(request, {"kinds": [kind.value for kind in Kind]}, {})
    try:
        said = parse(KeepHook, request.POST)
        hook, secret = actions.add_hook(actor, name=said.name, url=said.url, kinds=said.kinds)
    except (Invalid, Conflict) as error:
        return _form(request, _typed(request), error.fields or {"": error.message})
    return _show(request, actor, hook, secret=secret)


@page("GET", "POST")
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """One webhook: how it fares, what it was told; and changing it."""
    actor = actor_of(request)
    hook = show_hook(actor, key)
    if request.method != "POST":
        return _show(request, actor, hook)
    try:
        said = parse(KeepHook, request.POST)
        actions.change_hook(actor, key, name=said.name, url=said.url, kinds=said.kinds, active=said.active)
    except Invalid as error:
        return _show(request, actor, hook, values=_typed(request), errors=error.fields)
    return _back(key)


@page("POST")
def handle(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    """Ask the address again, make a new secret, or remove it."""
    actor = actor_of(request)
    hook = show_hook(actor, key)
    if verb == "ask":
        actions.ask_address(hook=str(key))
    elif verb == "secret":
        return _show(request, actor, hook, secret=actions.change_secret(actor, key))
    elif verb == "remove":
        actions.remove_hook(actor, key)
        return HttpResponseRedirect(reverse("webhooks:list"))
    else:
        raise NotFound
    return _back(key)


@page("POST")
def again(request: HttpRequest, key: UUID, delivery: UUID) -> HttpResponse:
    """Send one delivery again."""
    actions.repeat_delivery(actor_of(request), delivery)
    return _back(key)


def _back(key: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("webhooks:show", kwargs={"key": key}))


def _typed(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {name: str(value)[:2000] for name, value in request.POST.items()}
    return {**values, "kinds": request.POST.getlist("kinds")[: len(Kind)]}


def _form(request: HttpRequest, values: dict[str, Any], errors: Any) -> HttpResponse:
    context = {"values": values, "errors": errors, "kinds": Kind.choices}
    return render(request, "webhooks/new.html", context, status=422 if errors else 200)


def _show(
    request: HttpRequest,
    actor: Actor,
    hook: Hook,
    *,
    secret: str = "",
    values: dict[str, Any] | None = None,
    errors: Any = None,
) -> HttpResponse:
    kept = {"name": hook.name, "url": hook.url, "kinds": hook.kinds, "active": "on" if hook.active else ""}
    context = {
        "hook": hook,
        "secret": secret,
        "refusal": explain(hook.asked_said),
        "values": values or kept,
        "errors": errors or {},
        "kinds": Kind.choices,
        "deliveries": [_line(one) for one in list_deliveries(actor, hook)],
        "days": KEPT_DAYS,
    }
    return render(request, "webhooks/show.html", context, status=422 if errors else 200)


def _line(delivery: Delivery) -> dict[str, Any]:
    tone, sign = LOOKS[Step(delivery.step)]
    return {
        "key": delivery.pk,
        "kind": delivery.get_kind_display(),
        "number": int(delivery.subject),
        "label": delivery.get_step_display(),
        "tone": tone,
        "icon": sign,
        "tries": delivery.tries,
        "answered": delivery.answered or "–",
        "said": explain(delivery.said),
        "at": delivery.done_at or delivery.made_at,
        "repeats": delivery.step in (Step.DELIVERED, Step.FAILED),
    }
