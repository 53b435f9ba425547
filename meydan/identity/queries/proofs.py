"""What a wallet sends to show that a key is its own: key proofs (OpenID4VCI 1.0, appendix F.1) and DPoP (RFC 9449)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meydan.identity.models.credentials import BATCH_SIZE
from meydan.identity.queries.keys import issuer
from meydan.identity.queries.nonces import is_nonce
from meydan.identity.tokens.faults import Broken, Fault
from meydan.identity.tokens.jose import Jwk, Jws, digest, read_jws
from meydan.kernel.clock import now

PROOF_TYP, DPOP_TYP = "openid4vci-proof+jwt", "dpop+jwt"
PROOF_LIVES, LEEWAY = 300, 60
NAMES_A_KEY = {"jwk", "kid", "x5c", "trust_chain"}
MAX_JTI = 200


@dataclass(frozen=True)
class Proven:
    """Keys that the wallet holds, and the nonce over which it showed that."""

    keys: tuple[Jwk, ...]
    nonce: str


def read_proofs(proofs: Any) -> Proven:
    """The keys of a credential request. Raises `Fault`: `invalid_proof`, `invalid_nonce`."""
    tokens = proofs.get("jwt") if isinstance(proofs, Mapping) and set(proofs) == {"jwt"} else None
    if not isinstance(tokens, list) or not 1 <= len(tokens) <= BATCH_SIZE:
        raise Fault("invalid_proof", f"Send proofs.jwt with 1 to {BATCH_SIZE} proofs.")
    found = [_read_proof(token) for token in tokens]
    nonces = {nonce for _key, nonce in found}
    keys = tuple(key for key, _nonce in found)
    if len({key.thumbprint for key in keys}) != len(keys):
        raise Fault("invalid_proof", "Each credential needs a key of its own.")
    if len(nonces) != 1 or not is_nonce(nonce := nonces.pop()):
        raise Fault("invalid_nonce", "Fetch a new nonce for these proofs.")
    return Proven(keys, nonce)


def _read_proof(token: Any) -> tuple[Jwk, str]:
    try:
        if not isinstance(token, str):
            raise Broken("a proof is no text")
        return _checked(token)
    except Broken as error:
        raise Fault("invalid_proof", f"A proof was refused: {error}.") from error


def _checked(token: str) -> tuple[Jwk, str]:
    jws = read_jws(token, typ=PROOF_TYP)
    key = _key_of(jws)
    if jws.payload.get("aud") != issuer():
        raise Broken("it is for another issuer")
    _check_made(jws.payload.get("iat"))
    nonce = jws.payload.get("nonce")
    if not isinstance(nonce, str):
        raise Broken("it holds no nonce")
    return key, nonce


def _key_of(jws: Jws) -> Jwk:
    if NAMES_A_KEY & set(jws.header) != {"jwk"}:
        raise Broken("its header must name its key by jwk alone")
    key = Jwk.read(jws.header["jwk"])
    if not jws.is_by(key.key):
        raise Broken("it is by another key than it says")
    return key


def _check_made(made: Any) -> None:
    at = now().timestamp()
    if not isinstance(made, int | float) or isinstance(made, bool) or not at - PROOF_LIVES <= made <= at + LEEWAY:
        raise Broken("it is of another time")


@dataclass(frozen=True)
class Dpop:
    """A proof that a request is by whoever holds a key; `number` is to be used once."""

    jkt: str
    number: str


def read_dpop(proofs: Sequence[str], *, method: str, address: str, token: str = "") -> Dpop | None:
    """The DPoP proof among a request's headers, None where there is none. Raises `Fault`: `invalid_dpop_proof`."""
    if not proofs:
        return None
    try:
        if len(proofs) != 1 or "," in proofs[0]:
            raise Broken("there is more than one")
        jws = read_jws(proofs[0], typ=DPOP_TYP)
        key = _key_of(jws)
        _check_dpop(jws.payload, method, address, token)
    except Broken as error:
        raise Fault("invalid_dpop_proof", f"The DPoP proof was refused: {error}.") from error
    return Dpop(key.thumbprint, str(jws.payload["jti"]))


def _check_dpop(said: Mapping[str, Any], method: str, address: str, token: str) -> None:
    number = said.get("jti")
    if not isinstance(number, str) or not 1 <= len(number) <= MAX_JTI:
        raise Broken("it has no jti")
    if said.get("htm") != method or str(said.get("htu", "")).partition("?")[0].partition("#")[0] != address:
        raise Broken("it is for another request")
    _check_made(said.get("iat"))
    if token and said.get("ath") != digest(token):
        raise Broken("it is for another token")
