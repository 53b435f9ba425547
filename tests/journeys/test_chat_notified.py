"""What the service worker of the messenger shows while its page is closed: in a whole Chromium, for the one without
windows shows no notification to anybody."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Worker, expect

from meydan.messaging.tests.served.push_gateway import PushGateway, push_gateway
from meydan.messaging.tests.served.test_pushers import Browser
from meydan.site.commands.test import find_whole_browser
from tests.journeys.chatting import app_of, enter, message, new_name
from tests.journeys.conftest import FLAGS
from tests.journeys.people import LIMIT, City
from tests.journeys.test_chat_inbox import switch_on
from tests.long.harness import House, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.notified, pytest.mark.long]
SHOWN = """async () => {
  const all = await self.registration.getNotifications();
  return all.map(({ title, body, tag, data, lang, dir }) => ({ title, body, tag, room: data.room, lang, dir }));
}"""
WATCHED = """() => {
  // What a worker cannot be asked afterwards, what a browser does for a person's own press alone, and who looks:
  // Playwright says of every page that it does.
  Object.defineProperty(WindowClient.prototype, "focused", { get: () => self.seen.looks });
  self.seen = { badges: [], opened: [], looks: true };
  self.navigator.setAppBadge = async (count) => void self.seen.badges.push(count);
  self.navigator.clearAppBadge = async () => void self.seen.badges.push(0);
  Clients.prototype.openWindow = async (address) => void self.seen.opened.push(address);
  WindowClient.prototype.focus = async () => void self.seen.opened.push("focus");
}"""
PRESS = """async (tag) => {
  const [notification] = await self.registration.getNotifications({ tag });
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


@pytest.fixture
def whole(house: House, browser: Chromium) -> Iterator[City]:
    """The same city, in front of a browser that shows notifications."""
    with browser.browser_type.launch(executable_path=find_whole_browser(), args=FLAGS) as other:
        city = City(house, other)
        yield city
        faults = city.close_windows()
    assert not faults, "\n".join(faults)


@pytest.fixture
def service() -> Iterator[PushGateway]:
    """What stands in for a browser maker's push service."""
    with push_gateway() as running:
        yield running


def worker_of(page: Page) -> Worker:
    """The service worker of the city's pages."""
    wait_for(lambda: bool(page.context.service_workers), 30, "the worker runs")
    return page.context.service_workers[0]


def deliver(page: Page, told: dict[str, Any]) -> None:
    """As the browser's push service wakes the worker."""
    line = page.context.new_cdp_session(page)
    found: list[str] = []

    def hear(said: dict[str, Any]) -> None:
        found.extend(one["registrationId"] for one in said["registrations"] if not one["isDeleted"])

    line.on("ServiceWorker.workerRegistrationUpdated", hear)
    line.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(50)
    origin = page.evaluate("location.origin")
    body = {"origin": origin, "registrationId": found[0], "data": json.dumps(told)}
    line.send("ServiceWorker.deliverPushMessage", body)
    line.detach()


def shown(page: Page) -> list[dict[str, Any]]:
    """The notifications that stand there."""
    found: list[dict[str, Any]] = worker_of(page).evaluate(SHOWN)
    return found


def test_a_notification_names_the_room_and_nothing_that_was_written(whole: City, service: PushGateway) -> None:
    browser, name = Browser(service), new_name("Told")
    neighbour = app_of(whole, "neighbour")
    room = neighbour.make_room(name, "citizen")
    app_of(whole, "citizen").call("POST", f"join/{quote(room)}")
    page = switch_on(whole, "citizen", browser)
    expect(page.locator(f".chat-rows [data-room='{room}']")).to_be_visible(timeout=LIMIT)
    page.wait_for_timeout(700)  # the device's copy is written
    page.goto("/offline")  # the messenger is closed
    worker_of(page).evaluate(WATCHED)

    neighbour.send(room, {"msgtype": "m.text", "body": "A secret word"})
    wait_for(lambda: bool(service.got), 30, "the browser's service was told")
    told = browser.read(service.got[-1].body)  # what the gateway really says
    deliver(page, told)
    wait_for(lambda: bool(shown(page)), 30, "a notification is shown")
    one = {"title": name, "body": "New message", "tag": room, "room": room, "lang": "en", "dir": "ltr"}
    assert shown(page) == [one]
    assert worker_of(page).evaluate("self.seen.badges") == [told["unread"]] and told["unread"] > 0
    deliver(page, told)
    page.wait_for_timeout(500)
    assert len(shown(page)) == 1, "one for each room"

    deliver(page, {**told, "type": "m.call.invite", "prio": "high"})
    wait_for(lambda: len(shown(page)) == 2, 30, "a call has one of its own")
    assert {one["body"] for one in shown(page)} == {"New message", "Incoming call"}
    deliver(page, {"event_id": "$x", "room_id": "!not:here", "prio": "low", "unread": 3})
    wait_for(lambda: len(shown(page)) == 3, 30, "of a room that this device does not know")
    assert ("New message", "") in [(one["title"], one["body"]) for one in shown(page)]

    worker_of(page).evaluate(PRESS, room)
    wait_for(lambda: bool(worker_of(page).evaluate("self.seen.opened")), 30, "it opens the messenger")
    [address] = worker_of(page).evaluate("self.seen.opened")
    assert len(shown(page)) == 2, "and is gone"
    deliver(page, {"unread": 0})
    wait_for(lambda: not shown(page), 30, "all was read elsewhere")
    assert worker_of(page).evaluate("self.seen.badges")[-2:] == [3, 0]
    page.goto(address)
    expect(message(page, "A secret word")).to_be_visible(timeout=LIMIT)


def test_a_press_goes_to_the_page_that_is_open_and_whoever_looks_is_not_told(whole: City, service: PushGateway) -> None:
    browser, name, other = Browser(service), new_name("Pressed"), new_name("Beside")
    neighbour = app_of(whole, "neighbour")
    room = neighbour.make_room(name, "citizen")
    app_of(whole, "citizen").call("POST", f"join/{quote(room)}")
    app_of(whole, "citizen").make_room(other)
    page = switch_on(whole, "citizen", browser)
    expect(page.locator(f".chat-rows [data-room='{room}']")).to_be_visible(timeout=LIMIT)
    enter(page, other)
    page.wait_for_timeout(700)
    worker_of(page).evaluate(WATCHED)
    said = {"event_id": "$x", "room_id": room, "prio": "low", "unread": 1}
    deliver(page, said)
    page.wait_for_timeout(700)
    assert shown(page) == [], "they see it on the page"
    worker_of(page).evaluate("self.seen.looks = false")  # at another tab
    deliver(page, said)
    wait_for(lambda: bool(shown(page)), 30, "a notification is shown")
    neighbour.send(room, {"msgtype": "m.text", "body": "Come and look"})
    worker_of(page).evaluate(PRESS, room)
    expect(page.locator("#chat-name")).to_have_text(name, timeout=LIMIT)
    expect(message(page, "Come and look")).to_be_visible(timeout=LIMIT)
    assert worker_of(page).evaluate("self.seen.opened") == ["focus"]
    assert shown(page) == []
