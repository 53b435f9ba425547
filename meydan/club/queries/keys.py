"""The keys that sign credentials, and under which name the city's issuer is found."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from meydan.club.models import SigningKey
from meydan.kernel.config import config
from meydan.kernel.vault import take_out

ALGORITHM = "RS256"  # the one that every verifier of Open Badges 3.0 has to know


def issuer_did() -> str:
    """The city as did:web: its own host says which keys are its own."""
    place = urlsplit(config().base_url)
    path = "".join(f":{quote(part, safe='')}" for part in place.path.split("/") if part)
    return f"did:web:{quote(place.netloc, safe='')}{path}"


def key_reference(key: SigningKey) -> str:
    """How a signed header names its key: a part of the issuer's DID document."""
    return f"{issuer_did()}#{key.pk}"


def find_signing_key() -> SigningKey | None:
    """The key that signs now; None before anything was signed."""
    return SigningKey.objects.order_by("-made_at").first()


def find_key(kid: str) -> SigningKey | None:
    """The city's key that a signed header names, old ones too; None when it is none of the city's."""
    did, _, thumbprint = kid.partition("#")
    return SigningKey.objects.filter(pk=thumbprint[:43]).first() if did == issuer_did() else None


def private_key(key: SigningKey) -> RSAPrivateKey:
    """Its private half."""
    found = load_pem_private_key(take_out(key.private).encode(), password=None)
    if not isinstance(found, RSAPrivateKey):
        raise TypeError("a signing key of the club is an RSA key")
    return found


def public_key(key: SigningKey) -> RSAPublicKey:
    """Its public half."""
    found = RSAAlgorithm.from_jwk(key.public)
    if not isinstance(found, RSAPublicKey):
        raise TypeError("a signing key of the club is an RSA key")
    return found


def public_jwk(key: RSAPublicKey) -> dict[str, Any]:
    """A public key as a JWK (RFC 7517)."""
    numbers = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"kty": "RSA", "n": numbers["n"], "e": numbers["e"], "alg": ALGORITHM, "use": "sig"}


def thumbprint(jwk: dict[str, Any]) -> str:
    """Its name: the SHA-256 thumbprint of RFC 7638."""
    needed = json.dumps({name: jwk[name] for name in ("e", "kty", "n")}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(needed.encode()).digest()).decode().rstrip("=")


def did_document() -> dict[str, Any]:
    """What the DID resolves to: every key that credentials were ever signed with, the newest first."""
    did = issuer_did()
    methods = [
        {"id": key_reference(key), "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": key.public}
        for key in SigningKey.objects.order_by("-made_at")
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
        "service": [{"id": f"{did}#club", "type": "LinkedDomains", "serviceEndpoint": config().base_url}],
    }
