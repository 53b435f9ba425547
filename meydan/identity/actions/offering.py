"""A holder offers their credential to a wallet; the wallet takes it up with the code and the digits."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from meydan.identity.actions.once import use_proof
from meydan.identity.facts import CredentialOffered, OfferRefused, WalletEnded, WalletOpened, WalletRenewed
from meydan.identity.models import Offer, Wallet, WalletToken
from meydan.identity.models.credentials import (
    ACCESS_LIVES,
    MOST_TRIES,
    OFFER_LIVES,
    REFRESH_LIVES,
    TX_CODE_DIGITS,
    keyed,
    secret_digest,
)
from meydan.identity.policies import may_offer, may_redeem
from meydan.identity.queries.identities import lock_identity_of
from meydan.identity.queries.keys import address
from meydan.identity.queries.proofs import Dpop
from meydan.identity.queries.wallets import find_token, wallets_by, why_no_wallet
from meydan.identity.tokens.faults import Fault
from meydan.identity.tokens.jose import b64url
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record

SECRET_BYTES = 32


@dataclass(frozen=True)
class Offered:
    """An offer as its holder sees it, once: `uri` for the wallet, `tx_code` to be typed there."""

    uri: str
    document: str
    tx_code: str
    expires_at: datetime


@dataclass(frozen=True)
class Tokens:
    """What a wallet gets for a code or for a refresh token (RFC 6749, 5.1). `identified`: as in `Wallet`."""

    access: str
    refresh: str
    is_bound: bool
    identified: bool


@action(policy=may_offer)
def offer_credential(actor: Actor) -> Offered:
    """A new offer; the one before counts no more. While the application is being decided there may be one as well:
    what the wallet asks for is deferred then. Raises `Conflict` when there is nothing to offer."""
    person = actor.person_id
    if person is None:  # the policy has asked; for the checker of types
        raise Conflict
    lock_identity_of(person)  # a freeze that comes now finds what is made here, and ends it
    if hindered := why_no_wallet(person):
        raise Conflict(hindered)
    at, reference = now(), secrets.token_urlsafe(SECRET_BYTES)
    digits = "".join(str(secrets.randbelow(10)) for _digit in range(TX_CODE_DIGITS))
    Offer.objects.filter(person_id=person, used_at=None).delete()
    offer = Offer.objects.create(
        person_id=person,
        code=secret_digest(code_of(reference)),
        tx_code=b"",
        made_at=at,
        expires_at=at + OFFER_LIVES,
    )
    offer.tx_code = _digits_digest(offer, digits)
    offer.save(update_fields=["tx_code"])
    record(CredentialOffered(subject=f"offer:{offer.pk}", persons=(person,)))
    document = address(f"/id/offers/{reference}")
    uri = f"openid-credential-offer://?credential_offer_uri={quote(document, safe='')}"
    return Offered(uri, document, digits, offer.expires_at)


def code_of(reference: str) -> str:
    """The pre-authorised code of an offer, made from what its QR holds: so it need not lie in the database."""
    return b64url(keyed("offer", reference))


def _digits_digest(offer: Offer, digits: str) -> bytes:
    return keyed("tx_code", f"{offer.pk}:{digits}")


@action(policy=may_redeem)
def redeem_offer(actor: Actor, *, code: str, tx_code: str, dpop: Dpop | None, name: str = "") -> Tokens | Fault:
    """Open a wallet with the code and the digits, once. Wrong digits are counted: the `Fault` is returned then, not
    raised, for the count must stay. Raises `Fault`: `invalid_grant`, `invalid_request`."""
    offer = Offer.objects.select_for_update().filter(code=secret_digest(code)).first()
    if offer is None or offer.used_at or offer.expires_at <= now() or offer.tries >= MOST_TRIES:
        raise Fault("invalid_grant", "The code is unknown, used or expired.")
    if not tx_code:
        raise Fault("invalid_request", "Send the digits that are shown beside the offer as tx_code.")
    if not hmac.compare_digest(bytes(offer.tx_code), _digits_digest(offer, tx_code)):
        return _count_wrong(offer)
    offer.used_at = now()
    offer.save(update_fields=["used_at"])
    return give_tokens(open_wallet(offer.person_id, dpop, name))


def _count_wrong(offer: Offer) -> Fault:
    offer.tries += 1
    offer.save(update_fields=["tries"])
    record(OfferRefused(subject=f"offer:{offer.pk}", persons=(offer.person_id,), left=MOST_TRIES - offer.tries))
    return Fault("invalid_grant", "The digits are wrong.")


def open_wallet(person: UUID, dpop: Dpop | None, name: str, *, identified: bool = False) -> Wallet:
    """A new wallet; within an action."""
    at = now()
    use_proof(dpop)
    wallet = Wallet(person_id=person, name=name, identified=identified, made_at=at, seen_at=at)
    wallet.jkt = dpop.jkt if dpop else ""
    wallet.save(force_insert=True)
    record(WalletOpened(subject=wallet.reference, persons=(person,)))
    return wallet


def give_tokens(wallet: Wallet) -> Tokens:
    """Fresh tokens; those of before stay until they expire or are used."""
    at, access, refresh = now(), secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    WalletToken.objects.bulk_create(
        [
            WalletToken(pk=secret_digest(access), wallet=wallet, expires_at=at + ACCESS_LIVES),
            WalletToken(pk=secret_digest(refresh), wallet=wallet, refreshes=True, expires_at=at + REFRESH_LIVES),
        ]
    )
    return Tokens(access, refresh, bool(wallet.jkt), wallet.identified)


@action(policy=may_redeem)
def renew_tokens(actor: Actor, *, refresh: str, dpop: Dpop | None) -> Tokens | Fault:
    """New tokens for a refresh token, which is used up. One that comes twice was copied: its wallet ends, and the
    `Fault` is returned so that this stays. Raises `Fault`: `invalid_grant`."""
    wallet = Wallet.objects.select_for_update().filter(pk__in=wallets_by(refresh), ended_at=None).first()
    token = find_token(refresh, refreshes=True)
    if token is None or wallet is None or token.expires_at <= now():
        raise Fault("invalid_grant", "The refresh token is unknown or has expired.")
    if wallet.jkt != (dpop.jkt if dpop else ""):
        raise Fault("invalid_grant", "The refresh token is bound to another key.")
    if token.used_at is not None:
        close_wallet(wallet, "replay")
        return Fault("invalid_grant", "The refresh token was used before; the wallet was ended.")
    use_proof(dpop)
    token.used_at = wallet.seen_at = now()
    token.save(update_fields=["used_at"])
    wallet.save(update_fields=["seen_at"])
    record(WalletRenewed(subject=wallet.reference, persons=(wallet.person_id,)))
    return give_tokens(wallet)


def close_wallet(wallet: Wallet, why: str) -> None:
    """End a locked wallet and its tokens; within an action. Its credentials are the caller's to revoke, or the
    reaction's to `WalletEnded`."""
    wallet.ended_at = now()
    wallet.save(update_fields=["ended_at"])
    wallet.tokens.all().delete()
    record(WalletEnded(subject=wallet.reference, persons=(wallet.person_id,), why=why))
