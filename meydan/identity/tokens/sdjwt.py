"""SD-JWT VC: a credential whose holder shows some of its claims and proves that it is theirs.

Selective Disclosure for JWTs (RFC 9901) with Key Binding, typed `dc+sd-jwt` (draft-ietf-oauth-sd-jwt-vc). Flat, as ours
are: every claim that can be disclosed stands at the top, none is nested in another.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import (
    Jwk,
    Jws,
    PublicKey,
    Signer,
    b64url,
    compact_json,
    digest,
    from_b64url,
    read_json,
    read_jws,
)

TYP, KB_TYP = "dc+sd-jwt", "kb+jwt"
SALT_BYTES = 16
DIGEST_BYTES = 32
MOST_DISCLOSURES = 64
LEEWAY = 60
"""Seconds by which two clocks may differ."""
KB_LIVES = 300
"""Seconds for which a proof of possession counts; its nonce lives shorter."""
RESERVED = {"_sd", "_sd_alg", "...", "iss", "vct", "cnf", "status", "iat", "nbf", "exp", "acr"}
FindKey = Callable[[Jws], PublicKey | None]


def issue(signer: Signer, payload: Mapping[str, Any], claims: Mapping[str, Any], *, digests: int = 0) -> str:
    """A credential: `payload` is plain, each of `claims` stands in it as a salted digest alone, its disclosure behind.

    The digests are sorted, and filled up to `digests` with some that stand for nothing (RFC 9901, 4.2.7), so that
    their number says nothing of what is known about the person.
    """
    disclosures = [disclose(name, value) for name, value in claims.items()]
    hidden = [digest(one) for one in disclosures]
    hidden += [b64url(secrets.token_bytes(DIGEST_BYTES)) for _more in range(digests - len(hidden))]
    signed = signer.sign({**payload, "_sd": sorted(hidden), "_sd_alg": "sha-256"})
    return "~".join([signed, *disclosures, ""])


def disclose(name: str, value: Any) -> str:
    """One disclosure, with a salt of 128 bits of its own (RFC 9901, 4.2.1)."""
    return b64url(compact_json([b64url(secrets.token_bytes(SALT_BYTES)), name, value]))


@dataclass(frozen=True)
class Shown:
    """A presentation that holds: what stands in the credential openly, and the claims that were disclosed."""

    payload: Mapping[str, Any]
    claims: Mapping[str, Any]


@dataclass(frozen=True)
class Opened:
    """A credential with its disclosures matched, before the proof of possession was looked at."""

    shown: Shown
    before_proof: str
    proof: str


def verify(presentation: str, *, find_key: FindKey, audience: str, nonce: str, at: int) -> Shown:
    """Check a credential with its proof of possession for this audience and nonce at this time (Unix s).

    Raises `Broken`. Whether it was revoked, and whether its type and level will do, is the caller's.
    """
    opened = open_credential(presentation, find_key=find_key, at=at)
    if not opened.proof:
        raise Broken("there is no proof of possession")
    _check_proof(opened, audience, nonce, at)
    return opened.shown


def open_credential(presentation: str, *, find_key: FindKey, at: int) -> Opened:
    """The part of `verify` that needs no proof of possession: for whom a paper copy is shown. Raises `Broken`."""
    signed, *rest = presentation.split("~")
    if not rest:
        raise Broken("it is no SD-JWT")
    *disclosures, proof = rest
    if len(disclosures) > MOST_DISCLOSURES:
        raise Broken("it discloses too much")
    jws = read_jws(signed, typ=TYP)
    key = find_key(jws)
    if key is None or not jws.is_by(key):
        raise Broken("it is not signed by who it says")
    _check_times(jws.payload, at)
    claims = _match(jws.payload, disclosures)
    return Opened(Shown(jws.payload, claims), presentation[: len(presentation) - len(proof)], proof)


def _check_times(payload: Mapping[str, Any], at: int) -> None:
    start, end = payload.get("nbf", 0), payload.get("exp")
    if not _is_time(start) or not _is_time(end) or end is None:
        raise Broken("its times are no numbers")
    if at + LEEWAY < start:
        raise Broken("it is not valid yet")
    if at >= end + LEEWAY:
        raise Broken("it has expired")


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _match(payload: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """Each disclosure must stand in `_sd`, once, under a name that is not taken (RFC 9901, 7.1)."""
    hidden = payload.get("_sd", [])
    if payload.get("_sd_alg", "sha-256") != "sha-256":
        raise Broken("its digests are not SHA-256")
    if not isinstance(hidden, list) or len(set(map(str, hidden))) != len(hidden):
        raise Broken("a digest stands twice")
    known, claims = set(map(str, hidden)), {}
    for disclosure in disclosures:
        name, value = _read(disclosure)
        mark = digest(disclosure)
        if mark not in known:
            raise Broken("a disclosure is none of this credential's")
        if name in claims or name in payload or name in RESERVED:
            raise Broken("a claim stands twice")
        known.discard(mark)
        claims[name] = value
    return claims


def _read(disclosure: str) -> tuple[str, Any]:
    said = read_json(from_b64url(disclosure))
    if not isinstance(said, list) or len(said) != 3 or not isinstance(said[0], str) or not isinstance(said[1], str):
        raise Broken("a disclosure is not written as one")
    if isinstance(said[2], dict) and ("_sd" in said[2] or "..." in said[2]):
        raise Broken("a disclosure holds others")
    return said[1], said[2]


def _check_proof(opened: Opened, audience: str, nonce: str, at: int) -> None:
    confirmation = opened.shown.payload.get("cnf")
    holder = Jwk.read(confirmation.get("jwk") if isinstance(confirmation, dict) else None)
    jws = read_jws(opened.proof, typ=KB_TYP)
    if not jws.is_by(holder.key):
        raise Broken("the proof of possession is by another key")
    said = jws.payload
    if said.get("aud") != audience:
        raise Broken("the proof of possession is for somebody else")
    if said.get("nonce") != nonce:
        raise Broken("the proof of possession is for another request")
    if said.get("sd_hash") != digest(opened.before_proof):
        raise Broken("the proof of possession is for another presentation")
    made = said.get("iat")
    if not _is_time(made) or not at - KB_LIVES <= float(made or 0) <= at + LEEWAY:
        raise Broken("the proof of possession is of another time")


def bind(presentation: str, signer: Signer, *, audience: str, nonce: str, at: int) -> str:
    """A presentation (ending in "~") with a proof of possession by its holder's key (RFC 9901, 4.3)."""
    proof = {"iat": at, "aud": audience, "nonce": nonce, "sd_hash": digest(presentation)}
    return presentation + signer.sign(proof)


def keep(credential: str, names: set[str]) -> str:
    """The credential with the disclosures of these claims alone. Raises `Broken`."""
    signed, *disclosures = credential.rstrip("~").split("~")
    return "~".join([signed, *(one for one in disclosures if _read(one)[0] in names), ""])
