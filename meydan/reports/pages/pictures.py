"""Pictures that come with a form: stored at once, and carried in the form by a signed token until it is right."""

from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from meydan.kernel.errors import Invalid, MeydanError, NotFound
from meydan.kernel.files import store_image
from meydan.kernel.files_http import serve_file
from meydan.kernel.http import actor_of, page
from meydan.kernel.imaging import place_in
from meydan.kernel.places import Point
from meydan.reports.models import MAX_PHOTOS, Looking
from meydan.reports.queries import find_photo, shas_of, shown_to, token_of

MAX_TOKENS = 50
CHECKED_SECONDS = 300


def _is_ours(token: str) -> bool:
    try:
        return bool(shas_of([token]))
    except Invalid:
        return False


def receive_pictures(files: "Sequence[UploadedFile[Any]]", tokens: Sequence[str]) -> tuple[list[str], str]:
    """Store the files that came; returns all tokens, old and new, and a sentence about what could not be taken ("")."""
    brought = list(dict.fromkeys(tokens[:MAX_TOKENS]))
    kept = [token for token in brought if _is_ours(token)][:MAX_PHOTOS]
    fault = "" if len(kept) == len(brought) else _("A photo was kept too long. Choose it again.")
    for file in files:
        if len(kept) >= MAX_PHOTOS:
            return kept, _("Send at most %(most)s photos at once.") % {"most": MAX_PHOTOS}
        try:
            kept.append(token_of(store_image(cast(BinaryIO, file.file), purpose="report_photo").sha256))
        except MeydanError as error:
            fault = f"{(file.name or '')[:80]}: {error}"
    return list(dict.fromkeys(kept)), fault


def place_by_photo(request: HttpRequest) -> dict[str, float]:
    """The place that one of the photos knows, where its sender has agreed and chosen none: for forms without scripts,
    whose photos come as the camera wrote them. What the photo knows is read before it is made safe, and not kept."""
    if not request.POST.get("place_from_photo") or request.POST.get("lat"):
        return {}
    for file in request.FILES.getlist("photo")[:MAX_PHOTOS]:
        point = _place_in(file)
        if point is not None:
            return {"lat": round(point.lat, 6), "lon": round(point.lon, 6)}
    return {}


def _place_in(file: "UploadedFile[Any]") -> Point | None:
    try:
        return place_in(cast(BinaryIO, file.file))
    except MeydanError:  # what is wrong with it is said when it is stored
        return None
    finally:
        file.seek(0)


@page("GET")
def photo(request: HttpRequest, photo_id: int, variant: str) -> HttpResponse:
    """A picture of a report, for those who may see it."""
    actor = actor_of(request)
    found = find_photo(actor, photo_id)
    # In no shared cache, and not for long: a photo may be hidden again, or more of it.
    seconds = CHECKED_SECONDS if found.looking == Looking.CHECKED else 0
    return serve_file(request, shown_to(actor, found), variant, seconds=seconds)


@page("GET")
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """The small form of a picture that is not part of a report yet: who has its token brought it."""
    try:
        return serve_file(request, shas_of([token])[0], "thumb")
    except Invalid as error:
        raise NotFound from error
