"""A passkey, from adding it to signing in with it, in a real browser with a virtual authenticator (WebAuthn, CDP)."""

import pytest
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from meydan.accounts.facts import PasskeyAdded, SignedIn
from meydan.accounts.tests.conftest import PASSWORD, facts_of, make_person
from meydan.site.commands.test import find_browser

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]


def add_authenticator(page: Page) -> None:
    """A phone that has checked its owner's finger."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def send(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.click(f"{form} button[type=submit]")


def walk(page: Page, server: str) -> str:
    """Add a passkey, sign out, sign in with it; what my page then says."""
    page.goto(f"{server}/accounts/login/")
    page.fill("[name=login]", "amina")
    page.fill("[name=password]", PASSWORD)
    send(page, "form:has([name=password])")
    page.goto(f"{server}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    send(page, "form:has([name=password])")
    add_authenticator(page)
    send(page, "form[data-passkey=create]")
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{server}/accounts/logout/")
    send(page, "main form")
    page.goto(f"{server}/accounts/login/")
    send(page, "form[data-passkey=login]")
    page.wait_for_url("**/me")
    return page.inner_text("main")


def test_a_passkey_opens_the_account(live_server: LiveServer) -> None:
    person = make_person()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        text = walk(browser.new_page(), live_server.url)
        browser.close()
    assert "amina@example.org" in text
    facts = facts_of(person.pk)
    assert any(isinstance(fact, PasskeyAdded) for fact in facts)
    last = [fact for fact in facts if isinstance(fact, SignedIn)][-1]
    assert last.methods == ["mfa"]
