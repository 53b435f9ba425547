"""An identity came over from another account: whoever had it there can have that stopped, and the counter decides."""

from meydan.identity.actions.identities import end_identity, establish_identity, freeze_identity
from meydan.identity.facts import MoveStopped
from meydan.identity.models import CONTESTED, Identity
from meydan.identity.policies import may_redeem, may_stop_move
from meydan.identity.queries.moving import lock_contested, lock_moved, lock_told
from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.facts import record


@action_on(lock_moved, policy=may_stop_move)
def stop_move(actor: Actor, identity: Identity) -> None:
    """From the account where it was before, from any session, while the move waits: nobody can use the identity any
    more, at neither account, until a clerk has seen whose it is. `NotFound` once the wait is over."""
    _stop(identity)


@action_on(lock_told, policy=lambda actor, _identity: may_redeem(actor))
def stop_move_by_letter(actor: Actor, identity: Identity) -> None:
    """The same by the address in the letter that told of the move: also without the account, which may be lost."""
    _stop(identity)


def _stop(identity: Identity) -> None:
    freeze_identity(SYSTEM, identity.pk, why=CONTESTED)
    persons = [identity.person_id]
    if identity.came_from is not None:
        persons.append(identity.came_from.person_id)
    record(MoveStopped(subject=identity.reference, persons=tuple(persons)))


def give_back(before: Identity) -> Identity:
    """Within the action of a clerk who has seen its holder: the identity is again at the account where it was before,
    in person, and ends at the other one. Raises `NotFound` where it is not contested any more, and `Conflict` where
    that account stands for somebody else meanwhile."""
    moved = lock_contested(before)
    claims = moved.claims
    end_identity(SYSTEM, moved.pk, why="returned")
    return establish_identity(SYSTEM, person_id=before.person_id, claims=claims, level="in-person")
