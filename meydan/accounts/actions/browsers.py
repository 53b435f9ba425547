"""A browser is signed in by a device on which its person is."""

import secrets
from datetime import timedelta

from django.db import transaction

from meydan.accounts.facts import BrowserLetIn, BrowserTurnedAway
from meydan.accounts.models import BrowserRequest, Person, person_reference
from meydan.accounts.policies import may_use_own_account
from meydan.accounts.queries.browsers import digest_of_secret, find_browser_request
from meydan.accounts.queries.clients import digest_of_user_code
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import record

SECONDS = 300
"""For which a code is good: it is shown on one screen and read on another, at once."""


def ask_to_be_let_in(agent: str) -> tuple[str, str]:
    """For a browser in which nobody is signed in: its secret, and the code that it shows. What is over is forgotten."""
    BrowserRequest.objects.filter(expires_at__lt=now()).delete()
    secret, code = secrets.token_urlsafe(32), f"{secrets.randbelow(10**9):09}"
    while BrowserRequest.objects.filter(user_digest=digest_of_user_code(code)).exists():
        code = f"{secrets.randbelow(10**9):09}"
    BrowserRequest.objects.create(
        digest=digest_of_secret(secret),
        user_digest=digest_of_user_code(code),
        agent=agent[:300],
        expires_at=now() + timedelta(seconds=SECONDS),
    )
    return secret, f"{code[:3]}-{code[3:6]}-{code[6:]}"


@action(policy=may_use_own_account)
def answer_browser(actor: Actor, *, user_code: str, yes: bool) -> None:
    """Let the browser in that shows this code, or turn it away. `Invalid` where none does."""
    if actor.person_id is None:
        raise NotFound
    row = find_browser_request(actor, user_code, locked=True)
    row.answer, row.person_id = "yes" if yes else "no", actor.person_id
    row.save(update_fields=["answer", "person"])
    happened = BrowserLetIn if yes else BrowserTurnedAway
    record(happened(subject=person_reference(actor.person_id), persons=(actor.person_id,)))


def take_answer(secret: str) -> Person | None:
    """For the waiting browser, once: whom it is signed in as; None when nobody has said yes, or it is too late."""
    with transaction.atomic():
        waiting = BrowserRequest.objects.select_for_update().filter(digest=digest_of_secret(secret), used_at=None)
        row = waiting.filter(answer="yes", expires_at__gt=now()).first()
        if row is None:
            return None
        row.used_at = now()
        row.save(update_fields=["used_at"])
        return row.person if row.person is not None and row.person.is_active else None
