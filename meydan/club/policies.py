"""Who may do what in the club. Nothing here, nor elsewhere, asks how many badges somebody has: they give no rights."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first


def may_count(actor: Actor) -> Verdict:
    """The city's machinery counts, by the facts; nobody gives a badge by hand."""
    return ALLOW if actor.is_system else refuse(_("Badges are earned by the rules alone."))


def may_show_badges(actor: Actor) -> Verdict:
    """Everybody with an account decides for themselves whether others see their badges."""
    return ALLOW if actor.person_id is not None else sign_in_first()


def may_see_own_badges(actor: Actor) -> Verdict:
    """One's own badges, and what they stand on."""
    return ALLOW if actor.person_id is not None else sign_in_first()


def may_set_badges(actor: Actor) -> Verdict:
    """Administrators change badges and rules; the seed of a new city does too."""
    if actor.is_system or actor.has(Role.ADMIN):
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only administrators may do this."))
