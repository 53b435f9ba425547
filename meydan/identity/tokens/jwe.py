"""JSON Web Encryption with ECDH-ES on P-256, straight to the content key (RFC 7516, RFC 7518 4.6): what a wallet sends
back by `direct_post.jwt`. AES-GCM of 128 or 256 bits; no compression."""

import struct
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import ECDH
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import Jwk, PrivateKey, from_b64url, read_json

MAX_JWE = 64 * 1024
BITS = {"A128GCM": 128, "A256GCM": 256}
NONCE, TAG = 12, 16


def decrypt(token: str, key: PrivateKey, *, kid: str) -> Any:
    """The JSON that was encrypted to this key. Raises `Broken`; all failures of the cipher look the same."""
    if len(token) > MAX_JWE:
        raise Broken("it is too long")
    parts = token.split(".")
    if len(parts) != 5 or parts[1]:
        raise Broken("it is no JWE with a direct key")
    header = read_json(from_b64url(parts[0]))
    secret = _content_key(header, key, kid)
    nonce, text, tag = (from_b64url(part) for part in parts[2:])
    if len(nonce) != NONCE or len(tag) != TAG:
        raise Broken("its nonce or tag has another length")
    try:
        plain = AESGCM(secret).decrypt(nonce, text + tag, parts[0].encode("ascii"))
    except InvalidTag as error:
        raise Broken("it cannot be decrypted") from error
    return read_json(plain)


def _content_key(header: Any, key: PrivateKey, kid: str) -> bytes:
    if not isinstance(header, dict) or header.get("alg") != "ECDH-ES" or header.get("enc") not in BITS:
        raise Broken("it is not encrypted by ECDH-ES and AES-GCM")
    if header.get("kid", kid) != kid:
        raise Broken("it is encrypted to another key")
    if "crit" in header or "zip" in header:
        raise Broken("its header asks for what is not understood")
    shared = key.exchange(ECDH(), Jwk.read(header.get("epk")).key)
    parties = [from_b64url(str(header.get(name, ""))) for name in ("apu", "apv")]
    return derive(shared, header["enc"], *parties)


def derive(shared: bytes, enc: str, apu: bytes, apv: bytes) -> bytes:
    """The content key (RFC 7518, 4.6.2)."""
    bits = BITS[enc]
    fields = b"".join(struct.pack(">I", len(one)) + one for one in (enc.encode("ascii"), apu, apv))
    info = fields + struct.pack(">I", bits)
    return ConcatKDFHash(algorithm=SHA256(), length=bits // 8, otherinfo=info).derive(shared)
