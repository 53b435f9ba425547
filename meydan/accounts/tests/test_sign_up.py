"""Opening an account: name, address, password, charter; then the code from the mail."""

import pytest
from django.test import Client

from meydan.accounts.facts import CharterAccepted, PersonSignedUp, SignedIn
from meydan.accounts.models import Person
from meydan.accounts.tests.conftest import PASSWORD, facts_of, last_code, make_person
from meydan.kernel.actor import Assurance
from meydan.notifications.models import Mail

pytestmark = pytest.mark.django_db
FORM = {"name": "Amina", "email": "amina@example.org", "password1": PASSWORD, "charter": "on"}


def sign_up(client: Client, **changes: str) -> None:
    answer = client.post("/accounts/signup/", {**FORM, **changes})
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == "/accounts/confirm-email/"


@pytest.mark.usefixtures("charter")
def test_an_account_is_opened_with_a_code(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 200
    sign_up(client)
    assert "amina@example.org" in client.get("/accounts/confirm-email/").content.decode()
    answer = client.post("/accounts/confirm-email/", {"code": last_code("amina@example.org")})
    assert answer.status_code == 302 and answer["Location"] == "/me"
    person = Person.objects.get()
    assert (person.username, person.name, person.email) == ("amina", "Amina", "amina@example.org")
    assert person.assurance == Assurance.SELF_DECLARED
    assert person.password.startswith("argon2")
    assert client.get("/me").status_code == 200


@pytest.mark.usefixtures("charter")
def test_it_leaves_facts(client: Client) -> None:
    sign_up(client)
    client.post("/accounts/confirm-email/", {"code": last_code("amina@example.org")})
    kinds = [type(fact) for fact in facts_of(Person.objects.get().pk)]
    assert kinds[:2] == [PersonSignedUp, CharterAccepted]
    assert SignedIn in kinds


def test_a_wrong_code_opens_nothing(client: Client) -> None:
    sign_up(client)
    answer = client.post("/accounts/confirm-email/", {"code": "AAAAAA"})
    assert answer.status_code == 200 and "wrong or too old" in answer.content.decode()
    assert client.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"charter": ""}, "Fill this in."),
        ({"name": "\u202e"}, "Enter the name"),
        ({"password1": "password123"}, "Many people use"),
        ({"password1": "short"}, "at least 10 characters"),
        ({"email": "not an address"}, "not written as it should"),
        ({"email": "a\0b@example.org"}, "not written as it should"),
        ({"name": "x" * 81}, "too long"),
    ],
)
def test_what_is_wrong_is_said(client: Client, change: dict[str, str], sentence: str) -> None:
    answer = client.post("/accounts/signup/", {**FORM, **change})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Person.objects.exists()


def test_nobody_learns_who_has_an_account(client: Client) -> None:
    make_person("amina")
    sign_up(client)
    assert Person.objects.count() == 1
    assert Mail.objects.get(to="amina@example.org").subject == "You already have an account"


def test_a_name_that_is_taken_gets_a_number(client: Client) -> None:
    make_person("amina")
    sign_up(client, email="other@example.org")
    sign_up(Client(), email="third@example.org", name="أمينة")
    names = set(Person.objects.values_list("username", flat=True))
    assert len(names) == 3
    assert any(name.startswith("amina") and name != "amina" for name in names)


def test_mail_speaks_the_readers_language(client: Client) -> None:
    client.cookies["language"] = "fr"
    sign_up(client)
    assert "code" in Mail.objects.get().subject
    assert Person.objects.get().language == "fr"
