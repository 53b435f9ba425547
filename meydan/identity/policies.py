"""Who may do what with an identity, and with an application for one."""

from django.utils.translation import gettext_lazy as _

from meydan.identity.models import AT_DESK, Application, Identity, IdentityRules, State
from meydan.kernel.actor import Actor, Channel, Role
from meydan.kernel.city import rules_of
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first


def may_establish(actor: Actor) -> Verdict:
    """The machinery, when an application has been decided: nobody gives an identity by hand."""
    return ALLOW if actor.is_system else refuse(_("An identity follows from an application that was decided."))


def may_use_own_identity(actor: Actor) -> Verdict:
    """Whoever is signed in, for what is theirs."""
    return ALLOW if actor.person_id is not None else sign_in_first()


def may_freeze(actor: Actor, identity: Identity) -> Verdict:
    """The holder, at once and from any session; the city's machinery on a sign of theft; the console."""
    if actor.person_id == identity.person_id or actor.is_system or actor.channel is Channel.CONSOLE:
        return ALLOW
    return refuse(_("Only its holder may freeze an identity."))


def may_change_identity(actor: Actor, identity: Identity) -> Verdict:
    """The machinery: what the registry says, the end of a hold, a decided application."""
    return ALLOW if actor.is_system else refuse(_("An identity follows from an application that was decided."))


def may_go_on(actor: Actor, application: Application) -> Verdict:
    """Its person, while it has not ended; the machinery."""
    if actor.person_id != application.person_id and not actor.is_system:
        return refuse(_("This is another person's application."))
    return refuse(_("This application has ended.")) if application.has_ended else ALLOW


def may_check(actor: Actor, application: Application) -> Verdict:
    """The machinery alone."""
    return ALLOW if actor.is_system else refuse(_("An identity follows from an application that was decided."))


def may_work_at_desk(actor: Actor) -> Verdict:
    """Officers of the department that the city names for it."""
    if actor.person_id is None:
        return sign_in_first()
    if actor.has(Role.OFFICER) and rules_of("identity", IdentityRules).department in actor.departments:
        return ALLOW
    return refuse(_("Only officers of the identity department may do this."))


def may_decide(actor: Actor, application: Application) -> Verdict:
    """Such an officer, about another person's application that waits for one. It takes two to accept."""
    at_desk = may_work_at_desk(actor)
    if not at_desk:
        return at_desk
    if application.person_id == actor.person_id:
        return refuse(_("Another officer must decide about this: it is your own."))
    if application.state not in AT_DESK:
        return refuse(_("This application does not wait for an officer."), "moved_on")
    if application.state == State.SECOND and application.accepted_by_id == actor.person_id:
        return refuse(_("Another officer must look at this: you have accepted it already."), "four_eyes")
    return ALLOW


def may_see_at_counter(actor: Actor, identity: Identity) -> Verdict:
    """Such an officer, of another person's identity."""
    if identity.person_id == actor.person_id:
        return refuse(_("Another officer must do this: it is your own identity."))
    return may_work_at_desk(actor)


def may_publish_errors(actor: Actor) -> Verdict:
    """The console: who can read the pictures that were measured."""
    return ALLOW if actor.channel is Channel.CONSOLE else refuse(_("This is published from the city's own machine."))
