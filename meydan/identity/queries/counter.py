"""The counter: whom a code that a person shows stands for."""

from dataclasses import dataclass

from meydan.identity.models import Claims, Desk, Identity, digest_of
from meydan.identity.policies import may_work_at_desk
from meydan.identity.queries.moving import find_contested
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import reveals
from meydan.kernel.policy import demand

COUNTER_SHOWN = "your identity, at the counter"
CODE_LENGTH = 20


@dataclass(frozen=True)
class Seen:
    """What the clerk compares with the person and the document in front of them. `goes_back`: the identity moved away
    from this person's account, they had that stopped, and it comes back to them now."""

    identity: Identity
    claims: Claims
    goes_back: bool


@reveals(COUNTER_SHOWN, persons=lambda seen: (seen.identity.person_id,), subject=lambda seen: seen.identity.reference)
def show_at_counter(actor: Actor, code: str) -> Seen:
    """By the code that the person shows; they are told that it was looked at. `NotFound` for a code that nobody made,
    or that has run out."""
    demand(may_work_at_desk(actor), actor)
    identity = _find(code)
    moved = find_contested(identity)
    return Seen(identity, (moved or identity).claims, goes_back=moved is not None)


def lock_seen(actor: Actor, code: str) -> Identity:
    """The same, locked for the clerk's action. `NotFound`, also where the code was used, or the identity frozen, while
    this waited for the lock."""
    demand(may_work_at_desk(actor), actor)
    row = Identity.objects.select_for_update().filter(pk=_find(code).pk).first()
    if row is None or _find(code).pk != row.pk:
        raise NotFound
    return row


def _find(code: str) -> Identity:
    digits = "".join(code.split())[:CODE_LENGTH]
    row = Desk.objects.filter(code=digest_of(digits), code_until__gt=now()).select_related("identity").first()
    if row is None or (row.identity.ended_at is not None and find_contested(row.identity) is None):
        raise NotFound
    return row.identity
