"""Keys by which other programs file reports."""

import hashlib
import secrets

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.facts import record
from meydan.reports.facts import ApiKeyIssued, ApiKeyRevoked
from meydan.reports.models import ApiKey
from meydan.reports.policies import may_arrange

MAX_NAME = 60
MAX_HOURLY = 100_000
DEMO_KEY = "demo"
"""What the demo's key is called, and the key itself. It opens nothing where no demo runs."""


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


@action(policy=may_arrange)
def issue_api_key(actor: Actor, *, name: str, hourly_limit: int = 600, key: str = "") -> str:
    """Make a key for the program `name` and return it: it is shown this once. A revoked program gets a new key.

    `key` is for the demo alone. `Invalid` when the program has a key already.
    """
    if not name.strip() or len(name) > MAX_NAME or not 0 < hourly_limit <= MAX_HOURLY:
        raise Invalid(fields={"name": _("Give the program's name, in at most 60 letters, and a limit above 0.")})
    key = key or secrets.token_urlsafe(24)
    if ApiKey.objects.filter(name=name, revoked_at__isnull=True).exists():
        raise Invalid(fields={"name": _("This program has a key. Revoke it first, or choose another name.")})
    row, _new = ApiKey.objects.update_or_create(
        name=name,
        defaults={
            "digest": digest_of(key),
            "hourly_limit": hourly_limit,
            "created_at": now(),
            "revoked_at": None,
        },
    )
    record(ApiKeyIssued(subject=f"api_key:{row.pk}", name=name, hourly_limit=hourly_limit))
    return key


def keep_demo_key(actor: Actor) -> None:
    """Have the demo's key, however often the demo is seeded."""
    if not ApiKey.objects.filter(name=DEMO_KEY).exists():
        issue_api_key(actor, name=DEMO_KEY, key=DEMO_KEY)


@action(policy=may_arrange)
def revoke_api_key(actor: Actor, *, name: str) -> None:
    """Take a program's key away, at once. `NotFound` when it has none."""
    row = ApiKey.objects.filter(name=name, revoked_at__isnull=True).first()
    if row is None:
        raise NotFound
    row.revoked_at = now()
    row.save(update_fields=["revoked_at"])
    record(ApiKeyRevoked(subject=f"api_key:{row.pk}", name=name))
