"""Forged, stale and foreign requests at the OpenID provider's doors: each is refused with the specification's code."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from meydan.identity.actions.identities import open_when_due
from meydan.identity.actions.parties import change_party
from meydan.identity.models import Identity, SignIn, SignInToken
from meydan.identity.tests.holders import make_dpop, make_identity, make_person
from meydan.identity.tests.relying import (
    BACK,
    VERIFIER,
    Program,
    browser_of,
    code_in,
    go,
    led,
    make_bank,
    payload_of,
    say,
)
from meydan.identity.tokens.jose import Jwk, PrivateKey, Signer, b64url, compact_json, new_key
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now

pytestmark = pytest.mark.django_db
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ISSUER = "http://127.0.0.1:8000"
INVALID_GRANT = {"error": "invalid_grant"}


NOBODY_TO_LEAD_TO: dict[str, dict[str, str | None]] = {
    "unknown client": {"client_id": "nobody"},
    "no client": {"client_id": None},
    "client with a null": {"client_id": "ba\0nk"},
    "another redirect": {"redirect_uri": "https://bank.example/other"},
    "a longer redirect": {"redirect_uri": f"{BACK}/more"},
    "redirect with a query": {"redirect_uri": f"{BACK}?next=1"},
    "redirect of another scheme": {"redirect_uri": BACK.replace("https", "http")},
    "redirect with a fragment": {"redirect_uri": f"{BACK}#x"},
    "no redirect": {"redirect_uri": None},
    "a request of another's making": {"request_uri": "urn:ietf:params:oauth:request_uri:bm9uZQ"},
    "too long": {"state": "s" * 4000},
}


@pytest.mark.parametrize("more", NOBODY_TO_LEAD_TO.values(), ids=NOBODY_TO_LEAD_TO)
def test_nobody_is_led_to_where_nobody_registered(amina: Actor, bank: Program, more: dict[str, str | None]) -> None:
    assert go(browser_of(amina), bank.address(**more)).status_code == 422


NONE_ALG = b64url(b'{"alg":"none"}') + "." + b64url(b'{"client_id":"bank"}') + "."
LED_BACK: dict[str, tuple[dict[str, str | None], str]] = {
    "token": ({"response_type": "token"}, "unsupported_response_type"),
    "id_token": ({"response_type": "id_token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unauthorized_client"),
    "no response type": ({"response_type": None}, "invalid_request"),
    "no openid": ({"scope": "profile"}, "invalid_scope"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "no challenge": ({"code_challenge": None}, "invalid_request"),
    "plain challenge": ({"code_challenge_method": "plain"}, "invalid_request"),
    "challenge without a method": ({"code_challenge_method": None}, "invalid_request"),
    "short challenge": ({"code_challenge": "short"}, "invalid_request"),
    "long state": ({"state": "s" * 501}, "invalid_request"),
    "long nonce": ({"nonce": "n" * 201}, "invalid_request"),
    "long hint": ({"login_hint": "h" * 255}, "invalid_request"),
    "fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "none and login": ({"prompt": "none login"}, "invalid_request"),
    "unknown prompt": ({"prompt": "shout"}, "invalid_request"),
    "max_age in words": ({"max_age": "soon"}, "invalid_request"),
    "negative max_age": ({"max_age": "-1"}, "invalid_request"),
    "request object without a signature": ({"request": NONE_ALG}, "request_not_supported"),
    "request elsewhere": ({"request_uri": "https://bank.example/request"}, "invalid_request_uri"),
    "registration": ({"registration": "{}"}, "registration_not_supported"),
    "claims that are no JSON": ({"claims": "{"}, "invalid_request"),
    "claims that are a list": ({"claims": "[]"}, "invalid_request"),
    "claims within a text": ({"claims": '{"id_token":"acr"}'}, "invalid_request"),
    "levels that are a text": ({"claims": '{"id_token":{"acr":{"values":"light"}}}'}, "invalid_request"),
    "a level that nobody has": (
        {"claims": '{"id_token":{"acr":{"essential":true,"value":"gold"}}}'},
        "unmet_authentication_requirements",
    ),
    "somebody else": ({"claims": '{"id_token":{"sub":{"value":"other"}}}'}, "login_required"),
}


@pytest.mark.parametrize(("more", "error"), LED_BACK.values(), ids=LED_BACK)
def test_led_back_with_the_reason(amina: Actor, bank: Program, more: dict[str, str | None], error: str) -> None:
    answer = go(browser_of(amina), bank.address(**more))
    assert (answer.status_code, answer["Location"].startswith((f"{BACK}?", f"{BACK}#"))) == (302, True)
    said = led(answer["Location"])
    assert (said["error"], said["iss"]) == (error, ISSUER)
    assert said.get("state", "") == (more.get("state") or "a state")
    assert not SignIn.objects.exists()


def test_a_form_becomes_an_address_and_an_answer_needs_our_own_page(amina: Actor, bank: Program) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/id/connect/authorize", bank.wants())
    assert (answer.status_code, answer["Location"].startswith("/id/connect/authorize?")) == (303, True)
    assert strict.post(answer["Location"], {"answer": "yes"}).status_code == 403


def test_a_request_is_answered_once(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    page = go(browser, bank.address())
    here = page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]
    assert browser.post(here, {"answer": "yes"}).status_code == 302
    assert browser.post(here, {"answer": "yes"}).status_code == 409
    assert SignIn.objects.count() == 1
    shop = here.replace("client_id=bank", "client_id=shop")
    assert browser.get(shop).status_code == 422


def test_what_was_asked_before_the_relying_party_was_closed(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    page = go(browser, bank.address())
    change_party(SYSTEM, "bank", values={"active": False})
    here = page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]
    assert browser.post(here, {"answer": "yes"}).status_code == 422


def basic(code: str, secret: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{code}:{secret}'.encode()).decode()}"}


def old(code: str) -> None:
    SignIn.objects.update(made_at=now() - timedelta(minutes=2))


AT_TOKEN: dict[str, tuple[dict[str, str], Mapping[str, str] | None, tuple[int, str]]] = {
    "wrong verifier": ({"code_verifier": VERIFIER[::-1]}, None, (400, "invalid_grant")),
    "no verifier": ({"code_verifier": ""}, None, (400, "invalid_request")),
    "the challenge itself": (
        {"code_verifier": b64url(hashlib.sha256(VERIFIER.encode()).digest())},
        None,
        (400, "invalid_grant"),
    ),
    "another redirect": ({"redirect_uri": "https://bank.example/other"}, None, (400, "invalid_grant")),
    "no redirect": ({"redirect_uri": ""}, None, (400, "invalid_grant")),
    "unknown code": ({"code": "unknown"}, None, (400, "invalid_grant")),
    "no code": ({"code": ""}, None, (400, "invalid_request")),
    "no grant": ({"grant_type": ""}, None, (400, "unsupported_grant_type")),
    "password grant": ({"grant_type": "password"}, None, (400, "unsupported_grant_type")),
    "client credentials": ({"grant_type": "client_credentials"}, None, (400, "unsupported_grant_type")),
    "no proof of the client": ({"client_id": "bank"}, {}, (401, "invalid_client")),
    "wrong secret": ({}, basic("bank", "wrong"), (401, "invalid_client")),
    "secret in the form": ({"client_id": "bank", "client_secret": "x"}, {}, (401, "invalid_client")),
    "unknown client": ({}, basic("nobody", "x"), (401, "invalid_client")),
    "half a header": ({}, {"Authorization": "Basic !"}, (401, "invalid_client")),
    "two names": ({"client_id": "shop"}, None, (401, "invalid_client")),
}


@pytest.mark.parametrize(("more", "headers", "answer"), AT_TOKEN.values(), ids=AT_TOKEN)
def test_codes_are_redeemed_by_the_rules_alone(
    amina: Actor, bank: Program, more: dict[str, str], headers: Mapping[str, str] | None, answer: tuple[int, str]
) -> None:
    code = code_in(say(browser_of(amina), bank.address()))
    said = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, "grant_type": "authorization_code"} | more
    got = bank.post("token", {name: value for name, value in said.items() if value}, headers)
    assert (got.status_code, got.json()["error"]) == answer
    assert not SignInToken.objects.exists()


def test_a_field_that_stands_twice(amina: Actor, bank: Program) -> None:
    code = code_in(say(browser_of(amina), bank.address()))
    body = f"grant_type=authorization_code&code={code}&code={code}&redirect_uri={BACK}&code_verifier={VERIFIER}"
    got = bank.client.post(
        "/id/connect/token", body, content_type="application/x-www-form-urlencoded", headers=bank.basic
    )
    assert got.json()["error"] == "invalid_request"


def test_another_partys_code_and_tokens_open_nothing(amina: Actor, bank: Program) -> None:
    shop = Program("shop", make_bank("shop")[1])
    code = code_in(say(browser_of(amina), bank.address(scope="openid offline_access")))
    assert shop.redeem(code).json()["error"] == "invalid_grant"
    said = bank.redeem(code).json()
    assert shop.renew(said["refresh_token"]).json()["error"] == "invalid_grant"
    assert bank.renew(said["access_token"]).json()["error"] == "invalid_grant"
    assert bank.userinfo(said["refresh_token"]).status_code == 401
    assert bank.renew(said["refresh_token"], scope="openid email").json()["error"] == "invalid_scope"
    assert bank.renew(said["refresh_token"]).status_code == 200


def test_without_a_token_there_is_no_userinfo(bank: Program) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, bank.basic, {"Authorization": "Bearer " + "x" * 300}):
        answer = Client().get("/id/connect/userinfo", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def assertion(key: PrivateKey, **more: Any) -> str:
    at = int(time.time())
    said = {"iss": "bank", "sub": "bank", "aud": ISSUER, "iat": at, "exp": at + 60, "jti": str(more) + str(at)} | more
    return Signer(key, {}).sign({name: value for name, value in said.items() if value is not None})


def unsigned(_key: PrivateKey) -> str:
    said = {"iss": "bank", "sub": "bank", "aud": ISSUER, "exp": int(time.time()) + 60, "jti": "1"}
    return f"{b64url(compact_json({'alg': 'none'}))}.{b64url(compact_json(said))}."


FORGED: dict[str, Callable[[PrivateKey], str]] = {
    "without a signature": unsigned,
    "by another key": lambda _key: assertion(new_key()),
    "for another server": lambda key: assertion(key, aud="https://other.example"),
    "of another client": lambda key: assertion(key, iss="shop"),
    "about another client": lambda key: assertion(key, sub="shop"),
    "expired": lambda key: assertion(key, exp=int(time.time()) - 1),
    "for ever": lambda key: assertion(key, exp=int(time.time()) + 10**6),
    "without an end": lambda key: assertion(key, exp=None),
    "without a number": lambda key: assertion(key, jti=None),
    "no token": lambda _key: "a.b",
}


@pytest.fixture
def key() -> PrivateKey:
    return new_key()


@pytest.fixture
def keyed_bank(key: PrivateKey) -> Program:
    make_bank(proves="key", public_keys=[Jwk.of(key.public_key()).json])
    return Program()


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_assertions(
    amina: Actor, keyed_bank: Program, key: PrivateKey, forge: Callable[[PrivateKey], str]
) -> None:
    code = code_in(say(browser_of(amina), keyed_bank.address()))
    got = keyed_bank.redeem(code, {}, client_assertion_type=ASSERTION, client_assertion=forge(key))
    assert (got.status_code, got.json()["error"]) == (401, "invalid_client")


def test_an_assertion_counts_once(amina: Actor, keyed_bank: Program, key: PrivateKey) -> None:
    token = assertion(key, aud=f"{ISSUER}/id/connect/token")
    browser = browser_of(amina)
    proof = {"client_assertion_type": ASSERTION, "client_assertion": token}
    assert keyed_bank.redeem(code_in(say(browser, keyed_bank.address())), {}, **proof).status_code == 200
    again = keyed_bank.redeem(code_in(say(browser, keyed_bank.address())), {}, **proof)
    assert again.json()["error"] == "invalid_client"
    assert Program(secret=make_bank("shop")[1]).redeem("x").status_code == 401  # the secret is another party's


def test_an_app_without_a_secret_has_pkce_alone(amina: Actor) -> None:
    make_bank(proves="none")
    app = Program()
    code = code_in(say(browser_of(amina), app.address()))
    assert app.redeem(code, {}).json()["error"] == "invalid_client"
    assert app.redeem(code, {}, client_id="bank").status_code == 200


PUSHED: dict[str, tuple[dict[str, str | None], tuple[int, str]]] = {
    "another redirect": ({"redirect_uri": "https://thief.example/"}, (400, "invalid_request")),
    "no challenge": ({"code_challenge": None}, (400, "invalid_request")),
    "another request": ({"request_uri": "urn:x"}, (400, "invalid_request_uri")),
    "request object": ({"request": NONE_ALG}, (400, "request_not_supported")),
    "another client": ({"client_id": "shop"}, (401, "invalid_client")),
    "no openid": ({"scope": "x"}, (400, "invalid_scope")),
    "too long": ({"claims": json.dumps({"id_token": {"a": "b" * 3000}})}, (400, "invalid_request")),
}


@pytest.mark.parametrize(("more", "answer"), PUSHED.values(), ids=PUSHED)
def test_pushed_requests_are_read_at_once(bank: Program, more: dict[str, str | None], answer: tuple[int, str]) -> None:
    got = bank.post("par", bank.wants(**more))
    assert (got.status_code, got.json()["error"]) == answer


def test_a_pushed_request_is_the_clients_own(amina: Actor, bank: Program) -> None:
    assert bank.post("par", bank.wants(), {}).status_code == 401
    got = bank.post("par", bank.wants())
    assert (got.status_code, got.json()["expires_in"]) == (201, 1800)
    here = f"/id/connect/authorize?client_id=bank&request_uri={got.json()['request_uri']}"
    browser = browser_of(amina)
    assert browser.get(here.replace("client_id=bank", "client_id=shop")).status_code == 422
    assert browser.get(here[:-2]).status_code == 422
    assert bank.redeem(code_in(say(browser, here))).status_code == 200
    assert browser.get(here).status_code == 409


def test_requirement_20_redirects_pkce_and_codes_as_they_were_registered(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    assert go(browser, bank.address(redirect_uri=f"{BACK}/")).status_code == 422, "not even one letter more"
    for more in ({"code_challenge": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": None}):
        assert led(say(browser, bank.address(**more)))["error"] == "invalid_request", more
    code = code_in(say(browser, bank.address()))
    assert bank.redeem(code, code_verifier="another-verifier-of-forty-three-letters-or-more").json() == INVALID_GRANT
    code = code_in(say(browser, bank.address()))
    SignIn.objects.filter(used_at=None).update(made_at=now() - timedelta(seconds=61))
    assert bank.redeem(code).json() == INVALID_GRANT, "after a minute"
    code = code_in(say(browser, bank.address()))
    access = bank.redeem(code).json()["access_token"]
    assert bank.userinfo(access).status_code == 200
    assert bank.redeem(code).json() == INVALID_GRANT and bank.userinfo(access).status_code == 401, "twice ends all"


def test_requirement_20_refresh_tokens_rotate_and_consents_are_taken_back(amina: Actor, bank: Program) -> None:
    browser, scope = browser_of(amina), "openid profile offline_access"
    first = bank.redeem(code_in(say(browser, bank.address(scope=scope)))).json()
    second = bank.renew(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert browser.post("/id/consents/bank").status_code == 302
    assert bank.userinfo(second["access_token"]).status_code == 401
    assert bank.renew(second["refresh_token"]).json() == INVALID_GRANT
    assert go(browser, bank.address(scope=scope)).status_code == 200, "asked again, as at first"
    third = bank.redeem(code_in(say(browser, bank.address(scope=scope)))).json()
    bank.renew(third["refresh_token"])
    assert bank.renew(third["refresh_token"]).json() == INVALID_GRANT, "a copy ends the sign-in"


def test_requirement_20_for_a_high_level_requests_are_pushed_and_tokens_bound(bank: Program) -> None:
    person = make_person("ines")
    make_identity(person, level="in-person")
    Identity.objects.update(opens_at=now())
    open_when_due.func(key=str(Identity.objects.get().pk))
    wants = bank.wants(claims='{"id_token":{"acr":{"essential":true,"value":"in-person"}}}')
    pushed = bank.post("par", wants).json()["request_uri"]
    code = code_in(say(browser_of(person), f"/id/connect/authorize?client_id=bank&request_uri={pushed}"))
    key, door = new_key(), "/id/connect/token"
    proof = bank.basic | {"DPoP": make_dpop(key, door)}
    said = bank.redeem(code, proof).json()
    assert (said["token_type"], payload_of(said["id_token"])["acr"]) == ("DPoP", "in-person")
    token, here = said["access_token"], "/id/connect/userinfo"
    by_thief = make_dpop(new_key(), here, token=token, htm="GET")
    by_owner = make_dpop(key, here, token=token, htm="GET")
    asked = [{"Authorization": f"Bearer {token}"}]
    asked += [{"Authorization": f"DPoP {token}", "DPoP": one} for one in (by_thief, by_owner, by_owner)]
    assert [Client().get(here, headers=one).status_code for one in asked] == [401, 401, 200, 400]
