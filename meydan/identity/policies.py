"""Who may do what with an identity."""

from django.utils.translation import gettext_lazy as _

from meydan.identity.models import Identity
from meydan.kernel.actor import Actor, Channel
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
