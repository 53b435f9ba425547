"""What the machine does about an application: asks the registry, has the faces compared, and decides where it may."""

import io
from contextlib import suppress
from uuid import UUID

from meydan.identity.actions.outcomes import accept
from meydan.identity.actions.steps import send_to_desk, take_step
from meydan.identity.facts import ClaimedElsewhere, FaceFailed, FailuresBurst, RegistryRead
from meydan.identity.models import Application, Evidence, Identity, Kind, Purpose, Registered, State
from meydan.identity.models.enrolment import FACE_FAILURES_TOGETHER, FACE_PAUSE, MOST_FACE_FAILURES
from meydan.identity.models.faces import CannotLook, Face, answers_challenge, choose_measured, compare, pack
from meydan.identity.models.judging import Faces, Findings, judge
from meydan.identity.plugins.faces import engine
from meydan.identity.plugins.registry import Entry, RegistryDown, connected
from meydan.identity.policies import may_check
from meydan.identity.queries.duplicates import find_like
from meydan.identity.queries.enrolment import (
    failures_of,
    find_asked,
    holder_of,
    is_much_tried,
    lock_application,
)
from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.city import city_today
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record
from meydan.kernel.imaging import make_small
from meydan.kernel.jobs import FACES, enqueue, job
from meydan.kernel.lookalikes import skeleton

REGISTRY_TRIES = 5
"""With the pauses between them about a minute: then a person goes on without the registry."""
PORTRAIT = 640


@job(name="identity.ask_registry", queue="identity")
def ask_registry(*, key: str) -> None:
    """Ask about one application. Raises `RegistryDown` to be tried again, until it has been tried often enough."""
    application = find_asked(UUID(key))
    if application is None:
        return
    registry = connected()
    if registry is None:
        note_registry(SYSTEM, application.pk, registry="", outcome=Registered.NONE, entry=None)
        return
    try:
        entry = registry.look_up(application.given.number)
    except RegistryDown:
        gives_up = application.registry_tries + 1 >= REGISTRY_TRIES
        outcome = Registered.DOWN if gives_up else Registered.ASKED
        note_registry(SYSTEM, application.pk, registry=registry.name, outcome=outcome, entry=None)
        if gives_up:
            return
        raise
    outcome = Registered.FOUND if entry else Registered.NOBODY
    note_registry(SYSTEM, application.pk, registry=registry.name, outcome=outcome, entry=entry)


@action_on(lock_application, policy=may_check)
def note_registry(
    actor: Actor, application: Application, *, registry: str, outcome: Registered, entry: Entry | None
) -> None:
    """Keep what the registry said. Every question is a fact that the person sees."""
    if application.has_ended or application.registered != Registered.ASKED:
        raise Conflict(code="moved_on")
    application.registry_tries += 1
    application.registered = outcome
    if entry is not None:
        application.said, application.alive = entry.claims, entry.alive
        if entry.portrait:
            _keep_portrait(application, entry.portrait)
    application.save()
    said = "silent" if outcome == Registered.ASKED else str(outcome)
    fact = RegistryRead(
        subject=application.reference, persons=(application.person_id,), registry=registry, outcome=said
    )
    record(fact)
    if application.state == State.CHECK and outcome != Registered.ASKED:
        enqueue(check_faces, key=str(application.pk))


def _keep_portrait(application: Application, picture: bytes) -> None:
    """A portrait that cannot be read is none: a person compares the document's."""
    with suppress(Invalid):
        row = Evidence(application=application, kind=Kind.PORTRAIT)
        row.picture = make_small(io.BytesIO(picture), PORTRAIT, PORTRAIT, crop=False).body
        Evidence.objects.filter(application=application, kind=Kind.PORTRAIT).delete()
        row.save(force_insert=True)


@job(name="identity.check_faces", queue=FACES)
def check_faces(*, key: str) -> None:
    """Have the faces of one application compared, where its person agreed and there is an engine; then the verdict."""
    application = Application.objects.filter(pk=UUID(key), state=State.CHECK).first()
    if application is None or application.registered == Registered.ASKED:
        return
    found, challenge, apart, measure, name = look_at(application)
    try:
        judge_application(
            SYSTEM,
            application.pk,
            picture=application.moved_at.isoformat(),
            faces=found,
            challenge=challenge,
            apart=apart,
            measure=measure,
            engine_name=name,
        )
    except Conflict as error:
        if error.code != "moved_on":  # somebody else was given this number at the same moment: it is judged anew
            raise


def look_at(application: Application) -> tuple[Faces, bool | None, float | None, bytes, str]:
    """What the engine finds in an application's pictures: the comparison, the challenge, the distance, the measure of
    the person's picture, and the engine's name."""
    rows = list(Evidence.objects.filter(application=application).order_by("millis", "id"))
    frames = [one for one in rows if one.kind == Kind.FRAME]
    camera = engine() if application.compares_faces else None
    if camera is None:
        return "none", None, None, b"", ""
    single = {one.kind: one.picture for one in rows if one.kind != Kind.FRAME}
    own = single.get(Kind.SELFIE, b"")  # twice where there is no portrait: how long it takes tells nobody that
    pictures = [own, single.get(Kind.PORTRAIT, own), *(one.picture for one in frames)]
    try:
        measured = {0, 1, *(2 + place for place in choose_measured(len(frames)))}
        still, portrait, *seen = camera.look(pictures, measured=measured)
    except CannotLook:
        return "none", None, None, b"", ""
    if still is None:
        return "nobody", False if frames else None, None, b"", camera.name
    passed = answers_challenge(application.poses, list(zip((one.millis for one in frames), seen, strict=True)), still)
    challenge = passed if frames else None
    found, apart = _compare(portrait, still) if Kind.PORTRAIT in single else ("alone", None)
    return found, challenge, apart, pack(still.measure), camera.name


def _compare(portrait: Face | None, still: Face) -> tuple[Faces, float | None]:
    if portrait is None:
        return "alone", None
    return compare(portrait, still)


@action_on(lock_application, policy=may_check)
def judge_application(
    actor: Actor,
    application: Application,
    *,
    picture: str,
    faces: Faces,
    challenge: bool | None,
    apart: float | None,
    measure: bytes,
    engine_name: str,
) -> None:
    """Carry the verdict out: an identity, another try, or the desk. `picture` says which try was looked at. The frames
    are deleted in any case, everything else once it has ended. Raises `Conflict`, with the code moved_on where it was
    decided by another run of the job, or withdrawn."""
    if application.state != State.CHECK or application.moved_at.isoformat() != picture:
        raise Conflict(code="moved_on")
    Evidence.objects.filter(application=application, kind=Kind.FRAME).delete()
    application.distance, application.face_checked = apart, faces
    like = _find_like(application, measure, engine_name) if faces != "other" else None
    application.like = like
    verdict = judge(_findings(application, faces, challenge, is_duplicate=like is not None))
    if verdict.state == State.SELFIE:
        _note_failure(application)
    elif verdict.state == State.DESK:
        send_to_desk(application, verdict.reasons)
        _warn_holder(application)
    else:
        accept(application, by="machine", measure=measure, engine=engine_name)
    application.save()


def _warn_holder(application: Application) -> None:
    """Whose account stands for this number now hears that another asks for it, before anybody has decided."""
    holder = holder_of(bytes(application.number)) if application.number else None
    if holder is not None and holder.person_id != application.person_id:
        record(ClaimedElsewhere(subject=holder.reference, persons=(holder.person_id,)))


def _find_like(application: Application, measure: bytes, engine_name: str) -> Identity | None:
    said = application.said
    if said is None or not measure:
        return None
    own = holder_of(bytes(application.number)) if application.number else None
    return find_like(measure, sex=said.sex, year=said.birth_date.year, engine=engine_name, but=own)


def _findings(application: Application, faces: Faces, challenge: bool | None, *, is_duplicate: bool) -> Findings:
    given, said = application.given, application.said
    holder = holder_of(bytes(application.number)) if application.number else None
    own = holder is not None and holder.person_id == application.person_id
    agrees = said is not None and given.birth_date == said.birth_date
    return Findings(
        registered=Registered(application.registered),
        agrees=agrees and (own or application.purpose != Purpose.THAW),
        name_differs=said is not None and given.from_zone and not _same_name(given.family_name, said.family_name),
        alive=application.alive,
        compares_faces=bool(application.compares_faces),
        has_portrait=Evidence.objects.filter(application=application, kind=Kind.PORTRAIT).exists(),
        challenge=challenge,
        faces=faces,
        taken=holder is not None and not own,
        tried=is_much_tried(given.number),
        duplicate=is_duplicate,
        expired=given.expires is not None and given.expires < city_today(),
        exhausted=failures_of(application.person_id) + 1 >= MOST_FACE_FAILURES,
    )


def _same_name(zone: str, registry: str) -> bool:
    """A zone cuts long names and knows Latin letters only: where the registry writes another script, nothing is told by
    comparing."""
    plain = "".join(letter for letter in skeleton(registry) if letter.isascii() and letter.isalpha())
    told = "".join(letter for letter in skeleton(zone) if letter.isalpha())
    return not plain or plain.startswith(told[:10]) or told.startswith(plain[:10])


def _note_failure(application: Application) -> None:
    """Another try; after several together a pause, and an alarm also to whoever holds this number. Those of earlier
    applications count: nobody begins anew to be forgotten."""
    take_step(application, State.SELFIE)
    count, persons = failures_of(application.person_id) + 1, [application.person_id]
    application.face_failures += 1
    Evidence.objects.filter(application=application, kind=Kind.SELFIE).delete()
    record(FaceFailed(subject=application.reference, persons=tuple(persons), count=count))
    if count % FACE_FAILURES_TOGETHER == 0:
        application.face_waits_until = now() + FACE_PAUSE
        holder = holder_of(bytes(application.number)) if application.number else None
        if holder is not None and holder.person_id != application.person_id:
            persons.append(holder.person_id)
        record(FailuresBurst(subject=application.reference, persons=tuple(persons), count=count))
