"""What happens to an account touches the identity that rests on it, and what happens to that its credentials; what has
lapsed is forgotten."""

from contextlib import suppress
from uuid import UUID

from meydan.accounts.facts import (
    ClientLetIn,
    PasskeyAdded,
    PasswordChanged,
    PersonDeleted,
    ProfileChanged,
    SecurityChanged,
    SignedIn,
)
from meydan.identity.actions.applying import withdraw_application
from meydan.identity.actions.checking import ask_registry, check_faces
from meydan.identity.actions.ending import tell_logout
from meydan.identity.actions.identities import end_identity, hold_powers, note_device, open_when_due
from meydan.identity.actions.presenting import sweep
from meydan.identity.actions.rechecking import recheck_some
from meydan.identity.actions.revoking import revoke_identity, revoke_wallet
from meydan.identity.actions.sign_ins import end_levels
from meydan.identity.actions.signing import drop_papers, forget_signer, sweep_papers
from meydan.identity.facts import (
    ClaimsChanged,
    IdentityEnded,
    IdentityFrozen,
    IdentityThawed,
    SignInEnded,
    WalletEnded,
)
from meydan.identity.models import Purpose
from meydan.identity.queries.enrolment import list_lapsed, living_application
from meydan.identity.queries.identities import identity_of
from meydan.identity.queries.sign_ins import find_to_tell
from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict, NotFound, Refused
from meydan.kernel.facts import Fact, StoredFact
from meydan.kernel.jobs import enqueue, periodic
from meydan.kernel.reactions import reacts_to, reacts_to_stored

__all__ = ["ask_registry", "check_faces", "open_when_due"]


@reacts_to_stored(PasskeyAdded, SecurityChanged, PasswordChanged, ProfileChanged, alone=True)
def hold_after_change(stored: StoredFact) -> None:
    """A new device, another way in, another password or address: perhaps it was a thief. In-person powers wait a day.
    The mail of before hears of another address by the account's own letter: facts hold no address."""
    fact = stored.fact
    if isinstance(fact, ProfileChanged) and "email" not in fact.fields:
        return
    for person in fact.persons:
        identity = identity_of(person)
        if identity is not None and identity.established_at < stored.recorded_at:
            hold_powers(SYSTEM, identity.pk, why=type(fact).__name__)


@reacts_to(SignedIn, ClientLetIn, alone=True)
def tell_of_device(fact: Fact) -> None:
    """Sessions last for weeks: whoever signs in does so on a device that was not in there."""
    for person in fact.persons:
        identity = identity_of(person)
        if identity is not None:
            note_device(SYSTEM, identity.pk, way=type(fact).__name__)


@reacts_to(PersonDeleted, alone=True)
def end_with_account(fact: PersonDeleted) -> None:
    """An account that is closed stands for nobody."""
    for person in fact.persons:
        if (identity := identity_of(person)) is not None:
            end_identity(SYSTEM, identity.pk, why="deleted")
        if (application := living_application(person)) is not None:
            _withdraw(application.pk, "deleted")


@reacts_to_stored(IdentityThawed, IdentityEnded, alone=True)
def withdraw_idle_thaw(stored: StoredFact) -> None:
    """What was to be thawed from afar was thawed at the counter meanwhile, or is no more."""
    for person in stored.fact.persons:
        application = living_application(person)
        if application is None or application.purpose != Purpose.THAW:
            continue
        if application.began_at < stored.recorded_at:
            _withdraw(application.pk, "thawed")


@periodic(name="identity.forget_lapsed", cron="40 3 * * *")
def forget_lapsed(_due: int) -> None:
    """Every night: applications that nobody goes on with, and all that came in with them."""
    for key in list_lapsed():
        _withdraw(key, "lapsed")


def _withdraw(key: UUID, why: str) -> None:
    with suppress(Conflict, NotFound, Refused):
        withdraw_application(SYSTEM, key, why=why)


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


@reacts_to(IdentityFrozen, IdentityEnded, alone=True)
def drop_what_waits_for_it(fact: Fact) -> None:
    """Papers that wait for a signature which must not come any more. What was signed stays signed; of a closed account
    nothing stays but that."""
    why = "frozen" if isinstance(fact, IdentityFrozen) else "ended"
    for person in fact.persons:
        drop_papers(person=person, why=why)
    if isinstance(fact, IdentityEnded) and fact.why == "deleted":
        forget_signer(SYSTEM, identity_id=_key(fact.subject))


@reacts_to(IdentityFrozen, IdentityEnded, alone=True)
def end_what_rests_on_it(fact: Fact) -> None:
    """Sign-ins at relying parties to which the account said more than that it exists. Their tokens opened nothing from
    the moment on; now they are gone."""
    for person in fact.persons:
        with suppress(NotFound):
            end_levels(SYSTEM, person=person, why="frozen" if isinstance(fact, IdentityFrozen) else "ended")


@reacts_to(SignInEnded)
def tell_its_relying_party(fact: SignInEnded) -> None:
    """So that it signs the person out too, unless it has ended the sign-in itself."""
    if fact.why != "party" and find_to_tell(_key(fact.subject)) is not None:
        enqueue(tell_logout, sign_in=str(_key(fact.subject)))


@reacts_to(WalletEnded, alone=True)
def revoke_what_was_copied(fact: WalletEnded) -> None:
    """A refresh token was used twice: somebody has a copy of the wallet."""
    if fact.why == "replay":
        revoke_wallet(SYSTEM, wallet_id=_key(fact.subject), why="wallet")


def _key(subject: str) -> UUID:
    return UUID(subject.partition(":")[2])


@periodic(name="identity.sweep", cron="* * * * *")
def forget_what_is_over(_timestamp: int) -> None:
    """What was shown at counters, papers that nobody signed, and codes, tokens and nonces that nobody can use."""
    sweep()
    sweep_papers()


@periodic(name="identity.recheck", cron="*/10 * * * *")
def ask_again(_timestamp: int) -> None:
    """Whether what the registry said of people still holds."""
    recheck_some()
