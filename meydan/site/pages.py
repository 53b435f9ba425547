"""The city's front door: home, the language switch, and the pages that help when something went wrong."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from meydan.kernel.errors import Invalid, Refused
from meydan.kernel.http import page, render
from meydan.kernel.i18n import LANGUAGES
from meydan.ui.language import remember_language


@page("GET")
def home(request: HttpRequest) -> HttpResponse:
    """What a citizen can do here, seen within three seconds."""
    return render(request, "site/home.html")


# No token, so that a page without a form of its own sets no cookie; other sites are known by their header.
@csrf_exempt
@page("POST")
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language and come back to the same page."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(_("The language is switched on the city's own pages only."))
    code = request.POST.get("language", "")
    if code not in LANGUAGES:
        raise Invalid(_("Choose one of the languages that are offered."))
    response = HttpResponseRedirect(_safe_path(request.POST.get("next", "/")))
    remember_language(response, code)
    return response


def _safe_path(address: str) -> str:
    """A path of this server, whatever was sent: its path and query only."""
    parts = urlsplit(address[:2000])
    path = f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else "/"
