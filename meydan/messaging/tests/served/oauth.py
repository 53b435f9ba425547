"""A browser and a program for the tests of signing in by OAuth 2.0: both go through the real doors."""

import base64
import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client as Browser

from meydan.accounts.actions import confirm_email
from meydan.accounts.models import Person as Account
from meydan.accounts.public import CONSOLE
from meydan.messaging.tests.served.conftest import PASSWORD, Client, Reply, Served

APP = {
    "client_name": "Chatty",
    "client_name#fr": "Bavarde",
    "client_uri": "https://chatty.example/",
    "redirect_uris": ["example.chatty:/back", "https://web.chatty.example/back"],
    "application_type": "native",
    "grant_types": ["authorization_code", "refresh_token"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "none",
}
BACK = "example.chatty:/back"
SCOPES = "urn:matrix:client:api:* urn:matrix:client:device:CHATTYDEVICE"
OLD_SCOPES = SCOPES.replace("urn:matrix:client", "urn:matrix:org.matrix.msc2967.client")
_numbers = count(1)


@dataclass
class Person:
    """Somebody with a browser, signed in on Meydan's pages unless told otherwise."""

    served: Served
    name: str
    browser: Browser = field(default_factory=lambda: Browser(REMOTE_ADDR=f"127.1.0.{next(_numbers)}"))

    def sign_in(self) -> "Person":
        """Who has come by the messenger's own door has no address yet, and the pages ask for one."""
        self.served.run(self._confirm_address)
        said = self.post("/accounts/login/", {"login": self.name, "password": PASSWORD})
        assert said.status_code == 302, said.content
        return self

    def _confirm_address(self) -> None:
        account = Account.objects.get(username=self.name)
        if account.email is None:
            confirm_email(CONSOLE, account.pk, email=f"{self.name}@demo.example")

    def get(self, path: str) -> Any:
        return self.served.run(self.browser.get, path)

    def post(self, path: str, data: dict[str, str] | None = None) -> Any:
        return self.served.run(self.browser.post, path, data or {})


@dataclass
class Program:
    """A program that has read the server's metadata, and introduced itself."""

    served: Served
    client_id: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def __post_init__(self) -> None:
        self.metadata = Client(self.served.url).ask("GET", "/_matrix/client/v1/auth_metadata").json
        if not self.client_id:
            status, said = self.register(APP)
            assert status == 201, said
            self.client_id = said["client_id"]

    def call(self, name: str, body: str, kind: str) -> tuple[int, Any]:
        path = urlsplit(self.metadata[name]).path
        said = self.served.run(lambda: Browser().post(path, body, content_type=kind))
        assert said.headers["Access-Control-Allow-Origin"] == "*"
        return said.status_code, json.loads(said.content or b"{}")

    def register(self, said: Any) -> tuple[int, Any]:
        return self.call("registration_endpoint", json.dumps(said), "application/json")

    def token(self, **form: str) -> tuple[int, Any]:
        form = {"client_id": self.client_id, **form}
        return self.call("token_endpoint", urlencode(form), "application/x-www-form-urlencoded")

    def revoke(self, token: str) -> int:
        form = urlencode({"client_id": self.client_id, "token": token})
        return self.call("revocation_endpoint", form, "application/x-www-form-urlencoded")[0]

    def asks(self, **more: str) -> str:
        """The address that it opens in the browser."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": BACK,
            "scope": SCOPES,
            "state": "a state",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **more,
        }
        asked = urlencode({name: value for name, value in query.items() if value})
        return f"{urlsplit(self.metadata['authorization_endpoint']).path}?{asked}"

    def code(self, person: Person, answer: str = "yes", **more: str) -> dict[str, str]:
        """What it is led back with."""
        page = person.get(self.asks(**more))
        assert page.status_code == 200, (page.status_code, page.headers, page.content)
        action = re.search(r'<form method="post" action="(/oauth/authorize[^"]*)"', page.content.decode())
        assert action is not None
        led = person.post(action[1].replace("&amp;", "&"), {"answer": answer})
        assert led.status_code == 302, led.content
        return answer_in(led.headers["Location"])

    def let_in(self, person: Person, **more: str) -> dict[str, Any]:
        """Its tokens."""
        status, said = self.redeem(self.code(person, **more)["code"])
        assert status == 200, said
        return dict(said)

    def redeem(self, code: str, **more: str) -> tuple[int, Any]:
        form = {"code": code, "redirect_uri": BACK, "code_verifier": self.verifier, **more}
        return self.token(grant_type="authorization_code", **form)

    def refresh(self, token: str) -> tuple[int, Any]:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def asks_matrix(self, token: str, path: str = "account/whoami") -> Reply:
        return Client(self.served.url, token=token).ask("GET", path)


def answer_in(address: str) -> dict[str, str]:
    """The parameters of an address, in its query or its fragment."""
    parts = urlsplit(address)
    return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}
