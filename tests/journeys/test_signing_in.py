"""A program for messages is let in through the browser: it introduces itself, the citizen reads the page of consent and
says yes by keyboard alone, the code becomes tokens that the messenger takes; the session is ended on the list of
sessions, and nothing of it lives on."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3
from playwright.sync_api import Page, expect

from tests.journeys.keys import Keys
from tests.journeys.looks import ask_axe, find_sideways_scrolling, find_small_targets
from tests.journeys.people import City
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
BACK = "https://chatty.example/back"
HEARD_SECONDS = 10.0
STARTED_SECONDS = 60.0


class Program:
    """A client that knows of a city nothing but the address of its pages."""

    def __init__(self, city: City, device: str) -> None:
        self.http = urllib3.PoolManager(retries=False, timeout=30)
        known = self.http.request("GET", f"{city.house.address}/.well-known/matrix/client").json()
        self.gateway = known["m.homeserver"]["base_url"]
        wait_for(self._is_served, STARTED_SECONDS, "the messenger answers")
        self.metadata = self.http.request("GET", f"{self.gateway}/_matrix/client/v1/auth_metadata").json()
        self.device = device
        self.verifier = secrets.token_urlsafe(48)
        said = {
            "client_name": f"Chatty {device}",
            "client_uri": "https://chatty.example/",
            "redirect_uris": [BACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }
        answer = self.http.request("POST", self.metadata["registration_endpoint"], json=said)
        self.client_id = answer.json()["client_id"]

    def _is_served(self) -> bool:
        """A house is ready when its pages are; the messenger may need a moment more."""
        try:
            return self.http.request("GET", f"{self.gateway}/_matrix/client/versions").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def asks(self, state: str) -> str:
        """Where it sends the browser."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": BACK,
            "scope": f"urn:matrix:client:api:* urn:matrix:client:device:{self.device}",
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.metadata['authorization_endpoint']}?{urlencode(query)}"

    def token(self, **form: str) -> tuple[int, Any]:
        """What the token endpoint answers."""
        body = urlencode({"client_id": self.client_id, **form})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.http.request("POST", self.metadata["token_endpoint"], body=body, headers=headers)
        return answer.status, answer.json()

    def whoami(self, token: str) -> tuple[int, Any]:
        """What the messenger answers."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.http.request("GET", f"{self.gateway}/_matrix/client/v3/account/whoami", headers=headers)
        return answer.status, answer.json()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_program_is_let_in_by_keyboard_and_shown_out_on_the_list(city: City, language: str) -> None:
    device, state = f"PHONE{secrets.token_hex(4).upper()}", secrets.token_hex(8)
    program = Program(city, device)
    page = city.open_window(language, role="citizen", workers="block")
    led = say_yes(page, program.asks(state))
    city.excuse(BACK)  # there it should be led
    assert led["state"] == [state]
    form = {"code": led["code"][0], "redirect_uri": BACK, "code_verifier": program.verifier}
    status, tokens = program.token(grant_type="authorization_code", **form)
    assert status == 200, tokens
    status, who = program.whoami(tokens["access_token"])
    assert (status, who["user_id"].partition(":")[0], who["device_id"]) == (200, "@citizen", device)

    page = page.context.new_page()  # the other one is still on its way to where nobody is
    end_session(page, f"Chatty {device}", device)
    gone = "the messenger knows the token no more"
    wait_for(lambda: program.whoami(tokens["access_token"])[0] == 401, HEARD_SECONDS, gone)
    status, said = program.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert (status, said["error"]) == (400, "invalid_grant")
    program.http.clear()


def say_yes(page: Page, address: str) -> dict[str, list[str]]:
    """Read the page, and go on by Tab and Enter; what the program is led back with. (There is no such host, and routes
    of Playwright see no redirects: where the browser was led is seen by what it asks for.)"""
    page.goto(address)
    yes = "form[action^='/oauth/authorize'] button[value=yes]"
    expect(page.locator(yes)).to_be_in_viewport(ratio=1)
    faults = find_sideways_scrolling(page) + find_small_targets(page) + ask_axe(page)
    assert not faults, "\n".join(faults)
    keys = Keys(page)
    with page.expect_request(lambda request: request.url.startswith(BACK)) as led:
        keys.press(yes)
    assert not keys.faults, "\n".join(keys.faults)
    return parse_qs(urlsplit(led.value.url).query)


def end_session(page: Page, name: str, device: str) -> None:
    """From the list of sessions, by keyboard."""
    keys = Keys(page)
    page.goto("/accounts/sessions/")
    expect(page.locator("main")).to_contain_text(name)
    keys.press(f"main a[href*='{device}']")
    page.wait_for_url("**/me/sessions/end*")
    keys.press("form[action*='/me/sessions/end'] button")
    page.wait_for_url("**/accounts/sessions/")
    expect(page.locator("main")).not_to_contain_text(name)
    assert not keys.faults, "\n".join(keys.faults)
