"""What people have flagged, who looks at it, and what was answered."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q, QuerySet

from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.moderation.models import CLAIM_HOURS, Claim, Decision, Flag, Whom
from meydan.moderation.policies import may_moderate
from meydan.moderation.queries.blocks import Step, next_step, reach_of
from meydan.moderation.queries.things import Thing, seen_thing

MOST = 50
MINE = 30


@dataclass(frozen=True)
class Case:
    """A thing with what is said to be wrong with it. `claim`: who looks at it now."""

    reference: str
    thing: Thing | None
    flags: list[Flag]
    reach: list[Whom]  # whom a block would reach
    claim: Claim | None = None
    step: Step | None = None


@dataclass(frozen=True)
class Told:
    """What somebody has told the moderators, and the answer."""

    flag: Flag
    thing: Thing | None


def is_final(actor: Actor, reference: str) -> bool:
    """Whether a thing that is taken off is gone for good."""
    thing = seen_thing(actor, reference)
    return thing is not None and thing.final


def list_cases(actor: Actor) -> list[Case]:
    """What waits for a decision: what most people have flagged first, then what waits longest."""
    demand(may_moderate(actor), actor)
    waiting = Flag.objects.filter(decision=None).values("reference").annotate(count=Count("pk"), first=Min("at"))
    references = [row["reference"] for row in waiting.order_by("-count", "first")[:MOST]]
    claims = {claim.pk: claim for claim in live_claims().filter(pk__in=references).select_related("person")}
    return [_case(actor, reference, claims.get(reference)) for reference in references]


def live_claims() -> QuerySet[Claim]:
    """The claims that have not ended by themselves."""
    return Claim.objects.filter(at__gt=now() - timedelta(hours=CLAIM_HOURS))


def _case(actor: Actor, reference: str, claim: Claim | None) -> Case:
    thing = seen_thing(actor, reference)
    flags = list(Flag.objects.filter(reference=reference, decision=None).order_by("at")[:MOST])
    reach = reach_of(reference, thing)
    return Case(reference, thing, flags, list(reach), claim, next_step(reach) if reach else None)


def find_told(actor: Actor, token: str) -> Told:
    """What was told under this secret address. Raises `NotFound`."""
    flag = Flag.objects.select_related("decision").filter(token=token).exclude(token="").first()
    if flag is None:
        raise NotFound
    return Told(flag, seen_thing(actor, flag.reference))


def list_told(actor: Actor) -> list[Told]:
    """What the actor has told the moderators, the newest first."""
    if actor.person_id is None:
        return []
    flags = Flag.objects.select_related("decision").filter(person=actor.person_id).order_by("-at")[:MINE]
    return [Told(flag, seen_thing(actor, flag.reference)) for flag in flags]


def list_decided_about(actor: Actor) -> list[Decision]:
    """The decisions by which something of the actor's was taken off, the newest first."""
    if actor.person_id is None:
        return []
    return list(Decision.objects.filter(author=actor.person_id, kept=False).order_by("-at")[:MINE])


def find_flagged(actor: Actor, reference: str) -> Thing | None:
    """The thing for whoever decides about it, or None when it is gone."""
    demand(may_moderate(actor), actor)
    return seen_thing(actor, reference)


def waits(reference: str) -> Q:
    """The flags about a thing that wait for a decision."""
    return Q(reference=reference, decision=None)


def words_of(decision: int) -> str:
    """Why a moderator took something off."""
    return Decision.objects.values_list("words", flat=True).get(pk=decision)
