"""The registry is asked again about who has an identity: people marry, move and die, and their ID must say so."""

from uuid import UUID

from meydan.identity.actions.identities import change_claims, end_identity
from meydan.identity.facts import RegistryRead
from meydan.identity.models import Identity
from meydan.identity.plugins.registry import Entry, PopulationRegistry, RegistryDown, connected
from meydan.identity.policies import may_change_identity
from meydan.identity.queries.identities import list_to_recheck, lock_identity
from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record


def recheck_some() -> int:
    """Ask about those who were not asked about for longest; how many that were. None, where the registry is silent."""
    registry = connected()
    if registry is None:
        return 0
    asked = 0
    for key, number in list_to_recheck():
        try:
            _recheck(registry, key, number)
        except RegistryDown:
            break
        asked += 1
    return asked


def _recheck(registry: PopulationRegistry, key: UUID, number: str) -> None:
    note_recheck(SYSTEM, key, registry=registry.name, entry=registry.look_up(number))


@action_on(lock_identity, policy=may_change_identity)
def note_recheck(actor: Actor, identity: Identity, *, registry: str, entry: Entry | None) -> None:
    """Take over what the registry says now: whoever died has no identity, and what changed is changed. A number that it
    does not know any more changes nothing by itself: registries lose rows, and the person reads of it."""
    identity.checked_at = now()
    identity.save(update_fields=["checked_at"])
    outcome = "found" if entry else "nobody"
    record(RegistryRead(subject=identity.reference, persons=(identity.person_id,), registry=registry, outcome=outcome))
    if entry is None:
        return
    if not entry.alive:
        end_identity(SYSTEM, identity.pk, why="death")
    elif identity.claims != entry.claims:
        change_claims(SYSTEM, identity.pk, claims=entry.claims)
