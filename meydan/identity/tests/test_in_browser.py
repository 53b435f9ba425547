"""The holder in the browser: it takes an offer up, and shows at a counter what is asked for, after a yes."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from meydan.accounts.public import Person
from meydan.identity.actions.revoking import end_wallet
from meydan.identity.models import Credential, Presentation, RelyingParty, Wallet
from meydan.identity.queries.statuslists import built_list
from meydan.identity.tests.holders import make_clerk, make_identity, make_party, make_person, make_wallet, person_of
from meydan.identity.tests.passkeys import give_passkeys, make_passkey
from meydan.identity.tokens.sdjwt import keep
from meydan.kernel.actor import Actor, Role
from meydan.kernel.clock import now

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
    window = browser.new_context(base_url=city.url, **{"locale": "en", "service_workers": "block", **context})
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


def test_requirement_04_kept_in_the_browser_and_shown_after_a_yes(browser: Browser, live_server: LiveServer) -> None:
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
    answers: list[str] = []
    phone.on("request", lambda one: answers.append(one.post_data or "") if "/verify/answers/" in one.url else None)
    phone.get_by_role("button", name="Show it", exact=True).click()
    phone.get_by_text("It stands in your log").wait_for()
    counter.get_by_role("heading", name="Over 18").wait_for()
    assert len(answers) == 1 and answers[0].count(".") == 4 and "vp_token" not in answers[0], "and it went encrypted"
    phone.goto("/id/consents")
    phone.get_by_role("heading", name=party.name).wait_for()
    phone.goto(ask(counter, "Ask for the age"))
    passkeys.sees_owner(False)  # a thief holds the unlocked phone
    phone.get_by_role("button", name="Show it", exact=True).click()
    phone.get_by_text("your passkey did not open your ID").wait_for()
    assert Presentation.objects.filter(outcome="").count() == 1
    phone.get_by_role("button", name="Do not show it").click()
    counter.get_by_role("heading", name="Not shown").wait_for()


def test_requirement_08_a_counter_without_a_network_checks_and_says_how_old_its_lists_are(
    browser: Browser, live_server: LiveServer
) -> None:
    amina, clerk, _party = set_the_scene()
    [held] = make_wallet(amina).held
    counter = open_as(browser, live_server, clerk, service_workers="allow", timezone_id="UTC")
    counter.goto("/verify/offline")
    counter.locator("[data-offline][data-kept]").wait_for()
    counter.context.set_offline(True)
    counter.reload()
    assert judge(counter, keep(held.token, {"age_over_18"})) == "valid"
    assert counter.locator("[data-said] dt").all_inner_texts() == ["Whether they are over 18"]
    assert counter.locator("[data-said] dd").all_inner_texts() == ["yes"]
    told = datetime.strptime(counter.locator("[data-when]").inner_text(), "%b %d, %Y, %I:%M %p").replace(tzinfo=UTC)
    assert abs(told - now()) < timedelta(minutes=3), "the list says of when it is"
    assert judge(counter, held.token[:-20] + "AAAAAAAAAAAAAAAAAAA~") == "broken"
    end_wallet(amina, Wallet.objects.get().pk)
    assert judge(counter, held.token) == "valid", "of what is newer, it cannot know: so it says how old it is"
    counter.evaluate("const past = Date.now; Date.now = () => past() + 25 * 3600 * 1000")
    assert judge(counter, held.token) == "stale"
    built_list.cache_clear()  # as after a minute
    counter.context.set_offline(False)
    counter.goto("/verify/offline")
    counter.locator("[data-offline][data-kept]").wait_for()
    counter.context.set_offline(True)
    assert judge(counter, held.token) == "revoked"


def judge(counter: Page, token: str) -> str:
    """What the page says of a credential."""
    counter.fill("[name=token]", token)
    counter.evaluate("document.querySelectorAll('[data-verdict]').forEach((one) => { one.hidden = true; })")
    counter.get_by_role("button", name="Check it").click()
    said = counter.locator("[data-verdict]:visible")
    said.wait_for()
    return str(said.get_attribute("data-verdict"))
