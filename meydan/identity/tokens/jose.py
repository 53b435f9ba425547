"""JSON Web Signatures with ES256 (RFC 7515, RFC 7518), keys as JWK (RFC 7517): P-256 and nothing else, read strictly.

Nothing here trusts a header: the caller says which `typ` and which key it takes. `none` and every other algorithm are
refused before any key is looked at.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from meydan.identity.tokens.faults import Broken

ALGORITHM = "ES256"
MAX_TOKEN = 32 * 1024
"""Characters of a compact JWS. A credential of ours with all its disclosures has under 4,000."""
MAX_DEPTH = 8
COORDINATE = 32
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_HASH = ECDSA(SHA256())
PublicKey = EllipticCurvePublicKey
PrivateKey = EllipticCurvePrivateKey


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """The bytes. Raises `Broken` for padding, other letters, and a tail that no encoder writes."""
    if not _BASE64URL.fullmatch(text):
        raise Broken("it is not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Broken("it is not base64url") from error
    if b64url(data) != text:
        raise Broken("it is not base64url")
    return data


def digest(text: str) -> str:
    """SHA-256 of ASCII text, in base64url."""
    return b64url(hashlib.sha256(text.encode("ascii")).digest())


def digest_half(text: str) -> str:
    """The left half of it, as ID tokens have it (`at_hash`: OpenID Connect Core, 3.1.3.6)."""
    return b64url(hashlib.sha256(text.encode("ascii")).digest()[:16])


def compact_json(value: Any) -> bytes:
    """JSON as it is signed."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def read_json(data: bytes | str) -> Any:
    """JSON without a name that stands twice, not nested deeper than MAX_DEPTH. Raises `Broken`."""
    try:
        value = json.loads(data, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Broken("it is not JSON") from error
    if _depth(value) > MAX_DEPTH:
        raise Broken("it is nested too deeply")
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _depth(value: Any, at: int = 0) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max((_depth(one, at + 1) for one in inner), default=at) if at <= MAX_DEPTH else at


@dataclass(frozen=True)
class Jws:
    """A signature in compact form, read and not yet believed."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signed: bytes
    signature: bytes

    def is_by(self, key: PublicKey) -> bool:
        """Whether this key signed it."""
        half = len(self.signature) // 2
        r, s = int.from_bytes(self.signature[:half], "big"), int.from_bytes(self.signature[half:], "big")
        try:
            key.verify(encode_dss_signature(r, s), self.signed, _HASH)
        except InvalidSignature:
            return False
        return True


def read_jws(token: str, *, typ: str | None) -> Jws:
    """A compact JWS of this type (None: any, for tokens older than types), by ES256. Raises `Broken`; the signature is
    the caller's to check (`is_by`)."""
    if len(token) > MAX_TOKEN:
        raise Broken("it is too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise Broken("it has not three parts")
    header, payload = (_object(read_json(from_b64url(part))) for part in parts[:2])
    if header.get("alg") != ALGORITHM:
        raise Broken("its algorithm is not ES256")
    if typ is not None and header.get("typ") != typ:
        raise Broken("it is of another type")
    if "crit" in header or "b64" in header:
        raise Broken("its header asks for what is not understood")
    signature = from_b64url(parts[2])
    if len(signature) != 2 * COORDINATE:
        raise Broken("its signature is not 64 bytes")
    return Jws(header, payload, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Broken("it is no JSON object")
    return value


def sign_bytes(data: bytes, key: PrivateKey) -> bytes:
    """The signature as JOSE has it: r and s, 32 bytes each."""
    r, s = decode_dss_signature(key.sign(data, _HASH))
    return r.to_bytes(COORDINATE, "big") + s.to_bytes(COORDINATE, "big")


class Signer:
    """A private key with the header that stands before all that it signs, put into text once."""

    def __init__(self, key: PrivateKey, header: Mapping[str, Any]) -> None:
        self.key = key
        self.head = b64url(compact_json({"alg": ALGORITHM, **header}))

    def sign(self, payload: Mapping[str, Any]) -> str:
        """A compact JWS."""
        signed = f"{self.head}.{b64url(compact_json(payload))}"
        return f"{signed}.{b64url(sign_bytes(signed.encode('ascii'), self.key))}"


@dataclass(frozen=True)
class Jwk:
    """The public half of a P-256 key."""

    x: str
    y: str

    @classmethod
    def read(cls, value: Any) -> "Jwk":
        """From JSON. Raises `Broken` for another curve, a private key, or a point that is not on the curve."""
        said = _object(value)
        if said.get("kty") != "EC" or said.get("crv") != "P-256":
            raise Broken("the key is not of P-256")
        if "d" in said:
            raise Broken("the key is a private one")
        if said.get("alg", ALGORITHM) not in (ALGORITHM, "ECDH-ES"):
            raise Broken("the key is for another algorithm")
        x, y = said.get("x"), said.get("y")
        if not isinstance(x, str) or not isinstance(y, str) or {len(from_b64url(x)), len(from_b64url(y))} != {32}:
            raise Broken("the key has no two coordinates of 32 bytes")
        found = cls(x, y)
        _ = found.key
        return found

    @classmethod
    def of(cls, key: PublicKey) -> "Jwk":
        """Of a key that is here."""
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return cls(b64url(point[1:33]), b64url(point[33:]))

    @cached_property
    def key(self) -> PublicKey:
        """To verify with. Raises `Broken`."""
        x, y = (int.from_bytes(from_b64url(one), "big") for one in (self.x, self.y))
        try:
            return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        except ValueError as error:
            raise Broken("the key is not on its curve") from error

    @property
    def json(self) -> dict[str, str]:
        """As it is written."""
        return {"kty": "EC", "crv": "P-256", "x": self.x, "y": self.y}

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        return digest(f'{{"crv":"P-256","kty":"EC","x":"{self.x}","y":"{self.y}"}}')


def new_key() -> PrivateKey:
    """A fresh P-256 key."""
    return generate_private_key(SECP256R1())


def to_pem(key: PrivateKey) -> str:
    """A private key as text; to be locked away."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def from_pem(text: str) -> PrivateKey:
    """The private key. Raises TypeError when it is of another kind."""
    key = load_pem_private_key(text.encode("ascii"), password=None)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise TypeError("a key of identity is of P-256")
    return key
