"""The authenticator app and the recovery codes."""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from meydan.accounts.facts import SecurityChanged
from meydan.accounts.models import Person
from meydan.accounts.tests.conftest import PASSWORD, facts_of, make_person
from meydan.notifications.models import Mail

pytestmark = pytest.mark.django_db
SignIn = Callable[[Person], Client]
TurnOn = Callable[[Client], str]


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


@pytest.fixture
def turn_on(django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]) -> TurnOn:
    """Turns the app on; gives the secret that the app would keep."""

    def through_the_door(client: Client) -> str:
        client.get("/accounts/2fa/totp/activate/")
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        page = client.get("/accounts/2fa/totp/activate/").content.decode()
        assert "<svg" in page and "<?xml" not in page
        found = re.search(r'<code class="code">([A-Z2-7]{16,})</code>', page)
        assert found
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/accounts/2fa/totp/activate/", {"code": code_for(found[1])})
        assert answer["Location"] == "/accounts/2fa/recovery-codes/"
        return found[1]

    return through_the_door


def test_the_app_is_asked_for_at_the_next_sign_in(sign_in: SignIn, turn_on: TurnOn) -> None:
    person = make_person()
    secret = turn_on(sign_in(person))
    later = Client()
    answer = later.post("/accounts/login/", {"login": "amina", "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert later.get("/me").status_code == 302
    assert "wrong" in later.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    cache.clear()  # a code counts once: let the one that turned the app on count again
    later.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert later.get("/me").status_code == 200
    changes = [fact.what for fact in facts_of(person.pk) if isinstance(fact, SecurityChanged)]
    assert "authenticator_app_added" in changes
    assert "The authenticator app is on" in Mail.objects.filter(to=person.email).values_list("subject", flat=True)


def test_a_password_is_no_proof_where_there_is_a_second_one(sign_in: SignIn, turn_on: TurnOn) -> None:
    """Else whoever has found it out, and a browser that is signed in, would add a passkey of their own."""
    secret = turn_on(sign_in(make_person()))
    thief, add = Client(), "/accounts/2fa/webauthn/add/"
    thief.post("/accounts/login/", {"login": "amina", "password": PASSWORD})
    cache.clear()
    thief.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    for answer in (thief.get(add), thief.post("/accounts/reauthenticate/", {"password": PASSWORD}), thief.get(add)):
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_the_secret_is_not_kept_in_clear(sign_in: SignIn, turn_on: TurnOn) -> None:
    secret = turn_on(sign_in(make_person()))
    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_a_recovery_code_works_once(sign_in: SignIn, turn_on: TurnOn) -> None:
    client = sign_in(make_person())
    turn_on(client)
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r'<code class="code">(\d{8})</code>', page)
    assert len(codes) == 10
    assert client.get("/accounts/2fa/recovery-codes/download/").content.decode().split() == codes
    for expected in (200, 302):
        later = Client()
        later.post("/accounts/login/", {"login": "amina", "password": PASSWORD})
        later.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert later.get("/me").status_code == expected
