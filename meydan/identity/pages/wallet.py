"""The holder's pages: give the ID to a wallet, end a wallet, see to whom it was shown, show it from this browser."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.identity.actions.offering import offer_credential
from meydan.identity.actions.revoking import end_wallet
from meydan.identity.actions.sign_ins import withdraw_allowance
from meydan.identity.models import NO_LEVEL
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.pages.proof import second_proof
from meydan.identity.queries.cards import WAITS, label_of, labels_of, level_now
from meydan.identity.queries.consents import own_consents
from meydan.identity.queries.enrolment import is_being_decided
from meydan.identity.queries.identities import own_identity
from meydan.identity.queries.sign_ins import own_allowances
from meydan.identity.queries.wallets import own_wallets
from meydan.identity.queries.wishes import own_holders
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.limits import check
from meydan.ui.codes import qr_code

OFFERS_A_DAY = 20
"""Five wrong digits end an offer: a hundred tries in a day, and no more (NIST SP 800-63B, 5.2.2)."""


@page("GET")
def wallets(request: HttpRequest) -> HttpResponse:
    """What holds my ID, and a way to give it to one more."""
    return _wallets(request, actor_of(request))


def _wallets(request: HttpRequest, actor: Actor, error: str = "", status: int = 200) -> HttpResponse:
    identity = own_identity(actor)
    waits = identity is None and actor.person_id is not None and is_being_decided(actor.person_id)
    level = level_now(identity) if identity else ""
    context = {
        "identity": identity,
        "level": level,
        "held": WAITS if level == NO_LEVEL else "",
        "waits": waits,
        "wallets": own_wallets(actor),
        "error": error,
    }
    return render(request, "identity/wallets.html", context, status=status)


@page("POST")
@second_proof
def offer(request: HttpRequest) -> HttpResponse:
    """Make an offer and show it, once: as a code for a wallet's camera, with the digits to type there."""
    actor = actor_of(request)
    check(f"identity.offer:{actor.person_id}", limit=OFFERS_A_DAY, seconds=24 * 3600)
    try:
        offered = offer_credential(actor)
    except Conflict as error:
        return _wallets(request, actor, str(error.message), 409)
    context = {"offered": offered, "code": qr_code(offered.uri, module=8)}
    response = render(request, "identity/offer.html", context)
    response["Cache-Control"] = "no-store"
    return response


@page("GET", "POST")
def end(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask, and end a wallet: what it holds is revoked, finally."""
    actor = actor_of(request)
    if request.method == "POST":
        end_wallet(actor, key)
        messages.success(request, _("The wallet was ended. What it holds counts for nobody any more."))
        return HttpResponseRedirect(reverse("identity:wallets"))
    wallet = next((one for one in own_wallets(actor) if one.pk == key), None)
    if wallet is None:
        raise NotFound
    return render(request, "identity/end_wallet.html", {"wallet": wallet})


@page("GET")
def consents(request: HttpRequest) -> HttpResponse:
    """To whom I showed what of my ID, and where my account signs me in."""
    actor = actor_of(request)
    allowances = [(one, labels_of(one.claims)) for one in own_allowances(actor)]
    context = {"consents": own_consents(actor), "allowances": allowances, "holders": own_holders(actor)}
    return render(request, "identity/consents.html", context)


@page("GET", "POST")
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Ask, and allow a relying party nothing any more."""
    actor = actor_of(request)
    if request.method == "POST":
        withdraw_allowance(actor, code)
        messages.success(request, _("Withdrawn. You are signed out there, and it learns nothing new of you."))
        return HttpResponseRedirect(reverse("identity:consents"))
    row = next((one for one in own_allowances(actor) if one.party.code == code), None)
    if row is None:
        raise NotFound
    return render(request, "identity/withdraw.html", {"allowance": row, "labels": labels_of(row.claims)})


@page("GET")
def present(request: HttpRequest) -> HttpResponse:
    """Where a counter's code leads: who asks, for what, and whether to show it from this browser."""
    return render(request, "identity/present.html", {"labels": {name: label_of(name) for name in CARD_CLAIMS}})
