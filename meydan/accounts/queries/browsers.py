"""Browsers that wait to be signed in by a device on which their person is."""

import hashlib

from django.utils.translation import gettext_lazy as _

from meydan.accounts.models import BrowserRequest
from meydan.accounts.policies import may_use_own_account
from meydan.accounts.queries.clients import digest_of_user_code, read_user_code
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid
from meydan.kernel.policy import demand

UNKNOWN = _("No browser waits with this code. Have it show a new one.")


def digest_of_secret(secret: str) -> bytes:
    """What is kept of the secret in a waiting browser's session."""
    return hashlib.sha256(secret.encode()).digest()


def find_browser_request(actor: Actor, user_code: str, *, locked: bool = False) -> BrowserRequest:
    """The browser that shows this code and waits for an answer. `Invalid` where there is none: nobody sees what others
    have answered."""
    demand(may_use_own_account(actor), actor)
    rows = BrowserRequest.objects.select_for_update() if locked else BrowserRequest.objects.all()
    waiting = rows.filter(answer="", expires_at__gt=now())
    row = waiting.filter(user_digest=digest_of_user_code(user_code)).first() if read_user_code(user_code) else None
    if row is None:
        raise Invalid(fields={"user_code": UNKNOWN})
    return row


def answer_to(secret: str) -> str:
    """For the waiting browser: "yes", "no", "" while nobody has answered, "over" when it is too late."""
    row = BrowserRequest.objects.filter(digest=digest_of_secret(secret), used_at=None, expires_at__gt=now()).first()
    return row.answer if row is not None else "over"
