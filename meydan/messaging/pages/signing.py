"""The messenger's addresses among the city's pages: where its server is (client-server API, "Well-known URI"), where a
client sends people to sign in with Meydan ("SSO client login"), and what a person wants of it."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.accounts.public import find_active_person
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.messaging.actions.cases import switch_cases
from meydan.messaging.actions.finding import set_finding
from meydan.messaging.actions.identity import allow_reset
from meydan.messaging.actions.tokens import make_login_token
from meydan.messaging.inputs import BeFound, SwitchCases
from meydan.messaging.queries import discovery
from meydan.messaging.queries.cases import own_finding, own_wish
from meydan.ui.leading import LedBack, policy_leading_to

NEVER = ("javascript", "data", "vbscript", "blob", "file", "about")
MOST_ADDRESS = 1000


@page("GET")
def well_known(_request: HttpRequest) -> HttpResponse:
    """Where a client finds the server of `@citizen:<this address>`; scripts of any page may ask."""
    answer = JsonResponse(discovery.well_known())
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@page("GET", "POST")
def let_in(request: HttpRequest) -> HttpResponse:
    """Ask whether to let the client in that has sent the person here, by the address where it waits; lead back to it
    with a token to sign in with, once."""
    back, actor = request.GET.get("redirectUrl", ""), actor_of(request)
    _check(back)
    here = f"{request.path}?{request.GET.urlencode()}"
    if actor.person_id is None:
        wants_account = request.GET.get("action") == "register"
        return redirect_to_login(here, reverse("account_signup" if wants_account else "account_login"))
    if request.method == "POST":
        return LedBack(_with_token(back, make_login_token(actor.person_id)))
    parts = urlsplit(back)
    context = {"site": parts.netloc or f"{parts.scheme}:", "back": back, "here": here}
    response = render(request, "messaging/let_in.html", context)
    response["Content-Security-Policy"] = policy_leading_to(back)
    return response


def _check(back: str) -> None:
    """A client may wait at any address, for none has introduced itself: the person decides by what they are shown. But
    not at one that is a program, or has somebody's name in it to look like another."""
    try:
        parts = urlsplit(back)
        _port = parts.port
    except ValueError:
        raise Invalid(_("The app that sent you here gave no address to go back to.")) from None
    plain = back.isascii() and back.isprintable() and " " not in back
    if not plain or len(back) > MOST_ADDRESS or not parts.scheme or parts.scheme in NEVER or "@" in parts.netloc:
        raise Invalid(_("The app that sent you here gave no address to go back to."))
    if parts.scheme in ("http", "https") and not parts.hostname:
        raise Invalid(_("The app that sent you here gave no address to go back to."))


def _with_token(back: str, token: str) -> str:
    parts = urlsplit(back)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "loginToken"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("loginToken", token)])))


@page("GET", "POST")
def mine(request: HttpRequest) -> HttpResponse:
    """How I am called in the messenger, who finds me there, and whether the city writes to me about my cases."""
    actor = actor_of(request)
    wanted, found = own_wish(actor), own_finding(actor)
    if request.method == "POST" and "by_name" in request.POST:
        wish = parse(BeFound, request.POST)
        set_finding(actor, by_name=wish.by_name, by_address=wish.by_address)
        messages.success(request, _("This is kept."))
        return HttpResponseRedirect(reverse("messaging:mine"))
    if request.method == "POST":
        switch_cases(actor, wanted=parse(SwitchCases, request.POST).wanted)
        messages.success(request, _("This is kept."))
        return HttpResponseRedirect(reverse("messaging:mine"))
    person = find_active_person(actor.person_id) if actor.person_id else None
    user_id = f"@{person.username}:{config().server_name}" if person else ""
    context = {"wanted": wanted, "found": found, "user_id": user_id, "server": config().gateway_url}
    return render(request, "messaging/mine.html", context)


@page("GET", "POST")
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def reset_identity(request: HttpRequest) -> HttpResponse:
    """Ask whether an app may replace the keys by which others know the person, and allow it for some minutes."""
    if request.method == "POST":
        allow_reset(actor_of(request))
    return render(request, "messaging/reset.html", {"allowed": request.method == "POST"})
