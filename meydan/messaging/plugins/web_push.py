"""Web push: browsers are told through the address that their maker gave them (RFC 8030), in words that only they can
read (RFC 8291), signed with the city's key (RFC 8292, VAPID).

The key follows from the city's secret key: the same on every machine, and kept nowhere.
"""

import base64
import os
import time
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from meydan.kernel.config import config
from meydan.kernel.errors import MeydanError
from meydan.kernel.fetch import call
from meydan.messaging.plugins.push_gateway import DONE, DOWN, REJECTED, SECONDS, Outcome, outcome_of
from meydan.messaging.queries.pushed import CALLS

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256."""
RECORD = 4096
MOST_TEXT = 3_800
"""Bytes that fit into one record, which is all that browsers' services take."""
TOKEN_SECONDS = 12 * 3600
LIVES_SECONDS = 24 * 3600
CALL_SECONDS = 60
"""A call that comes later has stopped ringing."""
GONE = (404, 410)
ALWAYS_SHOW = (".push.apple.com",)
"""Whose browsers take the leave back from who does not show something at once, each time (waking.js)."""


def b64(data: bytes) -> str:
    """URL-safe, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Its bytes. ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


@cache
def city_key() -> ec.EllipticCurvePrivateKey:
    """The key that the city signs with."""
    seed = _derive(b"", config().secret_key.encode(), b"meydan web push", 48)
    return ec.derive_private_key(1 + int.from_bytes(seed) % (ORDER - 1), ec.SECP256R1())


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as web push says it: 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key() -> str:
    """What a browser subscribes with (`applicationServerKey`)."""
    return b64(point_of(city_key().public_key()))


def is_subscription(pushkey: str, data: dict[str, Any]) -> bool:
    """Whether these are a browser's keys and address: `pushkey` is its public key (p256dh)."""
    try:
        _receiver(pushkey)
        return len(unb64(data["auth"])) == 16 and urlsplit(data["endpoint"]).scheme in ("https", "http")
    except (KeyError, TypeError, ValueError, AttributeError, UnsupportedAlgorithm):
        return False


def _receiver(pushkey: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(pushkey))


def encrypt(
    text: bytes, pushkey: str, auth: str, *, own: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """The one record that only this browser can read (RFC 8291, section 4). `own` and `salt` are fresh ones, unless a
    test says others."""
    own, salt = own or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    receiver = _receiver(pushkey)
    sender = point_of(own.public_key())
    info = b"WebPush: info\0" + point_of(receiver) + sender
    secret = _derive(unb64(auth), own.exchange(ec.ECDH(), receiver), info, 32)
    key = _derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(salt, secret, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + bytes([len(sender)]) + sender
    return head + AESGCM(key).encrypt(nonce, text + b"\x02", None)


def _signature(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": config().gateway_url,
    }
    return f"vapid t={jwt.encode(claims, city_key(), algorithm='ES256')}, k={public_key()}"


def must_show(endpoint: str) -> bool:
    """Whether this browser loses its leave when it is told something and shows nothing."""
    return (urlsplit(endpoint).hostname or "").endswith(ALWAYS_SHOW)


def text_of(notification: dict[str, Any]) -> bytes:
    """What the browser is told: as much as fits."""
    said = {key: value for key, value in notification.items() if key not in ("devices", "counts")}
    said |= notification.get("counts", {})
    text = msgspec.json.encode(said)
    if len(text) > MOST_TEXT:
        text = msgspec.json.encode({key: said[key] for key in ("event_id", "room_id", "prio", "unread") if key in said})
    return text


def push(pushkey: str, data: dict[str, Any], notification: dict[str, Any]) -> Outcome:
    """For a thread: one try to tell one browser."""
    endpoint = data["endpoint"]
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(CALL_SECONDS if notification.get("type") in CALLS else LIVES_SECONDS),
        "Urgency": "high" if notification.get("prio") == "high" else "normal",
        "Authorization": _signature(endpoint),
    }
    body = encrypt(text_of(notification), pushkey, data["auth"])
    try:
        answer = call("POST", endpoint, body=body, headers=headers, max_bytes=1024, timeout=SECONDS)
    except MeydanError:
        return DOWN
    if answer.status in GONE:
        return REJECTED
    return DONE if 200 <= answer.status < 300 else outcome_of(answer.status, answer.headers.get("retry-after", ""))
