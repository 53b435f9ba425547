"""Requests to show a credential (OpenID4VP 1.0), and the judgement of what comes back."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize
from uuid import UUID

from meydan.identity.models import LEVELS, Credential, IssuerKey, Presentation
from meydan.identity.models.credentials import secret_digest
from meydan.identity.models.presenting import RESULT_LIVES
from meydan.identity.queries.cards import vct
from meydan.identity.queries.keys import address, find_public_key, signer_for
from meydan.identity.queries.parties import parties_here
from meydan.identity.queries.statuslists import list_address
from meydan.identity.tokens.certificates import x509_hash
from meydan.identity.tokens.faults import Broken, Fault
from meydan.identity.tokens.jose import Jwk, from_pem
from meydan.identity.tokens.jwe import BITS, decrypt
from meydan.identity.tokens.sdjwt import Shown, verify
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.vault import take_out

REQUEST_TYP = "oauth-authz-req+jwt"
SELF_ISSUED = "https://self-issued.me/v2"
QUERY = "card"
"""The id of the one credential that a DCQL query of ours asks for."""
ALGORITHMS = {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}


def client_id(key: IssuerKey) -> str:
    """A relying party's name for wallets: by the hash of its certificate."""
    return x509_hash(bytes(key.certificate))


def request_address(reference: str) -> str:
    """Where a wallet fetches the request."""
    return address(f"/verify/requests/{reference}")


def response_address(asked: Presentation) -> str:
    """Where it sends its answer."""
    return address(f"/verify/answers/{asked.pk}")


def request_object(asked: Presentation, key: IssuerKey, state: str) -> str:
    """The signed request (OpenID4VP 1.0, 5; RFC 9101)."""
    party = asked.party
    payload = {
        "iss": client_id(key),
        "client_id": client_id(key),
        "aud": SELF_ISSUED,
        "iat": int(now().timestamp()),
        "exp": int(asked.expires_at.timestamp()),
        "response_type": "vp_token",
        "response_mode": "direct_post.jwt" if asked.key else "direct_post",
        "response_uri": response_address(asked),
        "nonce": asked.nonce,
        "state": state,
        "dcql_query": dcql_query(asked.claims),
        "client_metadata": _client_metadata(asked),
        "verifier_info": [
            {
                "format": "meydan-registration",
                "data": {"name": party.name, "purpose": party.purpose, "claims": party.claims, "mode": asked.mode},
            }
        ],
    }
    return signer_for(key, REQUEST_TYP).sign(payload)


def dcql_query(claims: list[str]) -> dict[str, Any]:
    """What is asked for, in DCQL (OpenID4VP 1.0, 6): one credential of ours, these claims and no others."""
    return {
        "credentials": [
            {
                "id": QUERY,
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [vct()]},
                "claims": [{"path": [name]} for name in claims],
            }
        ]
    }


def _client_metadata(asked: Presentation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "client_name": asked.party.name,
        "vp_formats_supported": {"dc+sd-jwt": ALGORITHMS},
    }
    if asked.key:
        jwk = Jwk.of(from_pem(take_out(asked.key)).public_key())
        key = {**jwk.json, "kid": jwk.thumbprint, "use": "enc", "alg": "ECDH-ES"}
        said |= {"jwks": {"keys": [key]}, "encrypted_response_enc_values_supported": list(BITS)}
    return said


@dataclass(frozen=True)
class Answer:
    """What a wallet sent: a presentation, or that its holder would not."""

    token: str = ""
    declined: bool = False


def read_answer(asked: Presentation, form: Mapping[str, str]) -> Answer:
    """The answer out of the form, decrypted where it was asked to be. Raises `Fault`: `invalid_request`."""
    said = _decrypted(asked, form) if "response" in form else dict(form)
    if asked.key and "response" not in form and "error" not in form:
        raise Fault("invalid_request", "The answer must be encrypted (direct_post.jwt).")
    state = said.get("state")
    if not isinstance(state, str) or not hmac.compare_digest(secret_digest(state), bytes(asked.state)):
        raise Fault("invalid_request", "The state is another.")
    if "error" in said:
        return Answer(declined=True)
    return Answer(_the_token(said.get("vp_token")))


def _decrypted(asked: Presentation, form: Mapping[str, str]) -> dict[str, Any]:
    if not asked.key:
        raise Fault("invalid_request", "The answer was not to be encrypted (direct_post).")
    key = from_pem(take_out(asked.key))
    try:
        said = decrypt(form["response"], key, kid=Jwk.of(key.public_key()).thumbprint)
    except Broken as error:
        raise Fault("invalid_request", f"The answer cannot be read: {error}.") from error
    if not isinstance(said, dict):
        raise Fault("invalid_request", "The answer is no JSON object.")
    return said


def _the_token(vp_token: Any) -> str:
    """The one presentation of a `vp_token` (OpenID4VP 1.0, 8.1)."""
    try:
        said = json.loads(vp_token) if isinstance(vp_token, str) else vp_token
    except (ValueError, RecursionError) as error:
        raise Fault("invalid_request", "vp_token is not JSON.") from error
    shown = said.get(QUERY) if isinstance(said, dict) and set(said) == {QUERY} else None
    if not isinstance(shown, list) or len(shown) != 1 or not isinstance(shown[0], str):
        raise Fault("invalid_request", f"vp_token must hold one presentation, under {QUERY}.")
    return shown[0]


@dataclass(frozen=True)
class Judged:
    """What an answer is worth. `fault`: a word for why it is refused, "" where it is not; `said` for who wrote the
    wallet."""

    fault: str = ""
    said: str = ""
    level: str = ""
    person: UUID | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)


def judge(asked: Presentation, key: IssuerKey, token: str) -> Judged:
    """Check everything: signature, times, proof of possession, type, level, exactly the claims that were asked for,
    and that it was not revoked: not by the list but by what it is made of, so at once."""
    at = int(now().timestamp())
    try:
        shown = verify(token, find_key=find_public_key, audience=client_id(key), nonce=asked.nonce, at=at)
    except Broken as error:
        return Judged("broken", str(error))
    fault = _fault_of(asked, shown)
    if fault:
        return Judged(fault, "it does not answer what was asked")
    row = find_credential(shown)
    if row is None or not _stands(row):
        return Judged("revoked", "it was revoked", person=row.identity.person_id if row else None)
    return Judged(level=str(shown.payload.get("acr")), person=row.identity.person_id, claims=shown.claims)


def _fault_of(asked: Presentation, shown: Shown) -> str:
    if shown.payload.get("vct") != vct():
        return "type"
    level = LEVELS.get(str(shown.payload.get("acr")))
    if level is None or level < LEVELS[asked.party.level]:
        return "level"
    if set(shown.claims) - set(asked.claims):
        return "excess"
    return "missing" if set(asked.claims) - set(shown.claims) else ""


def find_credential(shown: Shown) -> Credential | None:
    """The row of a credential of ours, by its entry in a status list."""
    status = shown.payload.get("status")
    entry = status.get("status_list") if isinstance(status, dict) else None
    if not isinstance(entry, dict) or not isinstance(entry.get("idx"), int):
        return None
    number = str(entry.get("uri", "")).rpartition("/")[2]
    if not number.isdecimal() or len(number) > 9 or entry["uri"] != list_address(int(number)):
        return None
    rows = Credential.objects.filter(status_list=int(number), index=entry["idx"])
    return rows.select_related("identity").first()


def _stands(row: Credential) -> bool:
    identity = row.identity
    return row.revoked_at is None and identity.frozen_at is None and identity.ended_at is None


def matches(expected: Mapping[str, str], claims: Mapping[str, Any]) -> bool:
    """Whether all that a clerk typed in is what the credential says; spaces, capitals and the way that letters are
    put together do not count."""
    return all(_plain(value) == _plain(str(claims.get(name, ""))) for name, value in expected.items())


def _plain(text: str) -> str:
    return "".join(normalize("NFKC", text).casefold().split())


def find_by_reference(reference: str) -> Presentation | None:
    """The request that a QR points to."""
    return Presentation.objects.filter(reference=secret_digest(reference)).first()


def lock_taken(_actor: Actor, reference: str) -> Presentation:
    """A request that a wallet comes for, locked. Raises `NotFound`."""
    rows = Presentation.objects.select_for_update(of=("self",)).select_related("party")
    row = rows.filter(reference=secret_digest(reference)).first()
    if row is None:
        raise NotFound
    return row


def lock_asked(_actor: Actor, key: UUID) -> Presentation:
    """A request that a wallet answers, locked. Raises `NotFound`."""
    row = Presentation.objects.select_for_update(of=("self",)).select_related("party").filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True)
class Seen:
    """A request as its clerk sees it. `claims` only for as long as RESULT_LIVES."""

    row: Presentation
    claims: Mapping[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether a wallet can still answer."""
        return self.row.answered_at is None and self.row.expires_at > now()


def see_presentation(actor: Actor, key: UUID, counter: str = "") -> Seen:
    """A request of a party that the actor may ask for, with what was shown. The holder has shown it to this party and
    finds that in their log. Raises `SignInFirst`, `NotFound`."""
    parties = parties_here(actor, counter)
    row = Presentation.objects.select_related("party").filter(pk=key, party__in=parties).first()
    if row is None:
        raise NotFound
    fresh = row.answered_at is not None and row.answered_at > now() - RESULT_LIVES
    return Seen(row, json.loads(take_out(row.result)) if fresh and row.result else {})
