"""OAuth 2.0: the page that asks a person whether to let a program in, and the doors that the program itself calls.

Programs call from any page, so those doors answer to every origin; they take no cookie.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from meydan.accounts.actions.clients import find_or_register
from meydan.accounts.actions.oauth import (
    DEVICE_GRANT,
    Reply,
    answer_device,
    answer_revocation,
    answer_token,
    let_in,
    read_request,
)
from meydan.accounts.inputs import RegisterClient
from meydan.accounts.models import OAuthClient, clean_name
from meydan.accounts.queries import find_own_account
from meydan.accounts.queries.clients import host_of, name_of
from meydan.accounts.queries.elsewhere import giver_for
from meydan.kernel.errors import Invalid, MeydanError, NotFound, TooMany
from meydan.kernel.http import actor_of, page, read_json, render
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.inputs import parse
from meydan.kernel.limits import check
from meydan.ui.leading import LedBack, policy_leading_to

MOST_BYTES = 16 * 1024
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Cache-Control": "no-store",
}
RATES = {
    "register": {"limit": 120, "seconds": 600},
    "device": {"limit": 120, "seconds": 600},
    "token": {"limit": 1200, "seconds": 60},
    "revoke": {"limit": 600, "seconds": 60},
}
"""For each address. A phone network may bring a whole quarter by one of them, and every client that is awake renews its
tokens each few minutes: these keep the house from being worn down; nobody guesses a code or a token of 256 bits."""
Door = Callable[[HttpRequest], HttpResponse]


@page("GET", "POST")
def authorize(request: HttpRequest) -> HttpResponse:
    """Ask the person whether to let the program in; lead the browser back to it with the answer."""
    address = f"{request.path}?{request.GET.urlencode()}"
    asked, actor = read_request(address), actor_of(request)
    if actor.is_visitor:
        wants_account = request.GET.get("prompt") == "create"
        return redirect_to_login(address, reverse("account_signup" if wants_account else "account_login"))
    if asked.fault:
        return LedBack(asked.leave)
    if request.method == "POST":
        return LedBack(let_in(actor, address=address) if request.POST.get("answer") == "yes" else asked.leave)
    giver = giver_for(asked.scopes)
    if giver is None:
        raise NotFound
    context = {
        "name": name_of(asked.client),
        "site": host_of(asked.client.site),
        "back": host_of(asked.redirect) if urlsplit(asked.redirect).scheme == "https" else "",
        "explained": giver.explain(asked.scopes),
        "person": find_own_account(actor),
        "address": address,
    }
    response = render(request, "accounts/let_in.html", context)
    response["Content-Security-Policy"] = policy_leading_to(asked.redirect)
    return response


def open_door(view: Door) -> Door:
    """A door for programs: POST from any origin, so often from one address, a small body, and faults as RFC 6749 writes
    them (5.2)."""

    def serve(request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
        elif request.method != "POST":
            response = _fault(405, "invalid_request", "Send a POST.")
        elif int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            response = _fault(413, "invalid_request", f"At most {MOST_BYTES} bytes.")
        else:
            try:
                check(f"accounts.oauth.{view.__name__}:{actor_of(request).address}", **RATES[view.__name__])
                response = view(request)
            except MeydanError as error:
                response = _refuse(request, error)
        for name, value in CORS.items():
            response[name] = value
        return response

    serve.refuse = _refuse  # type: ignore[attr-defined]  # site's guard asks for it
    return csrf_exempt(serve)


def _fault(status: int, code: str, description: str) -> HttpResponse:
    return JsonResponse({"error": code, "error_description": description}, status=status)


def _refuse(_request: HttpRequest, error: MeydanError) -> HttpResponse:
    response = _fault(error.status, "temporarily_unavailable" if isinstance(error, TooMany) else "invalid_request", "")
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


@open_door
def register(request: HttpRequest) -> HttpResponse:
    """A program introduces itself (RFC 7591)."""
    try:
        said = read_json(request)
        names = {key.removeprefix("client_name").removeprefix("#"): value for key, value in said.items() if _names(key)}
        command = parse(RegisterClient, said, names=names)
    except Invalid as error:
        kind = "invalid_redirect_uri" if list(error.fields) == ["redirect_uris"] else "invalid_client_metadata"
        faults = " ".join(f"{field}: {sentence}" for field, sentence in error.fields.items())
        return _fault(400, kind, faults or str(error.message))
    client = find_or_register(
        actor_of(request),
        site=command.client_uri,
        redirects=command.redirect_uris,
        native=command.application_type == "native",
        names={language: clean_name(name) for language, name in command.names.items()},
    )
    return JsonResponse(_metadata(client), status=201)


def _names(key: str) -> bool:
    return key == "client_name" or key in (f"client_name#{language}" for language in LANGUAGES)


def _metadata(client: OAuthClient) -> dict[str, object]:
    """What we keep of it (RFC 7591, 3.2.1)."""
    names = {f"client_name#{language}" if language else "client_name": name for language, name in client.name.items()}
    return {
        "client_id": client.pk,
        "client_id_issued_at": int(client.made_at.timestamp()),
        "client_uri": client.site,
        "redirect_uris": client.redirects,
        "application_type": "native" if client.native else "web",
        "grant_types": ["authorization_code", "refresh_token", DEVICE_GRANT],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        **names,
    }


@open_door
def device(request: HttpRequest) -> HttpResponse:
    """A device without a browser asks to be let in (RFC 8628)."""
    return _said(answer_device(_form(request)))


@open_door
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for a code, for a refresh token, or for the code of a device that was let in."""
    return _said(answer_token(_form(request), actor_of(request).address))


@open_door
def revoke(request: HttpRequest) -> HttpResponse:
    """End what a token opens (RFC 7009)."""
    return _said(answer_revocation(_form(request)))


def _form(request: HttpRequest) -> str:
    return request.body.decode("utf-8", "replace")


def _said(reply: Reply) -> HttpResponse:
    status, headers, body = reply
    return HttpResponse(body, status=status, headers={"Content-Type": "application/json", **headers})
