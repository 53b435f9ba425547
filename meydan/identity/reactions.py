"""What follows from what happens to an identity: credentials that no longer hold are revoked at once."""

from uuid import UUID

from meydan.identity.actions.presenting import sweep
from meydan.identity.actions.revoking import revoke_identity, revoke_wallet
from meydan.identity.facts import ClaimsChanged, IdentityEnded, IdentityFrozen, WalletEnded
from meydan.kernel.actor import SYSTEM
from meydan.kernel.jobs import periodic
from meydan.kernel.reactions import reacts_to


@reacts_to(ClaimsChanged, alone=True)
def revoke_what_is_no_longer_true(fact: ClaimsChanged) -> None:
    """The wallets stay: they come for credentials that say what is so now."""
    if fact.claims:
        revoke_identity(SYSTEM, identity_id=_key(fact.subject), why="claims", ends_wallets=False)


@reacts_to(IdentityFrozen, alone=True)
def revoke_what_is_frozen(fact: IdentityFrozen) -> None:
    """Finally, and the wallets too: one of them may be the thief's. After the thaw the holder takes new ones."""
    revoke_identity(SYSTEM, identity_id=_key(fact.subject), why="frozen", ends_wallets=True)


@reacts_to(IdentityEnded, alone=True)
def revoke_what_has_ended(fact: IdentityEnded) -> None:
    """Death, a deleted account: nothing of it counts."""
    revoke_identity(SYSTEM, identity_id=_key(fact.subject), why="ended", ends_wallets=True)


@reacts_to(WalletEnded, alone=True)
def revoke_what_was_copied(fact: WalletEnded) -> None:
    """A refresh token was used twice: somebody has a copy of the wallet."""
    if fact.why == "replay":
        revoke_wallet(SYSTEM, wallet_id=_key(fact.subject), why="wallet")


def _key(subject: str) -> UUID:
    return UUID(subject.partition(":")[2])


@periodic(name="identity.sweep", cron="* * * * *")
def forget_what_is_over(_timestamp: int) -> None:
    """What was shown at counters, and codes, tokens and nonces that nobody can use any more."""
    sweep()
