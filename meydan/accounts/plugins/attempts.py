"""allauth counts attempts in Django's cache, under keys that hold addresses and e-mail addresses in clear."""

import hashlib
import hmac

from django.conf import settings


def secret_key(key: str, key_prefix: str, version: int) -> str:
    """The cache's key as a keyed digest (64 hex letters), so that the table tells nobody who tried what from where."""
    plain = f"{key_prefix}:{version}:{key}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), plain, hashlib.sha256).hex()
