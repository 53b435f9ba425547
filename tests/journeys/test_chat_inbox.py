"""The messenger as the city's inbox: a case with its card, what a browser is told while the page is closed, and what is
out of the way."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from meydan.messaging.tests.served.push_gateway import PushGateway, push_gateway
from meydan.messaging.tests.served.test_pushers import Browser
from tests.journeys.chatting import app_of, enter, message, new_name, new_person, open_chat, room_of, write
from tests.journeys.people import LIMIT, City, do, file_report, photo, unique_words, wait_until
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
DESK = (1280, 800)
TOLD = "Tell me of new messages"
"""The switch of notifications."""
STUB = """
({ pushkey, auth, endpoint }) => {
  // The browser's own push service, which a test has no account with: all else is real.
  const plain = (text) => atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const bytes = (text) => Uint8Array.from(plain(text), (one) => one.codePointAt(0)).buffer;
  let current = null;
  const made = (key) => ({
    endpoint,
    options: { applicationServerKey: key.buffer },
    getKey: (name) => bytes(name === "p256dh" ? pushkey : auth),
    unsubscribe: async () => ((current = null), true),
  });
  PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => (current = made(key));
  PushManager.prototype.getSubscription = async () => current;
  Object.defineProperty(Notification, "permission", { get: () => "granted" }); // the headless one always says denied
}"""


def case_of(page: Page, number: int) -> None:
    """Open the conversation of a report."""
    row = page.locator(".chat-row", has_text=f"no. {number}")
    expect(row).to_be_visible(timeout=LIMIT)
    row.click()
    expect(page.locator(".chat-card")).to_be_visible(timeout=LIMIT)


def press(page: Page, words: str) -> None:
    """A button of the card, which is opened where it is folded."""
    card = page.locator(".chat-card")
    if card.get_attribute("open") is None:
        card.locator("summary").click()
    card.get_by_role("button", name=words).click()


def state(page: Page, words: str) -> None:
    expect(page.locator(".chat-card .tag")).to_have_text(words, timeout=LIMIT)


def test_a_case_is_followed_from_its_card(city: City, tmp_path: Path) -> None:
    """Filed, asked, answered from the card, solved, reopened, solved, confirmed: on the officer's pages and in the
    reporter's messenger, and each side sees what the other does."""
    citizen, officer = city.open_window("en", role="citizen"), city.open_window("en", role="officer", size=DESK)
    number = file_report(citizen, unique_words(), photo(tmp_path, "before"))
    city.wait_for_department(citizen, number)
    do(officer, number, "accept", "We come on Monday.")
    citizen.goto("/chat/")
    case_of(citizen, number)
    state(citizen, "In progress")
    expect(message(citizen, "We come on Monday.")).to_be_visible(timeout=LIMIT)

    do(officer, number, "ask", "Which side of the street?")
    expect(message(citizen, "Which side of the street?")).to_be_visible(timeout=LIMIT)
    state(citizen, "Waiting for an answer")
    press(citizen, "Send the answer")
    citizen.locator("#chat-card-words").fill("The northern side.")
    citizen.locator("#chat-card-files").set_input_files(photo(tmp_path, "after"))
    citizen.context.set_offline(True)
    citizen.locator("dialog .button", has_text="Send the answer").click()
    expect(citizen.locator("dialog .fault")).to_contain_text("needs a line")
    expect(citizen.locator("#chat-card-words")).to_have_value("The northern side.")  # nothing is lost
    citizen.context.set_offline(False)
    citizen.locator("dialog .button", has_text="Send the answer").click()
    state(citizen, "In progress")
    expect(message(citizen, "The northern side.")).to_be_visible(timeout=LIMIT)
    officer.goto(f"/reports/{number}")
    expect(officer.locator("main")).to_contain_text("The northern side.")

    write(citizen, "There is a new one beside it.")  # without the card: a plain message
    wait_for(lambda: "a new one beside it" in _seen(officer, number), 30, "the officer reads what was written")

    do(officer, number, "solve", "Filled today.", photo(tmp_path, "after"))
    state(citizen, "Solved, to be confirmed")
    press(citizen, "No, reopen it")
    citizen.locator("#chat-card-words").fill("Half of it is open still.")
    citizen.locator("dialog .button", has_text="No, reopen it").click()
    state(citizen, "Reopened")
    do(officer, number, "solve", "Filled whole.", photo(tmp_path, "after"))
    state(citizen, "Solved, to be confirmed")
    press(citizen, "Yes, it is solved")
    citizen.locator("dialog .button", has_text="Yes, it is solved").click()
    state(citizen, "Confirmed as solved")
    expect(citizen.locator(".chat-card .actions")).to_have_count(0)


def _seen(officer: Page, number: int) -> str:
    officer.goto(f"/reports/{number}")
    return officer.locator("main").inner_text()


def test_a_stranger_cannot_look_like_a_department(city: City) -> None:
    """A name that begins or looks like the city's bears no mark; and the mark is not a sign in the name."""
    name = new_name("Marks")
    room = app_of(city, "neighbour").make_room(name, "citizen")
    page = open_chat(city, "citizen")
    enter(page, name)
    neighbour = app_of(city, "neighbour")
    member = f"rooms/{quote(room)}/state/m.room.member/{quote(neighbour.user_id)}"
    neighbour.call("PUT", member, {"membership": "join", "displayname": "City hall ✓"})
    neighbour.send(room, {"msgtype": "m.text", "body": "I am the city hall"})
    expect(message(page, "I am the city hall")).to_be_visible(timeout=LIMIT)
    expect(page.locator(".chat-event .chat-official, .chat-head .chat-official")).to_have_count(0)
    expect(page.locator(".chat-card")).to_have_count(0)


@pytest.fixture
def service() -> Iterator[PushGateway]:
    """What stands in for a browser maker's push service."""
    with push_gateway() as running:
        yield running


def switch_on(city: City, role: str, browser: Browser) -> Page:
    """Somebody's page, with notifications switched on by the press of its switch."""
    page = city.open_window("en", role=role, size=DESK)
    page.context.grant_permissions(["notifications"], origin=city.house.address)
    given = {"pushkey": browser.pushkey, "auth": browser.auth, "endpoint": browser.data["endpoint"]}
    page.context.add_init_script(f"({STUB})({json.dumps(given)})")
    page.goto("/chat/")
    expect(page.locator(".chat-row, .chat-empty").first).to_be_visible(timeout=LIMIT)
    page.wait_for_function("navigator.serviceWorker.ready.then((one) => Boolean(one.active))")
    page.locator("[data-settings]").click()
    switch = page.get_by_role("switch", name=TOLD)
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true", timeout=LIMIT)
    page.keyboard.press("Escape")
    return page


def test_a_closed_page_is_told_and_says_nothing_of_what_was_written(city: City, service: PushGateway) -> None:
    browser = Browser(service)
    name = new_name("Told")
    room = app_of(city, "neighbour").make_room(name, "citizen")
    app_of(city, "citizen").call("POST", f"join/{quote(room)}")
    page = switch_on(city, "citizen", browser)
    expect(page.locator(f".chat-rows [data-room='{room}']")).to_be_visible(timeout=LIMIT)
    page.wait_for_timeout(700)  # the device's copy is written
    page.goto("/offline")  # the messenger is closed
    app_of(city, "neighbour").send(room, {"msgtype": "m.text", "body": "A secret word"})
    wait_for(lambda: bool(service.got), 30, "the browser's service was told")
    told = browser.read(service.got[-1].body)
    assert (told["room_id"], "A secret word" in str(told)) == (room, False)


@pytest.mark.long
def test_notifications_are_switched_off_and_end_with_the_session(city: City, service: PushGateway) -> None:
    browser = Browser(service)
    page = switch_on(city, "neighbour", browser)
    app = app_of(city, "neighbour")
    assert browser.pushkey in [one["pushkey"] for one in app.call("GET", "pushers")["pushers"]]
    page.locator("[data-settings]").click()
    page.get_by_role("switch", name=TOLD).click()
    expect(page.get_by_role("switch", name=TOLD)).to_have_attribute("aria-checked", "false", timeout=LIMIT)
    assert browser.pushkey not in [one["pushkey"] for one in app.call("GET", "pushers")["pushers"]]


@pytest.mark.long
def test_a_way_that_is_blocked_is_gone_round(city: City) -> None:
    """The gateway has two addresses, and the first does not answer here: the page finds the second, and keeps to it."""
    page, gateway = city.open_window("en", role="citizen"), city.house.gateway
    blocked = f"{gateway}/blocked"

    def two_ways(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"server": blocked, "ways": [blocked, gateway]})

    page.route("**/api/messenger/device", two_ways)
    page.route("**/blocked/**", lambda route: route.abort())
    page.goto("/chat/")
    expect(page.locator(".chat-row").first).to_be_visible(timeout=LIMIT)
    expect(page.locator("[data-line]")).to_be_hidden(timeout=LIMIT)
    wait_until(page, f"() => localStorage.getItem('chat-way') === '{gateway}'", "the way that works is kept")
    page.locator("[data-settings]").click()
    expect(page.locator("dialog[open]")).to_contain_text("in use now", timeout=LIMIT)


def test_what_is_unread_stands_in_the_title(city: City) -> None:
    name = new_name("Titled")
    room = app_of(city, "neighbour").make_room(name, "moderator")
    app_of(city, "moderator").call("POST", f"join/{quote(room)}")
    page = open_chat(city, "moderator")
    app_of(city, "neighbour").send(room, {"msgtype": "m.text", "body": "Look"})
    expect(page).to_have_title(re.compile(r"^\(\d+\) "), timeout=LIMIT)
    enter(page, name)
    expect(page.locator(f".chat-rows [data-room='{room}'] .chat-count")).to_have_count(0, timeout=LIMIT)


@pytest.mark.long
def test_what_is_unread_far_down_in_the_list_counts_too(city: City) -> None:
    """The page holds the newest sixty conversations until one scrolls; the gateway knows of the others."""
    person = new_person(city)
    app, other = app_of(city, person), app_of(city, "neighbour")
    deep = other.make_room(new_name("Deep down"), person)
    app.call("POST", f"join/{quote(deep)}")
    other.send(deep, {"msgtype": "m.text", "body": "Never seen"})
    for number in range(70):
        app.make_room(f"Above {number}")
    page = open_chat(city, person)
    expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=LIMIT)
    assert not page.evaluate(HELD, deep), "the page has not been told of it"
    row = page.locator(f".chat-rows [data-room='{deep}']")
    down = "node => { node.scrollTop = node.scrollHeight }"
    for _try in range(60):  # the list grows as one comes to its end
        page.locator("[data-rooms]").evaluate(down)
        if row.count():
            break
        page.wait_for_timeout(200)
    expect(row.locator(".chat-count")).to_be_visible(timeout=LIMIT)
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    row.locator("a").click()
    expect(page).not_to_have_title(re.compile(r"^\("), timeout=LIMIT)


HELD = """async (room) => {
  const loaded = performance.getEntriesByType("resource").filter((one) => /chat\\/(model|list-\\d+)\\./.test(one.name));
  const parts = await Promise.all(loaded.map((one) => import(one.name)));
  return parts.flatMap(Object.values).some((one) => one instanceof Map && one.has(room));
}"""


@pytest.mark.long
def test_the_archive_keeps_conversations_out_of_the_way(city: City) -> None:
    name = new_name("Archived")
    room = app_of(city, "moderator").make_room(name)
    page = open_chat(city, "moderator", size=DESK)
    row = page.locator(f".chat-rows [data-room='{room}']")
    row.locator("a").click()
    page.locator(".chat-head .chat-about").click()
    page.get_by_role("button", name="Archive", exact=True).click()
    page.keyboard.press("Escape")
    expect(row).to_have_count(0)
    page.locator(".chat-archive").click()
    expect(row).to_be_visible()
    tags = app_of(city, "moderator").call("GET", f"user/@moderator:localhost/rooms/{quote(room)}/tags")["tags"]
    assert "u.archive" in tags
    page.locator(".chat-head .chat-about").click()
    page.get_by_role("button", name="Take out of the archive").click()
    page.keyboard.press("Escape")
    expect(page.locator(".chat-archive")).to_have_count(0)
    expect(row).to_be_visible()


def test_a_blocked_person_is_heard_no_more_and_a_message_is_reported(city: City) -> None:
    name = new_name("Trouble")
    room = app_of(city, "developer").make_room(name, "neighbour")
    app = app_of(city, "neighbour")
    app.call("POST", f"join/{quote(room)}")
    page = open_chat(city, "neighbour", size=DESK)
    enter(page, name)
    app_of(city, "developer").send(room, {"msgtype": "m.text", "body": "Something nasty"})
    row = message(page, "Something nasty")
    expect(row).to_be_visible(timeout=LIMIT)
    row.locator(".chat-bubble").click(button="right")
    page.locator(".chat-items button", has_text="Report to the moderators").click()
    page.locator("#chat-report-reason").select_option("reasonInsult")
    page.locator("#chat-report-words").fill("He began it.")
    page.get_by_role("button", name="Send to the moderators").click()
    expect(page.locator("dialog")).to_contain_text("A moderator will look at it.")
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_role("button", name="Lift the block")).to_be_visible(timeout=LIMIT)
    page.get_by_role("button", name="Close").last.click()
    app_of(city, "developer").send(room, {"msgtype": "m.text", "body": "Are you there?"})
    app.send(room, {"msgtype": "m.text", "body": "From my other app"})
    expect(message(page, "From my other app")).to_be_visible(timeout=LIMIT)
    expect(page.locator(".chat-event", has_text="Are you there?")).to_have_count(0)
    staff = city.open_window("en", role="moderator")
    staff.goto("/moderation")
    expect(staff.locator("main")).to_contain_text("Something nasty")
    page.locator("[data-settings]").click()
    page.locator("[data-settings=blocked] summary").click()
    page.locator("[data-settings=blocked] button", has_text="Lift the block").click()
    expect(page.locator("[data-settings=blocked] button", has_text=re.compile("^Block$"))).to_be_visible(timeout=LIMIT)
    assert app.call("GET", "user/@neighbour:localhost/account_data/m.ignored_user_list") == {"ignored_users": {}}
    assert room_of(page) == room
