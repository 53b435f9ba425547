"""The dialogs of the messenger: looked over by axe, in both directions, and walked through by keys alone."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.chatting import app_of, new_name, new_person, open_chat
from tests.journeys.looks import Fault, ask_axe, find_sideways_scrolling, find_small_targets, tell
from tests.journeys.people import LIMIT, City

pytestmark = [pytest.mark.browser, pytest.mark.long]
SLOW = 90_000
STOPS = """(dialog) => {  // how much the tab key comes to, and where it is now; -1: elsewhere
  const all = [...dialog.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const names = new Set();
  const stops = all.filter((one) => {
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== "radio") return true;
    return !names.has(one.name) && names.add(one.name);
  });
  return [stops.length, stops.indexOf(document.activeElement)];
}"""


def opened(page: Page) -> Locator:
    """The dialog that lies on top."""
    return page.locator("dialog[open]").last


def press(page: Page, button: Locator) -> None:
    """By keys alone."""
    expect(button).to_be_visible(timeout=LIMIT)
    button.focus()
    page.keyboard.press("Enter")


def settings(page: Page) -> None:
    press(page, page.locator("[data-settings]"))
    for summary in opened(page).locator("summary").all():
        press(page, summary)


def devices(page: Page) -> None:
    press(page, page.locator("[data-devices]"))
    expect(page.locator("dialog[data-ready]")).to_be_visible(timeout=SLOW)


def recovery(page: Page) -> None:
    devices(page)
    press(page, opened(page).locator("section .actions .button").last)
    expect(page.locator("dialog[open]")).to_have_count(2)


def recovery_shown(page: Page) -> None:
    recovery(page)
    press(page, opened(page).locator(".actions .button"))
    expect(opened(page).locator("output.seal-key")).to_be_visible(timeout=SLOW)


def begin(page: Page) -> None:
    press(page, page.locator("[data-begin]"))
    press(page, opened(page).locator(".chat-group summary"))
    opened(page).locator("#chat-group-open").press("Space")


def about(page: Page) -> None:
    press(page, page.locator(".chat-about"))
    expect(opened(page).locator("[data-person]").first).to_be_visible(timeout=LIMIT)
    for summary in opened(page).locator("summary").all():
        press(page, summary)


def member(page: Page) -> None:
    about(page)
    press(page, opened(page).locator("[data-person] .chat-tool").first)
    expect(page.locator("dialog.chat-menu")).to_be_visible()


def attach(page: Page) -> None:
    press(page, page.locator(".chat-writing > .chat-tool").first)
    expect(page.locator("dialog.chat-menu")).to_be_visible(timeout=LIMIT)


def place(page: Page) -> None:
    attach(page)
    press(page, page.locator(".chat-items button").nth(1))
    expect(page.locator("#place-point")).to_be_attached(timeout=LIMIT)


def poll(page: Page) -> None:
    attach(page)
    press(page, page.locator(".chat-items button").nth(2))
    expect(page.locator("#poll-question")).to_be_visible(timeout=LIMIT)


def stickers(page: Page) -> None:
    press(page, page.locator(".chat-writing > .chat-tool:not(.chat-mic, .chat-send)").nth(1))
    expect(page.locator(".sticker-list")).to_be_visible(timeout=LIMIT)


def menu(page: Page) -> None:
    press(page, page.locator(".chat-event[tabindex]").last)
    expect(page.locator("dialog.chat-menu")).to_be_visible(timeout=LIMIT)


OF_THE_LIST: tuple[Callable[[Page], None], ...] = (settings, devices, recovery, recovery_shown, begin)
OF_A_ROOM: tuple[Callable[[Page], None], ...] = (about, member, attach, place, poll, stickers, menu)


@contextmanager
def alone(page: Page, open_it: Callable[[Page], None]) -> Iterator[Locator]:
    """The dialog is opened by keys, and all go by Escape; the focus is back where it came from."""
    open_it(page)
    expect(opened(page)).to_be_visible(timeout=LIMIT)
    yield opened(page)
    for _dialog in range(page.locator("dialog[open]").count()):
        page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body"), f"{open_it.__name__}: the focus is lost"


def walk(page: Page, dialog: Locator) -> list[Fault]:
    """What the tab key does not come to in a dialog."""
    count, now = dialog.evaluate(STOPS)
    reached, steps = {now}, 0
    while steps < 2 * count + 6:  # a map, say, brings more stops once it is there
        page.keyboard.press("Tab")
        count, now = dialog.evaluate(STOPS)
        reached.add(now)
        steps += 1
    return [f"the tab key does not come to {stop}" for stop in range(count) if stop not in reached]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_dialogs_are_for_everybody(city: City, language: str) -> None:
    name = new_name("Dialogs")
    person = new_person(city)
    leader = app_of(city, person)
    room = leader.make_room(name, "neighbour")
    app_of(city, "neighbour").call("POST", f"join/{quote(room)}")
    leader.send(room, {"msgtype": "m.text", "body": "Something to speak of"})
    page = open_chat(city, person, language)
    row = page.locator(f".chat-rows [data-room='{room}'] a")
    expect(row).to_be_visible(timeout=LIMIT)
    faults = look_at(page, OF_THE_LIST)
    press(page, row)
    expect(page.locator(".chat-event").last).to_be_visible(timeout=LIMIT)
    faults += look_at(page, OF_A_ROOM)
    assert not faults, "\n".join(faults)


def look_at(page: Page, dialogs: Iterable[Callable[[Page], None]]) -> list[Fault]:
    """What is wrong with these dialogs."""
    faults: list[Fault] = []
    for open_it in dialogs:
        with alone(page, open_it) as dialog:
            seen = [*ask_axe(page), *find_small_targets(page), *find_sideways_scrolling(page), *walk(page, dialog)]
            page.emulate_media(color_scheme="dark")
            seen += tell("dark", ask_axe(page, "color-contrast"))
            page.emulate_media(color_scheme="light")
            if folder := os.environ.get("MEYDAN_SHOTS"):  # for whoever would like to see them
                page.screenshot(
                    path=f"{folder}/{page.evaluate('document.documentElement.lang')}-{open_it.__name__}.png"
                )
            faults += tell(open_it.__name__, seen)
    return faults
