"""Forged, stale and copied requests: each is refused with the specification's own code, and leaves nothing behind."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from meydan.identity.actions.identities import freeze_identity
from meydan.identity.actions.offering import Offered, code_of, offer_credential
from meydan.identity.models import Credential, Identity, IssuerKey, Presentation, RelyingParty, Wallet, credentials
from meydan.identity.queries import nonces
from meydan.identity.queries.keys import issuer, private_key
from meydan.identity.queries.metadata import PRE_AUTHORIZED
from meydan.identity.queries.presenting import request_address
from meydan.identity.queries.proofs import PROOF_TYP
from meydan.identity.tests.holders import (
    Held,
    OurWallet,
    ask_at,
    make_clerk,
    make_dpop,
    make_party,
    make_person,
    make_presentation,
    make_proof,
    make_wallet,
    payload_of,
)
from meydan.identity.tokens.jose import Jwk, Signer, b64url, compact_json, new_key
from meydan.identity.tokens.sdjwt import KB_TYP, TYP, bind, disclose, keep
from meydan.kernel.actor import Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.config import config

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


# At the token endpoint


@pytest.fixture
def offered(amina: Actor) -> Offered:
    return offer_credential(amina)


def good_form(offered: Offered) -> dict[str, str]:
    code = OurWallet().code_of(offered)
    return {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, "tx_code": offered.tx_code}


TOKEN: dict[str, tuple[dict[str, str | None], str]] = {
    "no grant": ({"grant_type": None}, "invalid_request"),
    "an unknown grant": ({"grant_type": "password"}, "unsupported_grant_type"),
    "no code": ({"pre-authorized_code": None}, "invalid_request"),
    "another's code": ({"pre-authorized_code": "A" * 43}, "invalid_grant"),
    "a code that is too long": ({"pre-authorized_code": "A" * 5000}, "invalid_request"),
    "no digits": ({"tx_code": None}, "invalid_request"),
    "wrong digits": ({"tx_code": "wrong"}, "invalid_grant"),
    "digits of another script": ({"tx_code": "١٢٣٤٥٦"}, "invalid_grant"),
    "an invisible character": ({"tx_code": "12\0"}, "invalid_request"),
    "a refresh token of nobody": ({"grant_type": "refresh_token", "refresh_token": "A" * 43}, "invalid_grant"),
    "no refresh token": ({"grant_type": "refresh_token"}, "invalid_request"),
    "the code as refresh token": ({"grant_type": "refresh_token", "refresh_token": "code"}, "invalid_grant"),
}


@pytest.mark.parametrize("name", TOKEN)
def test_the_token_endpoint_refuses(offered: Offered, name: str) -> None:
    changes, code = TOKEN[name]
    form = {key: value for key, value in {**good_form(offered), **changes}.items() if value is not None}
    answer = OurWallet().post("/id/token", form)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert answer["Cache-Control"] == "no-store"


def test_the_token_endpoint_takes_a_field_once_and_a_form_only(offered: Offered) -> None:
    wallet, form = OurWallet(), good_form(offered)
    twice = "&".join(f"{key}={value}" for key, value in [*form.items(), ("tx_code", "1")])
    answers = [
        wallet.client.post("/id/token", twice, content_type=FORM),
        wallet.client.post("/id/token", json.dumps(form), content_type="application/json"),
        wallet.client.get("/id/token"),
    ]
    assert [(one.status_code, one.json()["error"]) for one in answers] == [
        (400, "invalid_request"),
        (400, "invalid_request"),
        (405, "invalid_request"),
    ]


def test_a_code_that_is_over(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    form = good_form(offered)
    shift(monkeypatch, minutes=6)
    assert OurWallet().post("/id/token", form).json()["error"] == "invalid_grant"


def test_a_code_of_another_city(offered: Offered, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made of the same offer, by a city with a key of its own: there it opens a wallet, and here it opens none."""
    form = good_form(offered)
    monkeypatch.setattr(credentials, "config", lambda: config().model_copy(update={"secret_key": "another city's"}))
    reference = urlsplit(offered.document).path.rpartition("/")[2]
    theirs = code_of(reference)
    monkeypatch.undo()
    assert theirs != form["pre-authorized_code"]
    answer = OurWallet().post("/id/token", {**form, "pre-authorized_code": theirs})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not Wallet.objects.exists()


def test_five_wrong_digits_end_an_offer(offered: Offered) -> None:
    wallet, form = OurWallet(), good_form(offered)
    wrong = [wallet.post("/id/token", {**form, "tx_code": "x"}).json()["error"] for _try in range(5)]
    assert {*wrong, wallet.post("/id/token", form).json()["error"]} == {"invalid_grant"}


def shift(monkeypatch: pytest.MonkeyPatch, **more: float) -> None:
    """Later: for every rule that asks the time."""
    moment = now() + timedelta(**more)
    for module in LATER:
        monkeypatch.setattr(f"{module}.now", lambda: moment)


LATER = [
    f"meydan.identity.{name}"
    for name in (
        *("actions.offering", "actions.issuing", "actions.presenting", "queries.nonces", "queries.proofs"),
        *("queries.wallets", "queries.presenting", "queries.keys"),
    )
]


# At the credential endpoint


def raw(header: Mapping[str, Any], payload: Mapping[str, Any], signature: bytes = b"") -> str:
    """A JWS that no honest signer makes."""
    return ".".join([b64url(compact_json(header)), b64url(compact_json(payload)), b64url(signature)])


def said_of_proof(nonce: str, **changes: Any) -> dict[str, Any]:
    return {"aud": issuer(), "nonce": nonce, "iat": int(now().timestamp()), **changes}


KEY, OTHER = new_key(), new_key()
JWK = Jwk.of(KEY.public_key()).json
PRIVATE = {**JWK, "d": b64url(b"\1" * 32)}
ProofOf = Callable[[str], str]


def stale(nonce: str, seconds: int) -> str:
    return make_proof(KEY, nonce=nonce, iat=int(now().timestamp()) + seconds)


PROOFS: dict[str, tuple[ProofOf, str]] = {
    "alg none": (
        lambda nonce: raw({"alg": "none", "typ": PROOF_TYP, "jwk": JWK}, said_of_proof(nonce)),
        "invalid_proof",
    ),
    "alg HS256 with the public key": (
        lambda nonce: raw({"alg": "HS256", "typ": PROOF_TYP, "jwk": JWK}, said_of_proof(nonce), b"0" * 32),
        "invalid_proof",
    ),
    "no signature": (
        lambda nonce: raw({"alg": "ES256", "typ": PROOF_TYP, "jwk": JWK}, said_of_proof(nonce)),
        "invalid_proof",
    ),
    "zeros as signature": (
        lambda nonce: raw({"alg": "ES256", "typ": PROOF_TYP, "jwk": JWK}, said_of_proof(nonce), bytes(64)),
        "invalid_proof",
    ),
    "another key's signature": (lambda nonce: make_proof(OTHER, nonce=nonce, header={"jwk": JWK}), "invalid_proof"),
    "a private key in the header": (
        lambda nonce: make_proof(KEY, nonce=nonce, header={"jwk": PRIVATE}),
        "invalid_proof",
    ),
    "a point off the curve": (
        lambda nonce: make_proof(KEY, nonce=nonce, header={"jwk": {**JWK, "y": b64url(b"\1" * 32)}}),
        "invalid_proof",
    ),
    "a key of another curve": (
        lambda nonce: make_proof(KEY, nonce=nonce, header={"jwk": {**JWK, "crv": "P-384"}}),
        "invalid_proof",
    ),
    "two ways to name the key": (lambda nonce: make_proof(KEY, nonce=nonce, header={"kid": "x"}), "invalid_proof"),
    "another type": (lambda nonce: make_proof(KEY, nonce=nonce, header={"typ": "JWT"}), "invalid_proof"),
    "a critical header": (lambda nonce: make_proof(KEY, nonce=nonce, header={"crit": ["x"]}), "invalid_proof"),
    "another audience": (lambda nonce: make_proof(KEY, nonce=nonce, aud="https://bank.example"), "invalid_proof"),
    "no audience": (lambda nonce: make_proof(KEY, nonce=nonce, aud=None), "invalid_proof"),
    "of yesterday": (lambda nonce: stale(nonce, -86400), "invalid_proof"),
    "of tomorrow": (lambda nonce: stale(nonce, 86400), "invalid_proof"),
    "a time that is text": (lambda nonce: make_proof(KEY, nonce=nonce, iat="now"), "invalid_proof"),
    "no nonce": (lambda _nonce: bare_proof(), "invalid_proof"),
    "a nonce of somebody else's making": (lambda _nonce: make_proof(KEY, nonce="A" * 43), "invalid_nonce"),
    "a nonce that was changed": (lambda nonce: make_proof(KEY, nonce=nonce[:-2] + "AA"), "invalid_nonce"),
    "two parts": (lambda _nonce: "a.b", "invalid_proof"),
    "no base64": (lambda nonce: make_proof(KEY, nonce=nonce).replace(".", ".!", 1), "invalid_proof"),
    "padding": (lambda nonce: make_proof(KEY, nonce=nonce) + "=", "invalid_proof"),
    "a name that stands twice": (lambda nonce: twice(nonce), "invalid_proof"),
}


def bare_proof() -> str:
    said = {"aud": issuer(), "iat": int(now().timestamp())}
    return Signer(KEY, {"typ": PROOF_TYP, "jwk": JWK}).sign(said)


def twice(nonce: str) -> str:
    body = json.dumps(said_of_proof(nonce))[:-1] + f', "aud": "{issuer()}"}}'
    head = b64url(compact_json({"alg": "ES256", "typ": PROOF_TYP, "jwk": JWK}))
    return f"{head}.{b64url(body.encode())}.{b64url(bytes(64))}"


@pytest.fixture
def wallet(amina: Actor) -> OurWallet:
    return make_wallet(amina, 0)


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_is_refused(wallet: OurWallet, name: str) -> None:
    make, code = PROOFS[name]
    answer = wallet.request([], proofs={"jwt": [make(wallet.nonce())]})
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert not Credential.objects.exists()


REQUESTS: dict[str, tuple[Any, str]] = {
    "no proofs": ({"proofs": None}, "invalid_proof"),
    "no proof in them": ({"proofs": {"jwt": []}}, "invalid_proof"),
    "too many": ({"proofs": {"jwt": ["a.b.c"] * 21}}, "invalid_proof"),
    "of two kinds": ({"proofs": {"jwt": ["a.b.c"], "attestation": ["x"]}}, "invalid_proof"),
    "one that is a number": ({"proofs": {"jwt": [7]}}, "invalid_proof"),
    "the way of an old draft": ({"proof": {"proof_type": "jwt", "jwt": "a.b.c"}}, "invalid_credential_request"),
    "another configuration": ({"credential_configuration_id": "passport"}, "unknown_credential_configuration"),
    "no configuration": ({"credential_configuration_id": None}, "invalid_credential_request"),
    "an identifier that nobody gave": (
        {"credential_configuration_id": None, "credential_identifier": "x"},
        "invalid_credential_request",
    ),
    "an encryption that there is not": (
        {"credential_response_encryption": {"enc": "A128GCM", "jwk": {}}},
        "invalid_encryption_parameters",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_credential_request_is_refused(wallet: OurWallet, name: str) -> None:
    changes, code = REQUESTS[name]
    answer = wallet.request([KEY], **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert not Credential.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"a": 1, "a": 2}', "[" * 5000])
def test_what_is_no_request_is_refused(wallet: OurWallet, body: str) -> None:
    answer = wallet.post_json("/id/credential", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_credential_request")


def test_an_identifier_alone_is_unknown(wallet: OurWallet) -> None:
    answer = wallet.post_json("/id/credential", {"credential_identifier": "x", "proofs": {"jwt": ["a.b.c"]}})
    assert answer.json()["error"] == "unknown_credential_identifier"


@pytest.mark.parametrize("access", ["", "A" * 43, "x" * 5000, "refresh", "ü"])
def test_a_token_that_opens_nothing(wallet: OurWallet, access: str) -> None:
    token = wallet.refresh if access == "refresh" else access
    answer = wallet.post_json("/id/credential", {}, access=token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_a_token_that_is_over(wallet: OurWallet, monkeypatch: pytest.MonkeyPatch) -> None:
    shift(monkeypatch, minutes=6)
    answer = wallet.request([KEY])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


def test_a_nonce_that_is_over(wallet: OurWallet, monkeypatch: pytest.MonkeyPatch) -> None:
    nonce = wallet.nonce()
    monkeypatch.setattr(nonces, "now", lambda: now() + timedelta(minutes=6))
    assert wallet.request([KEY], nonce=nonce).json()["error"] == "invalid_nonce"


def test_a_nonce_that_was_used(wallet: OurWallet) -> None:
    nonce = wallet.nonce()
    assert wallet.request([KEY], nonce=nonce).status_code == 200
    answer = wallet.request([OTHER], nonce=nonce)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_nonce")


def test_two_credentials_for_one_key(wallet: OurWallet) -> None:
    assert wallet.request([KEY, KEY]).json()["error"] == "invalid_proof"


def test_another_wallets_notification(amina: Actor, wallet: OurWallet) -> None:
    number = wallet.request([KEY]).json()["notification_id"]
    other = make_wallet(amina, 0)
    said = {"notification_id": number, "event": "credential_accepted"}
    refused = [
        other.post_json("/id/notification", said),
        wallet.post_json("/id/notification", {**said, "event": "credential_eaten"}),
        wallet.post_json("/id/notification", {"event": "credential_accepted"}),
    ]
    codes = ["invalid_notification_id", "invalid_notification_request", "invalid_notification_request"]
    assert [one.json()["error"] for one in refused] == codes
    assert wallet.post_json("/id/notification", said).status_code == 204


def test_a_frozen_identity_gets_nothing(amina: Actor, wallet: OurWallet) -> None:
    freeze_identity(amina, Identity.objects.get().pk, why="holder")
    answer = wallet.request([KEY])
    assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")


# With DPoP


DPOPS: dict[str, Callable[[], str]] = {
    "no proof at all": lambda: "x",
    "for another method": lambda: make_dpop(KEY, "/id/token", htm="GET"),
    "for another address": lambda: make_dpop(KEY, "/id/credential"),
    "of yesterday": lambda: make_dpop(KEY, "/id/token", iat=0),
    "without a number": lambda: make_dpop(KEY, "/id/token", jti=None),
    "of another type": lambda: make_dpop(KEY, "/id/token", header={"typ": "JWT"}),
    "by another key": lambda: make_dpop(OTHER, "/id/token", header={"jwk": JWK}),
    "two of them": lambda: f"{make_dpop(KEY, '/id/token')}, {make_dpop(KEY, '/id/token')}",
}


@pytest.mark.parametrize("name", DPOPS)
def test_a_dpop_proof_is_refused(offered: Offered, name: str) -> None:
    answer = OurWallet().post("/id/token", good_form(offered), DPoP=DPOPS[name]())
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_bound_token_is_of_no_use_to_others(offered: Offered) -> None:
    wallet = OurWallet()
    wallet.take_tokens(wallet.post("/id/token", good_form(offered), DPoP=make_dpop(KEY, "/id/token")))
    body = {"credential_configuration_id": "person", "proofs": {"jwt": [make_proof(KEY, nonce=wallet.nonce())]}}
    bound = {"Authorization": f"DPoP {wallet.access}"}

    def at(proof: str, **more: str) -> Any:
        return wallet.post_json("/id/credential", body, **{**bound, "DPoP": proof, **more})

    proof = make_dpop(KEY, "/id/credential", token=wallet.access)
    refused = [
        wallet.post_json("/id/credential", body),
        at(make_dpop(OTHER, "/id/credential", token=wallet.access)),
        at(make_dpop(KEY, "/id/credential", token="another")),
        at(proof, Authorization=f"Bearer {wallet.access}"),
    ]
    codes = ["invalid_token", "invalid_token", "invalid_dpop_proof", "invalid_token"]
    assert [one.json()["error"] for one in refused] == codes
    assert at(proof).status_code == 200
    assert at(proof).json()["error"] == "invalid_dpop_proof"


# At the counter


@pytest.fixture
def clerk() -> Actor:
    return make_clerk(make_party(), make_person("boss", Role.ADMIN))


def city_signs(payload: Mapping[str, Any], *, typ: str = TYP, kid: str | None = None) -> str:
    key = IssuerKey.objects.get(use="credentials")
    return Signer(private_key(key), {"typ": typ, "kid": kid or key.pk}).sign(payload)


def resigned(held: Held, **changes: Any) -> Held:
    """The same credential, signed by the city with other words: as by a fault of ours."""
    rest = held.token.partition("~")[2]
    said = {name: value for name, value in {**payload_of(held.token), **changes}.items() if value is not None}
    return Held(f"{city_signs(said)}~{rest}", held.key)


def forged(held: Held, **header: Any) -> Held:
    rest = held.token.partition("~")[2]
    key = new_key()
    head = {"typ": TYP, "kid": IssuerKey.objects.get(use="credentials").pk, **header}
    return Held(f"{Signer(key, head).sign(payload_of(held.token))}~{rest}", held.key)


def with_disclosure(held: Held, said: Mapping[str, Any], disclosure: str) -> str:
    shown = keep(held.token, {"age_over_18"}) + disclosure + "~"
    return bind(
        shown,
        Signer(held.key, {"typ": KB_TYP}),
        audience=said["client_id"],
        nonce=said["nonce"],
        at=int(now().timestamp()),
    )


def unsigned(token: str) -> str:
    head, rest = token.split(".", 1)
    said = json.loads(base64.urlsafe_b64decode(head + "=="))
    return f"{b64url(compact_json({**said, 'alg': 'none'}))}.{rest}"


AGE = ["age_over_18"]
Show = Callable[[Held, dict[str, Any]], str]
SHOWN: dict[str, tuple[Show, str]] = {
    "no proof of possession": (lambda held, _said: keep(held.token, set(AGE)), "broken"),
    "a proof by another key": (lambda held, said: make_presentation(Held(held.token, OTHER), said, AGE), "broken"),
    "a proof for another request": (lambda held, said: make_presentation(held, said, AGE, nonce="x"), "broken"),
    "a proof for somebody else": (
        lambda held, said: make_presentation(held, said, AGE, audience="x509_hash:x"),
        "broken",
    ),
    "a proof of yesterday": (lambda held, said: make_presentation(held, said, AGE, at=1), "broken"),
    "a proof of tomorrow": (
        lambda held, said: make_presentation(held, said, AGE, at=int(now().timestamp()) + 86400),
        "broken",
    ),
    "a proof over other claims": (
        lambda held, said: (
            keep(held.token, {"age_over_18"}) + make_presentation(held, said, ["sex"]).rpartition("~")[2]
        ),
        "broken",
    ),
    "alg none": (lambda held, said: unsigned(make_presentation(held, said, AGE)), "broken"),
    "a foreign key": (lambda held, said: make_presentation(forged(held), said, AGE), "broken"),
    "a foreign key with its own certificate": (
        lambda held, said: make_presentation(forged(held, x5c=["MIIB"], jwk=JWK), said, AGE),
        "broken",
    ),
    "a key that nobody has": (lambda held, said: make_presentation(forged(held, kid="x" * 43), said, AGE), "broken"),
    "a credential of another type": (
        lambda held, said: make_presentation(Held(held.token.replace("~", "x~", 1), held.key), said, AGE),
        "broken",
    ),
    "expired": (lambda held, said: make_presentation(resigned(held, exp=1), said, AGE), "broken"),
    "not valid yet": (lambda held, said: make_presentation(resigned(held, nbf=2**40), said, AGE), "broken"),
    "without an end": (lambda held, said: make_presentation(resigned(held, exp=None), said, AGE), "broken"),
    "of another issuer": (
        lambda held, said: make_presentation(resigned(held, iss="https://x.example"), said, AGE),
        "broken",
    ),
    "of another vct": (lambda held, said: make_presentation(resigned(held, vct="urn:x"), said, AGE), "type"),
    "of no level": (lambda held, said: make_presentation(resigned(held, acr="none"), said, AGE), "level"),
    "without a holder's key": (lambda held, said: make_presentation(resigned(held, cnf=None), said, AGE), "broken"),
    "without a status": (lambda held, said: make_presentation(resigned(held, status=None), said, AGE), "revoked"),
    "with the status of another list": (
        lambda held, said: make_presentation(
            resigned(held, status={"status_list": {"idx": 1, "uri": "https://x.example/statuslists/1"}}), said, AGE
        ),
        "revoked",
    ),
    "a digest that stands twice": (
        lambda held, said: make_presentation(resigned(held, _sd=payload_of(held.token)["_sd"] * 2), said, AGE),
        "broken",
    ),
    "digests of another algorithm": (
        lambda held, said: make_presentation(resigned(held, _sd_alg="sha-512"), said, AGE),
        "broken",
    ),
    "a disclosure of somebody's making": (
        lambda held, said: with_disclosure(held, said, disclose("age_over_21", True)),
        "broken",
    ),
    "a disclosure that stands twice": (
        lambda held, said: with_disclosure(held, said, keep(held.token, set(AGE)).split("~")[1]),
        "broken",
    ),
    "a disclosure that is none": (lambda held, said: with_disclosure(held, said, b64url(b"[1]")), "broken"),
    "more than was asked for": (lambda held, said: make_presentation(held, said, [*AGE, "sex"]), "excess"),
    "less than was asked for": (lambda held, said: make_presentation(held, said, []), "missing"),
    "something else": (lambda held, said: make_presentation(held, said, ["sex"]), "excess"),
    "nothing": (lambda _held, _said: "", "broken"),
    "a hundred disclosures": (lambda held, said: with_disclosure(held, said, "~".join(["AA"] * 100)), "broken"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_presentation_is_refused(amina: Actor, clerk: Actor, name: str) -> None:
    make, fault = SHOWN[name]
    wallet = make_wallet(amina)
    said = wallet.fetch(ask_at(the_party(), clerk))
    answer = wallet.answer(said, make(wallet.held[0], said))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    row = Presentation.objects.get()
    assert (row.outcome, row.fault, row.result) == ("refused", fault, "")
    again = wallet.answer(said, make_presentation(wallet.held[0], said, AGE))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


def the_party() -> RelyingParty:
    return RelyingParty.objects.get()


ANSWERS: dict[str, Callable[[dict[str, Any], str], dict[str, str]]] = {
    "another state": lambda _said, token: {"vp_token": json.dumps({"card": [token]}), "state": "x"},
    "no state": lambda _said, token: {"vp_token": json.dumps({"card": [token]})},
    "no token": lambda said, _token: {"state": said["state"]},
    "a token under another name": lambda said, token: {
        "vp_token": json.dumps({"pid": [token]}),
        "state": said["state"],
    },
    "two tokens": lambda said, token: {"vp_token": json.dumps({"card": [token, token]}), "state": said["state"]},
    "two names": lambda said, token: {"vp_token": json.dumps({"card": [token], "x": []}), "state": said["state"]},
    "no list": lambda said, token: {"vp_token": json.dumps({"card": token}), "state": said["state"]},
    "no JSON": lambda said, token: {"vp_token": token, "state": said["state"]},
    "encrypted, unasked": lambda said, token: {"response": "a.b.c.d.e"},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_leaves_the_request_open(amina: Actor, clerk: Actor, name: str) -> None:
    wallet = make_wallet(amina)
    said = wallet.fetch(ask_at(the_party(), clerk))
    token = make_presentation(wallet.held[0], said, AGE)
    path = urlsplit(said["response_uri"]).path
    answer = wallet.post(path, ANSWERS[name](said, token))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert wallet.answer(said, token).status_code == 200


@pytest.mark.parametrize("response", ["", "a.b.c", "a.b.c.d.e", "e30..AA.AA.AA"])
def test_what_cannot_be_decrypted(amina: Actor, response: str) -> None:
    party = make_party("bank", encrypts=True)
    wallet = make_wallet(amina)
    said = wallet.fetch(ask_at(party, make_clerk(party, make_person("boss", Role.ADMIN))))
    path = urlsplit(said["response_uri"]).path
    answer = wallet.post(path, {"response": response, "state": said["state"]})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    plain = wallet.answer(said, make_presentation(wallet.held[0], said, AGE))
    assert plain.json()["error"] == "invalid_request"


def test_another_requests_answer(amina: Actor, clerk: Actor) -> None:
    wallet = make_wallet(amina)
    first, second = (wallet.fetch(ask_at(the_party(), clerk)) for _number in range(2))
    token = make_presentation(wallet.held[0], first, AGE)
    assert wallet.answer(second, token).json()["error"] == "invalid_request"
    assert wallet.answer({**first, "response_uri": second["response_uri"]}, token).json()["error"] == "invalid_request"
    assert wallet.answer(first, token).status_code == 200


def test_a_request_is_fetched_once_and_in_time(amina: Actor, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = make_wallet(amina)
    asked, late = (ask_at(the_party(), clerk) for _number in range(2))
    said = wallet.fetch(asked)
    path = urlsplit(request_address(asked.reference)).path
    assert wallet.client.get(path).status_code == 404
    token = make_presentation(wallet.held[0], said, AGE)
    shift(monkeypatch, minutes=2)
    assert wallet.client.get(urlsplit(request_address(late.reference)).path).status_code == 404
    assert wallet.answer(said, token).json()["error"] == "invalid_request"


def test_a_request_that_nobody_fetched_cannot_be_answered(amina: Actor, clerk: Actor) -> None:
    asked = ask_at(the_party(), clerk)
    answer = make_wallet(amina).post(f"/verify/answers/{asked.row.pk}", {"error": "access_denied", "state": "x"})
    assert answer.status_code == 404
