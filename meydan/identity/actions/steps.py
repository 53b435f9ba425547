"""The one way an application moves, and the forgetting that goes with its end."""

from meydan.identity.facts import SentToDesk
from meydan.identity.models import ALLOWED, Application, Evidence, Kind, State
from meydan.identity.policies import may_go_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict
from meydan.kernel.facts import record
from meydan.kernel.policy import demand


def take_step(application: Application, to: State) -> None:
    """Move it, as `ALLOWED` has it; raises `Conflict` for any other step. The caller saves it. Pictures, and what was
    typed and said, are gone once it has ended."""
    if to not in ALLOWED[State(application.state)]:
        raise Conflict(code="moved_on")
    application.state, application.moved_at = to, now()
    if application.has_ended:
        application.locked_given = application.locked_claims = ""
        application.nonce, application.poses, application.challenged_at = None, [], None
        application.decided_at = application.moved_at
        Evidence.objects.filter(application=application).delete()


def awaits(actor: Actor, application: Application, *states: State) -> None:
    """Raise `Conflict` unless it is at one of these; a sentence when it has ended."""
    demand(may_go_on(actor, application), actor)
    if application.state not in states:
        raise Conflict(code="moved_on")


def send_to_desk(application: Application, reasons: tuple[str, ...]) -> None:
    """Have a person decide, and say why; the frames of the challenge are not shown to anybody."""
    take_step(application, State.DESK)
    application.reasons, application.accepted_by_id = list(reasons), None
    Evidence.objects.filter(application=application, kind=Kind.FRAME).delete()
    record(SentToDesk(subject=application.reference, persons=(application.person_id,), reasons=list(reasons)))
