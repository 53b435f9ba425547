"""A wallet that nobody registered is let in by its holder, on a page of the city's, and receives the ID."""

import json

import pytest
from django.test import Client

from meydan.accounts.public import Person
from meydan.identity.actions.identities import freeze_identity
from meydan.identity.actions.offering import offer_credential
from meydan.identity.models import Application, Credential, Identity, Offer, State, Wallet, WalletCode
from meydan.identity.queries.keys import issuer
from meydan.identity.queries.metadata import DATASET
from meydan.identity.tests.holders import CANARY, make_dpop, make_person, person_of, react
from meydan.identity.tests.letting import APP, WALLET, AskingWallet, code_for, let_in
from meydan.identity.tests.relying import browser_of, led, prove
from meydan.identity.tokens.jose import new_key
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord

pytestmark = pytest.mark.django_db
KEY, OTHER = new_key(), new_key()
DETAILS = json.dumps([{"type": "openid_credential", "credential_configuration_id": "person"}])


def test_the_metadata_say_what_there_is() -> None:
    said = Client().get("/.well-known/oauth-authorization-server/id").json()
    assert said["issuer"] == f"{issuer()}/id"
    assert said["authorization_endpoint"] == f"{issuer()}/id/authorize"
    assert said["pushed_authorization_request_endpoint"] == f"{issuer()}/id/push"
    assert said["require_pushed_authorization_requests"] is True
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["authorization_details_types_supported"] == ["openid_credential"]
    assert "authorization_code" in said["grant_types_supported"]


def test_from_the_wallet_to_the_credential(amina: Actor) -> None:
    wallet, browser = AskingWallet(), browser_of(amina)
    address = wallet.ask()
    page = browser.get(address)
    said = page.content.decode()
    assert all(word in said for word in ("org.example.wallet", "Amina", "Checked from afar"))
    assert CANARY not in said
    assert WALLET not in said.replace(f"client_id={WALLET}", ""), "what it calls itself stands in addresses alone"
    assert "form-action 'self' org.example.wallet:" in page["Content-Security-Policy"]
    where = let_in(browser, address)
    assert where.startswith(f"{APP}?")
    assert led(where) | {"code": ""} == {"code": "", "state": "a state", "iss": f"{issuer()}/id"}
    answer = wallet.take_up(led(where)["code"])
    assert (answer.json()["scope"], answer.json()["token_type"]) == ("person", "Bearer")
    wallet.take_tokens(answer)
    assert len(wallet.receive(2)) == Credential.objects.count() == 2
    assert "org.example.wallet" in browser.get("/id/wallet").content.decode()
    kept = str(list(WalletCode.objects.values())) + str(list(FactRecord.objects.values("data")))
    assert CANARY not in kept
    assert led(where)["code"] not in kept


def test_from_an_offer_which_is_used_by_that(amina: Actor) -> None:
    wallet, offered = AskingWallet(redirect="https://wallet.example/back?from=city"), offer_credential(amina)
    where = let_in(browser_of(amina), wallet.ask(issuer_state=wallet.state_of(offered)))
    assert where.startswith("https://wallet.example/back?from=city&")
    wallet.take_tokens(wallet.take_up(led(where)["code"]))
    assert Offer.objects.get().used_at is not None
    assert wallet.client.get(offered.document.removeprefix(issuer())).status_code == 404


def test_the_offer_of_another_lets_nobody_in(amina: Actor) -> None:
    wallet, offered = AskingWallet(), offer_credential(amina)
    address = wallet.ask(issuer_state=wallet.state_of(offered))
    browser = browser_of(make_person("omar"))
    assert browser.get(address).status_code == 409
    assert browser.post(address, {"answer": "yes"}).status_code == 409
    assert led(str(browser.post(address, {"answer": "no"})["Location"]))["error"] == "access_denied"
    assert (WalletCode.objects.count(), Offer.objects.get().used_at) == (0, None)


def test_with_details_the_credential_has_an_identifier(amina: Actor) -> None:
    wallet = AskingWallet()
    answer = wallet.take_up(code_for(browser_of(amina), wallet, scope=None, authorization_details=DETAILS))
    detail = {"type": "openid_credential", "credential_configuration_id": "person", "credential_identifiers": [DATASET]}
    assert (answer.json()["authorization_details"], "scope" in answer.json()) == ([detail], False)
    wallet.take_tokens(answer)
    by_name = wallet.request([KEY])
    assert (by_name.status_code, by_name.json()["error"]) == (400, "invalid_credential_request")
    named = wallet.request([KEY], drop=("credential_configuration_id",), credential_identifier=DATASET)
    assert named.status_code == 200, named.content
    renewed = wallet.post("/id/token", {"grant_type": "refresh_token", "refresh_token": wallet.refresh})
    assert renewed.json()["authorization_details"] == [detail]


def test_tokens_are_bound_to_the_key_that_was_pushed_with(amina: Actor) -> None:
    wallet, browser = AskingWallet(), browser_of(amina)
    code = code_for(browser, wallet, proof=make_dpop(KEY, "/id/push"))
    answer = wallet.take_up(code, proof=make_dpop(KEY, "/id/token"))
    assert answer.json()["token_type"] == "DPoP"
    code = code_for(browser, wallet, proof=make_dpop(KEY, "/id/push"))
    refused = wallet.take_up(code, proof=make_dpop(OTHER, "/id/token"))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    refused = wallet.push(proof=make_dpop(KEY, "/id/push"), dpop_jkt="A" * 43)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_second_proof_is_asked_for(amina: Actor) -> None:
    address, browser = AskingWallet().ask(), browser_of(amina, proven=False)
    assert Client().get(address)["Location"].startswith("/accounts/login/?next=/id/authorize")
    assert browser.get(address)["Location"].startswith("/accounts/2fa/reauthenticate/?next=%2Fid%2Fauthorize")
    assert browser.post(address, {"answer": "yes"}).status_code == 302
    assert not WalletCode.objects.exists()
    prove(browser, Person.objects.get(pk=person_of(amina)))
    assert "code" in led(let_in(browser, address))


def test_whoever_says_no_is_led_back_with_nothing(amina: Actor) -> None:
    said = led(let_in(browser_of(amina), AskingWallet().ask(), "no"))
    assert said == {"error": "access_denied", "state": "a state", "iss": f"{issuer()}/id"}
    assert not WalletCode.objects.exists()


def test_one_answer_to_a_request(amina: Actor) -> None:
    address, browser = AskingWallet().ask(), browser_of(amina)
    let_in(browser, address)
    assert browser.post(address, {"answer": "yes"}).status_code == 409
    assert WalletCode.objects.count() == 1


def test_without_an_identity_there_is_nothing_to_give_and_while_it_is_decided_there_is() -> None:
    omar, wallet = make_person("omar"), AskingWallet()
    page = browser_of(omar).get(wallet.ask())
    assert (page.status_code, "Apply for it" in page.content.decode()) == (409, True)
    Application.objects.create(person_id=person_of(omar), state=State.DESK, began_at=now())
    wallet.take_tokens(wallet.take_up(code_for(browser_of(omar), wallet)))
    assert wallet.request([KEY]).status_code == 202


def test_a_freeze_ends_codes_on_their_way(amina: Actor) -> None:
    wallet, browser = AskingWallet(), browser_of(amina)
    code, address = code_for(browser, wallet), wallet.ask()
    freeze_identity(amina, Identity.objects.get().pk, why="holder")
    react()
    assert wallet.take_up(code).json()["error"] == "invalid_grant"
    assert browser.get(address).status_code == 409
    assert not Wallet.objects.exists()
