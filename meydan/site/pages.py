"""The city's front door: home, search, the language switch, and what makes it an app on a phone."""

from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from meydan import __version__
from meydan.accounts.public import speak
from meydan.kernel.city import this_city
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, Refused
from meydan.kernel.http import actor_of, page, render, same_for_visitors
from meydan.kernel.i18n import LANGUAGES, current_language, direction, text_of
from meydan.site.frame import is_open, open_doors, sender_of
from meydan.site.home import find_apps, find_articles, find_events, find_reports, home_of
from meydan.site.look import examples
from meydan.site.search import find_doors, search_everything
from meydan.ui.language import remember_language
from meydan.ui.sheet import colours, main_sheet

# Heading, search, and a place of its part, in the order of the page. A domain that can be searched is added here.
SEARCHES = (
    (gettext_lazy("What you can do"), find_doors, "site:home"),
    (gettext_lazy("Events"), find_events, "events:list"),
    (gettext_lazy("Articles"), find_articles, "articles:list"),
    (gettext_lazy("Apps"), find_apps, "store:list"),
    (gettext_lazy("Reports"), find_reports, "reports:list"),
)
KEPT_FORMS = ("reports:file",)
"""Forms that can be opened and filled in without a line."""
SHELL_FILES = (
    *("ui/app.js", "ui/drafts.js", "ui/outbox.js", "ui/outgoing.js", "ui/outbox-page.js", "ui/icon.svg"),
    *("reports/form.js", "reports/photos.js", "reports/round.js", "reports/reports.css"),
)


@page("GET")
@same_for_visitors
def home(request: HttpRequest) -> HttpResponse:
    """What a citizen can do here, seen within three seconds."""
    return render(request, "site/home.html", {"doors": open_doors(), **home_of(actor_of(request))})


@page("GET")
def search(request: HttpRequest) -> HttpResponse:
    """One question over everything that this actor may see."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    there = [
        (heading, find, "" if find is find_doors else reverse(place))
        for heading, find, place in SEARCHES
        if is_open(place)
    ]
    found = search_everything(actor_of(request), words, there)
    return render(request, "site/search.html", {"words": words, "found": found})


# No token, so that a page without a form of its own sets no cookie; other sites are known by their header.
@csrf_exempt
@page("POST")
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language, of the account too, and come back to the same page."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(_("The language is switched on the city's own pages only."))
    code = request.POST.get("language", "")
    if code not in LANGUAGES:
        raise Invalid(_("Choose one of the languages that are offered."))
    actor = actor_of(request)
    if actor.person_id is not None:
        speak(actor, actor.person_id, language=code)
    response = HttpResponseRedirect(_safe_path(request.POST.get("next", "/")))
    remember_language(response, code)
    return response


def _safe_path(address: str) -> str:
    """A path of this server, whatever was sent: its path and query only."""
    parts = urlsplit(address[:2000])
    path = f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"


@page("GET")
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows when there is no connection."""
    return render(request, "site/offline.html")


@page("GET")
def outbox(request: HttpRequest) -> HttpResponse:
    """What waits on this very device to be sent: the page is the same for everybody, its script fills it."""
    return render(request, "site/outbox.html")


@page("GET")
@never_cache
def outbox_pass(request: HttpRequest) -> HttpResponse:
    """What the outbox needs before it sends a form of yesterday: a fresh token, and who is signed in now."""
    return JsonResponse({"csrf": get_token(request), "sender": sender_of(actor_of(request))})


@page("GET")
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C), in the reader's language: what "add to the home screen" uses."""
    name = text_of(this_city().name)
    shortcuts = [{"name": str(door.title), "url": door.href} for door in open_doors()[:3]]
    document = {
        "id": "/",
        "name": name,
        "short_name": name[:24],
        "description": _("Report, follow and confirm: the city's own app."),
        "lang": current_language(),
        "dir": direction(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": colours("light")["band"],
        "background_color": colours("light")["ground"],
        "icons": [
            {"src": static("ui/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("ui/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("ui/icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": static("ui/icon-maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
        "shortcuts": shortcuts,
    }
    return JsonResponse(document, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@page("GET")
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the shell. Its name for the store changes with the version and with the sheet."""
    shell = [reverse("site:offline"), reverse("site:outbox"), *map(static, SHELL_FILES)]
    context = {
        "shell": shell,
        "forms": [reverse(name) for name in KEPT_FORMS],
        "outbox": static("ui/outbox.js"),
        "waking": static("messaging/waking.js"),
        "icon": static("ui/icon-192.png"),
        "version": f"{__version__}-{main_sheet().source[8:20]}",
        "statics": static(""),
        "pictures": reverse("reports:photos"),
        "chat": reverse("messaging:chat"),
    }
    response = render(request, "site/sw.js", context)
    response["Content-Type"] = "text/javascript; charset=utf-8"
    response["Cache-Control"] = "no-cache"
    return response


@page("GET")
def look(request: HttpRequest) -> HttpResponse:
    """Every part on one page, with long, short and no text. In the demo only."""
    if not config().demo:
        raise Http404
    return render(request, "site/look.html", examples())
