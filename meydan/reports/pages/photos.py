"""What is hidden in photos: drawn by who sent them, checked by the staff, one photo after another."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.files_http import serve_file
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check as check_limit
from meydan.kernel.policy import demand
from meydan.reports.actions import check_photo, draw_boxes, keep_photo
from meydan.reports.inputs import CaseWords, DrawBoxes, QueuePlace
from meydan.reports.models import Looking, Photo
from meydan.reports.pages.looks import picture, title_of
from meydan.reports.policies import is_sender, may_check_photo, may_draw, may_see_photo_queue
from meydan.reports.queries import count_to_check, find_photo, find_to_check, show_original, shown_to

COLUMNS = 7
"""Of the grid over a photo, where there is no script: cells that a thumb can tick on a small phone."""
DRAWN_PER_HOUR = 600


@page("GET")
def queue(request: HttpRequest) -> HttpResponse:
    """The photos that wait for a look, one at a time; `after`: past this one, which is left for later."""
    actor = actor_of(request)
    demand(may_see_photo_queue(actor), actor)
    place = parse(QueuePlace, request.GET)
    photo = find_to_check(actor, after=place.after)
    if photo is None and place.after:  # the end of the round: what was left for later comes again
        photo = find_to_check(actor)
    waiting = count_to_check(actor)
    if photo is None:
        return render(request, "reports/no_photos.html", {})
    return _show(request, photo, queue=True, waiting=waiting)


@page("GET", "POST")
def one(request: HttpRequest, photo_id: int) -> HttpResponse:
    """One photo and its boxes, for who sent it and for the staff; what is drawn is sent back here."""
    actor = actor_of(request)
    photo = find_photo(actor, photo_id)
    demand(may_draw(actor, photo), actor)
    if request.method == "GET":
        return _show(request, photo)
    _limit(actor)
    wanted = parse(DrawBoxes, request.POST)
    _demand_seen(actor, photo, wanted.form)
    try:
        if not wanted.publish or wanted.areas != photo.areas:
            draw_boxes(actor, photo_id, areas=wanted.areas, seen=wanted.seen)
    except Invalid as error:
        return _show(request, photo, queue=wanted.back == "queue", errors=error.fields, status=422)
    if wanted.publish:
        check_photo(actor, photo_id)
        return _onward(photo, wanted.back)
    address = reverse("reports:boxes", kwargs={"photo_id": photo_id})
    return HttpResponseRedirect(f"{address}?done=drawn{'&back=queue' if wanted.back == 'queue' else ''}")


@page("POST")
def check(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Publish a photo as it is shown, with one tap; then the next one, or back to the case."""
    actor = actor_of(request)
    _limit(actor)
    _demand_seen(actor, find_photo(actor, photo_id), request.POST.get("form", ""))
    return _onward(check_photo(actor, photo_id), request.POST.get("back", ""))


@page("POST")
def keep(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Keep a photo from the public, and say why."""
    actor = actor_of(request)
    _limit(actor)
    photo = find_photo(actor, photo_id)
    back = request.POST.get("back", "")
    try:
        keep_photo(actor, photo_id, text=parse(CaseWords, request.POST).text)
    except Invalid as error:
        return _show(request, photo, queue=back == "queue", errors=error.fields, status=422)
    return _onward(photo, back)


@page("POST")
def original(request: HttpRequest, photo_id: int) -> HttpResponse:
    """The sealed original, for those who check photos; its reporter sees that it was looked at."""
    actor = actor_of(request)
    _limit(actor)
    return serve_file(request, show_original(actor, photo_id).sha256, seconds=0)


def _limit(actor: Actor) -> None:
    check_limit(f"reports.photo:{actor.person_id or actor.address}", limit=DRAWN_PER_HOUR, seconds=3600)


def _demand_seen(actor: Actor, photo: Photo, form: str) -> None:
    """`Conflict` when somebody has changed what is hidden since this photo was shown: nobody publishes unseen."""
    if form and not shown_to(actor, photo).startswith(form):
        raise Conflict(_("Somebody has changed what is hidden in this photo. Look at it once more."))


def _onward(photo: Photo, back: str) -> HttpResponse:
    if back == "queue":
        return HttpResponseRedirect(f"{reverse('reports:photos')}?after={photo.pk}")
    return HttpResponseRedirect(reverse("reports:show", kwargs={"number": photo.report_id}))


def _show(
    request: HttpRequest,
    photo: Photo,
    *,
    queue: bool = False,
    waiting: int = 0,
    errors: Any = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    shown = shown_to(actor, photo)
    if not shown:
        raise NotFound
    file = photo.original if photo.original and shown == photo.original_id else photo.file
    width, height = (file.width, file.height) if file else (4, 3)
    queue = queue or request.GET.get("back") == "queue"
    context = {
        "photo": photo,
        "title": title_of(actor, photo.report),
        "form": shown[:16],
        "src": f"{picture(photo.pk).url}?{shown[:8]}",
        "across": width,
        "down": height,
        "boxes": [_box_view(index, box) for index, box in enumerate(photo.boxes, 1)],
        "columns": range(COLUMNS),
        "rows": range(max(3, min(14, round(COLUMNS * height / width)))),
        "state": Looking(photo.looking),
        "mine": is_sender(actor, photo),
        "masked": shown != photo.original_id or not photo.boxes,
        "checks": bool(may_check_photo(actor, photo)),
        "queue": queue,
        "waiting": waiting,
        "done": request.GET.get("done") == "drawn",
        "errors": errors or {},
    }
    return render(request, "reports/photo.html", context, status=status)


def _box_view(index: int, box: dict[str, Any]) -> dict[str, Any]:
    """A box for the page: parts of a thousand for the drawing, its number, and who has drawn it."""
    by = {
        "machine": _("Box %(number)s, found by the machine"),
        "reporter": _("Box %(number)s, drawn by the reporter"),
        "staff": _("Box %(number)s, drawn by the city"),
    }[box["by"]]
    corners = [box["x"], box["y"], box["w"], box["h"]]
    return {
        "label": by % {"number": index},
        "value": ",".join(map(str, corners)),
        "drawn": [round(part * 1000, 1) for part in corners],
    }
