"""matrix-js-sdk in a headless Chromium: the conversation once more, with its keys in IndexedDB; and calls between two
pages, whose sound and picture pass through coturn and no other way."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from meydan.messaging.tests.clients import Gateway
from meydan.messaging.tests.conformance.relay import Relay, relaying
from meydan.messaging.tests.conformance.workshop import FACTS, bundle, hosting, make_workshop, open_account
from meydan.site.commands.test import find_browser

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",  # where the machine has no other network
)
PATIENCE = 300_000
pytestmark = [pytest.mark.sdk, pytest.mark.browser, pytest.mark.long]
Serve = Callable[..., AbstractContextManager[Gateway]]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is."""
    with hosting(bundle(make_workshop(tmp_path_factory.mktemp("sdk")))) as address:
        yield address


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser; closed before the test ends, because Django refuses all queries beside its loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


def open_page(browser: Browser, address: str) -> Page:
    """A page with a store of its own; what goes wrong in it is printed."""
    page = browser.new_context(permissions=["camera", "microphone"]).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: print("page:", error))
    page.on("console", lambda line: print("page:", line.text) if line.type == "error" else None)
    page.goto(address)
    page.wait_for_function("() => globalThis.converse")
    return page


def test_a_conversation(gateway: Gateway, address: str) -> None:
    people = [open_account(gateway, name) for name in ("ada", "ben")]
    with browsing() as browser:
        page = open_page(browser, address)
        found = page.evaluate("([url, ...people]) => converse(url, ...people)", [gateway.url, *people])
    assert found == FACTS


class Caller:
    """Somebody's page."""

    def __init__(self, browser: Browser, address: str, gateway: Gateway, name: str) -> None:
        self.person = open_account(gateway, name)
        self.page = open_page(browser, address)
        self.relays = self.do("enter", gateway.url, self.person)

    def do(self, what: str, *values: Any) -> Any:
        """A step of call.mjs; what it gives."""
        return self.page.evaluate("([what, ...values]) => call[what](...values)", [what, *values])


@contextmanager
def meeting(serve: Serve, relay: Relay, address: str) -> Iterator[tuple[Caller, Caller, str]]:
    """Two who share a room, of a city with this relay."""
    with serve(MEYDAN_TURN_URIS=relay.uri, MEYDAN_TURN_SECRET=relay.secret) as gateway, browsing() as browser:
        ada, ben = (Caller(browser, address, gateway, name) for name in ("ada", "ben"))
        room = ada.do("meet", ben.person["user"])
        ben.do("join", room)
        yield ada, ben, room


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """coturn, as the how-to runs it."""
    with relaying(tmp_path) as relay:
        yield relay


@pytest.mark.relay
@pytest.mark.parametrize("video", [True, False], ids=["video", "voice"])
def test_a_call(serve: Serve, relay: Relay, address: str, video: bool) -> None:
    with meeting(serve, relay, address) as (ada, ben, room):
        assert ada.relays == ben.relays == [relay.uri]
        ada.do("ring", room, video)
        ben.do("answer")
        for one in (ada, ben):
            flow = one.do("listen", video)
            print(one.person["user"], flow)
            assert flow["candidates"] == ["relay", "relay"]
            assert flow["audio"] > 0
            assert (flow["video"] > 0) == (flow["frames"] > 0) == video
        ada.do("mute")
        assert ben.do("hearSilence")
        ben.do("hangUp")
        assert ada.do("end")[1] == "user_hangup"
        kinds = ada.do("trace", room)
    assert {"m.call.invite", "m.call.answer", "m.call.candidates", "m.call.select_answer", "m.call.hangup"} <= {*kinds}
    assert relay.carried()


@pytest.mark.relay
def test_a_call_that_is_refused(serve: Serve, relay: Relay, address: str) -> None:
    with meeting(serve, relay, address) as (ada, ben, room):
        ada.do("ring", room, False)
        ben.do("refuse")
        ada.do("end")
        assert "m.call.reject" in ada.do("trace", room)
