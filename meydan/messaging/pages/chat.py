"""The messenger in the browser: a frame that anybody who is signed in gets alike. What it shows comes from the gateway,
by scripts, and is kept on the device (`static/messaging/chat`)."""

import json
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, NotFound, SignInFirst
from meydan.kernel.http import actor_of, page, render
from meydan.messaging.pages.more_words import MORE_ICONS, more_words
from meydan.messaging.pages.seal_words import seal_words
from meydan.messaging.pages.words import ICONS, words
from meydan.messaging.queries.first_rooms import FirstRoom, list_first_rooms
from meydan.ui.codes import qr_code
from meydan.ui.csp import content_security_policy
from meydan.ui.icons import icon
from meydan.ui.maps import map_library
from meydan.ui.templating import static

MOST_PATH = 300
SEAL = ("seal.js", "seal.wasm")
TOGETHER = Path(__file__).resolve().parent.parent / "static" / "vendor" / "chat"
MODULES = ("words", "line", "store", "plain", "model", "crypto", "sync", "outbox", "rooms", "main")
FRAME = "frame"
HUES, HUE = 6, 7
BROTLI_LEVEL = 6
"""The device keeps the page and asks for it seldom: its bytes cost more than the milliseconds."""


@page("GET")
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """One's conversations: the first ones by their names, all else by the scripts. `?frame` is the page without them,
    which says nothing of anybody: the one that the device keeps. The policy lets its scripts reach the gateway besides
    this server, and nobody else."""
    rooms = [_row(room) for room in list_first_rooms(actor_of(request))]
    gateway = config().gateway_url
    seal = {name: laid_out(f"vendor/seal/{name}") for name in SEAL}
    context = {"words": words(), "icons": ICONS, "gateway": gateway, "map_library": map_library(), "seal": seal}
    context |= {"rooms": [] if FRAME in request.GET else rooms} | scripts()
    response = render(request, "messaging/chat.html", context)
    response.brotli_level = BROTLI_LEVEL  # type: ignore[attr-defined]  # our own mark, which site's middleware reads
    ways = [urlsplit(url) for url in config().gateway_urls]
    reached = [f"{way.scheme}://{way.netloc}" for way in ways]
    response["Content-Security-Policy"] = content_security_policy(connects_to=reached, runs_wasm=all(seal.values()))
    return response


def _row(room: FirstRoom) -> dict[str, Any]:
    """What a row of the list shows, as `face` in `chat/rooms.js` has it."""
    hue = reduce(lambda sum_, letter: (sum_ * 31 + ord(letter)) % HUES, room.room_id, HUE)
    return {
        "id": room.room_id,
        "name": room.name,
        "official": room.official,
        "letter": (room.name or "?").upper()[0],
        "hue": hue,
    }


@page("GET")
def more(_request: HttpRequest) -> HttpResponse:
    """The sentences, in the reader's language, and the icons of those parts of the messenger that are loaded when they
    are needed. The same for everybody."""
    return JsonResponse({"words": more_words(), "icons": {name: str(icon(name)) for name in MORE_ICONS}})


@page("GET")
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A link into a group leads to the messenger, which says first what it is; who is not signed in does that before.
    The token goes on behind the "#", where no log sees it."""
    if actor_of(request).person_id is None:
        raise SignInFirst
    return HttpResponseRedirect(f"{reverse('messaging:chat')}#join/{token}")


@page("GET")
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """An address of this city as a code for a camera (QR, ISO/IEC 18004). Of no other: `path` is a path of ours."""
    if actor_of(request).person_id is None:
        raise SignInFirst
    path = request.GET.get("path", "")
    if not path.startswith("/") or len(path) > MOST_PATH or not path.isascii() or not path.isprintable():
        raise Invalid(_("Give a path of this city's pages."))
    return HttpResponse(qr_code(f"{config().base_url}{path}"), content_type="image/svg+xml")


@page("GET")
@never_cache
def words_of(_request: HttpRequest, part: str) -> HttpResponse:
    """The sentences of a part that is loaded when it is needed, in the reader's language."""
    if part != "seal":
        raise NotFound
    return JsonResponse(seal_words())


@lru_cache(maxsize=1)
def together() -> dict[str, list[str]] | None:
    """What site/bundle.py made of the modules: the files that the list needs, in the order of their need, and those
    that are loaded later. None where this city has laid out none."""
    file = TOGETHER / "parts.json"
    made: dict[str, list[str]] | None = json.loads(file.read_text()) if file.exists() else None
    return made if made and laid_out(f"vendor/chat/{made['list'][0]}") else None


def scripts() -> dict[str, Any]:
    """The addresses of the scripts, for the page: files put together, or the modules as they are."""
    made = together()
    if made is None:
        return {"scripts": [static(f"messaging/chat/{name}.js") for name in MODULES], "parts": None}
    late = {name: static(f"vendor/chat/{name}") for name in made["late"]}
    return {"scripts": [static(f"vendor/chat/{name}") for name in made["list"]], "parts": late}


@lru_cache(maxsize=8)
def laid_out(name: str) -> str:
    """The address of a file that was built here; "" as long as this city has none: only what was laid out has a hash in
    its name."""
    address = static(name)
    return "" if address.endswith(f"/{name}") else address
