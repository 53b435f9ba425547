"""Pictures of people, the measures of their faces and the papers that they sign, as they lie in the database: under a
key of their own, so that neither a copy of the database nor the city's other secret opens them (NIST SP 800-63A,
biometrics)."""

import hashlib
import os
from collections.abc import Iterable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meydan.kernel.config import config
from meydan.kernel.errors import Unavailable

_OTHER_KEY = "A stored picture or paper cannot be read: biometric_key has changed."
NONCE = 12  # bytes, as AES-GCM wants them (NIST SP 800-38D)


def seal(data: bytes, purpose: str) -> bytes:
    """The bytes as they may be stored: AES-256-GCM, bound to what they are for. 28 bytes longer."""
    nonce = os.urandom(NONCE)
    return nonce + _box(purpose).encrypt(nonce, data, purpose.encode())


def unseal(sealed: bytes | memoryview, purpose: str) -> bytes:
    """What was sealed for this purpose. Raises `Unavailable` when the key is another than it was then."""
    return unseal_each([bytes(sealed)], purpose)[0]


def unseal_each(sealed: Iterable[bytes], purpose: str, *, start: int = 0) -> list[bytes]:
    """What was sealed for one purpose, many at a time: a search opens thirty thousand. `start`: where in each it
    begins. Raises `Unavailable`."""
    decrypt, about, body = _box(purpose).decrypt, purpose.encode(), start + NONCE
    try:
        return [decrypt(one[start:body], one[body:], about) for one in sealed]
    except InvalidTag as error:
        raise Unavailable(_OTHER_KEY) from error


def _box(purpose: str) -> AESGCM:
    return _made_box(purpose.partition(":")[0], config().biometric_key)


@lru_cache(maxsize=8)
def _made_box(kind: str, key: str) -> AESGCM:
    """Thousands of measures are opened for each search."""
    return AESGCM(hashlib.sha256(f"identity.{kind}:{key}".encode()).digest())
