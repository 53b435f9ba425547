"""Signing a browser in from another device: it shows a code, for a camera too, and the device says yes."""

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from meydan.accounts.actions.browsers import answer_browser, ask_to_be_let_in, take_answer
from meydan.accounts.pages.context import browser_of
from meydan.accounts.pages.linking import TRIES
from meydan.accounts.queries import find_own_account
from meydan.accounts.queries.browsers import answer_to, find_browser_request
from meydan.accounts.queries.clients import read_user_code
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.limits import check
from meydan.ui.codes import qr_code

HELD = "accounts.browser_request"
"""In the waiting browser's session: the secret, the code, and where to go on."""
ASKED = {"limit": 60, "seconds": 600}
LOOKED = {"limit": 600, "seconds": 600}


@page("POST")
def ask(request: HttpRequest) -> HttpResponse:
    """Begin to wait."""
    actor = actor_of(request)
    check(f"accounts.browser_ask:{actor.address}", **ASKED)
    wanted = request.POST.get("next", "")[:500]
    there = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("accounts:me")
    secret, code = ask_to_be_let_in(request.headers.get("User-Agent", ""))
    request.session[HELD] = {"secret": secret, "code": code, "next": there}
    return redirect("accounts:await_device")


@page("GET", "POST")
@never_cache
def wait(request: HttpRequest) -> HttpResponse:
    """Show the code until somebody has answered; then go on, signed in."""
    held = request.session.get(HELD)
    if held is None:
        return redirect("account_login")
    if request.method == "POST":
        person = take_answer(held["secret"])
        if person is not None:
            record_authentication(request, person, method="device")
            get_adapter().login(request, person)
            request.session.pop(HELD, None)
            return HttpResponseRedirect(held["next"])
    address = f"{config().base_url}{reverse('accounts:let_browser_in')}?{urlencode({'user_code': held['code']})}"
    shown = {
        "code": held["code"],
        "picture": qr_code(address),
        "answer": answer_to(held["secret"]),
        "next": held["next"],
    }
    return render(request, "accounts/await_device.html", shown)


@page("GET")
@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """For the script of the waiting page: whether somebody has answered."""
    check(f"accounts.browser_state:{actor_of(request).address}", **LOOKED)
    held = request.session.get(HELD)
    return JsonResponse({"answer": answer_to(held["secret"]) if held else "over"})


@page("GET", "POST")
def let_in(request: HttpRequest) -> HttpResponse:
    """Ask, on the device where the person is signed in, whether to sign the browser in that shows this code."""
    actor, sent = actor_of(request), request.POST if request.method == "POST" else request.GET
    code = sent.get("user_code", "")[:60]
    if actor.is_visitor:
        query = urlencode({"user_code": code})
        return redirect_to_login(f"{reverse('accounts:let_browser_in')}?{query}", reverse("account_login"))
    check(f"accounts.user_code:{actor.person_id}", **TRIES)
    answer: HttpResponse = reauthentication_required(_proven)(request, code)
    return answer


def _proven(request: HttpRequest, code: str) -> HttpResponse:
    """A phone that lies open on a table signs nobody in: the proof is asked for once more, unless it was just given."""
    actor = actor_of(request)
    try:
        asked = find_browser_request(actor, code)
        if request.method == "POST":
            yes = request.POST.get("answer") == "yes"
            answer_browser(actor, user_code=code, yes=yes)
            if yes:
                messages.success(request, _("The browser is signed in. Go on there."))
            else:
                messages.info(request, _("The browser is not signed in."))
            return redirect("usersessions_list")
    except Invalid as error:
        return render(request, "accounts/let_browser_in.html", {"faults": error.fields}, status=error.status)
    digits = read_user_code(code)
    shown = {
        "faults": {},
        "browser": browser_of(asked.agent),
        "person": find_own_account(actor),
        "code": f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
    }
    return render(request, "accounts/let_browser_in.html", shown)
