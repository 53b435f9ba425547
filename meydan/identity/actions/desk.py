"""What officers decide about the doubtful. It takes two to accept, one to refuse, and always a reason."""

from django.utils.translation import gettext_lazy as _

from meydan.identity.actions.outcomes import accept, claims_of
from meydan.identity.actions.steps import take_step
from meydan.identity.facts import AcceptedOnce, SentBackToDesk, VerdictGiven
from meydan.identity.models import CONTESTED, Application, State
from meydan.identity.models.enrolment import FOR_REFUSAL
from meydan.identity.policies import may_decide, why_at_counter
from meydan.identity.queries.enrolment import holder_of, lock_application
from meydan.kernel.action import action_on
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Conflict, Invalid
from meydan.kernel.facts import record


@action_on(lock_application, policy=may_decide)
def accept_application(actor: Actor, application: Application) -> bool:
    """Say yes. The first officer's yes asks another one; the second one's makes the identity. Whether it is made.

    Where the registry has said nothing, the identity holds what both have read on the document; `Conflict` when that
    is not enough, or when the registry has said no.
    """
    if "registry_says_no" in application.reasons:
        raise Conflict(
            _("The registry has not confirmed what was given: it cannot be accepted. Refuse it, and say why.")
        )
    if application.said is None and claims_of(application.given) is None:
        raise Conflict(_("The registry has said nothing, and the document not enough. Ask them to the counter."))
    holder = holder_of(bytes(application.number)) if application.number else None
    if holder is not None and holder.frozen_why == CONTESTED:
        raise Conflict(why_at_counter(holder), code="counter")
    if application.state == State.DESK:
        take_step(application, State.SECOND)
        application.accepted_by_id = actor.person_id
        application.save()
        record(AcceptedOnce(subject=application.reference, persons=(application.person_id,)))
        return False
    accept(application, by="desk")
    application.save()
    return True


@action_on(lock_application, policy=may_decide)
def refuse_application(actor: Actor, application: Application, *, reason: str, words: str) -> None:
    """Say no, with a reason of `FOR_REFUSAL` and words for the person. They may apply again."""
    if reason not in FOR_REFUSAL:
        raise Invalid(fields={"reason": _("Choose one of the reasons.")})
    take_step(application, State.REFUSED)
    application.reasons, application.words = [reason], words
    application.save()
    persons = (application.person_id,)
    record(VerdictGiven(subject=application.reference, persons=persons, outcome="refused", reasons=[reason], by="desk"))


@action_on(lock_application, policy=may_decide)
def send_back_application(actor: Actor, application: Application) -> None:
    """The second officer does not agree with the first, and would not refuse either: it begins anew at the desk."""
    take_step(application, State.DESK)
    application.accepted_by_id = None
    application.save()
    record(SentBackToDesk(subject=application.reference, persons=(application.person_id,)))
