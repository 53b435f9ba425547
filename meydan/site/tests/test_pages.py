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


def test_search_finds_what_one_can_do() -> None:
    page = Client().get("/search", {"q": "خريطة"}, headers={"Accept-Language": "ar"}).text
    assert 'href="/reports/map"' in page
    assert "Nothing found" in Client().get("/search", {"q": "zzzz"}).text
    assert Client().get("/search", {"q": "\0" * 9 + "x" * 5000}).status_code == 200


def test_the_manifest_speaks_the_readers_language() -> None:
    answer = Client().get("/manifest.webmanifest", headers={"Accept-Language": "ar"})
    assert answer.headers["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert manifest["name"] == "الدار البيضاء"
    assert (manifest["dir"], manifest["lang"], manifest["display"]) == ("rtl", "ar", "standalone")
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    assert manifest["shortcuts"][0]["url"] == "/reports/new"


def test_the_service_worker_keeps_the_shell_alone() -> None:
    answer = Client().get("/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert '["/offline"' in answer.text
    assert "{{" not in answer.text and "&#" not in answer.text


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/offline", "/manifest.webmanifest", "/sw.js"])
def test_pages_for_everybody_set_no_cookie(path: str) -> None:
    assert not Client().get(path).cookies


def test_under_save_data_no_font_is_offered() -> None:
    page = Client().get("/offline", headers={"Save-Data": "on", "Sec-Fetch-Site": "same-origin"}).text
    assert "@font-face" not in page


def test_the_language_is_not_switched_from_elsewhere() -> None:
    answer = Client().post("/language", {"language": "ar"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert Client().post("/language", {"language": "xx"}).status_code == 422


def test_the_look_is_for_the_demo() -> None:
    assert Client().get("/dev/look").status_code == 200
