"""Changing, resetting by a code from the mail."""

from collections.abc import Callable

import pytest
from django.test import Client

from meydan.accounts.facts import PasswordChanged
from meydan.accounts.models import Person
from meydan.accounts.tests.conftest import PASSWORD, facts_of, last_code, make_person
from meydan.notifications.models import Mail

pytestmark = pytest.mark.django_db
NEW = "another four plain words"
PAIR = {"password1": NEW, "password2": NEW}


def how_changed(person: Person) -> list[str]:
    return [fact.how for fact in facts_of(person.pk) if isinstance(fact, PasswordChanged)]


def test_a_change_needs_the_old_one_and_ends_other_sessions(sign_in: Callable[[Person], Client]) -> None:
    person = make_person()
    here, elsewhere = sign_in(person), Client()
    elsewhere.post("/accounts/login/", {"login": "amina", "password": PASSWORD})
    wrong = here.post("/accounts/password/change/", {"oldpassword": "nonsense", **PAIR})
    assert "This password is wrong." in wrong.content.decode()
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, **PAIR})
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302
    assert how_changed(person) == ["changed"]
    assert Mail.objects.get(to=person.email).subject == "Your password was changed"


def test_a_reset_by_code(client: Client) -> None:
    person = make_person()
    client.post("/accounts/password/reset/", {"email": "amina@example.org"})
    assert client.get("/accounts/password/reset/confirm/").status_code == 200
    client.post("/accounts/password/reset/confirm/", {"code": last_code("amina@example.org")})
    assert client.get("/accounts/password/reset/complete/").status_code == 200
    done = client.post("/accounts/password/reset/complete/", PAIR, follow=True)
    assert "Your new password is set" in done.content.decode()
    assert how_changed(person) == ["reset"]
    assert Mail.objects.filter(to=person.email).latest("posted_at").subject == "Your password was changed"
    assert client.post("/accounts/login/", {"login": "amina", "password": NEW}).status_code == 302


def test_a_reset_tells_nobody_who_has_an_account(client: Client) -> None:
    make_person()
    answers = [
        client.post("/accounts/password/reset/", {"email": address})
        for address in ("amina@example.org", "x@example.org")
    ]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Mail.objects.get(to="x@example.org").subject == "There is no account with this address"


def test_the_two_must_agree(sign_in: Callable[[Person], Client]) -> None:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": "something else here"}
    page = sign_in(make_person()).post("/accounts/password/change/", form).content.decode()
    assert "same" in page
