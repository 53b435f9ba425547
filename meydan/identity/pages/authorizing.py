"""The page that asks a person whether to let a wallet have their ID (OpenID4VCI 1.0, 5)."""

from django.http import HttpRequest, HttpResponse

from meydan.accounts.public import find_active_person
from meydan.identity.actions.authorizing import let_wallet_in
from meydan.identity.pages.proof import second_proof
from meydan.identity.queries.authorizing import WalletAsk, open_ask
from meydan.identity.queries.cards import level_now
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.pushing import Kept
from meydan.identity.queries.wallets import why_not_let_in
from meydan.kernel.errors import Conflict, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.limits import check
from meydan.ui.leading import LedBack, leading_to


@page("GET", "POST")
def authorize(request: HttpRequest) -> HttpResponse:
    """The wallets' authorization endpoint: from a request that was pushed to its answer."""
    check(f"identity.authorize:{actor_of(request).address}", limit=1200, seconds=600)
    kept, ask = open_ask(request.GET.get("request_uri", ""), request.GET.get("client_id", ""))
    if request.method == "POST" and request.POST.get("answer") != "yes":
        return LedBack(ask.answered(error="access_denied"))
    return _answer(request, kept, ask)


@second_proof
def _answer(request: HttpRequest, kept: Kept, ask: WalletAsk) -> HttpResponse:
    actor = actor_of(request)
    if request.method != "POST":
        return _ask(request, ask, why_not_let_in(actor, ask.issuer_state))
    try:
        return LedBack(ask.answered(code=let_wallet_in(actor, kept=kept, ask=ask)))
    except Conflict as error:
        return _ask(request, ask, error.message)


def _ask(request: HttpRequest, ask: WalletAsk, hindered: Sentence) -> HttpResponse:
    actor = actor_of(request)
    identity = own_identity(actor)
    context = {
        "to": ask.leads_to,
        "to_app": ask.to_app,
        "person": find_active_person(actor.person_id) if actor.person_id else None,
        "level": level_now(identity) if identity else "",
        "hindered": hindered,
        "here": request.get_full_path(),
    }
    status = 409 if hindered else 200
    return leading_to(render(request, "identity/let_wallet_in.html", context, status=status), ask.redirect)
