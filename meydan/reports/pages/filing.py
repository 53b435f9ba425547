"""The form that files a report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.devices import give_device, new_device_cookie
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import text_of
from meydan.kernel.inputs import parse
from meydan.reports.actions import file_report, limit_filing
from meydan.reports.inputs import FileReport
from meydan.reports.models import Category, Report
from meydan.reports.pages.asking import answers_in, questions_view
from meydan.reports.pages.listing import options
from meydan.reports.pages.looks import known_icon
from meydan.reports.pages.pictures import place_by_photo, receive_pictures
from meydan.reports.pages.supporting import ask_whether_new
from meydan.reports.policies import may_file_on_behalf
from meydan.reports.queries import (
    CASE_COOKIE,
    CASE_COOKIE_SECONDS,
    Suggestion,
    cookie_with,
    find_category,
    labels,
    list_categories,
    say_sureness,
    shas_of,
    suggest_categories,
)
from meydan.rollout.public import list_closed
from meydan.ui.maps import map_library

CALLER_FIELDS = ("on_behalf", "contact_name", "contact_phone")
NEEDED = {
    "address": _("Say where it is: on the map, by an address, or at least the district."),
    "description": _("Say in a few words what the problem is."),
    "category": _("Choose what the problem is about."),
}


@dataclass
class Form:
    """The form as it stands: what was typed, the pictures that are here, and what is wrong."""

    values: Mapping[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    errors: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)


@page("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """File a report: one page without JavaScript, step by step with it."""
    if request.method != "POST":
        return _show(request, Form(values={"form_token": str(uuid4()), "category": request.GET.get("category", "")}))
    actor = actor_of(request)
    if request.POST.get("website"):  # people do not see this field: a program filled it in
        return HttpResponseRedirect(reverse("reports:list"))
    if request.POST.get("begin"):  # from the call centre's page: with the caller's number, in no address
        known = {name: str(request.POST.get(name, ""))[:200] for name in CALLER_FIELDS}
        return _show(request, Form(values={**known, "form_token": str(uuid4())}))
    limit_filing(actor)
    form = Form(values={name: str(value)[:5000] for name, value in request.POST.items()})
    form.answers = answers_in(request.POST)
    place = place_by_photo(request)
    form.values = {**form.values, **{name: str(value) for name, value in place.items()}}
    form.photos, fault = receive_pictures(request.FILES.getlist("photo"), request.POST.getlist("photos"))
    try:
        taken = parse(FileReport, request.POST, photos=form.photos, answers=form.answers, **place)
        if fault:
            raise Invalid(fields={"photo": fault})
        if _asks_more(actor, taken, form):
            return _show(request, form)
        if question := ask_whether_new(request, form.values, form.photos, taken):
            return question
        report = _file(actor, taken, answers=form.answers if form.values.get("asked") == taken.category else None)
    except Invalid as error:
        form.errors = explain(form.values, {**error.fields, **({"photo": fault} if fault else {})})
        return _show(request, form, status=422)
    return _send_on(request, report)


def explain(values: Mapping[str, str], errors: Mapping[str, Any]) -> dict[str, Any]:
    """The faults in the form's order, with what is missing said in the form's own words; all of it at once."""
    missing = {name: sentence for name, sentence in NEEDED.items() if not values.get(name)}
    if any(values.get(name) for name in ("lat", "address", "district")):
        missing.pop("address", None)
    found = {**errors, **missing}
    order = ("photo", "photos", "lat", "lon", "address", "district", "description", "category")
    return {name: found[name] for name in (*order, *found) if name in found}


def _asks_more(actor: Actor, taken: FileReport, form: Form) -> bool:
    """Whether the chosen category asks something that this form has not asked yet: then it comes back with that, and
    with all that was filled in. What was written without a line is not asked again."""
    if form.values.get("asked") == taken.category or form.values.get("is_new"):
        return False
    category = find_category(actor, taken.category)
    return bool(category and category.questions)


def _file(actor: Actor, taken: FileReport, answers: Mapping[str, Any] | None) -> Report:
    return file_report(
        actor,
        category=taken.category,
        description=taken.description,
        point=taken.point,
        address=taken.address,
        district=taken.district,
        photos=shas_of(taken.photos),
        contact_name=taken.contact_name,
        contact_email=taken.contact_email,
        contact_phone=taken.contact_phone,
        on_behalf=taken.on_behalf,
        form_token=taken.form_token,
        answers=answers,
    )


def _send_on(request: HttpRequest, report: Report) -> HttpResponse:
    response = HttpResponseRedirect(f"{reverse('reports:show', kwargs={'number': report.number})}?done=sent")
    if actor_of(request).person_id is None:
        hand_over_key(request, response, report.number)
        if not actor_of(request).device:
            give_device(response, new_device_cookie())
    return response


def hand_over_key(request: HttpRequest, response: HttpResponse, number: int) -> None:
    """Let this browser act as the reporter of a report whose secret link it has."""
    response.set_cookie(
        CASE_COOKIE,
        cookie_with(actor_of(request).case_keys, number),
        max_age=CASE_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _show(request: HttpRequest, form: Form, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    categories = list_categories(actor)
    words = form.values.get("description", "")
    context = {
        "form": form,
        "groups": group_categories(categories, suggest_categories(categories, words)),
        "districts": options(labels().districts, gettext("Choose a district")),
        "map_library": map_library(),
        **questions_view(find_category(actor, form.values.get("category", "")[:60]), form.answers),
        "on_behalf": bool(may_file_on_behalf(actor)),
        "closed": list_closed(actor),
    }
    return render(request, "reports/new.html", context, status=status)


def group_categories(categories: list[Category], suggested: list[Suggestion]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The categories by group, as the form shows them; those that fit the words come first, as a group of their own."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in suggested:
        groups.setdefault(gettext("Fits your words"), []).append(_choice(one.category, say_sureness(one.sureness)))
    for category in categories:
        if category not in [one.category for one in suggested]:
            groups.setdefault(text_of(category.group), []).append(_choice(category))
    return list(groups.items())


def _choice(category: Category, sureness: str = "") -> dict[str, Any]:
    return {
        "code": category.code,
        "name": text_of(category.name) or category.code,
        "hint": text_of(category.description),
        "icon": known_icon(category.icon),
        "private": category.private,
        "sureness": sureness,
    }
