"""A browser is signed in by a device on which its person is: once, for five minutes, and by nobody else."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client

from meydan.accounts.facts import BrowserLetIn
from meydan.accounts.models import BrowserRequest, Person
from meydan.accounts.public import open_account
from meydan.kernel.actor import SYSTEM
from meydan.kernel.clock import now
from meydan.kernel.facts import facts_about

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def person() -> Person:
    return open_account(
        SYSTEM, username="amina", name="Amina", email="amina@mail.example", password=PASSWORD, language="en"
    )


@pytest.fixture
def phone(person: Person) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": "amina", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def wait_with_code(browser: Client, goes_on: str = "/chat/") -> str:
    """A browser that waits; the code that it shows."""
    assert browser.post("/accounts/device/ask", {"next": goes_on}).status_code == 302
    shown = re.search(r"\d{3}-\d{3}-\d{3}", browser.get("/accounts/device").text)
    assert shown is not None
    return shown.group()


def state(browser: Client) -> str:
    return str(browser.get("/accounts/device/state.json").json()["answer"])


def answer(phone: Client, code: str, said: str) -> int:
    return int(phone.post("/link/browser", {"user_code": code, "answer": said}).status_code)


def test_the_phone_says_yes_and_the_browser_goes_on(phone: Client, person: Person) -> None:
    browser = Client()
    code = wait_with_code(browser)
    assert (state(browser), browser.post("/accounts/device").status_code) == ("", 200)
    page = phone.get(f"/link/browser?user_code={quote(code)}").text
    assert code in page
    assert "Say no if somebody sent you" in page
    assert answer(phone, code, "yes") == 302
    assert state(browser) == "yes"
    assert browser.get("/me").status_code == 302
    went = browser.post("/accounts/device")
    assert (went.status_code, went.headers["Location"]) == (302, "/chat/")
    assert browser.get("/me").status_code == 200
    assert any(isinstance(one.fact, BrowserLetIn) for one in facts_about(person.reference))
    assert answer(phone, code, "yes") == 422  # once


def test_a_code_is_good_for_its_own_session_alone(phone: Client) -> None:
    browser, thief = Client(), Client()
    code = wait_with_code(browser)
    wait_with_code(thief)
    assert answer(phone, code, "yes") == 302
    assert thief.post("/accounts/device").status_code == 200
    assert thief.get("/me").status_code == 302


def test_who_says_no_lets_nobody_in(phone: Client) -> None:
    browser = Client()
    code = wait_with_code(browser)
    assert answer(phone, code, "no") == 302
    assert state(browser) == "no"
    assert browser.post("/accounts/device").status_code == 200
    assert browser.get("/me").status_code == 302


def test_a_code_ends(phone: Client) -> None:
    browser = Client()
    code = wait_with_code(browser)
    BrowserRequest.objects.update(expires_at=now() - timedelta(seconds=1))
    assert state(browser) == "over"
    assert answer(phone, code, "yes") == 422
    assert "Show a new code" in browser.get("/accounts/device").text


def test_one_goes_on_nowhere_else_than_here(phone: Client) -> None:
    browser = Client()
    code = wait_with_code(browser, "https://evil.example/")
    answer(phone, code, "yes")
    assert browser.post("/accounts/device").headers["Location"] == "/me"


def test_the_person_proves_again_who_they_are(phone: Client) -> None:
    """A phone that lies open on a table signs nobody in."""
    browser = Client()
    code = wait_with_code(browser)
    session = phone.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 86_400
    session.save()
    asked = phone.get(f"/link/browser?user_code={quote(code)}")
    assert (asked.status_code, "reauthenticate" in asked.headers["Location"]) == (302, True)
    assert answer(phone, code, "yes") == 302
    assert state(browser) == ""
