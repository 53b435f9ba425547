"""To whom a person showed what: their own log, made of facts, without a value."""

from dataclasses import dataclass
from datetime import datetime

from meydan.accounts.public import ExportedFile, as_json
from meydan.identity.facts import Presented, SignedInAt
from meydan.identity.policies import may_use_own_identity
from meydan.identity.queries.cards import labels_of
from meydan.kernel.actor import Actor
from meydan.kernel.facts import facts_of_person
from meydan.kernel.policy import demand

MOST = 200
NAMES = ("identity.presented", "identity.signed_in_at")


@dataclass(frozen=True)
class Consent:
    """One presentation, or one sign-in at a relying party (`outcome` is "signed_in" then)."""

    at: datetime
    party: str
    name: str
    purpose: str
    claims: list[str]
    outcome: str

    @property
    def labels(self) -> list[str]:
        """The claims, in the reader's language."""
        return labels_of(self.claims)


def own_consents(actor: Actor, *, limit: int = MOST) -> list[Consent]:
    """The actor's presentations and sign-ins, the newest first. What was shown elsewhere than at the city's own
    counters, the city does not know. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    if actor.person_id is None:
        return []
    rows = [
        _consent(one.fact, one.recorded_at)
        for name in NAMES
        for one in facts_of_person(actor.person_id, name=name, limit=limit)
        if isinstance(one.fact, Presented | SignedInAt)
    ]
    return sorted(rows, key=lambda one: one.at, reverse=True)[:limit]


def _consent(fact: Presented | SignedInAt, at: datetime) -> Consent:
    outcome = fact.outcome if isinstance(fact, Presented) else "signed_in"
    return Consent(at, fact.party, fact.name, fact.purpose, fact.claims, outcome)


def exported_consents(actor: Actor) -> list[ExportedFile]:
    """The same, whole, for the export of all of one's data."""
    rows = [
        {"at": one.at, "to": one.name, "purpose": one.purpose, "claims": one.claims, "outcome": one.outcome}
        for one in own_consents(actor, limit=100_000)
    ]
    return [as_json("consents.json", rows)] if rows else []
