"""Who opens districts."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.models import District
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.rollout.models import Opening


def may_roll_out(actor: Actor) -> Verdict:
    """Administrators, and the machinery that fills a new city."""
    if actor.has(Role.ADMIN) or actor.is_system:
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only administrators may change this."))


def may_open(actor: Actor, district: District) -> Verdict:
    """The same, for one of them."""
    return may_roll_out(actor)


def may_announce(actor: Actor, opening: Opening) -> Verdict:
    """The clock alone."""
    return ALLOW if actor.is_system else refuse(_("Only administrators may change this."))
