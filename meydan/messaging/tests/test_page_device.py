"""The messenger's page, and the device that it is for the gateway: as long as the session, and no longer."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from meydan.accounts.actions import change_password
from meydan.accounts.models import Person
from meydan.accounts.public import DEMO_PASSWORD, actor_for, open_account
from meydan.kernel.actor import SYSTEM
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.devices import DEVICE_COOKIE, new_device_cookie
from meydan.messaging import api
from meydan.messaging.actions.tokens import MOST_BROWSERS, open_page_device, open_session
from meydan.messaging.models.tables import AccessToken, Device
from meydan.messaging.pages import chat

pytestmark = pytest.mark.django_db
DOOR = "/api/messenger/device"
AMINA = "@amina:localhost"


@pytest.fixture
def amina() -> Person:
    return open_account(
        SYSTEM, username="amina", name="Amina", email="amina@city.test", password=DEMO_PASSWORD, language="en"
    )


def sign_in() -> Client:
    """A browser of Amina's that came by the form."""
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": "amina", "password": DEMO_PASSWORD})
    assert answer.status_code == 302, answer.content
    browser.cookies[DEVICE_COOKIE] = new_device_cookie()
    return browser


def ask(browser: Client) -> dict[str, Any]:
    answer = browser.post(DOOR, "{}", content_type="application/json")
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def tokens_of(account: UUID) -> int:
    return AccessToken.objects.filter(device__account=account).count()


def test_the_page_may_reach_the_gateway_and_nobody_else(amina: Person) -> None:
    answer = sign_in().get("/chat/")
    policy = answer["Content-Security-Policy"]
    assert re.search(rf"connect-src 'self' {re.escape(config().gateway_url)};", policy), policy
    assert "unsafe" not in policy.replace("wasm-unsafe-eval", "") and "mat_" not in answer.content.decode(), (
        "no token is written into the page"
    )
    assert answer["Cache-Control"].count("no-store") == 1


def test_the_page_may_reach_all_ways_to_the_gateway(amina: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    more = ("https://chat2.city.example", "https://other.example:8443")
    hindered = config().model_copy(update={"gateway_more_urls": more})
    for module in (chat, api):
        monkeypatch.setattr(module, "config", lambda: hindered)
    browser = sign_in()
    assert f"{config().gateway_url} {' '.join(more)};" in browser.get("/chat/")["Content-Security-Policy"]
    said = ask(browser)
    assert said["ways"] == [said["server"], *more]


def test_codes_for_a_camera_are_of_this_citys_pages_alone(amina: Person) -> None:
    browser = sign_in()
    answer = browser.get("/chat/code.svg", {"path": "/chat/join/abc"})
    assert (answer.status_code, answer["Content-Type"], b"<svg" in answer.content) == (200, "image/svg+xml", True)
    for path in ("https://evil.example/", "@evil.example", "", "/" + "x" * 400, "/\n"):
        assert browser.get("/chat/code.svg", {"path": path}).status_code == 422, path


def test_a_browser_is_one_device_whatever_its_tabs(amina: Person) -> None:
    browser = sign_in()
    first, second = ask(browser), ask(browser)
    assert first["user_id"] == AMINA and first["server"] == config().gateway_url
    assert first["device_id"] == second["device_id"] and first["access_token"] != second["access_token"]
    assert ask(sign_in())["device_id"] != first["device_id"]
    assert tokens_of(amina.pk) == 3


def test_whoever_signs_in_anew_or_has_lost_the_keys_is_another_device(amina: Person) -> None:
    browser = sign_in()
    first = ask(browser)["device_id"]
    lost = browser.post(DOOR, {"store": "another"}, content_type="application/json").json()["device_id"]
    assert lost != first and Device.objects.filter(ended_at__isnull=True).count() == 2
    Device.objects.filter(device_id=first).update(seen_at=now() - timedelta(hours=2))
    assert browser.post(DOOR, {"store": "another"}, content_type="application/json").json()["device_id"] == lost
    assert Device.objects.get(device_id=first).ended_at is not None, "nobody has its keys any more"
    browser.post("/accounts/logout/")
    browser.post("/accounts/login/", {"login": "amina", "password": DEMO_PASSWORD})
    assert ask(browser)["device_id"] not in (first, lost)


def test_a_device_that_is_signed_out_takes_its_browser_with_it(amina: Person) -> None:
    here, there = sign_in(), sign_in()
    own, stolen = ask(here)["device_id"], ask(there)["device_id"]
    app = open_session(amina.pk, AMINA, name="An app")
    for device in (stolen, app.device_id):
        answer = here.post(f"{DOOR}/end", {"device_id": device}, content_type="application/json")
        assert answer.status_code == 200 and answer.json() == {"device_id": device}
        assert Device.objects.get(device_id=device).ended_at is not None
    assert there.post(DOOR, "{}", content_type="application/json").status_code == 401
    assert ask(here)["device_id"] == own
    again = here.post(f"{DOOR}/end", {"device_id": stolen}, content_type="application/json")
    assert (
        again.status_code == 404
        and Client().post(f"{DOOR}/end", {}, content_type="application/json").status_code != 200
    )


def test_a_visitor_and_a_form_get_none(amina: Person) -> None:
    assert Client().post(DOOR, "{}", content_type="application/json").status_code == 401
    assert sign_in().post(DOOR, {"any": "form"}).status_code == 422
    assert tokens_of(amina.pk) == 0


def test_signing_out_ends_the_device(amina: Person) -> None:
    browser, other = sign_in(), sign_in()
    ended, stays = ask(browser)["device_id"], ask(other)["device_id"]
    browser.post("/accounts/logout/")
    assert Device.objects.get(device_id=ended).ended_at is not None
    assert Device.objects.get(device_id=stays).ended_at is None and tokens_of(amina.pk) == 1
    assert browser.post(DOOR, "{}", content_type="application/json").status_code == 401


def test_ending_the_others_ends_theirs_and_keeps_ones_own(amina: Person) -> None:
    here, there = sign_in(), sign_in()
    own, theirs = ask(here)["device_id"], ask(there)["device_id"]
    app = open_session(amina.pk, AMINA, name="An app")
    assert "Meydan in the browser" not in here.get("/accounts/sessions/").content.decode(), "it is in the list already"
    here.post("/accounts/sessions/")
    ended = set(Device.objects.filter(ended_at__isnull=False).values_list("device_id", flat=True))
    assert ended == {theirs, app.device_id}
    assert ask(here)["device_id"] == own
    assert there.post(DOOR, "{}", content_type="application/json").status_code == 401


def test_another_password_ends_all_and_who_is_signed_in_comes_back(amina: Person) -> None:
    browser = sign_in()
    before = ask(browser)["device_id"]
    actor = actor_for(amina, language="en", address="")
    change_password(actor, amina.pk, password="another good password", how="changed")
    assert tokens_of(amina.pk) == 0
    assert browser.post(DOOR, "{}", content_type="application/json").status_code == 401
    assert Device.objects.get(device_id=before).ended_at is not None


def test_so_many_browsers_and_no_more(amina: Person) -> None:
    for number in range(MOST_BROWSERS + 3):
        open_page_device(amina.pk, AMINA, session=f"s{number}", name="", address="")
    assert Device.objects.filter(ended_at__isnull=True).count() == MOST_BROWSERS
    last = open_page_device(amina.pk, AMINA, session=f"s{MOST_BROWSERS + 2}", name="", address="")
    assert Device.objects.get(pk=last.device).ended_at is None, "the newest stays"
