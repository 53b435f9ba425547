"""The front door, through HTTP."""

import pytest
from django.conf import settings
from django.test import Client

from meydan.kernel.i18n import LANGUAGES, direction

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_speaks_the_browsers_language(language: str) -> None:
    answer = Client().get("/", headers={"Accept-Language": f"{language},en;q=0.1"})
    assert answer.status_code == 200
    assert f'<html lang="{language}" dir="{direction(language)}">' in answer.text


def test_the_cookie_goes_before_the_browser() -> None:
    client = Client()
    answer = client.post("/language", {"language": "ar", "next": "/?a=1"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/?a=1"
    assert '<html lang="ar"' in client.get("/", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example/x", "/\\evil.example", "javascript:x"])
def test_switching_never_leads_away(address: str) -> None:
    answer = Client().post("/language", {"language": "fa", "next": address})
    assert answer.headers["Location"].startswith("/")
    assert not answer.headers["Location"].startswith(("//", "/\\"))


def test_a_home_page_sets_no_cookie_and_allows_its_own_sheet_alone() -> None:
    answer = Client().get("/")
    assert not answer.cookies
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "'sha256-" in policy and "unsafe" not in policy


def test_a_browser_of_another_tongue_gets_the_citys_own() -> None:
    assert '<html lang="ar"' in Client().get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9"}).text
    assert '<html lang="en"' in Client().get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}).text
    assert '<html lang="en"' in Client().get("/").text


def test_settings_and_kernel_agree_on_the_languages() -> None:
    assert dict(settings.LANGUAGES) == LANGUAGES
