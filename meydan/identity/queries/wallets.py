"""A person's wallets, and the locks by which a wallet's own secrets open what is theirs."""

import hmac
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from meydan.identity.models import NO_LEVEL, Offer, Wallet, WalletCode, WalletToken
from meydan.identity.models.credentials import MOST_TRIES, MOST_WALLETS, keyed, secret_digest
from meydan.identity.policies import may_use_own_identity
from meydan.identity.queries.cards import WAITS, level_now
from meydan.identity.queries.enrolment import is_being_decided
from meydan.identity.queries.identities import identity_of
from meydan.identity.tokens.faults import Broken, Unauthorized
from meydan.identity.tokens.jose import b64url, from_b64url
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound, Sentence
from meydan.kernel.policy import demand

STATE_BYTES = 16


def own_wallets(actor: Actor) -> list[Wallet]:
    """The actor's wallets that are not ended, the newest first; `valid`: how many of its credentials count now."""
    demand(may_use_own_identity(actor), actor)
    counts = Count("credentials", filter=Q(credentials__revoked_at=None, credentials__expires_at__gt=now()))
    rows = Wallet.objects.filter(person=actor.person_id, ended_at=None)
    return list(rows.annotate(valid=counts).order_by("-made_at"))


def why_no_wallet(person: UUID) -> Sentence:
    """Why somebody cannot have a wallet more now, and what to do; "" when they can."""
    identity = identity_of(person)
    if identity is None and not is_being_decided(person):
        return _("First the city has to establish your identity. Apply for it.")
    if identity is not None and identity.frozen_at is not None:
        return _("Your identity is frozen. Thaw it before you give it to a wallet.")
    if identity is not None and level_now(identity) == NO_LEVEL:
        return WAITS
    if Wallet.objects.filter(person_id=person, ended_at=None).count() >= MOST_WALLETS:
        return _("You have as many wallets as one may have. End one of them first.")
    return ""


def why_not_let_in(actor: Actor, state: str) -> Sentence:
    """Why the actor cannot let a wallet in that began with the offer of this `issuer_state` ("" for none); "" when they
    can. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    if actor.person_id is None:
        raise NotFound
    offer = offer_by_state(state) if state else None
    if state and (offer is None or offer.used_at is not None or offer.person_id != actor.person_id):
        return OFFER_OVER
    return why_no_wallet(actor.person_id)


OFFER_OVER = _("The code that your wallet began with is another person's, or used. Make a new one.")


def open_offer_of(person_id: UUID) -> Offer | None:
    """The offer that can be taken up now."""
    rows = Offer.objects.filter(person_id=person_id, used_at=None, expires_at__gt=now())
    return rows.order_by("-made_at").first()


def offer_by_code(code: str) -> Offer | None:
    """An offer, used or not."""
    return Offer.objects.filter(code=secret_digest(code)).first()


def is_live(offer: Offer | None) -> bool:
    """Whether it can be taken up now."""
    return offer is not None and offer.used_at is None and offer.expires_at > now() and offer.tries < MOST_TRIES


def issuer_state_of(offer: Offer) -> str:
    """`issuer_state` (OpenID4VCI 1.0, 4.1.1): by it the request of a wallet is known to have begun with this offer. It
    opens nothing by itself: the person who made the offer must let the wallet in."""
    return b64url(offer.pk.bytes + _state_mac(offer.pk))


def offer_by_state(state: str) -> Offer | None:
    """The offer, used or not; None for a state of somebody else's making."""
    try:
        whole = from_b64url(state)
    except Broken:
        return None
    if len(whole) != 2 * STATE_BYTES:
        return None
    key = UUID(bytes=whole[:STATE_BYTES])
    if not hmac.compare_digest(whole[STATE_BYTES:], _state_mac(key)):
        return None
    return Offer.objects.filter(pk=key).first()


def _state_mac(key: UUID) -> bytes:
    return keyed("issuer_state", str(key))[:STATE_BYTES]


def lock_own_offer(actor: Actor, state: str) -> Offer:
    """The actor's own offer of this state, not used yet, locked. It may be over by now: when the wallet asked with it,
    it was not. Raises `Conflict`."""
    found = offer_by_state(state)
    row = Offer.objects.select_for_update().filter(pk=found.pk, used_at=None).first() if found else None
    if row is None or row.person_id != actor.person_id:
        raise Conflict(OFFER_OVER)
    return row


def lock_code(code: str) -> WalletCode | None:
    """What a code is for, used or not, locked."""
    rows = WalletCode.objects.select_for_update(of=["self"]).select_related("person", "wallet")
    return rows.filter(code=secret_digest(code)).first()


@dataclass(frozen=True)
class Bearer:
    """A token as it came, and the key that was proven with it ("" where none was)."""

    token: str
    jkt: str = ""


def lock_wallet_of(_actor: Actor, bearer: Bearer) -> Wallet:
    """The living wallet that an access token opens, locked. Raises `Unauthorized`: `invalid_token`."""
    token = token_of(bearer)
    wallet = Wallet.objects.select_for_update().get(pk=token.wallet_id)
    if wallet.ended_at is not None:
        raise Unauthorized("invalid_token", "This wallet was ended.")
    if wallet.jkt != bearer.jkt:
        raise Unauthorized("invalid_token", "The access token is bound to another key.")
    return wallet


def token_of(bearer: Bearer) -> WalletToken:
    """Its row, for the door to ask before it reads what was sent. Raises `Unauthorized`: `invalid_token`."""
    token = find_token(bearer.token, refreshes=False)
    if token is None or token.expires_at <= now():
        raise Unauthorized("invalid_token", "The access token is unknown or has expired.")
    return token


def find_token(token: str, *, refreshes: bool) -> WalletToken | None:
    """A wallet's token, used or not."""
    return WalletToken.objects.filter(pk=secret_digest(token), refreshes=refreshes).first()


def wallets_by(refresh: str) -> "QuerySet[WalletToken, UUID]":
    """The key of the wallet that a refresh token is for, to lock it before the token is read."""
    return WalletToken.objects.filter(pk=secret_digest(refresh), refreshes=True).values_list("wallet", flat=True)


def lock_wallet(actor: Actor, key: UUID) -> Wallet:
    """A living wallet of the actor's own, or any for the machinery, locked. Raises `NotFound`."""
    rows = Wallet.objects.select_for_update().filter(pk=key, ended_at=None)
    if not actor.is_system:
        rows = rows.filter(person=actor.person_id)
    row = rows.first()
    if row is None or (actor.person_id is None and not actor.is_system):
        raise NotFound
    return row
