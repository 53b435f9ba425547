"""Who may let the keys of a person be replaced."""

from meydan.kernel.actor import Actor
from meydan.kernel.policy import ALLOW, Verdict, sign_in_first


def may_reset_identity(actor: Actor) -> Verdict:
    """Everybody with an account, for themselves."""
    return ALLOW if actor.person_id else sign_in_first()
