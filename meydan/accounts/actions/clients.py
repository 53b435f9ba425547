"""Programs introduce themselves (OAuth 2.0 dynamic client registration, RFC 7591)."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import rfc8785

from meydan.accounts.facts import ClientRegistered
from meydan.accounts.models import OAuthClient
from meydan.accounts.policies import may_register_client
from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.facts import record
from meydan.kernel.limits import check

UNUSED_DAYS = 30
"""After which a client that nobody has let in is forgotten."""
NEW_PER_HOUR = 30


def find_or_register(
    actor: Actor, *, site: str, redirects: Sequence[str], native: bool, names: Mapping[str, str]
) -> OAuthClient:
    """The client that has introduced itself in exactly this way; a new one where there is none. `TooMany` for too many
    new ones from one address."""
    said: dict[str, Any] = {"site": site, "redirects": list(redirects), "native": native, "name": dict(names)}
    digest = hashlib.sha256(rfc8785.dumps(said)).digest()
    known = OAuthClient.objects.filter(digest=digest).first()
    if known is not None:
        return known
    check(f"accounts.client:{actor.address}", limit=NEW_PER_HOUR, seconds=3600)
    return register_client(actor, said=said, digest=digest)


@action(policy=may_register_client)
def register_client(actor: Actor, *, said: Mapping[str, Any], digest: bytes) -> OAuthClient:
    """Keep a client that has introduced itself, and forget those that nobody wanted."""
    OAuthClient.objects.filter(used_at=None, made_at__lt=now() - timedelta(days=UNUSED_DAYS)).delete()
    client, _new = OAuthClient.objects.get_or_create(digest=digest, defaults={"id": secrets.token_hex(16), **said})
    record(ClientRegistered(subject=f"client:{client.pk}", site=urlsplit(client.site).hostname or ""))
    return client
