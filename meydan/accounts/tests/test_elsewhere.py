"""Signing in by way of an OpenID provider: a real one, in a process of its own on loopback."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from django.conf import LazySettings
from django.test import Client

from meydan.accounts.facts import CharterAccepted, PersonSignedUp, SignedIn
from meydan.accounts.models import Person
from meydan.accounts.tests.conftest import facts_of, make_person
from meydan.accounts.tests.openid_provider import CLIENT_ID, CLIENT_SECRET
from meydan.kernel.config import OpenidClient, SocialClient, config
from meydan.site.providers import sign_in_providers

pytestmark = pytest.mark.django_db
MODULE = "meydan.accounts.tests.openid_provider"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The provider's address."""
    with subprocess.Popen(
        [sys.executable, "-m", MODULE], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def configured(provider: str, settings: LazySettings) -> str:
    """A city whose meydan.toml names the provider."""
    client = OpenidClient(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, issuer=provider, label="City card")
    settings.SOCIALACCOUNT_PROVIDERS = sign_in_providers(config().model_copy(update={"oidc": {"card": client}}))
    return provider


def come_back(client: Client, start: str) -> str:
    """Go to the provider as a browser would, and bring its answer back; where that leads."""
    away = client.get(start)["Location"]
    answer = urllib3.request("GET", away, redirect=False)
    assert answer.status == 302, answer.data
    return str(client.get(answer.headers["Location"].removeprefix("http://testserver"))["Location"])


def test_no_button_until_the_city_configures_one(client: Client) -> None:
    assert "elsewhere" not in client.get("/accounts/login/").content.decode()
    assert client.get("/accounts/oidc/card/login/").status_code == 404


@pytest.mark.usefixtures("charter", "configured")
def test_the_first_time_asks_for_a_name_and_the_charter(client: Client) -> None:
    assert "City card" in client.get("/accounts/login/").content.decode()
    assert come_back(client, "/accounts/oidc/card/login/") == "/accounts/3rdparty/signup/"
    assert "City card" in client.get("/accounts/3rdparty/signup/").content.decode()
    form = {"name": "Amina", "email": "amina@provider.example"}
    assert "Fill this in." in client.post("/accounts/3rdparty/signup/", form).content.decode()
    answer = client.post("/accounts/3rdparty/signup/", {**form, "charter": "on"})
    assert (answer.status_code, answer["Location"]) == (302, "/me")
    person = Person.objects.get()
    assert (person.email, person.has_usable_password()) == ("amina@provider.example", False)
    kinds = [type(fact) for fact in facts_of(person.pk)]
    assert {PersonSignedUp, CharterAccepted, SignedIn} <= set(kinds)
    assert client.get("/me").status_code == 200


@pytest.mark.usefixtures("charter", "configured")
def test_the_second_time_signs_in_at_once(client: Client) -> None:
    come_back(client, "/accounts/oidc/card/login/")
    form = {"name": "Amina", "email": "amina@provider.example", "charter": "on"}
    client.post("/accounts/3rdparty/signup/", form)
    later = Client()
    assert come_back(later, "/accounts/oidc/card/login/") == "/me"
    assert later.get("/me").status_code == 200
    assert Person.objects.count() == 1


@pytest.mark.usefixtures("charter", "configured")
def test_it_never_opens_an_account_that_is_there(client: Client) -> None:
    """An address alone proves nothing to us: the provider might lie, or the account might not be theirs."""
    person = make_person("amina")
    Person.objects.filter(pk=person.pk).update(email="amina@provider.example")
    come_back(client, "/accounts/oidc/card/login/")
    form = {"name": "Amina", "email": "amina@provider.example", "charter": "on"}
    client.post("/accounts/3rdparty/signup/", form)
    assert client.get("/me").status_code == 302
    assert Person.objects.count() == 1


@pytest.mark.usefixtures("configured")
def test_a_forged_answer_is_refused(client: Client) -> None:
    client.get("/accounts/oidc/card/login/")
    page = client.get("/accounts/oidc/card/login/callback/?code=stolen&state=guessed")
    assert "Signing in did not work" in page.content.decode()
    assert client.get("/me").status_code == 302


def test_google_and_facebook_are_offered_when_configured(client: Client, settings: LazySettings) -> None:
    keys = SocialClient(client_id="id", client_secret="secret")
    city = config().model_copy(update={"google": keys, "facebook": keys})
    settings.SOCIALACCOUNT_PROVIDERS = sign_in_providers(city)
    page = client.get("/accounts/login/").content.decode()
    assert "/accounts/google/login/" in page and "/accounts/facebook/login/" in page
    away = client.get("/accounts/google/login/")["Location"]
    assert away.startswith("https://accounts.google.com/") and "code_challenge" in away
