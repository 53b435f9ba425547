"""One's own identity, and the locks that actions take."""

from uuid import UUID

from meydan.identity.models import Identity, number_digest
from meydan.identity.policies import may_use_own_identity
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand


def own_identity(actor: Actor) -> Identity | None:
    """The actor's living identity, or None before there is one. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    return Identity.objects.filter(person=actor.person_id, ended_at=None).first()


def lock_identity(actor: Actor, key: UUID) -> Identity:
    """A living identity, locked, for an action of its holder or of the machinery. Raises `NotFound`."""
    rows = Identity.objects.select_for_update().filter(pk=key, ended_at=None)
    if not actor.is_system and actor.person_id is not None:
        rows = rows.filter(person_id=actor.person_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return row


def is_taken(number: str) -> bool:
    """Whether a living identity stands for this ID number already."""
    return Identity.objects.filter(number=number_digest(number), ended_at=None).exists()
