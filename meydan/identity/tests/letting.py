"""A wallet that asks to be let in, and the person's browser that lets it: both go through the real doors."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.test import Client

from meydan.identity.actions.offering import Offered
from meydan.identity.queries.metadata import AUTHORIZATION_CODE
from meydan.identity.tests.holders import OurWallet
from meydan.identity.tests.relying import CHALLENGE, VERIFIER, code_in

APP = "org.example.wallet:/back"
WALLET = "a-wallet-of-nobody"


@dataclass
class AskingWallet(OurWallet):
    """It does what it is told, wrongly too."""

    redirect: str = APP
    wallet_id: str = WALLET

    def wants(self, **more: str | None) -> dict[str, str]:
        """A request in order, with changes; None takes a parameter out."""
        said = {
            "response_type": "code",
            "client_id": self.wallet_id,
            "redirect_uri": self.redirect,
            "scope": "person",
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (said | more).items() if value is not None}

    def push(self, *, proof: str | None = None, **more: str | None) -> Any:
        """A pushed request, with a DPoP proof where there is one."""
        return self.post("/id/push", self.wants(**more), **({"DPoP": proof} if proof else {}))

    def ask(self, *, proof: str | None = None, **more: str | None) -> str:
        """The address to which it sends the browser."""
        answer = self.push(proof=proof, **more)
        assert answer.status_code == 201, answer.content
        return self.address(answer.json()["request_uri"])

    def address(self, uri: str) -> str:
        return f"/id/authorize?{urlencode({'client_id': self.wallet_id, 'request_uri': uri})}"

    def take_up(self, code: str, *, proof: str | None = None, **more: str | None) -> Any:
        """What the token endpoint answers to the code."""
        said = {
            "grant_type": AUTHORIZATION_CODE,
            "code": code,
            "client_id": self.wallet_id,
            "redirect_uri": self.redirect,
            "code_verifier": VERIFIER,
        }
        form = {name: value for name, value in (said | more).items() if value is not None}
        return self.post("/id/token", form, **({"DPoP": proof} if proof else {}))

    def state_of(self, offered: Offered) -> str:
        """The `issuer_state` that the offer's QR leads to."""
        document = self.client.get(urlsplit(offered.document).path).json()
        return str(document["grants"][AUTHORIZATION_CODE]["issuer_state"])


def let_in(browser: Client, address: str, answer: str = "yes") -> str:
    """What the person answers on the page; where the browser is led then."""
    page = browser.get(address)
    assert page.status_code == 200, page.content
    led_to = browser.post(address, {"answer": answer})
    assert led_to.status_code == 302, led_to.content
    return str(led_to["Location"])


def code_for(browser: Client, wallet: AskingWallet, **more: str | None) -> str:
    """The straight way to a code."""
    return code_in(let_in(browser, wallet.ask(**more)))
