"""My areas, what is new in them, and the link of a letter that ends one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import format_number, text_of
from meydan.kernel.inputs import parse
from meydan.kernel.models import District
from meydan.notifications import actions
from meydan.notifications.inputs import AddWatch, ListNews, SetWish
from meydan.notifications.models import MAX_WATCHES, Talk, Watch
from meydan.notifications.queries import find_by_token, list_news, list_notices, list_watches, talk_wish
from meydan.notifications.queries.watching import NEWS_SHOWN
from meydan.reports.public import list_categories, title_of_public

RADII = (100, 250, 500, 1000, 2000)


@page("GET")
def news(request: HttpRequest) -> HttpResponse:
    """What is new in my areas; what was not read yet is marked, and counts as read from now on."""
    actor = actor_of(request)
    query = parse(ListNews, request.GET)
    found = list_news(actor, before=query.before)
    rows = [
        {
            "number": one.number,
            "title": title_of_public(one),
            "summary": one.summary,
            "at": row.at,
            "new": not row.read_at,
        }
        for row, one in found
    ]
    notices = [] if query.before else list_notices(actor)
    actions.mark_read(actor)
    more = f"?before={found[-1][0].pk}" if len(found) == NEWS_SHOWN else None
    context = {
        "rows": rows,
        "notices": notices,
        "next": more,
        "first": request.path if query.before else None,
        "watches": list_watches(actor),
        "ways": Talk.choices,
        "way": talk_wish(actor),
    }
    return render(request, "notifications/news.html", context)


@page("POST")
def wish(request: HttpRequest) -> HttpResponse:
    """How I hear of answers to me, and of what is written about mine."""
    actions.set_wish(actor_of(request), talk=parse(SetWish, request.POST).talk)
    return HttpResponseRedirect(reverse("notifications:news"))


@page("GET", "POST")
def areas(request: HttpRequest) -> HttpResponse:
    """My areas, and the form for one more; `?lat=&lon=` fills in a place."""
    actor = actor_of(request)
    watches = list_watches(actor)
    values: dict[str, Any] = {name: str(value)[:100] for name, value in (request.POST or request.GET).items()}
    errors: dict[str, Any] = {}
    if request.method == "POST":
        try:
            said = parse(AddWatch, request.POST)
            place = {"district": said.district} if said.district else {"point": said.point, "radius": said.radius}
            actions.add_watch(actor, **place, category=said.category, daily=said.daily)
        except Invalid as error:
            errors = dict(error.fields)
        except Conflict as error:
            errors = {"": error.message}
        else:
            return HttpResponseRedirect(reverse("notifications:areas"))
    districts = {one.code: text_of(one.name) or one.code for one in District.objects.order_by("position", "code")}
    kinds = {one.code: text_of(one.name) or one.code for one in list_categories(actor)}
    context = {
        "watches": [_view(watch, districts, kinds) for watch in watches],
        "values": values,
        "errors": errors,
        "full": len(watches) >= MAX_WATCHES,
        "most": MAX_WATCHES,
        "districts": [("", _("Around the place below")), *districts.items()],
        "categories": [("", _("All kinds")), *kinds.items()],
        "radii": [(metres, _("%(number)s metres") % {"number": format_number(metres)}) for metres in RADII],
    }
    return render(request, "notifications/areas.html", context, status=422 if errors else 200)


def _view(watch: Watch, districts: dict[str, str], kinds: dict[str, str]) -> dict[str, Any]:
    around = _("%(number)s metres around a place") % {"number": format_number(watch.radius)}
    return {
        "key": watch.pk,
        "title": districts.get(watch.district_id or "", "") or around,
        "place": f"{watch.lat:.4f}, {watch.lon:.4f}" if watch.lat is not None else "",
        "kind": kinds.get(watch.category, watch.category) or _("All kinds"),
        "daily": watch.daily,
    }


@page("POST")
def change(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    """Have an area's letters daily, or at once; or take it away."""
    actor = actor_of(request)
    if verb == "remove":
        actions.remove_watch(actor, key)
    elif verb in ("daily", "once"):
        actions.set_daily(actor, key, daily=verb == "daily")
    else:
        raise NotFound
    return HttpResponseRedirect(reverse("notifications:areas"))


@csrf_exempt  # a mail program sends this without any cookie (RFC 8058); the signed link is the proof
@page("GET", "POST")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End a watch by the link of its letter. Programs that look into links change nothing: only a POST does."""
    if request.method == "POST":
        actions.stop_by_link(token)
        return render(request, "notifications/stopped.html", {"done": True})
    return render(request, "notifications/stopped.html", {"done": find_by_token(token) is None})
