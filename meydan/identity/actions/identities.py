"""An identity is established, raised, frozen, thawed, changed and ended."""

from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import assure
from meydan.identity.facts import (
    ClaimsChanged,
    DeviceOpened,
    IdentityEnded,
    IdentityEstablished,
    IdentityFrozen,
    IdentityThawed,
    LevelRaised,
    PowersHeld,
    PowersOpened,
)
from meydan.identity.models import (
    CONTESTED,
    HOLD,
    LEVELS,
    NO_LEVEL,
    Claims,
    Desk,
    FaceRecord,
    Identity,
    Paper,
    number_digest,
)
from meydan.identity.policies import may_change_identity, may_establish, may_freeze, why_at_counter
from meydan.identity.queries.cards import level_now
from meydan.identity.queries.identities import lock_identity
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import SYSTEM, Actor, Assurance
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, NotFound
from meydan.kernel.facts import record
from meydan.kernel.jobs import enqueue_at, job


@action(policy=may_establish)
def establish_identity(
    actor: Actor, *, person_id: UUID, claims: Claims, level: str, came_from: Identity | None = None
) -> Identity:
    """Make an account stand for a person of the registry, at `level` (light or in-person).

    In-person powers open after the hold, and with `came_from` those of light too: the identity came over from another
    account, where it has just ended. Raises `Conflict` when the number or the account has an identity already.
    """
    at = now()
    identity = Identity(person_id=person_id, number=number_digest(claims.number), level=level, established_at=at)
    identity.checked_at, identity.came_from = at, came_from
    waits = came_from is not None
    identity.claims, identity.opens_at = claims, at + HOLD if level == "in-person" or waits else at
    try:
        with transaction.atomic():
            identity.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This number or this account has an identity already.")) from error
    record(IdentityEstablished(subject=identity.reference, persons=(person_id,), level=level))
    if not waits:
        assure(SYSTEM, person_id, level=Assurance.LIGHT)
    _open_later(identity)
    return identity


def _open_later(identity: Identity) -> None:
    if identity.opens_at > now():
        enqueue_at(identity.opens_at, open_when_due, key=str(identity.pk))


@job(name="identity.open_when_due")
def open_when_due(*, key: str) -> None:
    """The end of a hold. A later hold has a job of its own; of a frozen or ended identity nothing opens."""
    with suppress(Conflict, NotFound):
        open_powers(SYSTEM, UUID(key))


@action_on(lock_identity, policy=may_change_identity)
def raise_level(actor: Actor, identity: Identity) -> Identity:
    """A clerk saw the person and the document: in-person, with its powers after the hold."""
    if identity.level == "in-person":
        raise Conflict(_("This identity was checked in person already."))
    identity.level, identity.opens_at = "in-person", now() + HOLD
    identity.save(update_fields=["level", "opens_at"])
    _open_later(identity)
    record(LevelRaised(subject=identity.reference, persons=(identity.person_id,), level=identity.level))
    return identity


@action_on(lock_identity, policy=may_change_identity)
def open_powers(actor: Actor, identity: Identity) -> None:
    """The hold is over: the account gets the level. Raises `Conflict` before that, or while the identity is frozen."""
    if identity.frozen_at or identity.opens_at > now():
        raise Conflict(_("The powers of this identity are not open yet."))
    assure(SYSTEM, identity.person_id, level=LEVELS[identity.level])
    record(PowersOpened(subject=identity.reference, persons=(identity.person_id,), level=identity.level))


@action_on(lock_identity, policy=may_freeze)
def freeze_identity(actor: Actor, identity: Identity, *, why: str) -> Identity:
    """Stop everything that this identity can do, at once; codes for the counter and papers are gone for good, for
    perhaps the thief made them. Freezing what is frozen is no error; `CONTESTED` is a freeze that only the counter
    ends, also of what is frozen already."""
    if identity.frozen_at is not None and why == CONTESTED:
        identity.frozen_why = why
        identity.save(update_fields=["frozen_why"])
    if identity.frozen_at is None:
        identity.frozen_at, identity.frozen_why = now(), why
        identity.save(update_fields=["frozen_at", "frozen_why"])
        Desk.objects.filter(identity=identity).update(code=None, code_until=None)
        _revoke_papers(identity)
    assure(SYSTEM, identity.person_id, level=Assurance.SELF_DECLARED)
    record(IdentityFrozen(subject=identity.reference, persons=(identity.person_id,), why=why))
    return identity


@action_on(lock_identity, policy=may_change_identity)
def thaw_identity(actor: Actor, identity: Identity, *, way: str) -> Identity:
    """The holder proved anew who they are, by `way` (remote, counter); in-person powers come back after another hold,
    and no hold is shortened. Raises `Conflict` for what is not frozen, and from afar for what was checked in person."""
    if identity.frozen_at is None:
        raise Conflict(_("Your identity is not frozen."))
    if way == "remote" and (why := why_at_counter(identity)):
        raise Conflict(why, code="counter")
    at = now()
    if identity.frozen_why == CONTESTED:  # a clerk has seen whose it is: that is final
        identity.came_from = None
    identity.frozen_at, identity.frozen_why = None, ""
    identity.opens_at = max(identity.opens_at, at + HOLD if identity.level == "in-person" else at)
    identity.save(update_fields=["frozen_at", "frozen_why", "opens_at", "came_from"])
    _open_later(identity)
    if level_now(identity) != NO_LEVEL:
        assure(SYSTEM, identity.person_id, level=Assurance.LIGHT)
    record(IdentityThawed(subject=identity.reference, persons=(identity.person_id,), way=way))
    return identity


@action_on(lock_identity, policy=may_change_identity)
def hold_powers(actor: Actor, identity: Identity, *, why: str) -> None:
    """The account has changed (a new passkey, another password): in-person powers wait another hold, in which the
    holder, who is told everywhere, can freeze. `why` is the name of the fact."""
    record(PowersHeld(subject=identity.reference, persons=(identity.person_id,), why=why))
    if identity.level != "in-person" or identity.frozen_at:
        return
    identity.opens_at = now() + HOLD
    identity.save(update_fields=["opens_at"])
    assure(SYSTEM, identity.person_id, level=Assurance.LIGHT)
    _open_later(identity)


@action_on(lock_identity, policy=may_change_identity)
def note_device(actor: Actor, identity: Identity, *, way: str) -> None:
    """Say that a browser or an app came into the account, so that the holder hears of it. `way` is the name of the
    fact."""
    record(DeviceOpened(subject=identity.reference, persons=(identity.person_id,), way=way))


@action_on(lock_identity, policy=may_change_identity)
def change_claims(actor: Actor, identity: Identity, *, claims: Claims) -> list[str]:
    """Take over what the registry says now; answers the names of what changed. Credentials of before are revoked by
    who hears `ClaimsChanged`. Raises `Conflict` when the number is another: that is another person."""
    before = identity.claims
    if number_digest(claims.number) != bytes(identity.number):
        raise Conflict(_("The registry gave another number: that is another person."))
    changed = [name for name in Claims.model_fields if getattr(before, name) != getattr(claims, name)]
    identity.claims = claims
    identity.save(update_fields=["locked_claims"])
    record(ClaimsChanged(subject=identity.reference, persons=(identity.person_id,), claims=changed))
    return changed


@action_on(lock_identity, policy=may_change_identity)
def end_identity(actor: Actor, identity: Identity, *, why: str) -> None:
    """Finally: death, a deleted account, two records that were one person. The claims are forgotten."""
    identity.ended_at, identity.locked_claims = now(), ""
    identity.save(update_fields=["ended_at", "locked_claims"])
    FaceRecord.objects.filter(identity=identity).delete()
    _revoke_papers(identity)
    assure(SYSTEM, identity.person_id, level=Assurance.SELF_DECLARED)
    record(IdentityEnded(subject=identity.reference, persons=(identity.person_id,), why=why))


def _revoke_papers(identity: Identity) -> None:
    Paper.objects.filter(identity=identity, revoked_at=None).update(revoked_at=now())
