"""An application is accepted: the identity begins, thaws, or comes over from a lost account."""

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from meydan.identity.actions.identities import end_identity, establish_identity, thaw_identity
from meydan.identity.actions.steps import take_step
from meydan.identity.facts import VerdictGiven
from meydan.identity.models import (
    CONTESTED,
    Application,
    Claims,
    FaceRecord,
    Given,
    Identity,
    Purpose,
    State,
    face_block,
)
from meydan.identity.queries.enrolment import lock_holder_of
from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record


def accept(application: Application, *, by: str, measure: bytes = b"", engine: str = "") -> Identity:
    """Carry an acceptance out, within the action that decided. Where another account stood for this person, that
    identity ends, and with it all that its devices hold; the new one waits a day before it can do anything, in which
    whoever had it can stop it (`actions.moving`). Raises
    `Conflict` where there is nothing to thaw from afar, and `NotFound` or `Conflict` where the number changes hands at
    this moment: who decides looks again then."""
    claims = application.said or claims_of(application.given)
    if claims is None:
        raise Conflict(_("The registry has said nothing, and the document not enough. Ask them to the counter."))
    holder = lock_holder_of(bytes(application.number)) if application.number else None
    if holder is not None and holder.frozen_why == CONTESTED:
        raise Conflict(_("Two accounts say that this identity is theirs. Ask them to the counter."), code="counter")
    if application.purpose == Purpose.THAW:
        if holder is None or holder.person_id != application.person_id:
            raise Conflict(_("Your identity is not frozen."))
        identity = thaw_identity(SYSTEM, holder.pk, way="remote")
    else:
        if holder is not None:
            end_identity(SYSTEM, holder.pk, why="moved")
        identity = establish_identity(
            SYSTEM, person_id=application.person_id, claims=claims, level="light", came_from=holder
        )
    if measure and application.compares_faces:
        _remember_face(identity, measure, engine)
    reasons = list(application.reasons)
    take_step(application, State.ACCEPTED)
    persons = (application.person_id,)
    record(VerdictGiven(subject=application.reference, persons=persons, outcome="accepted", reasons=reasons, by=by))
    return identity


def claims_of(given: Given) -> Claims | None:
    """What two officers have seen on the document, where no registry answers; None when it is not whole."""
    try:
        return Claims.model_validate(given.model_dump(include={"number", "given_name", "family_name", "birth_date"}))
    except ValidationError:
        return None


def _remember_face(identity: Identity, measure: bytes, engine: str) -> None:
    """For the search of people who apply twice; deleted when its person says so, and with the identity."""
    claims = identity.claims
    row = FaceRecord(identity=identity, block=face_block(claims.sex, claims.birth_date.year), engine=engine)
    row.measure = measure
    FaceRecord.objects.filter(identity=identity).delete()
    row.save(force_insert=True)
