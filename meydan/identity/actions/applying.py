"""What a person does to have their account stand for them: one step at a time, each can be gone back to."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import has_second_proof
from meydan.identity.actions.checking import ask_registry, check_faces
from meydan.identity.actions.steps import awaits, take_step
from meydan.identity.facts import (
    ApplicationBegun,
    ApplicationWithdrawn,
    BiometricsAnswered,
    ChallengeDrawn,
    DocumentGiven,
    NumberGiven,
    PictureGiven,
)
from meydan.identity.models import Application, Evidence, Given, Kind, Purpose, Registered, State, digest_of
from meydan.identity.models.enrolment import (
    CHALLENGE_SECONDS,
    MAX_FRAME_BYTES,
    MAX_FRAMES,
    UPLOAD_SECONDS,
)
from meydan.identity.models.faces import draw_poses
from meydan.identity.models.identities import number_digest
from meydan.identity.policies import may_go_on, may_use_own_identity, why_at_counter
from meydan.identity.queries.enrolment import lock_application, pause_until
from meydan.identity.queries.identities import own_identity
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, Refused, TooMany
from meydan.kernel.facts import record
from meydan.kernel.jobs import enqueue

JPEG = b"\xff\xd8\xff"


@action(policy=may_use_own_identity)
def begin_application(actor: Actor, *, purpose: Purpose, crowded: bool = False) -> Application:
    """Begin. Needs a passkey or an authenticator app on the account (`Refused`, code second_proof). `Conflict` when one
    is running, or there is nothing to apply for. `crowded`: the desk looks at others first."""
    identity = own_identity(actor)
    if actor.person_id is None or not has_second_proof(actor.person_id):
        raise Refused(_("First secure your account with a passkey or an authenticator app."), code="second_proof")
    if purpose == Purpose.ENROL and identity is not None:
        raise Conflict(_("Your account stands for your identity already."))
    if purpose == Purpose.THAW and (identity is None or identity.frozen_at is None):
        raise Conflict(_("Your identity is not frozen."))
    if identity is not None and (why := why_at_counter(identity)):
        raise Conflict(why, code="counter")
    application = Application(person_id=actor.person_id, purpose=purpose, crowded=crowded)
    try:
        with transaction.atomic():
            application.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("You have an application already. Go on with it, or withdraw it.")) from error
    record(ApplicationBegun(subject=application.reference, persons=(actor.person_id,), purpose=purpose))
    return application


@action_on(lock_application, policy=may_go_on)
def answer_biometrics(actor: Actor, application: Application, *, agrees: bool) -> None:
    """Say whether a machine may compare the faces. A no leads to the same place by way of a person."""
    awaits(actor, application, State.CONSENT)
    application.compares_faces = agrees
    take_step(application, State.NUMBER)
    application.save()
    record(BiometricsAnswered(subject=application.reference, persons=(application.person_id,), agreed=agrees))


@action_on(lock_application, policy=may_go_on)
def give_number(actor: Actor, application: Application, *, number: str) -> None:
    """Name one's ID number. Whether it exists, or belongs to somebody else, is not told here."""
    awaits(actor, application, State.NUMBER)
    application.number = number_digest(number)
    application.given = Given(number=" ".join(number.split()))
    take_step(application, State.DOCUMENT)
    application.save()
    record(NumberGiven(subject=application.reference, persons=(application.person_id,)))


@action_on(lock_application, policy=may_go_on)
def go_back(actor: Actor, application: Application) -> None:
    """To the step before; what was given there may be given anew."""
    awaits(actor, application, State.NUMBER, State.DOCUMENT)
    before = {State.NUMBER: State.CONSENT, State.DOCUMENT: State.NUMBER}[State(application.state)]
    take_step(application, before)
    application.save()
    record(ApplicationBegun(subject=application.reference, persons=(application.person_id,), purpose="back"))


@action_on(lock_application, policy=may_go_on)
def give_document(actor: Actor, application: Application, *, given: Given, photo: bytes) -> None:
    """Show one's document: what is written on it, and its picture (JPEG). The registry is asked from here on."""
    awaits(actor, application, State.DOCUMENT)
    application.given = given.model_copy(update={"number": application.given.number})
    application.registered = Registered.ASKED
    take_step(application, State.SELFIE)
    application.save()
    if photo:
        _keep(application, Kind.DOCUMENT, photo)
    fact = DocumentGiven(
        subject=application.reference, persons=(application.person_id,), zone=given.from_zone, photo=bool(photo)
    )
    record(fact)
    enqueue(ask_registry, key=str(application.pk))


@action_on(lock_application, policy=may_go_on)
def draw_challenge(actor: Actor, application: Application) -> tuple[str, list[str]]:
    """A fresh challenge: its number, to be given back once, and the poses in their order. Raises `TooMany` during the
    pause after failures."""
    awaits(actor, application, State.SELFIE)
    _bear_pause(application)
    nonce = secrets.token_urlsafe(24)
    application.nonce, application.poses, application.challenged_at = digest_of(nonce), draw_poses(), now()
    application.save()
    record(ChallengeDrawn(subject=application.reference, persons=(application.person_id,)))
    return nonce, application.poses


@action_on(lock_application, policy=may_go_on)
def give_picture(
    actor: Actor, application: Application, *, still: bytes, nonce: str = "", frames: Sequence[tuple[int, bytes]] = ()
) -> None:
    """Give one's picture (JPEG), with the frames of the challenge (milliseconds, JPEG) where there was a camera.

    Raises `Invalid` for a challenge that is not the running one, or has run out, and `TooMany` during a pause.
    """
    awaits(actor, application, State.SELFIE)
    _bear_pause(application)
    if frames:
        _check_challenge(application, nonce, frames)
    Evidence.objects.filter(application=application, kind__in=(Kind.SELFIE, Kind.FRAME)).delete()
    film = [_shown(application, Kind.FRAME, frame, millis) for millis, frame in frames]
    Evidence.objects.bulk_create([_shown(application, Kind.SELFIE, still), *film])
    application.nonce = None
    if not frames:
        application.poses = []
    take_step(application, State.CHECK)
    application.save()
    record(PictureGiven(subject=application.reference, persons=(application.person_id,), frames=len(frames)))
    if application.registered != Registered.ASKED:
        enqueue(check_faces, key=str(application.pk))


def _check_challenge(application: Application, nonce: str, frames: Sequence[tuple[int, bytes]]) -> None:
    """It counts once, and in time; frames are bounded, and looked at in the engine's own process only."""
    if application.nonce is None or application.challenged_at is None or digest_of(nonce) != bytes(application.nonce):
        raise Invalid(fields={"still": _("These pictures belong to another challenge. Please start the camera again.")})
    if now() - application.challenged_at > timedelta(seconds=CHALLENGE_SECONDS + UPLOAD_SECONDS):
        raise Invalid(fields={"still": _("The challenge has run out. Please start the camera again.")})
    fits = all(0 <= millis <= 60_000 and frame.startswith(JPEG) for millis, frame in frames)
    if not fits or len(frames) > MAX_FRAMES or any(len(frame) > MAX_FRAME_BYTES for _millis, frame in frames):
        raise Invalid(fields={"still": _("The camera's pictures cannot be read. Please start it again.")})


def _bear_pause(application: Application) -> None:
    until = pause_until(application.person_id)
    if until is not None:
        raise TooMany(retry_after=max(1, round((until - now()).total_seconds())))


def _keep(application: Application, kind: Kind, picture: bytes) -> None:
    """In place of what there was of this kind."""
    Evidence.objects.filter(application=application, kind=kind).delete()
    _shown(application, kind, picture).save(force_insert=True)


def _shown(application: Application, kind: Kind, picture: bytes, millis: int = 0) -> Evidence:
    row = Evidence(application=application, kind=kind, millis=millis)
    row.picture = picture
    return row


@action_on(lock_application, policy=may_go_on)
def withdraw_application(actor: Actor, application: Application, *, why: str = "person") -> None:
    """End it without a decision; everything that came in with it is deleted."""
    take_step(application, State.WITHDRAWN)
    application.save()
    record(ApplicationWithdrawn(subject=application.reference, persons=(application.person_id,), why=why))
