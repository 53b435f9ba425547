"""Credentials are given, each with an entry in a status list that nobody else ever had.

All of a request happens in one transaction: the nonce is used, the entries are taken, the rows are written; what was
signed leaves the house after the commit. Whoever is killed in between has given nothing away, or an entry to nobody.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from random import SystemRandom

from django.db import IntegrityError, transaction

from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.actions.once import use_once
from meydan.identity.facts import CredentialsIssued, IssuanceDeferred, WalletTold
from meydan.identity.models import NO_LEVEL, Credential, Identity, Issuance, StatusList, Wallet
from meydan.identity.models.credentials import CREDENTIAL_LIVES, LIST_SIZE, secret_digest
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.policies import may_use_wallet
from meydan.identity.queries.cards import card_payload, first_moment, level_now, said_of
from meydan.identity.queries.enrolment import is_being_decided
from meydan.identity.queries.identities import identity_of
from meydan.identity.queries.keys import signer_for
from meydan.identity.queries.nonces import forgotten_at
from meydan.identity.queries.proofs import Proven
from meydan.identity.queries.statuslists import open_list, taken_in
from meydan.identity.queries.wallets import lock_wallet_of
from meydan.identity.tokens.faults import Fault
from meydan.identity.tokens.jose import Jwk
from meydan.identity.tokens.sdjwt import TYP, issue
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record

CANDIDATES, MORE_EACH = 48, 16
"""Entries drawn: so many, and so many more for each that is needed. A list is left when too few of them are free: for
single credentials at some 86 % of it. No counter is kept that all would have to lock."""
TRIES = 5
_draw = SystemRandom()


@dataclass(frozen=True)
class Issued:
    """Credentials in the order of their keys, or, without any, the transaction by which to ask again."""

    credentials: tuple[str, ...] = ()
    notification: str = ""
    transaction: str = ""


@action_on(lock_wallet_of, policy=may_use_wallet)
def request_credentials(actor: Actor, wallet: Wallet, *, proven: Proven, identified: bool = False) -> Issued:
    """One credential for each key. Deferred while there is nothing to give yet (`_waits`). `identified`: whether it
    is named by an identifier, which those wallets do that were given one, and no others (OpenID4VCI 1.0, 8.2).

    Raises `Fault`: `unknown_credential_identifier` or `invalid_credential_request` for the other way, `invalid_nonce`
    for a nonce that was used, `credential_request_denied` where there is no identity, or a frozen one.
    """
    if identified is not wallet.identified:
        code = "unknown_credential_identifier" if identified else "invalid_credential_request"
        raise Fault(code, "Name the credential as the token response has it: by credential_identifier, or by scope.")
    if not use_once("nonce", proven.nonce, until=forgotten_at()):
        raise Fault("invalid_nonce", "This nonce was used before.")
    identity = identity_of(wallet.person_id)
    if _waits(wallet, identity):
        return _defer(wallet, proven)
    request = Issuance(wallet=wallet, asked_at=now())
    return _issue(wallet, request, _able(identity), proven.keys)


def _waits(wallet: Wallet, identity: Identity | None) -> bool:
    """Whether the application is being decided, or the identity came over from another account and its hold goes on."""
    if identity is None:
        return is_being_decided(wallet.person_id)
    return identity.frozen_at is None and level_now(identity) == NO_LEVEL


def _able(identity: Identity | None) -> Identity:
    if identity is None:
        raise Fault("credential_request_denied", "No identity is established for this account.")
    if identity.frozen_at is not None:
        raise Fault("credential_request_denied", "The identity is frozen.")
    return identity


def _defer(wallet: Wallet, proven: Proven) -> Issued:
    number = secrets.token_urlsafe(32)
    Issuance.objects.create(
        wallet=wallet, keys=[key.json for key in proven.keys], transaction=secret_digest(number), asked_at=now()
    )
    record(IssuanceDeferred(subject=wallet.reference, persons=(wallet.person_id,)))
    return Issued(transaction=number)


@action_on(lock_wallet_of, policy=may_use_wallet)
def deliver_deferred(actor: Actor, wallet: Wallet, *, transaction_id: str) -> Issued:
    """What was deferred, once it can be given. While it cannot, the same transaction again.

    Raises `Fault`: `invalid_transaction_id` for one that is none of this wallet's or was delivered,
    `credential_request_denied` when the application came to nothing.
    """
    request = Issuance.objects.filter(wallet=wallet, transaction=secret_digest(transaction_id)).first()
    if request is None or request.issued_at is not None:
        raise Fault("invalid_transaction_id", "There is no such transaction of this wallet.")
    identity = identity_of(wallet.person_id)
    if _waits(wallet, identity):
        record(IssuanceDeferred(subject=wallet.reference, persons=(wallet.person_id,)))
        return Issued(transaction=transaction_id)
    return _issue(wallet, request, _able(identity), [Jwk.read(one) for one in request.keys])


def _issue(wallet: Wallet, request: Issuance, identity: Identity, keys: Sequence[Jwk]) -> Issued:
    number, level = secrets.token_urlsafe(32), level_now(identity)
    request.notification, request.issued_at, request.keys = secret_digest(number), now(), []
    request.save()
    rows = _enter(wallet, identity, len(keys))
    credentials = sign_cards(identity, level, rows, keys)
    wallet.seen_at = now()
    wallet.save(update_fields=["seen_at"])
    persons = (wallet.person_id,)
    record(CredentialsIssued(subject=wallet.reference, persons=persons, count=len(rows), level=level))
    return Issued(credentials=credentials, notification=number)


def sign_cards(identity: Identity, level: str, rows: Sequence[Credential], keys: Sequence[Jwk]) -> tuple[str, ...]:
    """The credentials themselves, one for each row and key."""
    signer, claims = signer_for(keep_issuer_key("credentials"), TYP), said_of(identity)
    payloads = [
        card_payload(level=level, key=key, status_list=row.status_list_id, index=row.index, start=row.issued_at)
        for row, key in zip(rows, keys, strict=True)
    ]
    return tuple(issue(signer, payload, claims, digests=len(CARD_CLAIMS)) for payload in payloads)


def _enter(wallet: Wallet, identity: Identity, count: int) -> list[Credential]:
    """Rows with entries drawn at random among the free ones. Two who draw the same at once: the second draws anew."""
    for _try in range(TRIES):
        number, entries = _draw_entries(count)
        start = first_moment()
        rows = [
            Credential(
                identity=identity,
                wallet=wallet,
                status_list_id=number,
                index=index,
                issued_at=start,
                expires_at=start + CREDENTIAL_LIVES,
            )
            for index in entries
        ]
        try:
            with transaction.atomic():
                return Credential.objects.bulk_create(rows)
        except IntegrityError:
            continue
    raise Fault("server_error", "No entry of a status list was free. Try again.")


def _draw_entries(count: int) -> tuple[int, list[int]]:
    """The list that is open now, and so many of its entries that are free."""
    row = open_list()
    if row is not None:
        candidates = _draw.sample(range(LIST_SIZE), CANDIDATES + MORE_EACH * count)
        taken = taken_in(row.pk, candidates)
        free = [index for index in candidates if index not in taken]
        if len(free) >= count:
            return row.pk, free[:count]
    number = row.pk + 1 if row is not None else 1
    StatusList.objects.get_or_create(pk=number, defaults={"made_at": now()})
    return number, _draw.sample(range(LIST_SIZE), count)


@action_on(lock_wallet_of, policy=may_use_wallet)
def note_event(actor: Actor, wallet: Wallet, *, notification_id: str, event: str) -> None:
    """What the wallet says became of what it was given (OpenID4VCI 1.0, 11). Telling twice is no error.

    Raises `Fault`: `invalid_notification_id`.
    """
    request = Issuance.objects.filter(wallet=wallet, notification=secret_digest(notification_id)).first()
    if request is None:
        raise Fault("invalid_notification_id", "There is no such notification of this wallet.")
    request.event = event
    request.save(update_fields=["event"])
    record(WalletTold(subject=wallet.reference, persons=(wallet.person_id,), event=event))
