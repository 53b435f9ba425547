"""What programs and pictures take: keys, status lists, achievements, and one's own credentials as files."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control

from meydan.club.models import MOST_LEVELS, Award, Badge
from meydan.club.pages.drawing import draw_png, draw_svg, png_bytes
from meydan.club.queries.badges import find_badge, find_own_award
from meydan.club.queries.carriers import bake_png, bake_svg
from meydan.club.queries.credentials import OPEN_BADGES, VC, achievement, credential, issuer_profile, sign, status_list
from meydan.club.queries.keys import did_document
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, page

KEPT = cache_control(public=True, max_age=3600)
FRESH = cache_control(public=True, max_age=300)
SVG = "image/svg+xml"


@page("GET")
@FRESH
def did(_request: HttpRequest) -> HttpResponse:
    """The city's DID document: the keys that its credentials verify with."""
    response = JsonResponse(did_document(), content_type="application/did+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@page("GET")
@FRESH
def status(_request: HttpRequest, number: int) -> HttpResponse:
    """A status list, signed. Verifiers in browsers of other sites may read it: it says nothing about anybody."""
    if not 1 <= number < 2**31:
        raise NotFound
    response = HttpResponse(status_list(number), content_type="application/vc+jwt")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@page("GET")
@KEPT
def issuer(_request: HttpRequest) -> HttpResponse:
    """The city as an issuer of badges."""
    return JsonResponse({"@context": [VC, OPEN_BADGES], **issuer_profile()}, content_type="application/ld+json")


@page("GET")
@KEPT
def level_json(request: HttpRequest, code: str, level: int) -> HttpResponse:
    """A level of a badge as an Open Badges achievement."""
    badge, levels = _level(actor_of(request), code, level)
    if badge.rule is None or level > levels:
        raise NotFound
    document = {"@context": [VC, OPEN_BADGES], **achievement(badge, badge.rule, level)}
    return JsonResponse(document, content_type="application/ld+json")


@page("GET")
@KEPT
def picture(request: HttpRequest, code: str, level: int) -> HttpResponse:
    """The picture of a badge."""
    badge, levels = _level(actor_of(request), code, level)
    return HttpResponse(draw_svg(badge.icon, level, levels), content_type=SVG)


@page("GET")
@KEPT
def picture_png(request: HttpRequest, code: str, level: int) -> HttpResponse:
    """The same for pages elsewhere that show no SVG: link previews."""
    _badge, levels = _level(actor_of(request), code, level)
    return HttpResponse(png_bytes(draw_png(level, levels)), content_type="image/png")


def _level(actor: Actor, code: str, level: int) -> tuple[Badge, int]:
    """A level that is, or was by an older rule."""
    badge = find_badge(actor, code)
    if not 1 <= level <= MOST_LEVELS:
        raise NotFound
    levels = len(badge.rule.levels) if badge.rule else 0
    return badge, levels


@page("GET")
def download(request: HttpRequest, key: UUID, form: str) -> HttpResponse:
    """One of my credentials as a file: signed text, or a picture that carries it."""
    award = find_own_award(actor_of(request), key)
    content, kind = _made(award, form)
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{award.badge_id}-{award.level}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _made(award: Award, form: str) -> tuple[bytes, str]:
    """The file and its media type. Raises `NotFound` for a form that there is not."""
    token, levels = sign(credential(award)), len(award.rule.levels)
    if form == "jwt":
        return token.encode(), "application/vc+jwt"
    if form == "svg":
        return bake_svg(draw_svg(award.badge.icon, award.level, levels), token).encode(), SVG
    if form == "png":
        return bake_png(draw_png(award.level, levels), token), "image/png"
    raise NotFound
