"""The messenger in the browser, between people in browsers and in other apps."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import nio
import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.chatting import (
    ARRIVED,
    Elsewhere,
    app_of,
    begin_with,
    choose,
    enter,
    message,
    new_name,
    new_person,
    nio_in,
    open_chat,
    room_of,
    write,
)
from tests.journeys.people import LIMIT, PASSWORD, PHONE, City, photo
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
DESK = (1280, 800)


def test_two_people_write_to_each_other(city: City, tmp_path: Path) -> None:
    ada, ben = new_person(city), new_person(city)
    citizen, neighbour = open_chat(city, ada), open_chat(city, ben, size=DESK)
    begin_with(citizen, ben)
    room, hello = room_of(citizen), new_name("Hello there")
    write(citizen, f"*{hello}*")
    expect(message(citizen, hello).locator("strong")).to_have_text(hello)
    neighbour.locator(f".chat-rows [data-room='{room}'] a").click()
    neighbour.locator(".chat-invite .button, .chat-composer").first.wait_for()
    if neighbour.locator(".chat-invite").is_visible():  # not where an earlier run of these tests has left its city
        neighbour.locator(".chat-invite .button").first.click()
    expect(message(neighbour, hello)).to_be_visible(timeout=3 * LIMIT)  # the encryption is being loaded
    expect(message(citizen, hello).locator(".chat-state.read")).to_be_visible(timeout=LIMIT)

    neighbour.locator(".chat-composer textarea").press_sequentially("مر")
    expect(citizen.locator(".chat-head .chat-call")).to_contain_text("is writing")
    write(neighbour, "مرحبا يا جاري")
    answered = message(citizen, "مرحبا يا جاري")
    expect(answered).to_be_visible()
    answered.locator(".chat-bubble").click(button="right")
    citizen.locator(".chat-quick button").first.click()
    expect(message(neighbour, "مرحبا").locator(".chat-reaction")).to_contain_text("👍")
    message(citizen, "مرحبا").locator(".chat-reaction").click()
    expect(neighbour.locator(".chat-reaction")).to_have_count(0)

    choose(citizen, message(citizen, "مرحبا"), "Answer")
    write(citizen, "Fine, and you?")
    expect(message(neighbour, "Fine, and you?").locator(".chat-quote")).to_contain_text("مرحبا يا جاري")
    choose(citizen, message(citizen, "Fine, and you?"), "Change")
    write(citizen, "Very well, and you?")
    expect(message(neighbour, "Very well").locator(".chat-foot")).to_contain_text("edited")
    expect(neighbour.locator(".chat-event", has_text="Fine, and you?")).to_have_count(0)

    citizen.locator(".chat-composer input[type=file]").set_input_files(photo(tmp_path, "before"))
    picture = neighbour.locator(".chat-picture img").last
    expect(picture).to_be_visible(timeout=LIMIT)
    neighbour.wait_for_function("node => node.complete && node.naturalWidth > 0", arg=picture.element_handle())
    picture.click()
    neighbour.wait_for_function("() => document.querySelector('.chat-large img')?.naturalWidth > 0")
    neighbour.keyboard.press("Escape")

    write(citizen, "A slip of the pen")
    expect(message(neighbour, "A slip of the pen")).to_be_visible()
    choose(citizen, message(citizen, "A slip of the pen"), "Delete")
    citizen.locator(".chat-ask .danger").click()
    expect(message(neighbour, "This message was deleted.")).to_be_visible()
    expect(neighbour.locator(".chat-event", has_text="A slip of the pen")).to_have_count(0)


def test_a_group_is_found_entered_muted_pinned_searched_and_left(city: City) -> None:
    citizen, neighbour, developer = (open_chat(city, role) for role in ("citizen", "neighbour", "moderator"))
    name = new_name("Gardeners")
    citizen.locator("[data-begin]").click()
    citizen.locator(".chat-group summary").click()
    citizen.locator("#chat-group-name").fill(name)
    citizen.locator("#chat-group-open").check()
    citizen.locator(".chat-group .button").click()
    expect(citizen.locator("#chat-name")).to_have_text(name)
    neighbour.locator("[data-begin]").click()
    neighbour.locator(".chat-public", has_text=name).locator(".button").click()
    expect(neighbour.locator("#chat-name")).to_have_text(name)
    expect(message(citizen, "has joined")).to_be_visible()

    citizen.locator(".chat-about").click()
    citizen.locator(".chat-begin .stack > input[type=search]").fill("moderator")
    citizen.locator(".chat-pick", has_text="@moderator:").click()
    expect(citizen.locator(".chat-begin [role=status]", has_text="was invited")).to_be_visible()
    citizen.locator(".chat-begin .chat-head .chat-tool").click()
    enter(developer, name)
    write(developer, "Tulips want water")
    expect(message(citizen, "Tulips want water").locator(".chat-sender")).to_be_visible()

    neighbour.locator(".chat-back").click()
    row = neighbour.locator(".chat-row", has_text=name)
    write(citizen, "And roses too")
    expect(row.locator(".chat-count")).to_be_visible(timeout=LIMIT)
    row.click()
    expect(message(neighbour, "And roses too")).to_be_visible()
    neighbour.locator(".chat-about").click()
    expect(neighbour.locator(".chat-begin h3", has_text=re.compile("Members: .?3"))).to_be_visible()
    pin, mute = (neighbour.locator(".chat-deeds button").nth(place) for place in range(2))
    for button in (pin, mute):
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    neighbour.locator(".chat-begin .search input").fill("tulips")
    neighbour.locator(".chat-begin .search .button").click()
    neighbour.locator(".chat-begin .chat-pick", has_text="Tulips want water").click()
    expect(neighbour.locator(".chat-event.found")).to_contain_text("Tulips")
    neighbour.locator(".chat-back").click()
    first = neighbour.locator(".chat-rows li").first
    expect(first).to_contain_text(name)
    expect(first.locator(".chat-small")).to_have_count(2)

    first.locator("a").click()
    neighbour.locator(".chat-about").click()
    neighbour.locator(".chat-leave > .button").click()
    neighbour.locator(".chat-leave .danger").click()
    expect(neighbour.locator(".chat-row", has_text=name)).to_have_count(0)
    expect(message(citizen, "has left")).to_be_visible()


async def _talk_by_nio(url: str, room: str, words: str) -> list[str]:
    async with nio_in(url, room) as client:
        await client.room_send(room, "m.room.message", {"msgtype": "m.text", "body": words})
        said = await client.room_messages(room, limit=50)
        assert isinstance(said, nio.RoomMessagesResponse), said
        return [
            f"{type(event).__name__}: {getattr(event, 'body', '')} {getattr(event, 'url', '')}" for event in said.chunk
        ]


def test_matrix_nio_reads_what_the_page_sends_and_the_page_what_nio_sends(city: City, tmp_path: Path) -> None:
    page, name = open_chat(city, "citizen"), new_name("With nio")
    room = app_of(city, "citizen").make_room(name, "auditor")
    enter(page, name)
    write(page, "What _our_ page says")
    page.locator(".chat-composer input[type=file]").set_input_files(photo(tmp_path, "before"))
    expect(page.locator(".chat-picture img")).to_be_visible(timeout=LIMIT)
    wait_for(lambda: page.locator(".chat-state", has_text="Waits").count() == 0, 20, "all is sent")
    with ThreadPoolExecutor(1) as aside:  # Playwright's own loop runs in this thread
        read = aside.submit(asyncio.run, _talk_by_nio(city.house.gateway, room, "What nio says")).result(60)
    expect(message(page, "What nio says")).to_be_visible(timeout=LIMIT)
    assert any("RoomMessageText: What _our_ page says" in one for one in read), read
    assert any(re.match(r"RoomMessageImage: before\.jpg mxc://", one) for one in read), read


def test_a_case_says_that_the_city_reads_it_and_offices_bear_their_mark(city: City) -> None:
    page = open_chat(city, "citizen")
    case = page.locator(".chat-row:has(.chat-official)").last  # the demo's own: other journeys' come above it
    case.click()
    expect(page.locator(".chat-note.city")).to_contain_text("The city reads this conversation")
    expect(page.locator(".chat-head h2 .chat-official")).to_be_visible()
    expect(page.locator(".chat-said.office .chat-official").first).to_be_visible()


SLOWLY = """async () => {
  const port = document.querySelector(".chat-port");
  const below = () => port.scrollHeight - port.scrollTop;  // what comes meanwhile of older messages is above
  const from = below();
  for (let step = 0; step < 60; step += 1) {
    if (step % 2) port.scrollTop -= 10;
    await new Promise(requestAnimationFrame);
  }
  return below() - from;
}"""


def test_who_scrolls_slowly_up_is_not_pulled_back(city: City) -> None:
    page, _friend, _room = _at_the_newest(city, "Slowly", 30)
    assert page.evaluate(SLOWLY) > 150


def _at_the_newest(city: City, name: str, lines: int) -> tuple[Page, Elsewhere, str]:
    """A page that shows the end of a conversation of so many lines; who writes there, and the room's id."""
    page, name, friend = open_chat(city, "citizen"), new_name(name), app_of(city, "neighbour")
    room = friend.make_room(name, "citizen")
    for number in range(lines):
        friend.send(room, {"msgtype": "m.text", "body": f"line {number}"})
    enter(page, name)
    expect(message(page, f"line {lines - 1}")).to_be_visible(timeout=LIMIT)
    return page, friend, room


GROWN = """async () => {
  const port = document.querySelector(".chat-port"), head = document.querySelector(".chat-head");
  const frame = () => new Promise(requestAnimationFrame);
  head.style.marginBlockEnd = "120px";
  await frame(), await frame(), await frame();
  head.style.marginBlockEnd = "";
  port.scrollHeight; // the page is laid out before the next frame, as by whatever asks where something is
  await frame(), await frame();
}"""


def test_who_is_at_the_newest_stays_there_when_the_conversation_gets_more_room(city: City) -> None:
    page, friend, room = _at_the_newest(city, "Room", 40)
    page.evaluate(GROWN)
    for number in range(40, 45):
        friend.send(room, {"msgtype": "m.text", "body": f"line {number}"})
    expect(message(page, "line 44")).to_be_visible(timeout=LIMIT)
    expect(message(page, "line 44")).to_be_in_viewport()


PUSHED = """async () => {
  const port = document.querySelector(".chat-port"), frame = () => new Promise(requestAnimationFrame);
  for (let still = 0; still < 10; still += 1) {
    if (port.scrollHeight - port.scrollTop - port.clientHeight > 1) still = 0; // the conversation is opening
    await frame();
  }
  const from = port.scrollTop, last = [...port.querySelectorAll(".chat-event")].at(-1);
  last.style.marginBlockStart = "-30px"; // a row turns out to be lower than it was thought to be: the browser scrolls
  const moved = port.scrollTop - from;
  last.style.marginBlockStart = "200px"; // and before it says so, a picture has come
  await frame(), await frame();
  last.style.marginBlockStart = "";
  return moved;
}"""


def test_who_is_at_the_newest_stays_there_when_a_picture_comes_while_the_browser_scrolls(city: City) -> None:
    page, friend, room = _at_the_newest(city, "Pushed", 40)
    assert page.evaluate(PUSHED) < 0
    for number in range(40, 45):
        friend.send(room, {"msgtype": "m.text", "body": f"line {number}"})
    expect(message(page, "line 44")).to_be_visible(timeout=LIMIT)
    expect(message(page, "line 44")).to_be_in_viewport()


@pytest.mark.long
def test_who_is_signed_out_elsewhere_is_signed_out_here(city: City) -> None:
    """Ending one's other sessions ends the messenger's page of each at once, and what it kept goes."""
    context = city.browser.new_context(base_url=city.house.address, locale="en")
    there = context.new_page()
    there.goto("/accounts/login/")
    there.fill("main form [name=login]", "auditor")
    there.fill("[name=password]", PASSWORD)
    there.keyboard.press("Enter")
    there.wait_for_url("**/me*")
    there.goto("/chat/")
    expect(there.locator("[data-line]")).to_be_hidden(timeout=LIMIT)
    here = city.open_window("en", role="auditor")
    here.goto("/accounts/sessions/")
    here.locator("main form button[type=submit]").first.click()
    expect(there.locator(".chat-line.signed-out a")).to_be_visible(timeout=LIMIT)
    assert there.locator(".chat-row").count() == 0
    context.close()


def test_what_the_gateway_has_is_said_to_be_sent_before_it_comes_back(city: City) -> None:
    """On a line that loses packets the sync with what one has written oneself may come seconds later."""
    page, app = open_chat(city, "citizen"), app_of(city, "citizen")
    room = app.make_room(name := new_name("A slow echo"))
    enter(page, name)
    held, slow = list[Route](), True
    page.route("**/*msc3575/sync*", lambda route: held.append(route) if slow else route.continue_())
    app.send(room, {"msgtype": "m.text", "body": "The poll that is under way ends"})
    expect(message(page, "The poll that is under way ends")).to_be_visible(timeout=LIMIT)
    wait_for(lambda: bool(page.evaluate("true") and held), 10, "the next one is held back")
    write(page, "No echo yet")
    expect(message(page, "No echo yet").locator(".chat-state")).to_contain_text("Sent", timeout=LIMIT)
    slow = False
    for route in held:
        route.continue_()
    expect(page.locator(".chat-event[data-event^='$']", has_text="No echo yet")).to_have_count(1, timeout=LIMIT)


def test_a_change_is_made_before_the_part_for_mentions_is_there(city: City) -> None:
    """On a slow line what was answered can be changed, and again, while that part is on its way."""
    page, app = open_chat(city, "citizen", workers="block"), app_of(city, "neighbour")
    room = app.make_room(name := new_name("A quick change"), "citizen")
    held, slow = list[Route](), True
    page.route("**/chat/mentions*", lambda route: held.append(route) if slow else route.continue_())
    enter(page, name)
    app.send(room, {"msgtype": "m.text", "body": "How are you?"})
    choose(page, message(page, "How are you?"), "Answer")
    write(page, "Fine")
    expect(message(page, "Fine").locator(".chat-state")).to_contain_text("Sent", timeout=LIMIT)
    choose(page, message(page, "Fine"), "Change")
    write(page, "Very well")
    expect(message(page, "Very well").locator(".chat-foot")).to_contain_text("edited", timeout=LIMIT)
    wait_for(lambda: bool(page.evaluate("true") and held), 10, "the part is held back")
    slow = False
    for route in held:
        route.continue_()
    field = page.locator(".chat-composer textarea")
    field.press_sequentially("@nei")
    expect(page.locator(".chat-mentions [role=option]").first).to_contain_text("@neighbour:", timeout=LIMIT)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_keyboard_alone_does_it(city: City, size: tuple[int, int]) -> None:
    page, name = open_chat(city, "citizen", size=size), new_name("By keys")
    room = app_of(city, "citizen").make_room(name)
    row = page.locator(f".chat-rows [data-room='{room}'] a")
    expect(row).to_be_visible()
    page.locator("#chat-filter").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    for _step in range(30):
        if row.evaluate("node => node === document.activeElement"):
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#chat-name")).to_have_text(name)
    page.locator(".chat-composer textarea").focus()
    page.keyboard.type("Written by keys")
    page.keyboard.press("Enter")
    expect(message(page, "Written by keys").locator(".chat-state")).to_contain_text(ARRIVED)
    expect(page.locator(".chat-event[data-event^='$']", has_text="Written by keys")).to_be_visible(timeout=LIMIT)
    page.locator(".chat-port").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".chat-menu").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".chat-menu")).to_have_count(0)
    assert quote(room) in quote(room_of(page))


def test_what_is_pressed_before_the_scripts_are_there_counts(city: City) -> None:
    page = city.open_window("en", role="citizen", workers="block")
    held, slow = list[Route](), True
    page.route("**/vendor/chat/list-*", lambda route: held.append(route) if slow else route.continue_())
    page.goto("/chat/", wait_until="commit")
    page.locator("[data-begin]").click()
    page.wait_for_function("() => document.querySelector('link[rel=modulepreload]')")
    expect(page.locator("dialog")).to_have_count(0)
    slow = False
    for route in held:
        route.continue_()
    expect(page.locator("summary", has_text="New group")).to_be_visible()


SIDES = """() => [...document.querySelectorAll(".chat-port .chat-said")].map((said) => {
  const port = said.closest(".chat-port").getBoundingClientRect();
  const box = said.querySelector(".chat-bubble").getBoundingClientRect();
  const text = said.querySelector(".chat-text");
  return { mine: said.classList.contains("mine"), words: text?.textContent ?? "",
    direction: text && getComputedStyle(text).direction,
    isLeft: box.left - port.left < port.right - box.right };
})"""
LINES = """node => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const seen = [...range.getClientRects()].filter(({ width }) => width > 1);  // the end of a line has a place too
  return seen.map(({ left, right }) => ({ left, right }));
}"""


@pytest.mark.parametrize("language", ["en", "ar"])
def test_each_message_has_its_own_direction(city: City, language: str) -> None:
    """Arabic in an English page and English in an Arabic one, numbers and names within: each is read as it is written,
    and stands on its writer's side of the page."""
    page, name = open_chat(city, "citizen", language, size=DESK), new_name("Mixed")
    friend = app_of(city, "neighbour")
    room = friend.make_room(name, "citizen")
    app_of(city, "citizen").call("POST", f"join/{quote(room)}")
    page.locator(f".chat-rows [data-room='{room}'] a").click()
    expect(page.locator(".chat-composer textarea")).to_be_visible()
    said = {"شارع 12, Main Street، الساعة 9": "rtl", "Hello يا جاري 12": "ltr", "12:30 غدا": "rtl"}
    for words in said:
        friend.send(room, {"msgtype": "m.text", "body": words})
        write(page, words)
    expect(page.locator(".chat-said.mine .chat-text")).to_have_count(len(said), timeout=LIMIT)
    expect(page.locator(".chat-said:not(.mine) .chat-text")).to_have_count(len(said), timeout=LIMIT)
    for one in page.evaluate(SIDES):
        assert one["direction"] == said[one["words"]], one
        assert one["isLeft"] is (not one["mine"] if language == "en" else one["mine"]), one
    friend.send(room, {"msgtype": "m.text", "body": "A longer line in English first\nنعم"})
    two = message(page, "A longer line").locator(".chat-text")
    expect(two).to_be_visible(timeout=LIMIT)
    first, second = two.evaluate(LINES)
    assert second["right"] == pytest.approx(first["right"], abs=3) and second["left"] > first["left"] + 60, (
        "its own side"
    )
    field = page.locator(".chat-composer textarea")
    for words, direction in (("مرحبا", "rtl"), ("Hello", "ltr")):
        field.fill(words)
        assert field.evaluate("node => getComputedStyle(node).direction") == direction


def test_a_draft_waits_in_its_conversation(city: City) -> None:
    """Also when the page is closed; it stands in the list, and nowhere else."""
    page, names = open_chat(city, "citizen", size=DESK), [new_name("Drafts"), new_name("Drafts")]
    rooms = [app_of(city, "citizen").make_room(name) for name in names]
    rows = [page.locator(f".chat-rows [data-room='{room}']") for room in rooms]
    rows[0].locator("a").click()
    field = page.locator(".chat-composer textarea")
    field.fill("Half a thought")
    rows[1].locator("a").click()
    expect(page.locator("#chat-name")).to_have_text(names[1])
    expect(field).to_have_value("")
    expect(rows[0]).to_contain_text("Draft: ⁨Half a thought⁩")
    page.wait_for_timeout(700)  # it is written down
    page.reload()
    expect(rows[0]).to_contain_text("Half a thought", timeout=LIMIT)
    rows[0].locator("a").click()
    expect(field).to_have_value("Half a thought")
    field.press("Enter")
    expect(message(page, "Half a thought").locator(".chat-state", has_text=ARRIVED)).to_have_count(1, timeout=LIMIT)
    expect(rows[0].locator(".chat-row-text")).not_to_contain_text("Draft")


FORMS = {
    "*strong*": ("strong", "strong"),
    "_leaning_": ("em", "leaning"),
    "~gone~": ("del", "gone"),
    "`2 *3* 4`": ("code", "2 *3* 4"),
}


def test_light_formatting_is_drawn_and_understood_elsewhere(city: City) -> None:
    page, name = open_chat(city, "citizen"), new_name("Forms")
    room = app_of(city, "citizen").make_room(name)
    enter(page, name)
    for written, (tag, words) in FORMS.items():
        write(page, written)
        expect(page.locator(f".chat-text {tag}", has_text=words)).to_be_visible(timeout=LIMIT)
    wait_for(lambda: page.locator(".chat-state", has_text="Waits").count() == 0, 20, "all is sent")
    said = [one["content"] for one in app_of(city, "citizen").events(room) if one["type"] == "m.room.message"]
    for content, (tag, _words) in zip(said, FORMS.values(), strict=True):
        assert f"<{tag}>" in content["formatted_body"], content
