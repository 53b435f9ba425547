"""The keys of the city that sign credentials, status lists and requests, and how others find them."""

import base64
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from meydan.identity.models import IssuerKey, RelyingParty
from meydan.identity.tokens.jose import Jwk, Jws, PrivateKey, PublicKey, Signer, from_pem
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.vault import take_out

_NOBODY = "the city"


def issuer() -> str:
    """The city as an issuer: `iss` of credentials, and the Credential Issuer Identifier."""
    return config().base_url


def address(path: str) -> str:
    """The whole address of a path of this domain."""
    return config().base_url + path


def find_issuer_key(use: str, party: RelyingParty | None = None) -> IssuerKey | None:
    """The key that signs now, for this use; None before there is one, or when its certificate is at its end."""
    rows = IssuerKey.objects.filter(use=use, party=party, until__gt=now())
    return rows.order_by("-made_at").first()


def issuer_key_named(use: str, thumbprint: str) -> IssuerKey | None:
    """A key of this use by its thumbprint, also one that signs no more."""
    return IssuerKey.objects.filter(use=use, pk=thumbprint[:43]).first()


def private_key(key: IssuerKey) -> PrivateKey:
    """Its private half, opened once in each process."""
    return _opened(key.pk, key.private)


@lru_cache(maxsize=256)
def _opened(_thumbprint: str, locked: str) -> PrivateKey:
    return from_pem(take_out(locked))


def signer_for(key: IssuerKey, typ: str, *, chain: bool = True) -> Signer:
    """What signs tokens of this type with the key; its certificate goes along, the root never does (HAIP 1.0)."""
    return _signer(key.pk, key.private, bytes(key.certificate) if chain else b"", typ)


@lru_cache(maxsize=256)
def _signer(thumbprint: str, locked: str, certificate: bytes, typ: str) -> Signer:
    header: dict[str, Any] = {"typ": typ, "kid": thumbprint}
    if certificate:
        header["x5c"] = [base64.b64encode(certificate).decode("ascii")]
    return Signer(_opened(thumbprint, locked), header)


def find_public_key(jws: Jws) -> PublicKey | None:
    """The city's key that a credential's header names, if the credential says to be the city's. What else the header
    brings along (`x5c`, `jwk`) is not looked at: a key counts for being here."""
    kid = jws.header.get("kid")
    if jws.payload.get("iss") != issuer() or not isinstance(kid, str):
        return None
    try:
        return _public(kid[:43])
    except LookupError:
        return None


@lru_cache(maxsize=256)
def _public(thumbprint: str) -> PublicKey:
    """A key is what its thumbprint says, for ever: it is read once in each process. `LookupError`, which is not kept,
    for one that signed no credentials here."""
    said = IssuerKey.objects.filter(pk=thumbprint, use="credentials").values_list("public", flat=True).first()
    if said is None:
        raise LookupError
    return Jwk(said["x"], said["y"]).key


def issuer_keys(use: str = "credentials") -> dict[str, Any]:
    """All that ever signed credentials, or for another use, the newest first, as a JWK set (RFC 7517)."""
    rows = IssuerKey.objects.filter(use=use).order_by("-made_at")
    return {"keys": [{**row.public, "kid": row.pk, "alg": "ES256", "use": "sig"} for row in rows]}


def jwt_vc_issuer() -> dict[str, Any]:
    """`/.well-known/jwt-vc-issuer` (SD-JWT VC, 5)."""
    return {"issuer": issuer(), "jwks": issuer_keys()}


def root_pem() -> bytes:
    """The city's root certificate, for whoever checks `x5c`. Raises `NotFound` before there is one."""
    key = find_issuer_key("root")
    if key is None:
        raise NotFound
    return x509.load_der_x509_certificate(bytes(key.certificate)).public_bytes(Encoding.PEM)


def host() -> str:
    """The city's host, as certificates name it."""
    return urlsplit(config().base_url).hostname or _NOBODY
