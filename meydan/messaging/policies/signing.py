"""Whether a signature is good (appendices, "Checking for a Signature")."""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from meydan.messaging.models.key_shapes import bare, read_base64, read_public
from meydan.messaging.models.shapes import canonical_json


def signature_of(signed: Mapping[str, Any], signer: str, key_name: str) -> str | None:
    """What an object says that somebody has signed it with, under the name of a key: "ed25519:..."."""
    signatures = signed.get("signatures")
    by_signer = signatures.get(signer) if isinstance(signatures, dict) else None
    found = by_signer.get(key_name) if isinstance(by_signer, dict) else None
    return found if isinstance(found, str) else None


def is_signed(signed: Mapping[str, Any], signer: str, key_name: str, public: str) -> bool:
    """Whether the object bears a good signature of this signer's key."""
    text = signature_of(signed, signer, key_name)
    signature = read_base64(text, 64) if text else None
    key = read_public(public)
    if signature is None or key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical_json(bare(signed)))
    except (InvalidSignature, ValueError):
        return False
    return True
