""" "Is it one of these?": open reports around a place, shown before one more is sent; and "me too"."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.kernel.devices import device_of, give_device, new_device_cookie
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.reports.actions import limit_supporting, support_report
from meydan.reports.inputs import FileReport, Near
from meydan.reports.models import State
from meydan.reports.pages.looks import category_name, day_of, known_icon, picture, place_name, state_view
from meydan.reports.queries import Row, labels, list_close

NOT_CARRIED = ("csrfmiddlewaretoken", "photos", "photo", "is_new", "website")


@page("POST")
def support(request: HttpRequest, number: int) -> HttpResponse:
    """Say "me too"; a browser that nobody knows yet gets a number of its own, so that it counts once."""
    actor = actor_of(request)
    limit_supporting(actor)
    cookie = "" if actor.person_id or actor.device else new_device_cookie()
    support_report(actor, number, device=device_of(cookie), follow=bool(request.POST.get("follow")))
    response = HttpResponseRedirect(f"{reverse('reports:show', kwargs={'number': number})}?done=supported")
    if cookie:
        give_device(response, cookie)
    return response


def ask_whether_new(
    request: HttpRequest, values: Mapping[str, str], photos: list[str], taken: FileReport
) -> HttpResponse | None:
    """The step before sending: reports around the place, any of which it may be. None when there are none, or when
    the sender has said that it is new."""
    if taken.point is None or taken.on_behalf or values.get("is_new"):
        return None
    found = list_close(actor_of(request), taken.point, category=taken.category)
    if not found:
        return None
    context = {
        "found": [close_view(row) for row in found],
        "carried": [
            (name, one)
            for name, value in values.items()
            for one in [text for text in request.POST.getlist(name) if text][:60] or [value]
            if name not in NOT_CARRIED
        ],
        "photos": photos,
    }
    return render(request, "reports/near.html", context)


def close_view(row: Row) -> dict[str, Any]:
    """A report close by, as the list shows it."""
    return {
        "number": row["number"],
        "href": reverse("reports:show", kwargs={"number": row["number"]}),
        "title": category_name(row["category_id"]),
        "icon": known_icon(labels().icons.get(row["category_id"], "")),
        "place": place_name(row["address"], row["district_id"]),
        "summary": row["summary"],
        "state": state_view(State(row["state"])),
        "day": day_of(row["filed_at"]),
        "metres": row["metres"],
        "photo": picture(row["cover_id"]) if row["cover_id"] else None,
    }


@page("GET")
def near(request: HttpRequest) -> HttpResponse:
    """The same list as a part of a page, for the form's script: at `?lat=&lon=&category=`."""
    wanted = parse(Near, request.GET)
    found = list_close(actor_of(request), wanted.point, category=wanted.category)
    return render(request, "reports/near_part.html", {"found": [close_view(row) for row in found]})
