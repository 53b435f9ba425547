"""Who may do what in moderation."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.moderation.models import Appeal, Block, Review

_ANOTHER = _("Another moderator must decide about this: the first decision is your own.")


def may_flag(actor: Actor) -> Verdict:
    """Everybody may say that something is wrong."""
    return ALLOW


def may_moderate(actor: Actor) -> Verdict:
    """Moderators look at what was flagged."""
    if actor.has(Role.MODERATOR):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only moderators may do this."))


def may_note(actor: Actor) -> Verdict:
    """Whoever sends something leaves a trace for some weeks."""
    return ALLOW


def may_appeal(actor: Actor, block: Block) -> Verdict:
    """Whom it is about: the query finds nobody else's block."""
    return ALLOW


def may_decide_appeal(actor: Actor, block: Block) -> Verdict:
    """A second moderator, never the one who has blocked."""
    if actor.person_id is not None and actor.person_id == block.by_id:
        return refuse(_("Another moderator must decide about this: the block is your own."), "own_block")
    return may_moderate(actor)


def may_hand_in(actor: Actor) -> Verdict:
    """Who is signed in; the owning domain has asked its own policy before."""
    return sign_in_first() if actor.is_visitor else ALLOW


def may_review(actor: Actor, review: Review) -> Verdict:
    """Moderators, never about their own work."""
    if actor.person_id is not None and actor.person_id == review.author_id:
        return refuse(_("Another moderator must decide about this: it is your own."), "own_work")
    return may_moderate(actor)


def may_approve(actor: Actor, review: Review) -> Verdict:
    """Where two must approve, they are two persons."""
    if review.first_id is not None and review.first_id == actor.person_id:
        return refuse(_("You have approved it already. A second moderator must look at it."), "own_approval")
    return may_review(actor, review)


def may_answer_appeal(actor: Actor, appeal: Appeal) -> Verdict:
    """A second moderator, never the first one and never its author."""
    if actor.person_id is not None and actor.person_id in (appeal.first_id, appeal.person_id):
        return refuse(_ANOTHER, "own_decision")
    return may_moderate(actor)


def may_ask_again(actor: Actor) -> Verdict:
    """Authors appeal: the query finds nobody else's decision."""
    return sign_in_first() if actor.is_visitor else ALLOW


def may_forget(actor: Actor) -> Verdict:
    """The worker, at night."""
    return ALLOW if actor.is_system else refuse(_("Only the city's own machinery does this."))
