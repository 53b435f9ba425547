"""Who may do what with events."""

from django.utils.translation import gettext_lazy as _

from meydan.events.models import Event, Occurrence
from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first


def may_announce(actor: Actor) -> Verdict:
    """Whoever has an account may suggest an event."""
    if actor.is_system or actor.person_id is not None:
        return ALLOW
    return sign_in_first()


def may_edit(actor: Actor, event: Event) -> Verdict:
    """Its organiser, and nobody else: moderators ask for changes."""
    if is_own(actor, event):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only its organiser may change it."))


def may_decide(actor: Actor, event: Event) -> Verdict:
    """What moderators have decided is carried out by the city itself."""
    return ALLOW if actor.is_system else refuse(_("Moderators decide about this at their own desk."))


def may_read(actor: Actor, event: Event) -> Verdict:
    """Everybody what is public; the rest its organiser and moderators."""
    if event.is_public or is_own(actor, event) or actor.has(Role.MODERATOR):
        return ALLOW
    return refuse(_("This is not public."), "not_public")


def may_come(actor: Actor, occurrence: Occurrence) -> Verdict:
    """Whoever has an account may take a seat."""
    return ALLOW if actor.person_id is not None else sign_in_first()


def may_remind(actor: Actor) -> Verdict:
    """The city itself, by its clock and when somebody closes their account."""
    return ALLOW if actor.is_system else refuse(_("Only the city itself does this."))


def is_own(actor: Actor, event: Event) -> bool:
    """Whether the actor organises it."""
    return actor.person_id is not None and actor.person_id == event.organiser_id
