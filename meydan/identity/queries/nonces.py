"""Nonces that the city gives out and knows again without having kept them; only those that were used are kept."""

import hmac
import secrets
import struct
from datetime import datetime, timedelta

from meydan.identity.models.credentials import keyed
from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import b64url, from_b64url
from meydan.kernel.clock import now

NONCE_LIVES = timedelta(minutes=5)
_RANDOM, _MAC = 12, 16


def make_nonce() -> str:
    """A new one: the time, 96 random bits, and what only this city can compute of both. 43 letters."""
    body = struct.pack(">I", int(now().timestamp())) + secrets.token_bytes(_RANDOM)
    return b64url(body + _mac(body))


def is_nonce(nonce: str) -> bool:
    """Whether it is one of ours, and younger than NONCE_LIVES. Whether it was used, `use_once` finds out."""
    try:
        whole = from_b64url(nonce)
    except Broken:
        return False
    body, mac = whole[:-_MAC], whole[-_MAC:]
    if len(whole) != 4 + _RANDOM + _MAC or not hmac.compare_digest(mac, _mac(body)):
        return False
    age = int(now().timestamp()) - int(struct.unpack(">I", body[:4])[0])
    return 0 <= age <= NONCE_LIVES.total_seconds()


def forgotten_at() -> datetime:
    """Until when a nonce that is used now must be remembered."""
    return now() + NONCE_LIVES + timedelta(minutes=1)


def _mac(body: bytes) -> bytes:
    return keyed("nonce", b64url(body))[:_MAC]
