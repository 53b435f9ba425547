"""Calls between two people in the messenger's page, with real sound and pictures from one browser to the other."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from meydan.messaging.tests.conformance.relay import relaying
from tests.journeys.chatting import app_of, enter, new_name, open_chat
from tests.journeys.people import LIMIT, PHONE, City
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
CAUGHT = """
const Real = RTCPeerConnection;
globalThis.lines = [];
globalThis.RTCPeerConnection = class extends Real {
  constructor(...given) { super(...given); globalThis.lines.push(this); }
};"""
HEARD = """async () => {
  const line = globalThis.lines.at(-1);
  const told = { audio: 0, frames: 0, ways: [] };
  for (const one of (await line.getStats()).values()) {
    if (one.type === "inbound-rtp" && one.kind === "audio") told.audio += one.packetsReceived;
    if (one.type === "inbound-rtp" && one.kind === "video") told.frames += one.framesDecoded;
    if (one.type === "local-candidate") told.ways.push(`${one.candidateType} ${one.relayProtocol ?? ""}`.trim());
  }
  return told;
}"""


def heard(page: Page) -> dict[str, Any]:
    """What has come to this page so far."""
    found: dict[str, Any] = page.evaluate(HEARD)
    return found


def watch_calls(page: Page) -> Page:
    """Keep the page's connections at hand, and come back to its list."""
    page.add_init_script(CAUGHT)
    page.reload()
    return page


@contextmanager
def two_in_a_room(city: City, language: str = "en") -> Iterator[tuple[Page, Page]]:
    """Two people who look at their conversation."""
    name = new_name("Calls")
    room = app_of(city, "citizen").make_room(name, "neighbour")
    app_of(city, "neighbour").call("POST", f"join/{room}")
    sizes = {"citizen": (1280, 800), "neighbour": PHONE}
    pages = [watch_calls(open_chat(city, role, language, size=size)) for role, size in sizes.items()]
    for page in pages:
        enter(page, name)
    yield pages[0], pages[1]


def in_call(*pages: Page) -> None:
    """It has begun for these pages."""
    for page in pages:
        expect(page.locator(".call[data-state=live]")).to_be_visible(timeout=LIMIT)


def wait_for_media(page: Page, *, audio: int = 0, frames: int = 0) -> None:
    """So many packets of voice and decoded pictures have come."""

    def has_come() -> bool:
        told = heard(page)
        return bool(told["audio"] >= audio and told["frames"] >= frames)

    wait_for(has_come, 60, "voice and pictures have come")


def test_a_call_with_voice_becomes_one_with_pictures(city: City) -> None:
    with two_in_a_room(city) as (citizen, neighbour):
        citizen.get_by_role("button", name="Voice call").first.click()
        ringing = neighbour.locator(".call[data-state=ringing]")
        expect(ringing.locator(".call-status")).to_contain_text("calls you", timeout=LIMIT)
        neighbour.get_by_role("button", name="Answer the call").click()
        in_call(citizen, neighbour)
        for page in (citizen, neighbour):
            wait_for_media(page, audio=20)
            expect(page.locator(".call-way")).to_contain_text("Straight from device to device")
        citizen.get_by_role("button", name="Camera").click()
        expect(neighbour.locator(".call.seen")).to_be_visible(timeout=LIMIT)
        wait_for_media(neighbour, frames=5)
        neighbour.get_by_role("button", name="Microphone").click()
        expect(citizen.locator(".call-status")).to_contain_text("has switched off the microphone")
        citizen.get_by_role("button", name="Camera").click()
        expect(neighbour.locator(".call.seen")).to_have_count(0)
        citizen.keyboard.press("Escape")
        expect(citizen.locator(".call.small")).to_be_visible()
        citizen.get_by_role("button", name="Hang up").click()
        expect(neighbour.locator(".call-status")).to_contain_text("The call is over")
        for page in (citizen, neighbour):
            expect(page.locator(".call")).to_have_count(0)
            expect(page.locator(".chat-file small").last).to_have_text(re.compile(r"^0:\d\d$"))


@pytest.mark.long
def test_a_call_that_is_refused_and_one_that_is_missed(city: City) -> None:
    with two_in_a_room(city) as (citizen, neighbour):
        citizen.get_by_role("button", name="Video call").first.click()
        neighbour.get_by_role("button", name="Refuse").click()
        expect(citizen.locator(".call-status")).to_contain_text("does not answer now")
        expect(citizen.locator(".call")).to_have_count(0)
        citizen.get_by_role("button", name="Voice call").first.click()
        expect(neighbour.locator(".call[data-state=ringing]")).to_be_visible(timeout=LIMIT)
        citizen.get_by_role("button", name="Hang up").click()
        expect(neighbour.locator(".chat-file.missed").last).to_contain_text("Missed call")
        expect(neighbour.locator(".call")).to_have_count(0)


def test_two_who_call_each_other_at_once_are_in_one_call(city: City) -> None:
    with two_in_a_room(city) as (citizen, neighbour):
        for page in (citizen, neighbour):
            page.evaluate("document.querySelector('.chat-head [title=\"Voice call\"]').click()")
        in_call(citizen, neighbour)
        expect(citizen.locator(".call")).to_have_count(1)
        wait_for_media(citizen, audio=10)


@pytest.mark.long
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_through_the_relay(city: City, tmp_path: Path, transport: str) -> None:
    """With the address hidden all goes through coturn: by UDP, and by TCP where nothing else gets through."""
    with relaying(tmp_path) as relay, two_in_a_room(city) as (citizen, neighbour):

        def tell(route: Route) -> None:
            route.fulfill(json=relay.pass_for("journey", transport), headers={"access-control-allow-origin": "*"})

        for page in (citizen, neighbour):
            page.route("**/voip/turnServer", tell)
            page.evaluate("localStorage.setItem('call-relayed', 'on')")
        citizen.get_by_role("button", name="Video call").first.click()
        neighbour.get_by_role("button", name="Answer with video").click()
        for page in (citizen, neighbour):
            in_call(page)
            wait_for_media(page, audio=20, frames=10)
            assert set(heard(page)["ways"]) == {f"relay {transport}"}
            expect(page.locator(".call-way")).to_contain_text("relay, which cannot listen in")
        citizen.get_by_role("button", name="Hang up").click()
    assert relay.carried()


SLOW_LINE = """
Object.defineProperty(navigator, "connection", { value: { effectiveType: "2g", downlink: 0.05, saveData: false } });"""
NARROW = """
const look = RTCPeerConnection.prototype.getStats;
RTCPeerConnection.prototype.getStats = async function (...given) {
  // How much the line is thought to carry: the browser's own estimate cannot be had on loopback.
  const told = new Map(await look.apply(this, given));
  for (const [id, one] of told) {
    if (one.type === "candidate-pair") told.set(id, { ...one, availableOutgoingBitrate: globalThis.rate ?? 2_000_000 });
  }
  return told;
};"""


def test_on_a_slow_line_it_is_voice_alone_from_the_beginning(city: City) -> None:
    """A video call on a line of the second generation opens no camera, and its voice is told to be thrifty."""
    with two_in_a_room(city) as (citizen, neighbour):
        citizen.add_init_script(SLOW_LINE)
        citizen.reload()
        expect(citizen.locator(".chat-composer textarea")).to_be_visible(timeout=LIMIT)
        citizen.get_by_role("button", name="Video call").first.click()
        neighbour.locator(".call-deed.good").first.click()
        in_call(citizen, neighbour)
        wait_for_media(neighbour, audio=5)
        assert heard(neighbour)["frames"] == 0
        sdp = citizen.evaluate("globalThis.lines.at(-1).remoteDescription.sdp")
        assert "a=ptime:120" in sdp and "maxaveragebitrate=8000" in sdp, sdp
        citizen.get_by_role("button", name="Hang up").click()


@pytest.mark.long
def test_the_picture_stops_where_the_line_carries_the_voice_alone(city: City) -> None:
    with two_in_a_room(city) as (citizen, neighbour):
        citizen.add_init_script(NARROW)
        citizen.reload()
        expect(citizen.locator(".chat-composer textarea")).to_be_visible(timeout=LIMIT)
        citizen.get_by_role("button", name="Video call").first.click()
        neighbour.get_by_role("button", name="Answer with video").click()
        in_call(citizen, neighbour)
        wait_for_media(neighbour, audio=20, frames=5)
        citizen.evaluate("() => { globalThis.rate = 60_000 }")
        expect(citizen.locator(".call")).to_contain_text("voice only, until it is better", timeout=LIMIT)
        seen = heard(neighbour)
        wait_for_media(neighbour, audio=seen["audio"] + 20)
        neighbour.wait_for_timeout(1000)
        still = heard(neighbour)["frames"]
        neighbour.wait_for_timeout(1500)
        assert heard(neighbour)["frames"] == still, "no picture is sent"
        citizen.evaluate("() => { globalThis.rate = 900_000 }")
        wait_for(lambda: heard(neighbour)["frames"] > still, 60, "the picture is back")
        citizen.get_by_role("button", name="Hang up").click()
