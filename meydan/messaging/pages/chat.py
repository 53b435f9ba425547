"""The messenger in the browser: a frame that anybody who is signed in gets alike. What it shows comes from the gateway,
by scripts, and is kept on the device (`static/messaging/chat`)."""

from functools import lru_cache
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from meydan.accounts.public import find_active_person
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound, SignInFirst
from meydan.kernel.http import actor_of, page, render
from meydan.messaging.pages.seal_words import seal_words
from meydan.messaging.pages.words import ICONS, words
from meydan.ui.csp import content_security_policy
from meydan.ui.templating import static

SEAL = ("seal.js", "seal.wasm")
BROTLI_LEVEL = 6
"""The device keeps the page and asks for it seldom: its bytes cost more than the milliseconds."""


@page("GET")
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """One's conversations. The policy lets its scripts reach the gateway besides this server, and nobody else."""
    actor = actor_of(request)
    if actor.person_id is None or find_active_person(actor.person_id) is None:
        raise SignInFirst
    gateway = config().gateway_url
    seal = {name: seal_file(name) for name in SEAL}
    context = {"words": words(), "icons": ICONS, "gateway": gateway, "seal": seal}
    response = render(request, "messaging/chat.html", context)
    response.brotli_level = BROTLI_LEVEL  # type: ignore[attr-defined]  # our own mark, which site's middleware reads
    parts = urlsplit(gateway)
    reached = [f"{parts.scheme}://{parts.netloc}"]
    response["Content-Security-Policy"] = content_security_policy(connects_to=reached, runs_wasm=all(seal.values()))
    return response


@page("GET")
@never_cache
def more_words(_request: HttpRequest, part: str) -> HttpResponse:
    """The sentences of a part that is loaded when it is needed, in the reader's language."""
    if part != "seal":
        raise NotFound
    return JsonResponse(seal_words())


@lru_cache(maxsize=8)
def seal_file(name: str) -> str:
    """The address of a part of what encrypts messages (site/seal.py); "" as long as this city has none: only what was
    laid out has a hash in its name."""
    address = static(f"vendor/seal/{name}")
    return "" if address.endswith(f"/{name}") else address
