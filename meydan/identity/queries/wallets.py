"""A person's wallets, and the locks by which a wallet's own secrets open what is theirs."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from meydan.identity.models import Offer, Wallet, WalletToken
from meydan.identity.models.credentials import secret_digest
from meydan.identity.policies import may_use_own_identity
from meydan.identity.tokens.faults import Unauthorized
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand


def own_wallets(actor: Actor) -> list[Wallet]:
    """The actor's wallets that are not ended, the newest first; `valid`: how many of its credentials count now."""
    demand(may_use_own_identity(actor), actor)
    counts = Count("credentials", filter=Q(credentials__revoked_at=None, credentials__expires_at__gt=now()))
    rows = Wallet.objects.filter(person=actor.person_id, ended_at=None)
    return list(rows.annotate(valid=counts).order_by("-made_at"))


def open_offer_of(person_id: UUID) -> Offer | None:
    """The offer that can be taken up now."""
    rows = Offer.objects.filter(person_id=person_id, used_at=None, expires_at__gt=now())
    return rows.order_by("-made_at").first()


def offer_by_code(code: str) -> Offer | None:
    """An offer, used or not."""
    return Offer.objects.filter(code=secret_digest(code)).first()


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
