"""Sign in with Meydan: what a person is asked, what a relying party gets, and what ends it."""

from datetime import timedelta

import pytest
from django.test import Client

from meydan.accounts.public import Person, end_sessions
from meydan.identity.actions.identities import freeze_identity
from meydan.identity.actions.parties import change_party
from meydan.identity.models import Allowance, Identity, SignIn, SignInToken
from meydan.identity.queries.sign_ins import subject_for
from meydan.identity.tests.holders import CANARY, make_identity, make_person, person_of
from meydan.identity.tests.relying import (
    BACK,
    Program,
    browser_of,
    code_in,
    go,
    led,
    make_bank,
    payload_of,
    prove,
    say,
)
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.models import FactRecord

pytestmark = pytest.mark.django_db


def test_discovery_says_what_there_is() -> None:
    said = Client().get("/.well-known/openid-configuration").json()
    assert said["subject_types_supported"] == ["pairwise"]
    assert said["id_token_signing_alg_values_supported"] == ["ES256"]
    assert said["authorization_endpoint"] == f"{said['issuer']}/id/connect/authorize"
    assert said["acr_values_supported"] == ["self-declared", "light", "in-person"]


def test_the_page_says_who_asks_and_for_what(amina: Actor, bank: Program) -> None:
    page = go(browser_of(amina), bank.address(scope="openid profile offline_access"))
    said = page.content.decode()
    assert all(word in said for word in ("Bank", "To open an account", "Family name", "30 days", "bank.example"))
    assert "Address" not in said
    assert CANARY not in said
    assert "form-action 'self' https://bank.example" in page["Content-Security-Policy"]


def test_signed_in_with_claims_and_level(amina: Actor, bank: Program) -> None:
    where = say(browser_of(amina), bank.address(scope="openid profile"))
    assert where.startswith(f"{BACK}?")
    assert led(where) | {"code": ""} == {"code": "", "state": "a state", "iss": "http://127.0.0.1:8000"}
    said = bank.redeem(code_in(where)).json()
    assert (said["token_type"], said["expires_in"], "refresh_token" in said) == ("Bearer", 300, False)
    token = payload_of(said["id_token"])
    assert (token["aud"], token["nonce"], token["acr"]) == ("bank", "a nonce", "light")
    assert token["amr"] == ["pwd", "otp", "mfa"]
    assert "family_name" not in token
    info = bank.userinfo(said["access_token"]).json()
    assert (info["sub"], info["family_name"], info["age_over_18"]) == (token["sub"], CANARY, True)
    assert "address" not in info
    assert CANARY not in str(list(SignIn.objects.values())) + str(list(FactRecord.objects.values("data")))


def test_who_refuses_is_led_back_with_nothing(amina: Actor, bank: Program) -> None:
    assert led(say(browser_of(amina), bank.address(), "no"))["error"] == "access_denied"
    assert not SignIn.objects.exists()
    assert not Allowance.objects.exists()


def test_what_was_allowed_is_not_asked_again_but_more_is(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    say(browser, bank.address(scope="openid profile"))
    assert go(browser, bank.address(scope="openid profile")).status_code == 302
    assert go(browser, bank.address(scope="openid profile address")).status_code == 200
    assert go(browser, bank.address(scope="openid profile offline_access")).status_code == 200
    assert go(browser, bank.address(scope="openid profile", prompt="consent")).status_code == 200


def test_requirement_10_two_agencies_know_one_citizen_by_two_numbers(amina: Actor, bank: Program) -> None:
    shop = Program("shop", make_bank("shop")[1])
    browser = browser_of(amina)
    subjects = [
        payload_of(one.redeem(code_in(say(browser, one.address()))).json()["id_token"])["sub"]
        for one in (bank, bank, shop)
    ]
    assert subjects[0] == subjects[1] != subjects[2]
    assert str(person_of(amina)) not in "".join(subjects)
    other = make_person("omar")
    assert subject_for(SignIn.objects.filter(party__code="bank")[0].party, person_of(other)) not in subjects


def test_a_level_needs_a_second_proof(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina, proven=False)
    essential = '{"id_token":{"acr":{"essential":true,"values":["light"]}}}'
    answer = go(browser, bank.address(claims=essential))
    assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=%2Fid%2Fconnect%2Fauthorize")
    prove(browser, Person.objects.get(pk=person_of(amina)))
    said = bank.redeem(code_in(say(browser, bank.address(claims=essential)))).json()
    assert payload_of(said["id_token"])["acr"] == "light"


def test_without_a_wish_a_password_is_self_declared(amina: Actor, bank: Program) -> None:
    said = bank.redeem(code_in(say(browser_of(amina, proven=False), bank.address()))).json()
    assert payload_of(said["id_token"])["acr"] == "self-declared"


def test_what_was_not_shown_was_not_allowed(bank: Program) -> None:
    amina = make_person()
    say(browser_of(amina), bank.address(scope="openid profile"))
    assert Allowance.objects.get().claims == []
    make_identity(amina)
    page = go(browser_of(amina), bank.address(scope="openid profile"))
    assert (page.status_code, "Family name" in page.content.decode()) == (200, True)


def test_a_level_that_is_not_reached(amina: Actor, bank: Program) -> None:
    essential = '{"id_token":{"acr":{"essential":true,"value":"in-person"}}}'
    browser = browser_of(amina)
    page = go(browser, bank.address(claims=essential))
    assert (page.status_code, "at a counter" in page.content.decode()) == (403, True)
    back = browser.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], {"answer": "no"})
    assert led(back["Location"])["error"] == "unmet_authentication_requirements"
    silent = go(browser, bank.address(claims=essential, prompt="none"))
    assert led(silent["Location"])["error"] == "unmet_authentication_requirements"
    wish = bank.redeem(code_in(say(browser, bank.address(acr_values="in-person light")))).json()
    assert payload_of(wish["id_token"])["acr"] == "light"


def test_a_bank_for_people_checked_in_person_alone(amina: Actor, bank: Program) -> None:
    change_party(SYSTEM, "bank", values={"sign_in_level": "in-person"})
    assert go(browser_of(amina), bank.address()).status_code == 403


def test_max_age_and_prompt_login_ask_again(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina, at=now().timestamp() - 400)
    assert go(browser, bank.address(max_age="600")).status_code == 200
    for more in ({"max_age": "300"}, {"prompt": "login"}, {"max_age": "0"}):
        assert go(browser, bank.address(**more))["Location"].startswith("/accounts/2fa/reauthenticate/"), more
    waiting = browser.get(bank.address(prompt="login"))["Location"]
    prove(browser, Person.objects.get(pk=person_of(amina)), at=now().timestamp() + 1)
    said = bank.redeem(code_in(say(browser, waiting))).json()
    assert payload_of(said["id_token"])["auth_time"] >= int(now().timestamp())


def test_prompt_none_never_asks(amina: Actor, bank: Program) -> None:
    silent = bank.address(prompt="none")
    assert led(go(Client(), silent)["Location"])["error"] == "login_required"
    browser = browser_of(amina)
    assert led(go(browser, silent)["Location"])["error"] == "consent_required"
    token = bank.redeem(code_in(say(browser, bank.address()))).json()["id_token"]
    assert code_in(go(browser, silent)["Location"])
    assert code_in(go(browser, bank.address(prompt="none", id_token_hint=token))["Location"])
    other = browser_of(make_person("omar"))
    assert led(go(other, bank.address(prompt="none", id_token_hint=token))["Location"])["error"] == "login_required"
    unproven = browser_of(amina, proven=False)
    wants = bank.address(prompt="none", claims='{"id_token":{"acr":{"essential":true,"values":["light"]}}}')
    assert led(go(unproven, wants)["Location"])["error"] == "interaction_required"


def test_a_visitor_signs_in_first_in_the_language_spoken_before(bank: Program) -> None:
    browser = Client()
    answer = go(browser, bank.address(ui_locales="xx fa-IR en"))
    assert answer["Location"].startswith("/accounts/login/?next=/id/connect/authorize")
    assert browser.cookies["language"].value == "fa"
    assert go(Client(), bank.address(prompt="create"))["Location"].startswith("/accounts/signup/")


def test_email_only_where_the_city_lets_it_be_asked(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    said = bank.redeem(code_in(say(browser, bank.address(scope="openid email")))).json()
    assert "email" not in bank.userinfo(said["access_token"]).json()
    change_party(SYSTEM, "bank", values={"learns_email": True})
    said = bank.redeem(code_in(say(browser, bank.address(scope="openid email")))).json()
    assert bank.userinfo(said["access_token"]).json()["email"] == "amina@example.org"


def test_the_id_number_comes_by_its_name_alone(amina: Actor, bank: Program) -> None:
    claims = '{"id_token":{"personal_administrative_number":null},"userinfo":{"given_name":{"essential":true}}}'
    said = bank.redeem(code_in(say(browser_of(amina), bank.address(claims=claims)))).json()
    assert payload_of(said["id_token"])["personal_administrative_number"] == "AB 123456"
    info = bank.userinfo(said["access_token"]).json()
    assert set(info) == {"sub", "given_name", "personal_administrative_number"}
    change_party(SYSTEM, "bank", values={"claims": ["given_name"]})
    assert set(bank.userinfo(said["access_token"]).json()) == {"sub", "given_name"}


def stay(actor: Actor, bank: Program) -> dict[str, str]:
    """Tokens of a sign-in that stays."""
    where = say(browser_of(actor), bank.address(scope="openid profile offline_access"))
    said = bank.redeem(code_in(where)).json()
    assert isinstance(said, dict)
    return said


def test_a_refresh_token_counts_once_and_its_copy_ends_all(amina: Actor, bank: Program) -> None:
    first = stay(amina, bank)
    second = bank.renew(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    before, after = payload_of(first["id_token"]), payload_of(second["id_token"])
    assert [before[one] for one in ("sub", "auth_time", "acr")] == [after[one] for one in ("sub", "auth_time", "acr")]
    assert "nonce" not in after
    again = bank.renew(first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert bank.renew(second["refresh_token"]).json()["error"] == "invalid_grant"
    assert bank.userinfo(second["access_token"]).status_code == 401
    assert not SignInToken.objects.exists()


def test_a_code_that_comes_twice_ends_what_it_opened(amina: Actor, bank: Program) -> None:
    code = code_in(say(browser_of(amina), bank.address()))
    said = bank.redeem(code).json()
    assert bank.userinfo(said["access_token"]).status_code == 200
    assert bank.redeem(code).json()["error"] == "invalid_grant"
    assert bank.userinfo(said["access_token"]).status_code == 401


def test_revocation_and_introspection_are_for_ones_own_tokens(amina: Actor, bank: Program) -> None:
    shop, said = Program("shop", make_bank("shop")[1]), stay(amina, bank)
    active = bank.post("introspect", {"token": said["access_token"]}).json()
    assert (active["active"], active["client_id"], active["acr"]) == (True, "bank", "light")
    assert shop.post("introspect", {"token": said["access_token"]}).json() == {"active": False}
    assert shop.post("revoke", {"token": said["refresh_token"]}).status_code == 200
    assert bank.userinfo(said["access_token"]).status_code == 200
    assert bank.post("revoke", {"token": said["refresh_token"]}).status_code == 200
    assert bank.userinfo(said["access_token"]).status_code == 401
    assert bank.post("revoke", {"token": "unknown"}).status_code == 200


def test_withdrawn_where_one_sees_it(amina: Actor, bank: Program) -> None:
    said, browser = stay(amina, bank), browser_of(amina)
    page = browser.get("/id/consents").content.decode()
    assert ("Bank" in page, "also while I am away" in page, CANARY in page) == (True, True, False)
    assert browser.get("/id/consents/bank").status_code == 200
    assert browser_of(make_person("omar")).post("/id/consents/bank").status_code == 404
    assert browser.post("/id/consents/bank").status_code == 302
    assert bank.userinfo(said["access_token"]).status_code == 401
    assert bank.renew(said["refresh_token"]).json()["error"] == "invalid_grant"
    assert go(browser, bank.address(scope="openid profile")).status_code == 200


def test_end_the_others_ends_it(amina: Actor, bank: Program) -> None:
    said, browser = stay(amina, bank), browser_of(amina)
    assert "Bank" in browser.get("/accounts/sessions/").content.decode()
    end_sessions(amina, keys=[], elsewhere=None)
    assert bank.userinfo(said["access_token"]).status_code == 401


def test_it_ends_with_its_browser(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    said = bank.redeem(code_in(say(browser, bank.address()))).json()
    assert bank.userinfo(said["access_token"]).status_code == 200
    browser.post("/accounts/logout/")
    assert bank.userinfo(said["access_token"]).status_code == 401


def test_a_freeze_ends_what_rests_on_the_identity(amina: Actor, bank: Program) -> None:
    said = stay(amina, bank)
    plain = bank.redeem(code_in(say(browser_of(amina, proven=False), bank.address()))).json()
    waiting = code_in(say(browser_of(amina), bank.address(acr_values="light")))
    freeze_identity(amina, Identity.objects.get().pk, why="holder")
    assert bank.userinfo(said["access_token"]).status_code == 401
    assert bank.renew(said["refresh_token"]).json()["error"] == "invalid_grant"
    assert bank.redeem(waiting).json()["error"] == "invalid_grant"
    assert bank.userinfo(plain["access_token"]).status_code == 200
    fresh = bank.redeem(code_in(say(browser_of(amina), bank.address()))).json()
    assert payload_of(fresh["id_token"])["acr"] == "self-declared"


def test_signed_out_there_and_here(amina: Actor, bank: Program) -> None:
    browser = browser_of(amina)
    said = bank.redeem(code_in(say(browser, bank.address()))).json()
    way = f"/id/connect/leave?id_token_hint={said['id_token']}&post_logout_redirect_uri=https://bank.example/&state=s"
    page = browser.get(way)
    assert "Bank" in page.content.decode()
    assert browser.post(way, {"answer": "no"})["Location"] == "https://bank.example/?state=s"
    assert bank.userinfo(said["access_token"]).status_code == 401
    assert browser.get("/id/").status_code == 200
    assert browser.post(way, {"answer": "yes"})["Location"] == "https://bank.example/?state=s"
    assert browser.get("/id/").status_code == 302
    strange = way.replace("https://bank.example/", "https://thief.example/")
    assert browser.get(strange)["Location"] == "/"


def test_codes_and_tokens_lapse(amina: Actor, bank: Program) -> None:
    code, said = code_in(say(browser_of(amina), bank.address())), stay(amina, bank)
    SignIn.objects.update(made_at=now() - timedelta(seconds=61))
    assert bank.redeem(code).json()["error"] == "invalid_grant"
    SignInToken.objects.update(expires_at=now())
    assert bank.userinfo(said["access_token"]).status_code == 401
    assert bank.renew(said["refresh_token"]).json()["error"] == "invalid_grant"
