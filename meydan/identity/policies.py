"""Who may do what with an identity, and with an application for one."""

from django.utils.translation import gettext_lazy as _

from meydan.identity.models import (
    AT_DESK,
    CONTESTED,
    Application,
    Identity,
    IdentityRules,
    RelyingParty,
    Signature,
    State,
    Wallet,
)
from meydan.kernel.actor import Actor, Assurance, Channel, Role
from meydan.kernel.city import rules_of
from meydan.kernel.errors import Sentence
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


def why_at_counter(identity: Identity) -> Sentence | None:
    """Why a frozen identity is thawed at the counter alone; None where the enrolment's proof from afar is enough."""
    if identity.frozen_why == CONTESTED:
        return _("Two accounts say that this identity is theirs: it is decided at the counter, with the document.")
    if identity.level == "in-person":
        return _("Your identity was checked in person: it is thawed at the counter.")
    return None


def may_stop_move(actor: Actor, identity: Identity) -> Verdict:
    """Whoever had the identity before it came over, at once and from any session; whoever has the letter about it."""
    came_from = identity.came_from
    if actor.is_system or (came_from is not None and actor.person_id == came_from.person_id):
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


def may_issue(actor: Actor) -> Verdict:
    """Keys and revocations that follow from what happened: the machinery, or a door on its behalf."""
    return ALLOW if actor.is_system else refuse(_("Credentials follow from what happened."))


def may_offer(actor: Actor) -> Verdict:
    """Whoever is signed in, for themselves."""
    return may_use_own_identity(actor)


def may_redeem(_actor: Actor) -> Verdict:
    """Whoever holds the secret: the code, the token or the link is the permission. The action looks it up."""
    return ALLOW


def may_use_wallet(_actor: Actor, _wallet: Wallet) -> Verdict:
    """A wallet that came with its token: the lock has looked it up."""
    return ALLOW


def may_end_wallet(actor: Actor, wallet: Wallet) -> Verdict:
    """Its holder, and the machinery."""
    if actor.is_system or (actor.person_id is not None and actor.person_id == wallet.person_id):
        return ALLOW
    return refuse(_("Only its holder may end a wallet."))


def may_set_parties(actor: Actor) -> Verdict:
    """Administrators say who may ask for what."""
    if actor.is_system or actor.has(Role.ADMIN):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only administrators may do this."))


def may_change_party(actor: Actor, _party: RelyingParty) -> Verdict:
    """Administrators, for each of them."""
    return may_set_parties(actor)


def may_ask(_actor: Actor, party: RelyingParty) -> Verdict:
    """Its clerks and its counters, whom the lock has let through, while the city has it active."""
    return ALLOW if party.active else refuse(_("The city has closed this relying party."))


def may_answer_wishes(actor: Actor) -> Verdict:
    """Whoever is signed in: the query shows administrators all of them, clerks those of their parties, and others
    nothing."""
    return may_use_own_identity(actor)


def may_sign(actor: Actor) -> Verdict:
    """Whoever was seen in person, while their powers are open: a signature binds."""
    if actor.person_id is None:
        return sign_in_first()
    if actor.assurance >= Assurance.IN_PERSON:
        return ALLOW
    return refuse(
        _("To sign with your ID you have to have been seen at the counter, and a day must have passed since."), "level"
    )


def may_sign_paper(actor: Actor, _paper: Signature) -> Verdict:
    """The same, for a paper of theirs: the query finds no other."""
    return may_sign(actor)


def may_keep_paper(actor: Actor, paper: Signature) -> Verdict:
    """Its person, also when they may not sign any more; the machinery."""
    if actor.is_system or (actor.person_id is not None and actor.person_id == paper.person_id):
        return ALLOW
    return refuse(_("This is another person's paper."))
