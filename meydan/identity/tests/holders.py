"""The scene of identity's tests: a person whom the city knows, a wallet of our own making, a counter."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import ECDH
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client

from meydan.accounts.public import Person
from meydan.identity.actions.identities import establish_identity
from meydan.identity.actions.offering import Offered, offer_credential
from meydan.identity.actions.parties import add_party, set_clerk
from meydan.identity.actions.presenting import Asked, ask
from meydan.identity.models import Claims, Identity, RelyingParty
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.queries.keys import find_issuer_key, issuer
from meydan.identity.queries.metadata import PRE_AUTHORIZED
from meydan.identity.queries.parties import At
from meydan.identity.queries.presenting import client_id, request_address
from meydan.identity.queries.proofs import DPOP_TYP, PROOF_TYP
from meydan.identity.reactions import (
    revoke_what_has_ended,
    revoke_what_is_frozen,
    revoke_what_is_no_longer_true,
    revoke_what_was_copied,
)
from meydan.identity.tokens.jose import Jwk, PrivateKey, Signer, b64url, digest, from_b64url, new_key
from meydan.identity.tokens.jwe import NONCE, TAG, derive
from meydan.identity.tokens.sdjwt import KB_TYP, bind, keep
from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.facts import load
from meydan.kernel.models import FactRecord

CANARY = "Zhvaneckaya"
"""A family name that must turn up nowhere but where a holder shows it."""
CLAIMS = Claims(
    number="AB 123456",
    given_name="Amina",
    family_name=CANARY,
    birth_date=date(1990, 5, 17),
    sex="F",
    nationality="MAR",
    address="12 Rue du Port",
)
REACTIONS = {
    "identity.claims_changed": revoke_what_is_no_longer_true,
    "identity.frozen": revoke_what_is_frozen,
    "identity.ended": revoke_what_has_ended,
    "identity.wallet_ended": revoke_what_was_copied,
}


def react() -> None:
    """What the worker does with all that happened, in order."""
    for row in FactRecord.objects.filter(name__in=REACTIONS).order_by("id"):
        REACTIONS[row.name](load(row).fact)  # type: ignore[operator]  # each takes the kind of its name


def make_person(username: str = "amina", *roles: Role) -> Actor:
    """Somebody who is signed in."""
    person = Person.objects.create(username=username, name=username.title(), email=f"{username}@example.org")
    return Actor(person_id=person.pk, name=person.name, roles=frozenset({Role.USER, *roles}))


def make_identity(actor: Actor, *, level: str = "light", number: str = CLAIMS.number, **more: Any) -> Identity:
    """The city has established who they are."""
    claims = CLAIMS.model_copy(update={"number": number, **more})
    assert actor.person_id
    return establish_identity(SYSTEM, person_id=actor.person_id, claims=claims, level=level)


def make_party(code: str = "hotel", *, claims: Sequence[str] = CARD_CLAIMS, **more: Any) -> RelyingParty:
    """A relying party."""
    values: dict[str, Any] = {"level": "light", "per_day": 1000, "encrypts": False, **more}
    return add_party(SYSTEM, code=code, name=code.title(), purpose="To check in guests", claims=claims, **values)


def make_clerk(party: RelyingParty, admin: Actor, username: str = "clerk") -> Actor:
    """Somebody who asks for it."""
    clerk = make_person(username)
    set_clerk(admin, party.code, username=username, may=True)
    return clerk


@dataclass
class Held:
    """A credential with its key."""

    token: str
    key: PrivateKey


@dataclass
class OurWallet:
    """A wallet that does what it is told, wrongly too."""

    client: Client = field(default_factory=Client)
    access: str = ""
    refresh: str = ""
    held: list[Held] = field(default_factory=list)

    def post(self, path: str, data: Mapping[str, str], **headers: str) -> Any:
        """A form."""
        return self.client.post(
            path, urlencode(data), content_type="application/x-www-form-urlencoded", headers=headers
        )

    def post_json(self, path: str, data: Any, *, access: str | None = None, **headers: str) -> Any:
        """JSON, with the access token."""
        bearer = {"Authorization": f"Bearer {self.access if access is None else access}"}
        body = data if isinstance(data, str) else json.dumps(data)
        return self.client.post(path, body, content_type="application/json", headers={**bearer, **headers})

    def code_of(self, offered: Offered) -> str:
        """What the QR leads to."""
        answer = self.client.get(urlsplit(offered.document).path)
        assert answer.status_code == 200, answer.content
        return str(answer.json()["grants"][PRE_AUTHORIZED]["pre-authorized_code"])

    def redeem(self, offered: Offered) -> None:
        """Take an offer up."""
        form = {
            "grant_type": PRE_AUTHORIZED,
            "pre-authorized_code": self.code_of(offered),
            "tx_code": offered.tx_code,
        }
        self.take_tokens(self.post("/id/token", form))

    def take_tokens(self, answer: Any) -> None:
        """Keep what the token endpoint gave."""
        assert answer.status_code == 200, answer.content
        self.access, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]

    def nonce(self) -> str:
        """A fresh one."""
        return str(self.client.post("/id/nonce").json()["c_nonce"])

    def request(self, keys: Sequence[PrivateKey], *, drop: Sequence[str] = (), **changes: Any) -> Any:
        """Ask for a credential for each key; `drop`: what to leave out."""
        nonce = changes.pop("nonce", None) or self.nonce()
        proofs = [make_proof(key, nonce=nonce) for key in keys]
        body = {"credential_configuration_id": "person", "proofs": {"jwt": proofs}, **changes}
        return self.post_json("/id/credential", {name: value for name, value in body.items() if name not in drop})

    def receive(self, count: int = 1) -> list[Held]:
        """Get credentials."""
        keys = [new_key() for _one in range(count)]
        answer = self.request(keys)
        assert answer.status_code == 200, answer.content
        tokens = [one["credential"] for one in answer.json()["credentials"]]
        self.held += [Held(token, key) for token, key in zip(tokens, keys, strict=True)]
        return self.held[-count:]

    def fetch(self, asked: Asked) -> dict[str, Any]:
        """The request that a counter's QR points to."""
        answer = self.client.get(urlsplit(request_address(asked.reference)).path)
        assert answer.status_code == 200, answer.content
        return payload_of(answer.content.decode())

    def show(self, asked: Asked, names: Sequence[str] | None = None, held: Held | None = None) -> Any:
        """Answer with these claims, or those that are asked for."""
        said = self.fetch(asked)
        wanted = [one["path"][0] for one in said["dcql_query"]["credentials"][0]["claims"]]
        token = make_presentation(held or self.held[0], said, names if names is not None else wanted)
        return self.answer(said, token)

    def send(self, said: Mapping[str, Any], form: Mapping[str, str]) -> Any:
        """Send an answer as it is."""
        return self.post(urlsplit(said["response_uri"]).path, form)

    def answer(self, said: Mapping[str, Any], token: str) -> Any:
        """Send a presentation, not encrypted."""
        form = {"vp_token": json.dumps({"card": [token]}), "state": said["state"]}
        return self.send(said, form)


def payload_of(token: str) -> dict[str, Any]:
    """What stands in a JWT, not verified."""
    said = json.loads(from_b64url(token.split("~")[0].split(".")[1]))
    assert isinstance(said, dict)
    return said


def make_proof(key: PrivateKey, *, nonce: str, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """A key proof; `changes` to its claims, None takes one out."""
    head = {"typ": PROOF_TYP, "jwk": Jwk.of(key.public_key()).json, **(header or {})}
    said = {"aud": issuer(), "nonce": nonce, "iat": int(now().timestamp()), **changes}
    return Signer(key, head).sign({name: value for name, value in said.items() if value is not None})


def make_dpop(
    key: PrivateKey, path: str, *, token: str = "", header: Mapping[str, Any] | None = None, **changes: Any
) -> str:
    """A DPoP proof for a POST to a path."""
    said: dict[str, Any] = {"jti": b64url(now().isoformat().encode()), "htm": "POST", "htu": issuer() + path}
    said |= {"iat": int(now().timestamp()), **({"ath": digest(token)} if token else {}), **changes}
    return Signer(key, {"typ": DPOP_TYP, "jwk": Jwk.of(key.public_key()).json, **(header or {})}).sign(said)


def make_presentation(held: Held, said: Mapping[str, Any], names: Sequence[str], **changes: Any) -> str:
    """A presentation for a request; `changes` to what its proof of possession says."""
    wanted = {"audience": said["client_id"], "nonce": said["nonce"], "at": int(now().timestamp()), **changes}
    return bind(keep(held.token, set(names)), Signer(held.key, {"typ": KB_TYP}), **wanted)


def encrypt_answer(said: Mapping[str, Any], token: str, *, state: str) -> dict[str, str]:
    """An answer, encrypted to the key of a request (RFC 7516, ECDH-ES and A256GCM)."""
    [jwk], key = said["client_metadata"]["jwks"]["keys"], new_key()
    head = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": jwk["kid"], "epk": Jwk.of(key.public_key()).json}
    header = b64url(json.dumps(head).encode())
    secret = derive(key.exchange(ECDH(), Jwk.read(jwk).key), "A256GCM", b"", b"")
    nonce, plain = os.urandom(NONCE), json.dumps({"vp_token": {"card": [token]}, "state": state}).encode()
    text = AESGCM(secret).encrypt(nonce, plain, header.encode())
    return {"response": ".".join([header, "", b64url(nonce), b64url(text[:-TAG]), b64url(text[-TAG:])])}


def make_wallet(actor: Actor, count: int = 1) -> OurWallet:
    """A wallet that has received credentials."""
    wallet = OurWallet()
    wallet.redeem(offer_credential(actor))
    if count:
        wallet.receive(count)
    return wallet


def ask_at(party: RelyingParty, clerk: Actor, *, mode: str = "age", **more: Any) -> Asked:
    """A clerk asks."""
    return ask(clerk, At(party.code), mode=mode, **{"claims": [], **more})


def client_of(party: RelyingParty) -> str:
    """What wallets call it."""
    key = find_issuer_key("party", party)
    assert key
    return client_id(key)


def query_of(uri: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(uri).query).items()}


def person_of(actor: Actor) -> UUID:
    """Their account."""
    assert actor.person_id
    return actor.person_id
