"""Coming to one's conversations on another device: by a passkey, by a code that another device takes, by a call that
rings while the page is closed; and who sees that one is there."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from meydan.identity.tests.passkeys import give_passkeys
from meydan.messaging.tests.served.push_gateway import PushGateway, push_gateway
from meydan.messaging.tests.served.test_pushers import Browser
from tests.journeys.chatting import app_of, enter, new_name, open_chat, room_of, write
from tests.journeys.people import LIMIT, PASSWORD, City
from tests.journeys.proving import open_account
from tests.journeys.test_chat_inbox import switch_on
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser


def look_at(city: City, role: str, room: str) -> Page:
    """Somebody's page with this conversation."""
    page = open_chat(city, role)
    page.locator(f".chat-rows [data-room='{room}'] a").click(timeout=LIMIT)
    expect(page.locator(".chat-composer textarea")).to_be_visible()
    return page


def test_who_is_there_is_seen_unless_they_hide_it(city: City) -> None:
    app = app_of(city, "citizen")
    told = {"preset": "trusted_private_chat", "is_direct": True, "invite": ["@neighbour:localhost"]}
    room = str(app.call("POST", "createRoom", told)["room_id"])
    app_of(city, "neighbour").call("POST", f"join/{room}")
    neighbour = look_at(city, "neighbour", room)
    citizen = look_at(city, "citizen", room)
    expect(citizen.locator(".chat-under")).to_have_text("Here now", timeout=LIMIT)

    neighbour.locator(".chat-back").click()
    neighbour.locator("[data-settings]").click()
    switch = neighbour.get_by_role("switch", name="Show that I am here")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    neighbour.keyboard.press("Escape")
    asked: list[str] = []
    neighbour.on("request", lambda request: asked.append(request.url))
    neighbour.reload()
    neighbour.locator(f".chat-rows [data-room='{room}'] a").click(timeout=LIMIT)
    write(neighbour, "You do not see me")
    expect(citizen.locator(".chat-event", has_text="You do not see me")).to_be_visible(timeout=LIMIT)
    wait_for(lambda: sum("simplified_msc3575/sync" in one for one in asked) > 1, 30, "it has asked for news")
    syncs = [one for one in asked if "simplified_msc3575/sync" in one]
    assert all(one.endswith("?set_presence=offline") for one in syncs), syncs
    assert not [one for one in asked if "/presence/" in one], "who hides does not look"
    expect(neighbour.locator(".chat-under")).to_have_text("")


@pytest.mark.long
def test_a_passkey_opens_the_conversations(city: City) -> None:
    page, passkeys = open_account(city, "passkey@demo.example")
    fresh = city.open_window(workers="block", named=True)
    known = give_passkeys(fresh, makes_keys=False)
    for one in passkeys.all():
        known.take(one)
    page.context.close()
    city.windows.remove(page.context)
    fresh.goto("/accounts/login/?next=/chat/")
    fresh.locator("form[data-passkey=login] button[type=submit]").click()
    expect(fresh).to_have_url(re.compile(r"/chat/$"), timeout=LIMIT)
    expect(fresh.locator(".chat-row, .chat-empty").first).to_be_visible(timeout=LIMIT)
    expect(fresh.locator("[data-line]")).to_be_hidden(timeout=LIMIT)


@pytest.mark.long
def test_another_browser_is_let_in_by_its_code(city: City) -> None:
    """From the settings one comes to the page's code; the other browser shows one of its own, this one says yes."""
    here = open_chat(city, "citizen")
    here.locator("[data-settings]").click()
    here.locator("[data-settings=link] summary").click()
    expect(here.locator(".chat-code")).to_be_visible(timeout=LIMIT)
    there = city.open_window("en")
    there.goto("/accounts/login/?next=/chat/")  # where the code leads
    there.get_by_role("button", name="Sign in with another device").click()
    code = re.search(r"\d{3}-\d{3}-\d{3}", there.locator("main").inner_text())
    assert code
    here.goto(f"/link/browser?user_code={code[0]}")
    here.locator("main form [value=yes], main [name=password]").first.wait_for()
    if here.locator("main [name=password]").count():
        here.locator("main [name=password]").fill(PASSWORD)
        here.keyboard.press("Enter")
    here.locator("main form [value=yes]").click()
    expect(there).to_have_url(re.compile(r"/chat/$"), timeout=LIMIT)
    expect(there.locator(".chat-row").first).to_be_visible(timeout=LIMIT)


@pytest.fixture
def service() -> Iterator[PushGateway]:
    """What stands in for a browser maker's push service."""
    with push_gateway() as running:
        yield running


def test_a_call_rings_where_the_page_was_closed(city: City, service: PushGateway) -> None:
    """The browser is told at once that it is a call, of which conversation, and nothing of who is there; the page that
    is opened by it rings, for as long as the caller waits."""
    browser, name = Browser(service), new_name("Ringing")
    room = app_of(city, "citizen").make_room(name, "neighbour")
    app_of(city, "neighbour").call("POST", f"join/{room}")
    called = switch_on(city, "neighbour", browser)
    expect(called.locator(f".chat-rows [data-room='{room}']")).to_be_visible(timeout=LIMIT)
    called.goto("/offline")  # the messenger is closed
    caller = open_chat(city, "citizen")
    enter(caller, name)
    caller.get_by_role("button", name="Voice call").first.click()
    wait_for(lambda: any(browser.read(one.body).get("type") for one in service.got), 30, "the browser is told")
    told = next(said for one in service.got if (said := browser.read(one.body)).get("type"))
    assert (told["type"], told["room_id"], told["prio"]) == ("m.call.invite", room_of(caller), "high")
    assert not {"sender", "content", "room_name", "sender_display_name"} & told.keys()
    called.goto(f"/chat/#{room}")
    called.get_by_role("button", name="Answer the call").click(timeout=LIMIT)
    for page in (caller, called):
        expect(page.locator(".call[data-state=live]")).to_be_visible(timeout=LIMIT)
    caller.get_by_role("button", name="Hang up").click()
