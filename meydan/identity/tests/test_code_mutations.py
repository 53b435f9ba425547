"""Wallets' authorization requests and codes that are forged, stale or another's: refused with the specification's code,
and nobody is led where no wallet may be."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from meydan.identity.actions.offering import offer_credential
from meydan.identity.models import Credential, Offer, Wallet, WalletCode
from meydan.identity.queries.pushing import CONNECT, keep_request
from meydan.identity.queries.wallets import issuer_state_of
from meydan.identity.tests.holders import react
from meydan.identity.tests.letting import APP, AskingWallet, code_for
from meydan.identity.tests.relying import VERIFIER, Program, browser_of, go
from meydan.identity.tokens.jose import new_key
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now

pytestmark = pytest.mark.django_db
KEY = new_key()


def detail(**more: object) -> str:
    return json.dumps([{"type": "openid_credential", "credential_configuration_id": "person", **more}])


ELSEWHERE = {
    "redirect to a script": "javascript:alert(1)",
    "redirect with data": "data:text/html,x",
    "redirect to a scheme of everybody's": "wallet:/back",
    "redirect without TLS": "http://wallet.example/back",
    "redirect with a user": "https://bank.example@thief.example/back",
    "redirect with a fragment": "https://wallet.example/back#x",
    "redirect with a backslash": "https://thief.example\\@bank.example/",
    "redirect over two lines": "https://wallet.example/\nback",
    "redirect without a host": "https:///back",
    "redirect with a port of no number": "https://wallet.example:x/back",
    "redirect with an invisible character": "https://wallet\u200b.example/back",
    "relative redirect": "/id/wallet",
    "redirect too long": "https://wallet.example/" + "x" * 500,
}
PUSHES: dict[str, tuple[dict[str, str | None], str]] = {
    **{name: ({"redirect_uri": address}, "invalid_request") for name, address in ELSEWHERE.items()},
    "no redirect": ({"redirect_uri": None}, "invalid_request"),
    "no client": ({"client_id": None}, "invalid_request"),
    "a client's name too long": ({"client_id": "x" * 201}, "invalid_request"),
    "a client's name over two lines": ({"client_id": "a\nb"}, "invalid_request"),
    "token": ({"response_type": "token"}, "unsupported_response_type"),
    "no response type": ({"response_type": None}, "invalid_request"),
    "fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "challenge without a method": ({"code_challenge_method": None}, "invalid_request"),
    "short challenge": ({"code_challenge": "short"}, "invalid_request"),
    "challenge of other letters": ({"code_challenge": "!" * 43}, "invalid_request"),
    "long state": ({"state": "s" * 501}, "invalid_request"),
    "too long": ({"state": "s" * 4000}, "invalid_request"),
    "a state of nobody's offer": ({"issuer_state": "A" * 43}, "invalid_request"),
    "a state that is no base64": ({"issuer_state": "=!"}, "invalid_request"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "another scope": ({"scope": "openid passport"}, "invalid_scope"),
    "details that are no JSON": ({"authorization_details": "["}, "invalid_authorization_details"),
    "details that are an object": ({"authorization_details": "{}"}, "invalid_authorization_details"),
    "no details": ({"authorization_details": "[]"}, "invalid_authorization_details"),
    "details of another type": ({"authorization_details": detail(type="payment")}, "invalid_authorization_details"),
    "details of another credential": (
        {"authorization_details": detail(credential_configuration_id="passport")},
        "invalid_authorization_details",
    ),
    "details of another issuer": (
        {"authorization_details": detail(locations=["https://bank.example"])},
        "invalid_authorization_details",
    ),
    "a member that stands twice": (
        {"authorization_details": detail()[:-2] + ', "type": "openid_credential"}]'},
        "invalid_authorization_details",
    ),
    "another resource": ({"resource": "https://bank.example"}, "invalid_target"),
    "a request object": ({"request": "a.b.c"}, "request_not_supported"),
    "a request elsewhere": ({"request_uri": "https://wallet.example/request"}, "invalid_request"),
    "a thumbprint of no key": ({"dpop_jkt": "short"}, "invalid_request"),
}


@pytest.mark.parametrize("name", PUSHES)
def test_a_pushed_request_is_refused(name: str) -> None:
    more, code = PUSHES[name]
    answer = AskingWallet().push(**more)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert "request_uri" not in answer.json()


@pytest.mark.parametrize("change", ["used", "over", "guessed at"])
def test_an_offer_that_is_over_begins_nothing(amina: Actor, change: str) -> None:
    offer_credential(amina)
    state = issuer_state_of(Offer.objects.get())
    changes: dict[str, dict[str, object]] = {
        "used": {"used_at": now()},
        "over": {"expires_at": now()},
        "guessed at": {"tries": 5},
    }
    Offer.objects.update(**changes[change])
    assert AskingWallet().push(issuer_state=state).json()["error"] == "invalid_request"


def test_nobody_is_asked_without_a_pushed_request(amina: Actor) -> None:
    """What stands in a link that anybody could write leads to no question, and to no redirect."""
    wallet, browser = AskingWallet(), browser_of(amina)
    own, wants = wallet.ask(), urlencode(wallet.wants())
    theirs = keep_request(wants, door=CONNECT)
    wrong = [
        f"/id/authorize?{wants}",
        "/id/authorize",
        wallet.address("urn:ietf:params:oauth:request_uri:bm9uZQ"),
        wallet.address(theirs),
        own.replace("a-wallet-of-nobody", "another-wallet"),
        own[:-3],
    ]
    assert [browser.get(address).status_code for address in wrong] == [422] * len(wrong)
    assert [browser.post(address, {"answer": "yes"}).status_code for address in wrong] == [422] * len(wrong)
    assert not WalletCode.objects.exists()


def test_a_wallets_request_signs_nobody_in(amina: Actor, bank: Program) -> None:
    """The two worlds: a request that any wallet may push is none of a relying party's."""
    answer = AskingWallet(wallet_id="bank").push()
    asked = urlencode({"client_id": "bank", "request_uri": answer.json()["request_uri"]})
    assert go(browser_of(amina), f"/id/connect/authorize?{asked}").status_code == 422


def test_a_request_that_is_over(amina: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    address = AskingWallet().ask()
    later = now() + timedelta(minutes=31)
    monkeypatch.setattr("meydan.identity.queries.pushing.now", lambda: later)
    assert browser_of(amina).get(address).status_code == 422


def test_no_answer_without_its_token(amina: Actor) -> None:
    """Another site cannot say yes for the person."""
    browser, address = Client(enforce_csrf_checks=True), AskingWallet().ask()
    browser.cookies = browser_of(amina).cookies
    assert browser.post(address, {"answer": "yes"}).status_code == 403


REDEEMS: dict[str, dict[str, str | None]] = {
    "another verifier": {"code_verifier": VERIFIER[::-1]},
    "no verifier": {"code_verifier": None},
    "the challenge as verifier": {"code_verifier": "x" * 43},
    "a short verifier": {"code_verifier": "x"},
    "a verifier of other letters": {"code_verifier": "ü" * 43},
    "another redirect": {"redirect_uri": "https://thief.example/back"},
    "a longer redirect": {"redirect_uri": f"{APP}/more"},
    "no redirect": {"redirect_uri": None},
    "a foreign client": {"client_id": "another-wallet"},
    "no client": {"client_id": None},
}


@pytest.mark.parametrize("name", REDEEMS)
def test_a_code_is_refused_and_used_up(amina: Actor, name: str) -> None:
    wallet = AskingWallet()
    code = code_for(browser_of(amina), wallet)
    answer = wallet.take_up(code, **REDEEMS[name])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert wallet.take_up(code).json()["error"] == "invalid_grant"
    assert not Wallet.objects.exists()


NOT_CODES: dict[str, tuple[Callable[[str], str], str]] = {
    "of nobody": (lambda _code: "A" * 43, "invalid_grant"),
    "changed": (lambda code: code[:-1] + ("A" if code[-1] != "A" else "B"), "invalid_grant"),
    "empty": (lambda _code: "", "invalid_request"),
    "too long": (lambda code: code * 10, "invalid_request"),
}


@pytest.mark.parametrize("name", NOT_CODES)
def test_what_is_no_code_opens_nothing(amina: Actor, name: str) -> None:
    wallet = AskingWallet()
    code = code_for(browser_of(amina), wallet)
    make, error = NOT_CODES[name]
    assert wallet.take_up(make(code)).json()["error"] == error
    assert wallet.take_up(code).status_code == 200


def test_a_code_that_is_over(amina: Actor) -> None:
    wallet = AskingWallet()
    code = code_for(browser_of(amina), wallet)
    WalletCode.objects.update(made_at=now() - timedelta(seconds=61))
    assert wallet.take_up(code).json()["error"] == "invalid_grant"


def test_a_code_that_comes_twice_ends_what_it_opened(amina: Actor) -> None:
    wallet = AskingWallet()
    code = code_for(browser_of(amina), wallet)
    wallet.take_tokens(wallet.take_up(code))
    wallet.receive()
    assert wallet.take_up(code).json()["error"] == "invalid_grant"
    react()
    assert wallet.request([KEY]).json()["error"] == "invalid_token"
    assert Credential.objects.get().revoked_why == "wallet"


def test_the_codes_of_the_two_worlds_are_not_each_others(amina: Actor, bank: Program) -> None:
    browser, wallet = browser_of(amina), AskingWallet()
    code = code_for(browser, wallet)
    refused = bank.post("token", {"grant_type": "authorization_code", "code": code, "redirect_uri": APP})
    assert refused.json()["error"] == "invalid_grant"
    assert wallet.take_up(code).status_code == 200


def test_an_identifier_is_for_whom_it_was_given(amina: Actor) -> None:
    wallet = AskingWallet()
    wallet.take_tokens(wallet.take_up(code_for(browser_of(amina), wallet)))
    answer = wallet.request([KEY], drop=("credential_configuration_id",), credential_identifier="the-person")
    assert (answer.status_code, answer.json()["error"]) == (400, "unknown_credential_identifier")
    assert not Credential.objects.exists()
