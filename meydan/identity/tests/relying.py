"""A relying party and a person's browser, for the tests of signing in: both go through the real doors."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from allauth.mfa.models import Authenticator
from django.test import Client

from meydan.accounts.public import Person, grant_role
from meydan.identity.actions.parties import add_party, change_party, make_secret
from meydan.identity.models import RelyingParty
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.tests.holders import make_person, person_of
from meydan.identity.tokens.jose import b64url
from meydan.kernel.actor import SYSTEM, Actor, Role

BACK = "https://bank.example/back"
VERIFIER = "a-verifier-of-at-least-forty-three-letters-long"
CHALLENGE = b64url(hashlib.sha256(VERIFIER.encode()).digest())
FORM = "application/x-www-form-urlencoded"


def make_bank(code: str = "bank", *, redirects: Sequence[str] = (BACK,), **more: Any) -> tuple[RelyingParty, str]:
    """A relying party where people sign in, and its secret."""
    said: dict[str, Any] = {
        "code": code,
        "name": code.title(),
        "purpose": "To open an account",
        "claims": list(CARD_CLAIMS),
    }
    add_party(SYSTEM, **said, level="light", per_day=100, encrypts=True)
    values = {"redirects": list(redirects), "leave_to": ["https://bank.example/"], "proves": "secret", **more}
    return change_party(SYSTEM, code, values=values), make_secret(SYSTEM, code)


def allow_party(actor: Actor, code: str) -> str:
    """The actor signs in at a new relying party; its code."""
    program = Program(code, make_bank(code)[1])
    say(browser_of(actor), program.address())
    return code


def make_admin() -> Actor:
    """An administrator."""
    actor = make_person("boss")
    grant_role(SYSTEM, person_of(actor), role=Role.ADMIN)
    return actor


def browser_of(actor: Actor, *, proven: bool = True, at: float | None = None) -> Client:
    """A session of somebody who has an authenticator app; `proven`: whose code was given just now, or `at`."""
    person = Person.objects.get(pk=person_of(actor))
    Authenticator.objects.get_or_create(user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}})
    client = Client()
    client.force_login(person, backend="meydan.accounts.pages.backend.PersonBackend")
    prove(client, person, proven=proven, at=at)
    return client


def prove(client: Client, person: Person, *, proven: bool = True, at: float | None = None) -> None:
    """As if the person had just been asked for it."""
    session, moment = client.session, time.time() if at is None else at
    records: list[dict[str, Any]] = [{"method": "password", "at": moment, "username": person.username}]
    if proven:
        records.append({"method": "mfa", "type": "totp", "at": moment})
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = records
    session.save()


@dataclass
class Program:
    """The relying party's program; it does what it is told, wrongly too."""

    code: str = "bank"
    secret: str = ""
    client: Client = field(default_factory=Client)

    @property
    def basic(self) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(f'{self.code}:{self.secret}'.encode()).decode()}"}

    def address(self, **more: str | None) -> str:
        """Where it sends the browser."""
        return f"/id/connect/authorize?{urlencode(self.wants(**more))}"

    def wants(self, **more: str | None) -> dict[str, str]:
        said = {
            "client_id": self.code,
            "response_type": "code",
            "redirect_uri": BACK,
            "scope": "openid",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (said | more).items() if value is not None}

    def post(self, door: str, data: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Any:
        given = self.basic if headers is None else dict(headers)
        return self.client.post(f"/id/connect/{door}", urlencode(data), content_type=FORM, headers=given)

    def redeem(self, code: str, headers: Mapping[str, str] | None = None, **more: str) -> Any:
        said = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return self.post("token", said | more, headers)

    def renew(self, refresh: str, **more: str) -> Any:
        return self.post("token", {"grant_type": "refresh_token", "refresh_token": refresh} | more)

    def userinfo(self, access: str) -> Any:
        return self.client.get("/id/connect/userinfo", headers={"Authorization": f"Bearer {access}"})


def go(browser: Client, address: str) -> Any:
    """To the page to which a request leads."""
    answer = browser.get(address)
    while answer.status_code == 302 and answer["Location"].startswith("/id/connect/authorize"):
        answer = browser.get(answer["Location"])
    return answer


def say(browser: Client, address: str, answer: str = "yes") -> str:
    """What the person answers; where the browser is led then."""
    page = go(browser, address)
    if page.status_code == 200:
        page = browser.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"answer": answer})
    assert page.status_code == 302, page.content
    return str(page["Location"])


def led(location: str) -> dict[str, str]:
    """What the relying party reads out of the address that the browser comes back with."""
    return {name: values[0] for name, values in parse_qs(location.replace("#", "?").partition("?")[2]).items()}


def code_in(location: str) -> str:
    said = led(location)
    assert "code" in said, said
    return said["code"]


def payload_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    part = token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(found, dict)
    return found
