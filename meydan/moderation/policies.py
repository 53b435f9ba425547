"""Who may do what in moderation."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.moderation.models import Block


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
