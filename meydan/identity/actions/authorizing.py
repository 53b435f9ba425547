"""A person lets a wallet in that asks for their ID, and the wallet comes for its tokens with the code (OpenID4VCI 1.0,
5 and 6; RFC 6749, 4.1; RFC 7636)."""

import hmac
import re
import secrets
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from meydan.identity.actions.offering import Tokens, close_wallet, give_tokens, open_wallet
from meydan.identity.actions.once import use_once
from meydan.identity.facts import WalletCodeRefused, WalletLetIn
from meydan.identity.models import WalletCode
from meydan.identity.models.credentials import CODE_LIVES, MAX_WALLET_NAME, REQUEST_LIVES, secret_digest
from meydan.identity.policies import may_offer, may_redeem
from meydan.identity.queries.authorizing import WalletAsk, leads_to
from meydan.identity.queries.identities import lock_identity_of
from meydan.identity.queries.proofs import Dpop
from meydan.identity.queries.pushing import Kept
from meydan.identity.queries.wallets import lock_code, lock_own_offer, why_no_wallet
from meydan.identity.tokens.faults import Fault
from meydan.identity.tokens.jose import digest
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record

SECRET_BYTES = 32
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@action(policy=may_offer)
def let_wallet_in(actor: Actor, *, kept: Kept, ask: WalletAsk) -> str:
    """The code for the wallet that asks, and the end of the offer that it began with. Raises `Conflict` for a request
    that was answered before, for an offer that is another person's or over, and when there is nothing to give."""
    person = actor.person_id
    if person is None:  # the policy has asked; for the checker of types
        raise Conflict
    lock_identity_of(person)  # a freeze that comes now finds what is made here, and ends it
    if hindered := why_no_wallet(person):
        raise Conflict(hindered)
    if not use_once("wallet-request", kept.number, until=kept.at + REQUEST_LIVES):
        raise Conflict(_("This request was answered already. Go back to your wallet and begin again."))
    at, code = now(), secrets.token_urlsafe(SECRET_BYTES)
    if ask.issuer_state:
        offer = lock_own_offer(actor, ask.issuer_state)
        offer.used_at = at
        offer.save(update_fields=["used_at"])
    row = WalletCode.objects.create(
        person_id=person,
        code=secret_digest(code),
        client=ask.client,
        redirect=ask.redirect,
        challenge=ask.challenge,
        jkt=ask.jkt,
        identified=ask.identified,
        made_at=at,
    )
    record(WalletLetIn(subject=row.reference, persons=(person,), to=ask.leads_to))
    return code


@action(policy=may_redeem)
def redeem_code(actor: Actor, *, form: Mapping[str, str], dpop: Dpop | None) -> Tokens | Fault:
    """Open a wallet with a code, which is used up by being tried: whoever has caught it tries once. One that comes
    twice ends what it has opened (RFC 6749, 4.1.2). Those `Fault`s are returned, not raised, for what they have done
    must stay. Raises `Fault`: `invalid_grant` for a code that nobody was given."""
    row = lock_code(form["code"])
    if row is None:
        raise Fault("invalid_grant", "The code is unknown.")
    again, row.used_at = row.used_at is not None, row.used_at or now()
    if again and row.wallet is not None and row.wallet.ended_at is None:
        close_wallet(row.wallet, "replay")
    why = "again" if again else _whats_wrong(row, form, dpop)
    if why:
        row.save(update_fields=["used_at"])
        record(WalletCodeRefused(subject=row.reference, persons=(row.person_id,), why=why))
        return Fault("invalid_grant", WRONG[why])
    name = leads_to(row.redirect)[:MAX_WALLET_NAME]
    row.wallet = open_wallet(row.person_id, dpop, name, identified=row.identified)
    row.save(update_fields=["used_at", "wallet"])
    return give_tokens(row.wallet)


WRONG = {
    "again": "The code was used before.",
    "late": "The code has expired.",
    "client": "The code is another client's.",
    "redirect": "The code was asked for with another redirect_uri.",
    "verifier": "The code_verifier does not fit.",
    "key": "The code is bound to another key.",
}


def _whats_wrong(row: WalletCode, form: Mapping[str, str], dpop: Dpop | None) -> str:
    """A word of WRONG, "" where all is right."""
    verifier = form.get("code_verifier", "")
    if now() >= row.made_at + CODE_LIVES or not row.person.is_active:
        return "late"
    if form.get("client_id") != row.client:
        return "client"
    if form.get("redirect_uri") != row.redirect:
        return "redirect"
    if not VERIFIER.fullmatch(verifier) or not hmac.compare_digest(digest(verifier), row.challenge):
        return "verifier"
    return "key" if row.jkt and row.jkt != (dpop.jkt if dpop else "") else ""
