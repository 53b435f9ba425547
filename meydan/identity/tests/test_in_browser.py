"""The holder in the browser: it takes an offer up, and shows at a counter what is asked for, after a yes."""

import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from meydan.accounts.public import Person
from meydan.identity.models import Credential, Presentation, RelyingParty
from meydan.identity.tests.holders import make_clerk, make_identity, make_party, make_person, person_of
from meydan.identity.tests.passkeys import give_passkeys, make_passkey
from meydan.kernel.actor import Actor, Role

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


def open_as(browser: Browser, city: LiveServer, actor: Actor, **context: Any) -> Page:
    """A browser in which somebody has just signed in."""
    person = Person.objects.get(pk=person_of(actor))
    session = SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session["_auth_user_backend"] = "meydan.accounts.pages.backend.PersonBackend"
    session["_auth_user_hash"] = person.get_session_auth_hash()
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True},
        {"method": "mfa", "type": "totp", "at": time.time()},
    ]
    session["account_authentication_methods_user"] = str(person.pk)
    session.create()
    window = browser.new_context(base_url=city.url, service_workers="block", **{"locale": "en", **context})
    window.add_cookies([{"name": "sessionid", "value": str(session.session_key), "url": city.url}])
    return window.new_page()


def set_the_scene() -> tuple[Actor, Actor, RelyingParty]:
    """A holder, a clerk, and the party that the clerk asks for."""
    amina = make_person()
    make_identity(amina)
    party = make_party(encrypts=True)
    return amina, make_clerk(party, make_person("boss", Role.ADMIN)), party


def ask(counter: Page, words: str) -> str:
    """The clerk asks; where the code leads."""
    counter.goto("/verify/")
    counter.get_by_role("button", name=words).click()
    link = counter.get_by_role("link", name="Open it on this device").first.get_attribute("href") or ""
    parts = urlsplit(link)
    return f"{parts.path}#{parts.fragment}"


KEPT = """async () => {
  const asked = indexedDB.open("meydan-id");
  const base = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const all = ["cards", "wallet"].map((name) => new Promise((done) => {
    base.transaction(name).objectStore(name).getAll().onsuccess = (event) => done(event.target.result);
  }));
  const text = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? new TextDecoder("latin1").decode(value) : value instanceof CryptoKey ? "a key" : value;
  return JSON.stringify(await Promise.all(all), (_name, value) => text(value));
}"""
"""All that lies in the browser's storage, as text."""


def test_kept_in_the_browser_and_shown_after_a_yes(browser: Browser, live_server: LiveServer) -> None:
    amina, clerk, party = set_the_scene()
    Authenticator.objects.create(user_id=person_of(amina), type=Authenticator.Type.TOTP, data={"secret": "x"})
    phone, counter = open_as(browser, live_server, amina), open_as(browser, live_server, clerk)
    passkeys = give_passkeys(phone, makes_keys=True)
    phone.goto("/id/wallet")
    phone.get_by_role("button", name="Give it to a wallet").click()
    phone.get_by_role("button", name="Keep it in this browser").click()
    phone.get_by_text("none has answered").wait_for()
    make_passkey(phone)
    phone.get_by_role("button", name="Keep it in this browser").click()
    phone.get_by_text("This browser holds your ID").wait_for()
    assert Credential.objects.count() == 10
    kept = phone.evaluate(KEPT)
    assert "a key" not in kept and "eyJ" not in kept and kept.count("sealed") == 11, "all is sealed, also the keys"
    phone.goto(ask(counter, "Ask for the age"))
    phone.get_by_role("heading", name=party.name).wait_for()
    assert phone.locator("[data-claims] li").all_inner_texts() == ["Whether they are over 18"]
    assert Presentation.objects.get().outcome == ""
    phone.get_by_role("button", name="Show it", exact=True).click()
    phone.get_by_text("It stands in your log").wait_for()
    counter.get_by_role("heading", name="Over 18").wait_for()
    phone.goto("/id/consents")
    phone.get_by_role("heading", name=party.name).wait_for()
    phone.goto(ask(counter, "Ask for the age"))
    passkeys.sees_owner(False)  # a thief holds the unlocked phone
    phone.get_by_role("button", name="Show it", exact=True).click()
    phone.get_by_text("your passkey did not open your ID").wait_for()
    assert Presentation.objects.filter(outcome="").count() == 1
    phone.get_by_role("button", name="Do not show it").click()
    counter.get_by_role("heading", name="Not shown").wait_for()
