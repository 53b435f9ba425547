"""`bin/meydan bench chat`: the messenger in the browser on an old phone and a line of the second generation.

- The weight of the first load, compressed as it comes over the wire: page, sheets, scripts; without what the gateway
  says.
- On a weak line (40 kbit/s each way, 600 ms, 1 % lost) and a CPU slowed six times: until the list is there at first and
  again (names of rooms are painted; they must be those that the gateway tells afterwards), until it is live (told by
  the gateway, for orientation), and a text until it is acknowledged. The line is a network namespace (`weak_line.py`)
  as root, else Chromium's own emulation, which loses nothing.
- On the slowed CPU: frames a second while a list of `--rooms` rooms and a room of `--events` events are scrolled, and
  the memory that the page's scripts hold. A page of bare lines beside them says how many frames there are to be had.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import urllib3
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Playwright, sync_playwright

from bench.chat_years import copy_message, copy_room
from bench.harness import BenchError
from bench.weak_line import Line, can_be_weak, weak_line
from meydan.site.commands.test import find_browser
from tests.journeys.people import PASSWORD
from tests.long import harness
from tests.long.harness import House

LIMIT_BYTES = 45_000
LIMIT_FIRST, LIMIT_AGAIN, LIMIT_SENT = 12.0, 2.0, 2.5
LIMIT_FRAMES = 50.0
SLOWER = 6
PHONE: Any = {"width": 360, "height": 740}
SCROLL_SECONDS = 5
PATIENCE = 120_000
"""Milliseconds."""
_numbers = count(1)
KEPT = """async () => Boolean(navigator.serviceWorker.controller
  && await (await caches.open("meydan-chat")).match("/chat/"))"""
NAMES = """() => {
  const painted = performance.getEntriesByName("first-contentful-paint").length > 0;
  const names = [...document.querySelectorAll(".chat-row-name bdi")].map((node) => node.textContent);
  return painted && names.length > 0 && names;
}"""
LIVE = """() => !document.querySelector(".chat-rows.given") && document.querySelector("[data-line]").hidden"""
SCROLL = """async ([port, step, seconds]) => {
  const node = document.querySelector(port);
  const picture = () => new Promise(requestAnimationFrame);
  await picture(), await picture(); // what was to be drawn is
  const rows = () => [...node.querySelectorAll("[data-room], [data-event]")];
  const names = () => rows().map(({ dataset }) => dataset.room ?? dataset.event);
  const start = names();
  const began = performance.now();
  let frames = 0;
  await new Promise((resolve) => {
    const turn = () => {
      if (performance.now() - began > 1000 * seconds) return resolve();
      frames += 1;
      node.scrollTop += step;
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  });
  const rate = frames / ((performance.now() - began) / 1000);
  return [rate, node.scrollTop, node.scrollHeight, start.length > 0 && !names().some((one) => start.includes(one))];
}"""
BARE = "".join(f'<p data-room="{number}" style="margin: 0; height: 72px">{number}</p>' for number in range(1000))
BARE_PAGE = f'<div id="bare" style="height: 700px; overflow: auto">{BARE}</div>'
GO_BACK = """async (upto) => {
  const found = performance.getEntriesByType("resource").find((one) => /chat\\/room\\.[0-9a-f.]*js/.test(one.name));
  const view = (await import(found.name)).openView();
  while (view.rows.list.length < upto && view.timeline.prev !== "") {
    const before = view.rows.list.length;
    await view.older();
    if (view.rows.list.length === before) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return view.rows.list.length;
}"""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench chat", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rooms", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="on the weak line; the median counts (default 3)")
    parser.add_argument("--without-line", action="store_true", help="nothing on the weak line")
    parser.add_argument("--without-scrolling", action="store_true")
    options = parser.parse_args(arguments)
    path = find_browser()
    if path is None:
        raise BenchError("Chromium is missing: apt install chromium")
    with tempfile.TemporaryDirectory(prefix="meydan-bench-chat-") as folder, sync_playwright() as playwright:
        data = Path(folder) / "city"
        data.mkdir(mode=0o700)
        (data / "meydan.toml").write_text("rate_limits = false\n")
        with harness.running(data) as house:
            return Measuring(playwright, house, path, Path(folder)).measure(options)


class Measuring:
    """One run; `kept` says whether all limits are."""

    def __init__(self, playwright: Playwright, house: House, path: str, folder: Path) -> None:
        self.playwright, self.house, self.path, self.folder = playwright, house, path, folder
        self.kept = True
        with self._browser() as browser:
            self.signed_in = sign_in(browser, house, "citizen")
        self.app = App(house.gateway, "citizen")

    def measure(self, options: argparse.Namespace) -> int:
        """Everything, one after the other."""
        with self._browser() as browser:
            self._weigh(browser)
        if not options.without_line:
            self._on_a_weak_line(options.rounds)
        if not options.without_scrolling:
            self._scroll(options.rooms, options.events)
        return 0 if self.kept else 1

    @contextlib.contextmanager
    def _browser(self, path: str = "", *flags: str) -> Iterator[Browser]:
        browser = self.playwright.chromium.launch(executable_path=path or self.path, args=["--no-sandbox", *flags])
        try:
            yield browser
        finally:
            browser.close()

    def _say(self, what: str, value: float, limit: float, unit: str, *, at_least: bool = False) -> None:
        good = value >= limit if at_least else value <= limit
        self.kept = self.kept and good
        print(f"{what:<52} {value:>10.1f} {unit:<6} limit {limit:g} {'' if good else '  NOT KEPT'}", flush=True)

    def _window(self, browser: Browser) -> BrowserContext:
        context = browser.new_context(
            base_url=self.house.address,
            viewport=PHONE,
            locale="en",
            storage_state=self.signed_in,
        )
        context.set_default_timeout(PATIENCE)
        return context

    def _weigh(self, browser: Browser) -> None:
        context = self._window(browser)
        page, sizes = context.new_page(), dict[str, int]()
        page.on("requestfinished", lambda request: _note(sizes, request, self.house.address))
        page.goto("/chat/")
        page.locator(".chat-row").first.wait_for()
        at_list = sum(sizes.values())
        page.wait_for_timeout(1000)
        for url, size in sorted(sizes.items(), key=lambda one: -one[1])[:6]:
            print(f"  {size:>7} {url}")
        self._say("first load, compressed", at_list, LIMIT_BYTES, "bytes")
        context.close()

    def _on_a_weak_line(self, rounds: int) -> None:
        ports = [int(address.rpartition(":")[2]) for address in (self.house.address, self.house.gateway)]
        if can_be_weak():
            print("the line: a network namespace, 40 kbit/s each way, 600 ms, 1 % lost")
            with weak_line(ports, Line(), self.folder, self.path) as (path, flag), self._browser(path, flag) as browser:
                self._rounds(browser, rounds, emulated=False)
        else:
            print("the line: Chromium's emulation, 40 kbit/s each way, 600 ms, nothing lost")
            with self._browser() as browser:
                self._rounds(browser, rounds, emulated=True)

    def _rounds(self, browser: Browser, rounds: int, *, emulated: bool) -> None:
        seen = [self._round(browser, emulated=emulated) for _round in range(rounds)]
        for number, one in enumerate(seen, 1):
            line = f"first {one[0]:.1f} s, live {one[3]:.1f} s, again {one[1]:.1f} s, sent {one[2]:.1f} s"
            print(f"  round {number}: {line}", flush=True)
        names = ("the list at first load", "the list again", "a text until it is acknowledged")
        for place, (name, limit) in enumerate(zip(names, (LIMIT_FIRST, LIMIT_AGAIN, LIMIT_SENT), strict=True)):
            self._say(name, statistics.median(one[place] for one in seen), limit, "s")

    def _round(self, browser: Browser, *, emulated: bool) -> tuple[float, float, float, float]:
        context = self._window(browser)
        page = context.new_page()
        page.wait_for_timeout(3000)  # Chromium has looked at its network
        _slow_down(context, page, emulated=emulated)
        began = time.monotonic()
        first, names = _until_list(page)
        page.wait_for_function(LIVE)
        live = time.monotonic() - began
        if (told := page.evaluate(NAMES))[: len(names)] != names:
            raise BenchError(f"The page showed {names}, and these are the rooms: {told}")
        began = time.monotonic()
        while not page.evaluate(KEPT) and time.monotonic() - began < PATIENCE / 1000:
            page.wait_for_timeout(500)
        print(f"  kept for the next time {time.monotonic() - began:.0f} s after the list was there", flush=True)
        page.wait_for_timeout(15_000)  # what is loaded for later
        again, _names = _until_list(page)
        page.wait_for_function(LIVE)
        page.locator(".chat-row").first.click()
        page.locator(".chat-composer textarea").fill(words := f"weak {next(_numbers)}")
        page.wait_for_timeout(8000)  # the line is quiet again
        began = time.monotonic()
        page.locator(".chat-send").click()
        page.locator(".chat-event", has_text=words).locator(".chat-state", has_text="Sent").wait_for()
        sent = time.monotonic() - began
        context.close()
        return first, again, sent, live

    def _scroll(self, rooms: int, events: int) -> None:
        print(f"filling {rooms} rooms and {events} events ...", flush=True)
        large = self._fill(rooms, events)
        with self._browser("", "--js-flags=--expose-gc", "--enable-precise-memory-info") as browser:
            context = self._window(browser)
            page = context.new_page()
            tool = context.new_cdp_session(page)
            page.set_content(BARE_PAGE)
            print(f"  bare lines, scrolled: {_scrolled(page, tool, '#bare', 40)[0]:.1f} frames a second")
            page.goto("/chat/")
            page.locator(".chat-row").first.wait_for()
            _show_all(page, rooms)
            self._frames(page, tool, f"{rooms} rooms, scrolled", ".chat-rooms", 40)
            page.goto(f"/chat/#{quote(large)}")
            page.locator(".chat-event").first.wait_for()
            shown = page.evaluate(GO_BACK, events - 10)
            self._frames(page, tool, f"a room with {shown} rows, scrolled", ".chat-port", -40)

    def _fill(self, rooms: int, events: int) -> str:
        """So many rooms; the id of one that has so many events."""
        small, large = (self.app.make_room(name) for name in ("Room 0", "The large one"))
        self.app.call("PUT", f"rooms/{quote(large)}/send/m.room.message/1", {"msgtype": "m.text", "body": "words"})
        copy_room(self.house.database(), small, rooms - 2)
        copy_message(self.house.database(), large, events - 1)
        old = self.house.kill("gateway")
        self.house.wait_until_well("gateway", old, seconds=60)
        harness.wait_for(self.house.can_talk, 60, "the messenger answers")
        return large

    def _frames(self, page: Page, tool: CDPSession, name: str, port: str, step: int) -> None:
        frames, at, height, moved = _scrolled(page, tool, port, step)
        held = page.evaluate("() => { gc(); return performance.memory.usedJSHeapSize }") / 1e6
        if not moved:
            raise BenchError(f"{name}: rows of the beginning are still there; it did not scroll.")
        print(f"  at {at:.0f} of {height:.0f} pixels; scripts hold {held:.1f} MB")
        self._say(name, frames, LIMIT_FRAMES, "frames", at_least=True)


def _scrolled(page: Page, tool: CDPSession, port: str, step: int) -> tuple[float, float, float, bool]:
    """On the slowed CPU: frames a second, where it ended and of how much, and whether it went through."""
    tool.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    said: tuple[float, float, float, bool] = page.evaluate(SCROLL, [port, step, SCROLL_SECONDS])
    tool.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return said


def _note(sizes: dict[str, int], request: Any, ours: str) -> None:
    if request.url.startswith(ours) and request.resource_type in ("document", "stylesheet", "script"):
        with contextlib.suppress(Exception):
            sizes[request.url.rpartition("/static/")[2]] = request.sizes()["responseBodySize"]


def _slow_down(context: BrowserContext, page: Page, *, emulated: bool) -> None:
    tool = context.new_cdp_session(page)
    tool.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if emulated:
        tool.send("Network.enable")
        limits = {"offline": False, "latency": 600, "downloadThroughput": 5000, "uploadThroughput": 5000}
        tool.send("Network.emulateNetworkConditions", limits)


def _until_list(page: Page) -> tuple[float, list[str]]:
    """Seconds until names of rooms are painted, and these names."""
    began = time.monotonic()
    page.goto("/chat/", wait_until="commit")
    names = page.wait_for_function(NAMES).json_value()
    return time.monotonic() - began, names


def _show_all(page: Page, rooms: int) -> None:
    """Scroll until every room is known here."""
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        known = page.evaluate(
            "() => { const port = document.querySelector('.chat-rooms'); port.scrollTop = port.scrollHeight;"
            " return document.querySelector('.chat-rows').offsetHeight / 72 }"
        )
        if known >= rooms:
            break
        page.wait_for_timeout(200)
    page.evaluate("() => { document.querySelector('.chat-rooms').scrollTop = 0 }")
    page.wait_for_timeout(5000)  # all of it is written down on the device


def sign_in(browser: Browser, house: House, role: str) -> Any:
    """Somebody's cookies."""
    context = browser.new_context(base_url=house.address, locale="en")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("main form [name=login]", role)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/me*")
    page.goto("/offline")
    page.locator(".tongues [value=en]").click()
    page.locator("html[lang=en]").wait_for()
    state = context.storage_state()
    context.close()
    return state


class App:
    """An app of somebody's, to fill rooms with."""

    def __init__(self, url: str, role: str) -> None:
        self.url = url
        self.pool = urllib3.PoolManager()
        user = {"type": "m.id.user", "user": role}
        said = self.call("POST", "login", {"type": "m.login.password", "identifier": user, "password": PASSWORD}, "")
        self.token = said["access_token"]

    def call(self, method: str, path: str, body: Any, token: str | None = None) -> Any:
        """The JSON of the answer."""
        headers = {"authorization": f"Bearer {self.token if token is None else token}"}
        answer = self.pool.request(method, f"{self.url}/_matrix/client/v3/{path}", json=body, headers=headers)
        if answer.status != 200:
            raise BenchError(f"{method} {path}: {answer.status} {answer.data[:200]!r}")
        return answer.json()

    def make_room(self, name: str) -> str:
        """The id of a new one of their own."""
        return str(self.call("POST", "createRoom", {"name": name, "preset": "private_chat"})["room_id"])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(str(error))
