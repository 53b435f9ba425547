"""What people do in the messenger's page, and a client of theirs elsewhere: the gateway's own API, with a password."""

import itertools
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import nio
import urllib3
from playwright.sync_api import Locator, Page, expect

from tests.journeys.people import LIMIT, PASSWORD, City, wait_until
from tests.journeys.square import console

ARRIVED = re.compile("Sent|Read")
"""What a message says once the gateway has it: others may have read it before one looks."""
AT_ONCE = 8
"""How many people come to the city together."""

_serial = itertools.count(1)
_pool = urllib3.PoolManager(maxsize=8, retries=False)


def new_name(kind: str) -> str:
    """What no other room or message of this run is called."""
    return f"{kind} {next(_serial):03d}"


@dataclass
class Elsewhere:
    """Somebody's app: it speaks to the gateway as any client does."""

    url: str
    user_id: str
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a good answer; the path below /_matrix/client/v3/."""
        answer = _pool.request(
            method,
            f"{self.url}/_matrix/client/v3/{path}",
            json=body if body is not None or method == "GET" else {},
            headers={"authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.status == 200, (answer.status, answer.data)
        return answer.json()

    def send(self, room: str, content: Any, kind: str = "m.room.message") -> str:
        """Say something; the event's id."""
        path = f"rooms/{quote(room)}/send/{kind}/{next(_serial)}"
        return str(self.call("PUT", path, content)["event_id"])

    def events(self, room: str, limit: int = 100) -> list[dict[str, Any]]:
        """The newest events of a room, from old to new."""
        found: list[dict[str, Any]] = self.call("GET", f"rooms/{quote(room)}/messages?dir=b&limit={limit}")["chunk"]
        return found[::-1]

    def make_room(self, name: str, *people: str, **more: Any) -> str:
        """A room of one's own with these people invited."""
        asked = {"name": name, "preset": "private_chat", "invite": [f"@{one}:localhost" for one in people], **more}
        return str(self.call("POST", "createRoom", asked)["room_id"])


def app_of(city: City, role: str) -> Elsewhere:
    """An app that one of the demo's people has signed in with by password."""
    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": role}, "password": PASSWORD}
    answer = _pool.request("POST", f"{city.house.gateway}/_matrix/client/v3/login", json=login, timeout=30)
    assert answer.status == 200, answer.data
    said = answer.json()
    return Elsewhere(city.house.gateway, said["user_id"], said["access_token"])


def new_person(city: City) -> str:
    """Somebody whom nobody has met yet; their username, after all earlier ones in the alphabet. The password is the
    demo's."""
    if not city.strangers:
        city.strangers += [f"guest{next(_serial):03d}{secrets.token_hex(4)}" for _one in range(AT_ONCE)]
        console(city.house, *(["user", "create", one, "--email", f"{one}@demo.example"] for one in city.strangers))
    return city.strangers.pop(0)


def sign_in_anew(city: City, username: str, language: str = "en", **more: Any) -> Page:
    """Another browser of somebody, with a session of its own, and their conversations in it."""
    city.sign_ins.pop(username, None)
    return open_chat(city, username, language, **more)


def open_chat(city: City, role: str, language: str = "en", **more: Any) -> Page:
    """Somebody's page, with the list of their conversations in it."""
    page = city.open_window(language, role=role, **more)
    page.goto("/chat/")
    expect(page.locator(".chat-row, .chat-empty").first).to_be_visible(timeout=LIMIT)
    return page


def wait_until_it_opens_without_a_line(page: Page) -> None:
    """The page is kept, the service worker has it in its hands, and the last of what it loads for later is there."""
    wait_until(page, "() => navigator.serviceWorker.controller !== null", "the service worker")
    wait_until(page, _KEPT, "the page is kept")
    wait_until(page, _LAST, "what is loaded for later")


_KEPT = "async () => Boolean(await caches.match('/chat/', { cacheName: 'meydan-chat' }))"
_LAST = """() => performance.getEntriesByType("resource")
  .some(({ name, responseEnd }) => name.includes("chat/directory.") && responseEnd)"""


def enter(page: Page, name: str) -> None:
    """Open a conversation by its row, and accept where one is invited."""
    page.locator(".chat-row", has_text=name).first.click()
    expect(page.locator("#chat-name")).to_contain_text(name)
    accept = page.locator(".chat-invite .button:not(.quiet)")
    if "Invites you" in page.locator(".chat-row", has_text=name).first.inner_text() or accept.is_visible():
        accept.click()
    expect(page.locator(".chat-composer textarea")).to_be_visible()


def write(page: Page, words: str) -> None:
    """Say something in the conversation that is open."""
    page.locator(".chat-composer textarea").fill(words)
    page.locator(".chat-send").click()


def message(page: Page, words: str | re.Pattern[str]) -> Locator:
    """The newest message with these words."""
    return page.locator(".chat-event", has_text=words).last


def choose(page: Page, row: Locator, deed: str) -> None:
    """Do something with a message by its menu."""
    row.locator(".chat-bubble").click(button="right")
    page.locator(".chat-items").get_by_role("button", name=deed, exact=True).click()


def room_of(page: Page) -> str:
    """The id of the conversation that is open."""
    return str(page.evaluate("decodeURIComponent(location.hash.slice(1))"))


def begin_with(page: Page, username: str) -> None:
    """Begin a conversation with somebody whose name one knows."""
    page.locator("[data-begin]").click()
    page.locator(".chat-begin > input").fill(username)
    page.locator(".chat-pick", has_text=f"@{username}:").click()
    expect(page.locator(".chat-composer textarea")).to_be_visible()


@asynccontextmanager
async def nio_in(url: str, room: str) -> AsyncIterator[nio.AsyncClient]:
    """The auditor by matrix-nio, in a room that they are invited to."""
    client = nio.AsyncClient(url, "@auditor:localhost")
    try:
        await client.login(PASSWORD)
        await client.sync(timeout=0, full_state=True)
        await client.join(room)
        await client.sync(timeout=0)
        yield client
    finally:
        await client.close()
