"""Identities that came over from another account, as whoever had them there sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet

from meydan.identity.models import CONTESTED, Identity
from meydan.identity.policies import may_use_own_identity
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand

_SIGNER = "identity.move"


@dataclass(frozen=True)
class Moved:
    """A move away from an account. `state`: open, while it can be stopped, until `opens_at`; stopped; over. `before`
    is the identity that ended here."""

    identity: UUID
    before: UUID | None
    at: datetime
    opens_at: datetime
    state: Literal["open", "stopped", "over"]


def own_moved(actor: Actor) -> Moved | None:
    """The move away from the actor's account that waits or was stopped; None for one that is over, and where there was
    none."""
    demand(may_use_own_identity(actor), actor)
    if actor.person_id is None:
        return None
    waits = Q(opens_at__gt=now()) | Q(frozen_why=CONTESTED)
    row = _moved().filter(waits, came_from__person=actor.person_id).order_by("-established_at").first()
    return _told(row) if row else None


def moved_by_letter(_actor: Actor, token: str) -> Moved:
    """The same for who has the letter about it; one that is over, too. `NotFound` for an address that no letter has."""
    row = Identity.objects.filter(pk=_key_in(token)).first()
    if row is None:
        raise NotFound
    return _told(row)


def letter_path(before: str) -> str:
    """Where whoever had this identity (a subject of facts) stops its move; "" where it did not move."""
    row = Identity.objects.filter(came_from=UUID(before.partition(":")[2])).order_by("-established_at").first()
    return f"/id/moved/{signing.Signer(salt=_SIGNER).sign(row.pk.hex)}" if row else ""


def lock_moved(actor: Actor, key: UUID) -> Identity:
    """An identity whose move waits, locked, for whoever had it before; `NotFound`, also after the wait."""
    rows = _moved().select_for_update(of=("self",)).filter(pk=key, opens_at__gt=now())
    row = rows.filter(came_from__person=actor.person_id).first()
    if row is None:
        raise NotFound
    return row


def lock_told(_actor: Actor, token: str) -> Identity:
    """The same by the address in the letter."""
    row = _moved().select_for_update(of=("self",)).filter(pk=_key_in(token), opens_at__gt=now()).first()
    if row is None:
        raise NotFound
    return row


def lock_contested(before: Identity) -> Identity:
    """What came over from this identity, and was stopped, locked. `NotFound`, also where it was decided meanwhile."""
    row = _contested(before).select_for_update().first()
    if row is None:
        raise NotFound
    return row


def find_contested(before: Identity) -> Identity | None:
    """The same for a look."""
    return _contested(before).first()


def _contested(before: Identity) -> QuerySet[Identity]:
    return Identity.objects.filter(came_from=before.pk, ended_at=None, frozen_why=CONTESTED)


def _moved() -> QuerySet[Identity]:
    return Identity.objects.filter(ended_at=None, came_from__isnull=False).select_related("came_from")


def _key_in(token: str) -> UUID:
    try:
        return UUID(signing.Signer(salt=_SIGNER).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise NotFound from error


def _told(row: Identity) -> Moved:
    stopped = row.ended_at is None and row.frozen_why == CONTESTED
    is_open = row.ended_at is None and row.came_from_id is not None and row.opens_at > now()
    state: Literal["open", "stopped", "over"] = "stopped" if stopped else "open" if is_open else "over"
    return Moved(row.pk, row.came_from_id, row.established_at, row.opens_at, state)
