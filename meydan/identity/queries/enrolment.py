"""Applications: one's own, and the desk's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, F, Sum, When

from meydan.identity.facts import RegistryRead
from meydan.identity.models import (
    AT_DESK,
    ENDED,
    REASONS,
    Application,
    Claims,
    Evidence,
    Given,
    Identity,
    Kind,
    Purpose,
    Registered,
    State,
    number_digest,
)
from meydan.identity.models.enrolment import CROWDS_WAIT, LAPSES, NUMBER_TRIES_A_DAY, FaceMeasurement, Paper, digest_of
from meydan.identity.policies import may_use_own_identity, may_work_at_desk
from meydan.identity.queries.cards import level_now
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.facts import PersonalDataShown, StoredFact, facts_about, facts_of_person, reveals
from meydan.kernel.policy import demand

DESK_SHOWN = 200
READS_SHOWN = 50


def own_application(actor: Actor) -> Application | None:
    """The one that the actor is at, else the last that ended. Raises `SignInFirst`."""
    demand(may_use_own_identity(actor), actor)
    rows = Application.objects.filter(person=actor.person_id).order_by("-began_at")
    return rows.exclude(state__in=ENDED).first() or rows.first()


def living_application(person: UUID) -> Application | None:
    """The one that somebody is at; for the machinery."""
    return Application.objects.filter(person_id=person).exclude(state__in=ENDED).first()


def is_being_decided(person: UUID) -> bool:
    """Whether somebody may still get an identity by an application that they have handed in: until then a wallet's
    request is deferred instead of refused."""
    deciding = (State.CHECK, *AT_DESK)
    return Application.objects.filter(person_id=person, state__in=deciding, purpose=Purpose.ENROL).exists()


def lock_application(actor: Actor, key: UUID) -> Application:
    """The row, locked: one's own, anybody's for the machinery, and for the desk what has come to it. `NotFound`."""
    rows = Application.objects.select_for_update().filter(pk=key)
    if not actor.is_system and not may_work_at_desk(actor):
        rows = rows.filter(person=actor.person_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True)
class Waiting:
    """A line of the desk: nothing of whom it is about."""

    key: UUID
    short: str
    state: str
    purpose: str
    reasons: list[Sentence]
    since: object
    own: bool
    accepted_by_me: bool
    crowded: bool


def list_desk(actor: Actor) -> list[Waiting]:
    """What waits for an officer, the longest waiting first; of many by one line each counts as if it had come later."""
    demand(may_work_at_desk(actor), actor)
    turn = Case(When(crowded=True, then=F("moved_at") + CROWDS_WAIT), default=F("moved_at"))
    rows = Application.objects.filter(state__in=AT_DESK).order_by(turn)[:DESK_SHOWN]
    return [
        Waiting(
            key=row.pk,
            short=row.pk.hex[-6:],
            state=row.get_state_display(),
            purpose=row.get_purpose_display(),
            reasons=[REASONS[one] for one in row.reasons],
            since=row.moved_at,
            own=row.person_id == actor.person_id,
            accepted_by_me=row.accepted_by_id == actor.person_id,
            crowded=row.crowded,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class DeskCase:
    """All that an officer needs to decide: what was given, what the registry said, and the pictures (JPEG)."""

    application: Application
    given: Given
    said: Claims | None
    pictures: dict[str, bytes]
    reasons: list[Sentence]
    other: str
    history: list[StoredFact]


CASE_SHOWN = "your application and its pictures"


@reveals(
    CASE_SHOWN,
    persons=lambda case: (case.application.person_id,),
    subject=lambda case: case.application.reference,
)
def show_desk_case(actor: Actor, key: UUID) -> DeskCase:
    """One application with its pictures, for an officer; its person is told that it was looked at. `NotFound` for what
    does not wait at the desk."""
    demand(may_work_at_desk(actor), actor)
    row = Application.objects.filter(pk=key, state__in=AT_DESK).first()
    if row is None or row.person_id == actor.person_id:
        raise NotFound
    rows = Evidence.objects.filter(application=row).exclude(kind=Kind.FRAME)
    return DeskCase(
        application=row,
        given=row.given,
        said=row.said,
        pictures={one.kind: one.picture for one in rows},
        reasons=[REASONS[one] for one in row.reasons],
        other=row.like_id.hex[-6:] if row.like_id else "",
        history=facts_about(row.reference, limit=60),
    )


def failures_of(person: UUID) -> int:
    """How often the face check has failed for somebody since they were last accepted; also in applications that they
    withdrew, so that nobody begins anew to be forgotten."""
    rows = Application.objects.filter(person_id=person)
    accepted = rows.filter(state=State.ACCEPTED).order_by("-began_at").first()
    since = rows.filter(began_at__gt=accepted.began_at) if accepted else rows
    return int(since.aggregate(count=Sum("face_failures"))["count"] or 0)


def pause_until(person: UUID) -> datetime | None:
    """Until when somebody must wait after failures, whichever application they were in; None where they need not."""
    rows = Application.objects.filter(person_id=person, face_waits_until__gt=now())
    return rows.order_by("-face_waits_until").values_list("face_waits_until", flat=True).first()


def holder_of(number: bytes | None) -> Identity | None:
    """The living identity of a number's digest; for other rules."""
    return Identity.objects.filter(number=number, ended_at=None).first() if number else None


def lock_holder_of(number: bytes | None) -> Identity | None:
    """The same, locked, for who ends it or goes by whether it is contested."""
    return Identity.objects.select_for_update().filter(number=number, ended_at=None).first() if number else None


def is_much_tried(number: str) -> bool:
    """Whether so many accounts have named this number within a day that a person must look at each."""
    since = now() - timedelta(days=1)
    rows = Application.objects.filter(number=number_digest(number), began_at__gte=since)
    return rows.values("person").distinct().count() > NUMBER_TRIES_A_DAY


@dataclass(frozen=True)
class Read:
    """Somebody read the actor's data: the registry was asked, or staff looked."""

    moment: object
    kind: str
    what: str
    outcome: str
    departments: tuple[str, ...]


def own_reads(actor: Actor) -> list[Read]:
    """Every question to the registry and every look of the staff at the actor's applications and identity."""
    demand(may_use_own_identity(actor), actor)
    if actor.person_id is None:
        return []
    asked = facts_of_person(actor.person_id, name="identity.registry_read", limit=READS_SHOWN)
    looked = facts_of_person(actor.person_id, name="kernel.personal_data_shown", limit=READS_SHOWN)
    found = [_asked(one, one.fact) for one in asked if isinstance(one.fact, RegistryRead)]
    found += [
        Read(one.recorded_at, "look", one.fact.what, "", one.departments)
        for one in looked
        if isinstance(one.fact, PersonalDataShown) and one.fact.subject.startswith(("application:", "identity:"))
    ]
    return sorted(found, key=lambda one: str(one.moment), reverse=True)


def _asked(stored: StoredFact, fact: RegistryRead) -> Read:
    return Read(stored.recorded_at, "registry", fact.registry, fact.outcome, ())


def find_asked(key: UUID) -> Application | None:
    """An application about which the registry is to be asked; for the worker."""
    return Application.objects.filter(pk=key, registered=Registered.ASKED).exclude(state__in=ENDED).first()


def list_lapsed() -> list[UUID]:
    """Applications that nobody has gone on with for too long; those at the desk wait for us."""
    rows = Application.objects.exclude(state__in=(*ENDED, *AT_DESK)).filter(moved_at__lt=now() - LAPSES)
    return list(rows.values_list("pk", flat=True)[:DESK_SHOWN])


@dataclass(frozen=True)
class PaperSays:
    """What whoever scans a printed credential learns: whether it holds, and no more than is printed on it."""

    holds: bool
    level: str
    name: str


def read_paper(actor: Actor, code: str) -> PaperSays:
    """By the code on the paper. `NotFound` for one that this city never printed."""
    row = Paper.objects.filter(digest=digest_of(code[:100])).select_related("identity").first()
    if row is None:
        raise NotFound
    living = row.identity.ended_at is None and row.identity.frozen_at is None
    if not living or row.revoked_at or row.until < now():
        return PaperSays(False, "", "")
    claims = row.identity.claims
    return PaperSays(True, level_now(row.identity), f"{claims.given_name} {claims.family_name}")


def latest_measurement(actor: Actor) -> FaceMeasurement | None:
    """How often the face check errs, as it was measured last; for everybody."""
    return FaceMeasurement.objects.order_by("-id").first()
