"""Credentials are revoked, finally: by their holder, and when what they say no longer holds."""

from uuid import UUID

from django.db.models import QuerySet

from meydan.identity.actions.offering import close_wallet
from meydan.identity.facts import CredentialsRevoked
from meydan.identity.models import Credential, Identity, Offer, Wallet, WalletCode
from meydan.identity.policies import may_end_wallet, may_issue
from meydan.identity.queries.wallets import lock_wallet
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import record


@action_on(lock_wallet, policy=may_end_wallet)
def end_wallet(actor: Actor, wallet: Wallet) -> None:
    """The holder ends one of their wallets: its tokens open nothing, all it holds is revoked."""
    close_wallet(wallet, "holder")
    count = _revoke(Credential.objects.filter(wallet=wallet), "holder")
    record(CredentialsRevoked(subject=wallet.reference, persons=(wallet.person_id,), count=count, why="holder"))


@action(policy=may_issue)
def revoke_wallet(actor: Actor, *, wallet_id: UUID, why: str) -> None:
    """What a wallet holds that was ended by the machinery."""
    wallet = Wallet.objects.select_for_update().get(pk=wallet_id)
    count = _revoke(Credential.objects.filter(wallet=wallet), why)
    record(CredentialsRevoked(subject=wallet.reference, persons=(wallet.person_id,), count=count, why=why))


@action(policy=may_issue)
def revoke_identity(actor: Actor, *, identity_id: UUID, why: str, ends_wallets: bool) -> None:
    """All credentials of an identity. `ends_wallets`: its wallets too, what was offered, and codes on their way; else
    they may come for new ones. Raises `NotFound`."""
    identity = Identity.objects.filter(pk=identity_id).first()
    if identity is None:
        raise NotFound
    if ends_wallets:  # first: a wallet that is being opened with one of them is there when the wallets are looked for
        Offer.objects.filter(person_id=identity.person_id, used_at=None).delete()
        WalletCode.objects.filter(person_id=identity.person_id, used_at=None).delete()
    wallets = Wallet.objects.select_for_update().filter(person_id=identity.person_id, ended_at=None).order_by("pk")
    for wallet in list(wallets):  # locked also where they stay: nothing may be issued while this is going on
        if ends_wallets:
            close_wallet(wallet, why)
    count = _revoke(Credential.objects.filter(identity=identity), why)
    record(CredentialsRevoked(subject=identity.reference, persons=(identity.person_id,), count=count, why=why))


def _revoke(rows: "QuerySet[Credential]", why: str) -> int:
    return rows.filter(revoked_at=None).update(revoked_at=now(), revoked_why=why)
