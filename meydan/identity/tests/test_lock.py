"""The key to what a browser holds is given for an answer of the passkey in which it says that it has seen its owner."""

import hashlib
import json
import secrets
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from meydan.accounts.public import Person
from meydan.identity.tests.cast import browser, make_person
from meydan.identity.tokens.jose import b64url

pytestmark = pytest.mark.django_db
HOST = "testserver"
RP = hashlib.sha256(HOST.encode()).digest()
FLAG = AuthenticatorData.FLAG


class Device:
    """A passkey of somebody's account, which may be made to answer without having seen them (WebAuthn, 6.1)."""

    def __init__(self, person: Person) -> None:
        self.key, number = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        at = self.key.public_key().public_numbers()
        public = ES256({1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")})
        data = AttestedCredentialData.create(bytes(16), number, public)
        made = AuthenticatorData.create(RP, FLAG.UP | FLAG.UV | FLAG.AT, 0, data)
        self.said = {"id": b64url(number), "rawId": b64url(number), "type": "public-key"}
        response = {
            "clientDataJSON": b64url(self._client("create", b64url(bytes(32)))),
            "attestationObject": b64url(AttestationObject.create("none", made, {})),
        }
        kept = {"name": "phone", "credential": {**self.said, "response": response}}
        Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data=kept)

    def _client(self, what: str, challenge: str) -> bytes:
        said = {"type": f"webauthn.{what}", "challenge": challenge, "origin": f"https://{HOST}"}
        return json.dumps(said).encode()

    def answer(self, challenge: str, flags: AuthenticatorData.FLAG) -> dict[str, Any]:
        """What the browser hands on."""
        data, client = AuthenticatorData.create(RP, flags, 1), self._client("get", challenge)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return {**self.said, "response": {name: b64url(part) for name, part in parts.items()}}


@pytest.mark.parametrize(("flags", "status"), [(FLAG.UP, 422), (FLAG.UP | FLAG.UV, 200)], ids=["thief", "owner"])
def test_the_lock_opens_for_an_owner_whom_the_passkey_has_seen(flags: AuthenticatorData.FLAG, status: int) -> None:
    person = make_person("owner")
    device, phone = Device(person), browser(person)
    drawn = phone.get("/api/identity/lock", secure=True).json()
    answer = {"credential": device.answer(drawn["challenge"], flags)}
    said = phone.post("/api/identity/lock", json.dumps(answer), content_type="application/json", secure=True)
    assert said.status_code == status
