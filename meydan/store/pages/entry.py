"""One entry as everybody sees it, its pictures, and the ways to have the app."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from meydan.comments.public import Thread, thread_from
from meydan.kernel.actor import Actor, Role
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.files_http import send_file, serve_file
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import LANGUAGES, current_language, format_number, text_of
from meydan.kernel.inputs import parse
from meydan.store import actions
from meydan.store.inputs import Feature
from meydan.store.models import App, Kind
from meydan.store.pages.looks import kind_look, permissions_of, picture_address, seen_in
from meydan.store.policies import may_see_inside
from meydan.store.queries import (
    THREADS,
    Shot,
    Version,
    as_discussed,
    category_names,
    find_app,
    find_picture,
    find_release,
    find_shown,
)
from meydan.ui.cards import serve_card
from meydan.ui.templating import url

KILO, MEGA = 1000, 1_000_000
ANDROID = {21: "5", 23: "6", 24: "7", 26: "8", 28: "9", 29: "10", 30: "11", 31: "12", 33: "13", 34: "14", 35: "15"}
VERBS = {Kind.SITE: "external-link", Kind.WEB_APP: "app-window", Kind.IOS: "download", Kind.DESKTOP: "download"}


@page("GET")
@same_for_visitors
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """What an app is, what it can reach, and how to have it."""
    actor = actor_of(request)
    app, releases, shots, talk = find_shown(actor, slug)
    inside = not actor.is_visitor and may_see_inside(actor, app)
    context = {
        "app": app,
        "title": text_of(app.title) or app.slug,
        "summary": text_of(app.summary),
        "told": text_of(app.shown),
        "kind": kind_look(app.kind),
        "icon_address": picture_address(app.slug, app.icon_id) if app.icon_id else "",
        "screens": [_screen(app, shot) for shot in shots],
        "way": _way(app, releases),
        "facts": _facts(app, releases),
        "permissions": permissions_of(app, releases[0]) if releases else [],
        "seen": seen_in(releases[0]) if releases else None,
        "releases": [_release(app, one) for one in releases],
        "manage": url("store:manage", slug=app.slug) if inside else "",
        "features": app.is_public and actor.has(Role.MODERATOR, Role.ADMIN),
        "base": config().base_url,
        "card": url("store:card", slug=app.slug, language=current_language()),
        "thread": _thread(actor, app, talk) if app.is_public else None,
    }
    return render(request, "store/show.html", context)


def _thread(actor: Actor, app: App, talk: str | None) -> Thread:
    return thread_from(actor, app.reference, as_discussed(actor, app), talk, most=THREADS)


class _Screen(NamedTuple):
    """A picture as the page draws it. Templates find what is named in a tuple five times as fast as in a dict."""

    url: str
    alt: str
    width: int
    height: int


class _Release(NamedTuple):
    """A version as the page lists it."""

    name: str
    at: datetime | None
    size: str
    changelog: str
    href: str


def _screen(app: App, shot: Shot) -> _Screen:
    return _Screen(picture_address(app.slug, shot.file), shot.alt, shot.width, shot.height)


def _way(app: App, releases: list[Version]) -> Mapping[str, str] | None:
    """The one next step: to download, to open, to install."""
    if app.kind == Kind.ANDROID:
        if not releases:
            return None
        href = url("store:download", slug=app.slug, version_code=releases[0].version_code)
        return {
            "label": _("Download (%(size)s)") % {"size": size_of(releases[0].size)},
            "href": href,
            "icon": "download",
        }
    labels = {
        Kind.SITE: _("Open the web site"),
        Kind.WEB_APP: _("Open the web app"),
        Kind.IOS: _("See it in its store"),
        Kind.DESKTOP: _("Go to the download"),
    }
    kind = Kind(app.kind)
    return {"label": labels[kind], "href": url("store:open", slug=app.slug), "icon": VERBS[kind]}


def size_of(size: int) -> str:
    """Bytes as people read them."""
    if size < MEGA:
        return _size_in(current_language(), max(1, round(size / KILO)), "kB")
    return _size_in(current_language(), round(size / MEGA, 1), "MB")


@lru_cache(maxsize=1024)
def _size_in(_language: str, number: float, unit: str) -> str:
    """Remembered for the active language: all versions of an app are about as large."""
    if unit == "kB":
        return _("%(number)s kB") % {"number": format_number(number)}
    return _("%(number)s MB") % {"number": format_number(number, 1)}


def _facts(app: App, releases: list[Version]) -> list[tuple[str, str]]:
    rows = [
        (_("Developer"), app.developer),
        (_("Category"), category_names().get(app.category_id or "", "")),
        (_("Languages"), " · ".join(LANGUAGES[code] for code in app.languages if code in LANGUAGES)),
        (_("Address"), urlsplit(app.address).hostname or ""),
        (_("Licence"), app.licence),
    ]
    if releases:
        newest = releases[0]
        rows += [
            (_("Version"), newest.version_name),
            (_("Needs Android"), _android(newest.min_sdk)),
            (_("Processors"), ", ".join(newest.native_abis) or _("all")),
        ]
    if app.downloads:
        rows.append((_("Used from here"), format_number(app.downloads)))
    return [(name, value) for name, value in rows if value]


def _android(level: int) -> str:
    return next((version for known, version in reversed(ANDROID.items()) if known <= level), "4")


def _release(app: App, release: Version) -> _Release:
    return _Release(
        release.version_name,
        release.published_at,
        size_of(release.size),
        text_of(release.changelog),
        url("store:download", slug=app.slug, version_code=release.version_code),
    )


@page("GET")
def download(request: HttpRequest, slug: str, version_code: int) -> HttpResponseBase:
    """A version's package, for everybody; a download that broke off goes on."""
    actor = actor_of(request)
    app, release = find_release(actor, slug, version_code)
    if request.method == "GET" and not request.headers.get("Range"):
        actions.count_use(actor, app)
    name = f"{app.package}_{release.version_code}.apk"
    return send_file(
        request, release.file_id, size=release.size, media_type=actions.MEDIA_TYPE, name=name, public=app.is_public
    )


@page("GET")
def open_app(request: HttpRequest, slug: str) -> HttpResponse:
    """On to the app's own address, which a moderator has looked at."""
    actor = actor_of(request)
    app = find_app(actor, slug)
    if not app.address:
        raise NotFound
    if app.is_public and request.method == "GET":
        actions.count_use(actor, app)
    response = HttpResponseRedirect(app.address)
    response["Referrer-Policy"] = "no-referrer"
    return response


@page("GET")
def picture(request: HttpRequest, slug: str, sha256: str) -> HttpResponse:
    """A picture of an entry, whole."""
    return serve_file(request, find_picture(actor_of(request), slug, sha256), public=True)


@page("GET")
def thumb(request: HttpRequest, slug: str, sha256: str) -> HttpResponse:
    """The same, small."""
    return serve_file(request, find_picture(actor_of(request), slug, sha256), "thumb", public=True)


@page("GET")
def card(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The picture that stands for an entry where its link is shared."""
    app = find_app(actor_of(request), slug)
    if not app.is_public:
        raise NotFound
    return serve_card(text_of(app.title, language) or app.slug, language, icon=app.icon_id or "")


@page("POST")
def feature(request: HttpRequest, slug: str) -> HttpResponse:
    """A moderator puts an entry on top, or takes it down."""
    actions.feature_app(actor_of(request), slug, days=parse(Feature, request.POST).days)
    return HttpResponseRedirect(url("store:show", slug=slug))
