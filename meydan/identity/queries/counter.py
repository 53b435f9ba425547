"""The counter: whom a code that a person shows stands for."""

from dataclasses import dataclass

from meydan.identity.models import Claims, Desk, Identity, digest_of
from meydan.identity.policies import may_work_at_desk
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import reveals
from meydan.kernel.policy import demand

COUNTER_SHOWN = "your identity, at the counter"
CODE_LENGTH = 20


@dataclass(frozen=True)
class Seen:
    """What the clerk compares with the person and the document in front of them."""

    identity: Identity
    claims: Claims


@reveals(COUNTER_SHOWN, persons=lambda seen: (seen.identity.person_id,), subject=lambda seen: seen.identity.reference)
def show_at_counter(actor: Actor, code: str) -> Seen:
    """By the code that the person shows; they are told that it was looked at. `NotFound` for a code that nobody made,
    or that has run out."""
    demand(may_work_at_desk(actor), actor)
    identity = _find(code)
    return Seen(identity, identity.claims)


def lock_seen(actor: Actor, code: str) -> Identity:
    """The same, locked for the clerk's action. `NotFound`."""
    demand(may_work_at_desk(actor), actor)
    found = _find(code)
    row = Identity.objects.select_for_update().filter(pk=found.pk, ended_at=None).first()
    if row is None:
        raise NotFound
    return row


def _find(code: str) -> Identity:
    digits = "".join(code.split())[:CODE_LENGTH]
    row = Desk.objects.filter(code=digest_of(digits), code_until__gt=now(), identity__ended_at=None).first()
    if row is None:
        raise NotFound
    return row.identity
