"""Who may open and write in cases."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.messaging.models.cases import Case


def may_open_cases(actor: Actor) -> Verdict:
    """The city's own machinery, on behalf of the domains, which have asked their own rules."""
    return ALLOW if actor.is_system else refuse(_("This happens by itself."))


def may_keep_case(actor: Actor, case: Case) -> Verdict:
    """The same, in one that is open."""
    return may_open_cases(actor)


def may_switch(actor: Actor) -> Verdict:
    """Everybody with an account, for themselves."""
    return ALLOW if actor.person_id else sign_in_first()
