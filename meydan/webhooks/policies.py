"""Who may do what with webhooks."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor, Role
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.webhooks.models import Delivery, Hook


def may_arrange(actor: Actor) -> Verdict:
    """Administrators say which programs are told."""
    if actor.has(Role.ADMIN) or actor.is_system:
        return ALLOW
    return sign_in_first() if actor.is_visitor else refuse(_("Only administrators may change this."))


def may_change(actor: Actor, hook: Hook) -> Verdict:
    """The same, for one of them."""
    return may_arrange(actor)


def may_repeat(actor: Actor, delivery: Delivery) -> Verdict:
    """The same, for what one of them was told."""
    return may_arrange(actor)


def may_carry(actor: Actor, hook: Hook) -> Verdict:
    """The worker delivers."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))
