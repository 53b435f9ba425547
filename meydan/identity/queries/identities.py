"""One's own identity, and the locks that actions take."""

from uuid import UUID

from meydan.identity.models import Identity
from meydan.identity.models.identities import RECHECKED
from meydan.identity.policies import may_use_own_identity
from meydan.identity.queries.moving import find_contested
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

RECHECKED_AT_ONCE = 500
"""Each ten minutes: 500,000 a week."""


def own_identity(actor: Actor) -> Identity | None:
    """The actor's living identity, or None before there is one. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    return identity_of(actor.person_id) if actor.person_id else None


def identity_of(person: UUID) -> Identity | None:
    """Somebody's living identity; for the machinery."""
    return Identity.objects.filter(person_id=person, ended_at=None).first()


def lock_identity_of(person: UUID) -> Identity | None:
    """The same, locked until the end of the transaction: it is not frozen in between. For an action that goes by
    whether it is."""
    return Identity.objects.select_for_update().filter(person_id=person, ended_at=None).first()


def lock_identity(actor: Actor, key: UUID) -> Identity:
    """A living identity, locked, for an action of its holder or of the machinery. Raises `NotFound`."""
    rows = Identity.objects.select_for_update().filter(pk=key, ended_at=None)
    if not actor.is_system and actor.person_id is not None:
        rows = rows.filter(person=actor.person_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return row


def lock_for_code(actor: Actor, key: UUID) -> Identity:
    """The same for a code for the counter, and for one more identity: the actor's own that moved to another account,
    where they had the move stopped, and which a clerk may give back."""
    row = Identity.objects.select_for_update().filter(pk=key, person=actor.person_id).first()
    if row is None or (row.ended_at is not None and find_contested(row) is None):
        raise NotFound
    return row


def list_to_recheck() -> list[tuple[UUID, str]]:
    """Living identities, with their numbers, about which the registry is to be asked again, the longest waiting
    first."""
    rows = Identity.objects.filter(ended_at=None, checked_at__lt=now() - RECHECKED).order_by("checked_at")
    return [(row.pk, row.claims.number) for row in rows[:RECHECKED_AT_ONCE]]
