"""Who may do what with the city's mail."""

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first
from meydan.notifications.models import Mail, Watch


def may_post(actor: Actor) -> Verdict:
    """Only the city's own machinery writes and sends."""
    return ALLOW if actor.is_system else refuse(_("Mail is sent by the city itself."))


def may_send(actor: Actor, letter: Mail) -> Verdict:
    """The worker, for any letter."""
    return may_post(actor)


def may_read_mailbox(actor: Actor) -> Verdict:
    """Anybody in the demo, whose mail is nobody's; the configuration keeps a demo on loopback. Else nobody."""
    return ALLOW if config().demo else refuse(_("There is nothing here. Check the address or the number."))


def may_watch(actor: Actor) -> Verdict:
    """Whoever has an account, for themselves."""
    return ALLOW if actor.person_id else sign_in_first()


def may_change_watch(actor: Actor, watch: Watch) -> Verdict:
    """Their own; the worker for whoever came by a letter's link."""
    return ALLOW if actor.is_system or actor.person_id == watch.person_id else refuse(_("This is not yours."))
