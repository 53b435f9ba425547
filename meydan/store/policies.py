"""Who may do what in the store."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, all_of, refuse, sign_in_first
from meydan.store.models import ALLOWED, App, Stage, TeamRole, Verb

STAFF = (Role.MODERATOR, Role.ADMIN, Role.AUDITOR)


def is_owner(actor: Actor, app: App) -> bool:
    """Whether the entry is the actor's own."""
    return actor.person_id is not None and actor.person_id == app.owner_id


def role_in(actor: Actor, app: App) -> TeamRole | None:
    """What the actor is in the entry's team; an owner may do all that an editor may."""
    if is_owner(actor, app):
        return TeamRole.EDITOR
    role = app.team.get(actor.person_id) if actor.person_id else None
    return TeamRole(role) if role else None


def may_draft(actor: Actor) -> Verdict:
    """Developers publish apps."""
    if actor.is_system or actor.has(Role.DEVELOPER):
        return ALLOW
    if actor.is_visitor:
        return sign_in_first()
    return refuse(_("Only developers publish apps. An administrator of the city makes you one."))


def may_see(actor: Actor, app: App) -> bool:
    """A public entry is everybody's; another one is its team's, and those see it who look at what is handed in."""
    return app.is_public or may_see_inside(actor, app)


def may_see_inside(actor: Actor, app: App) -> bool:
    """What waits, what is checked, what happened: for the team, for who is asked into it, and for moderators."""
    return actor.is_system or role_in(actor, app) is not None or _is_asked(actor, app) or actor.has(*STAFF)


def _is_asked(actor: Actor, app: App) -> bool:
    return actor.person_id is not None and (actor.person_id in app.invited or actor.person_id == app.successor_id)


def can(app: App, verb: Verb) -> Verdict:
    """Whether the state of the entry allows the verb."""
    states, stages = ALLOWED[verb]
    if app.state in states and app.stage in stages:
        return ALLOW
    if app.stage == Stage.WAITING:
        return refuse(_("A moderator is looking at this. Take it back first, then change it."), "waits")
    return refuse(_("This is not possible with the entry as it stands."), "wrong_state")


def may_change(actor: Actor, app: App) -> Verdict:
    """The owner and the editors change an entry."""
    return all_of(_is_editor(actor, app), can(app, Verb.CHANGE))


def may_hand_in(actor: Actor, app: App) -> Verdict:
    """They also ask for publication."""
    return all_of(_is_editor(actor, app), can(app, Verb.HAND_IN))


def may_take_back(actor: Actor, app: App) -> Verdict:
    """And take back what waits."""
    return all_of(_is_editor(actor, app), can(app, Verb.TAKE_BACK))


def may_withdraw(actor: Actor, app: App) -> Verdict:
    """The owner alone takes an entry out of the store."""
    return all_of(may_own(actor, app), can(app, Verb.WITHDRAW))


def may_own(actor: Actor, app: App) -> Verdict:
    """Team, tokens and ownership are the owner's."""
    if actor.is_system or is_owner(actor, app):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only the owner of this entry may do this."))


def may_upload(actor: Actor, app: App) -> Verdict:
    """Everybody of the team adds versions."""
    if actor.is_system or role_in(actor, app):
        return can(app, Verb.CHANGE)
    return sign_in_first() if actor.is_visitor else refuse(_("Only the team of this entry may do this."))


def may_upload_by_token(actor: Actor, app: App) -> Verdict:
    """Who holds a token of the entry: the query finds no other."""
    return can(app, Verb.CHANGE)


def may_answer_invitation(actor: Actor, app: App) -> Verdict:
    """Who is asked into the team."""
    if actor.person_id is not None and actor.person_id in app.invited:
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Nobody has asked you into this team."))


def may_take_over(actor: Actor, app: App) -> Verdict:
    """To whom the owner has offered the entry."""
    if actor.person_id is not None and actor.person_id == app.successor_id:
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("This entry was not offered to you."))


def may_feature(actor: Actor, app: App) -> Verdict:
    """Moderators choose what stands on top."""
    if actor.is_system or actor.has(Role.MODERATOR, Role.ADMIN):
        return can(app, Verb.FEATURE)
    return sign_in_first() if actor.is_visitor else refuse(_("Only moderators may do this."))


def may_arrange(actor: Actor) -> Verdict:
    """Administrators, and the city's own machinery, keep the categories."""
    if actor.is_system or actor.has(Role.ADMIN):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only administrators may do this."))


def is_machine(actor: Actor, app: App) -> Verdict:
    """What follows by itself from a moderator's decision."""
    return ALLOW if actor.is_system else refuse(_("Only the city's own machinery does this."))


def _is_editor(actor: Actor, app: App) -> Verdict:
    if actor.is_system or role_in(actor, app) is TeamRole.EDITOR:
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only the team of this entry may do this."))
