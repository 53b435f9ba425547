"""`bin/meydan bench call`: a voice call in the messenger's page, one of the two behind a line of the second generation.

The line is a network namespace (`weak_line.py`: 40 kbit/s each way, 600 ms, 1 % lost), so this needs root. Both speak
all the time: a sound with a voice's pitch and syllables and no pauses, so that nothing is saved by silence. Counted are
bits on the wire (voice, its RTP, SRTP, UDP and IP heads) and what the listener's browser had to make up.
"""

import argparse
import contextlib
import math
import random
import socket
import struct
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bench.chat import PATIENCE, PHONE, App, sign_in
from bench.harness import BenchError
from bench.weak_line import Line, can_be_weak, weak_line
from meydan.site.commands.test import find_browser
from tests.long import harness
from tests.long.harness import House

LIMIT_BITS, LIMIT_MADE_UP = 16.0, 3.0
HEADS = 38  # bytes of each packet: IPv4 20, UDP 8, SRTP's tag 10
RATE = 16_000
CATCH = """
const Real = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Real {
  constructor(...given) { super(...given); globalThis.connection = this; }
};"""
COUNT = """async () => {
  const told = {};
  for (const one of (await globalThis.connection.getStats()).values()) {
    if (one.kind === "audio" && (one.type === "inbound-rtp" || one.type === "outbound-rtp")) Object.assign(told, one);
  }
  return told;
}"""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench call", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=int, default=40, help="of talk that is counted (40)")
    options = parser.parse_args(arguments)
    path = find_browser()
    if path is None:
        raise BenchError("Chromium is missing: apt install chromium")
    if not can_be_weak():
        raise BenchError("A weak line is made as root, with `ip` and /dev/net/tun (apt install iproute2).")
    with tempfile.TemporaryDirectory(prefix="meydan-bench-call-") as folder, sync_playwright() as playwright:
        data = Path(folder) / "city"
        data.mkdir(mode=0o700)
        (data / "meydan.toml").write_text("rate_limits = false\n")
        with harness.running(data) as house:
            return _measure(playwright, house, path, Path(folder), options.seconds)


def _measure(playwright: Playwright, house: House, path: str, folder: Path, seconds: int) -> int:
    harness.wait_for(lambda: _listens(house), 60, "the gateway listens")
    speech = folder / "speech.wav"
    write_speech(speech, 30)
    room = _make_room(house)
    ports = [int(address.rpartition(":")[2]) for address in (house.address, house.gateway)]
    with (
        _browser(playwright, path, speech) as near,
        weak_line(ports, Line(), folder, path) as (wrapper, flag),
        _browser(playwright, wrapper, speech, flag) as far,
    ):
        caller = _open(near, sign_in(near, house, "citizen"), house, room)
        called = _open(far, sign_in(near, house, "neighbour"), house, room)
        began = time.monotonic()
        caller.get_by_role("button", name="Voice call").first.click()
        called.locator(".call-deed.good").first.click()
        for page in (caller, called):
            page.locator(".call[data-state=live]").wait_for()
        print(f"from the press to the talk, with the answer's press: {time.monotonic() - began:.1f} s", flush=True)
        caller.wait_for_timeout(8000)  # estimates of the line settle
        before = [page.evaluate(COUNT) for page in (caller, called)]
        caller.wait_for_timeout(1000 * seconds)
        after = [page.evaluate(COUNT) for page in (caller, called)]
    kept = [_judge(*one) for one in zip(("to the strong side", "to the weak side"), before, after, strict=True)]
    return 0 if all(kept) else 1


def _listens(house: House) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", urlsplit(house.gateway).port or 0)):
        return True
    return False


def _judge(name: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
    def grew(what: str) -> float:
        return float(after[what]) - float(before[what])

    seconds = (after["timestamp"] - before["timestamp"]) / 1000
    octets = grew("bytesReceived") + grew("headerBytesReceived") + HEADS * grew("packetsReceived")
    bits = 8 * octets / seconds / 1000
    made_up = 100 * grew("concealedSamples") / max(1.0, grew("totalSamplesReceived"))
    packets, lost = grew("packetsReceived"), grew("packetsLost")
    kept = bits <= LIMIT_BITS and made_up <= LIMIT_MADE_UP and packets > 0
    print(
        f"voice {name:<20} {bits:5.1f} kbit/s on the wire (limit {LIMIT_BITS:g}), {made_up:4.2f} % made up (limit "
        f"{LIMIT_MADE_UP:g}); {packets:.0f} packets, {lost:.0f} lost: {'kept' if kept else 'NOT KEPT'}",
        flush=True,
    )
    return kept


def _make_room(house: House) -> str:
    citizen, neighbour = App(house.gateway, "citizen"), App(house.gateway, "neighbour")
    asked = {"name": "A call", "preset": "private_chat", "invite": ["@neighbour:localhost"]}
    room = str(citizen.call("POST", "createRoom", asked)["room_id"])
    neighbour.call("POST", f"join/{room}", {})
    return room


@contextmanager
def _browser(playwright: Playwright, path: str, speech: Path, *more: str) -> Iterator[Browser]:
    flags = (
        *("--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        *(f"--use-file-for-fake-audio-capture={speech}", "--disable-background-timer-throttling"),
        *("--disable-renderer-backgrounding", "--autoplay-policy=no-user-gesture-required"),
    )
    browser = playwright.chromium.launch(executable_path=path, args=[*flags, *more])
    try:
        yield browser
    finally:
        browser.close()


def _open(browser: Browser, state: Any, house: House, room: str) -> Page:
    """The conversation in somebody's page."""
    context = browser.new_context(base_url=house.address, viewport=PHONE, locale="en", storage_state=state)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.add_init_script(CATCH)
    page.goto(f"/chat/#{quote(room)}")
    page.locator(".chat-composer textarea").wait_for()
    page.locator(".chat-line").wait_for(state="hidden")
    return page


def write_speech(path: Path, seconds: int) -> None:
    """A sound like talk without a pause: a pitch that moves, its overtones, four syllables a second, some breath."""
    dice, frames, phase = random.Random(7), bytearray(), 0.0
    for number in range(RATE * seconds):
        moment = number / RATE
        phase += 2 * math.pi * (130 + 40 * math.sin(2.1 * moment) + 15 * math.sin(7.7 * moment)) / RATE
        syllable = 0.55 + 0.45 * math.sin(2 * math.pi * 4 * moment)
        voice = sum(math.sin(phase * tone) / tone**1.2 for tone in range(1, 9))
        frames += struct.pack("<h", int(6000 * syllable * (voice + 0.3 * dice.uniform(-1, 1))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(frames))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(str(error))
