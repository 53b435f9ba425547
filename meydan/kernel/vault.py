"""Secrets that others give us to use (keys of other servers, of webhooks), as they lie in the database: encrypted, by
a key made from the city's own secret. A copy of the database alone opens nobody's door."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from meydan.kernel.config import config
from meydan.kernel.errors import Unavailable


def lock_away(secret: str) -> str:
    """The secret as it may be stored; "" stays "". About 4/3 of its length, and 100 letters more."""
    return _box().encrypt(secret.encode()).decode("ascii") if secret else ""


def take_out(stored: str) -> str:
    """What was locked away. Raises `Unavailable` when the city's secret key is another than it was then."""
    try:
        return _box().decrypt(stored.encode()).decode() if stored else ""
    except InvalidToken as error:
        raise Unavailable("A stored secret cannot be read: secret_key has changed. Enter the secret again.") from error


def _box() -> Fernet:
    key = hashlib.sha256(b"meydan.kernel.vault:" + config().secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
