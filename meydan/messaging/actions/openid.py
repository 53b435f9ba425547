"""Tokens by which another service learns who somebody is, and nothing else (client-server API, "OpenID"; server-server
API, "OpenID"): the one that opens calls in groups asks so.

A token says its device and its end, and is sealed with the city's key: nothing is kept. It ends with the device.
"""

import hashlib
import hmac
import time

from meydan.kernel.config import config

SECONDS = 3600
PREFIX = "mot"


def make_openid_token(device: int) -> str:
    """A token for `SECONDS`."""
    said = f"{PREFIX}_{device}_{int(time.time()) + SECONDS}"
    return f"{said}_{_seal(said)}"


def read_openid_token(token: str) -> int | None:
    """Our number of the device that it is for; None where it is too old, or none of ours."""
    said, _underscore, seal = token.rpartition("_")
    if not hmac.compare_digest(_seal(said).encode(), seal.encode()):
        return None
    _prefix, device, ends = said.split("_")
    return int(device) if int(ends) > time.time() else None


def _seal(said: str) -> str:
    key = f"messaging.openid:{config().secret_key}".encode()
    return hmac.digest(key, said.encode(), hashlib.sha256).hex()
