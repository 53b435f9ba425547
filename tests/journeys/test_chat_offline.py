"""A day without a line: what is written then arrives once and in order, also when the page was closed and the gateway
died in between."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.chatting import (
    app_of,
    enter,
    message,
    new_name,
    open_chat,
    room_of,
    wait_until_it_opens_without_a_line,
    write,
)
from tests.journeys.people import LIMIT, City, photo
from tests.journeys.test_sealed_chat import SLOW, two_who_write
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
MESSAGES, PHOTOS = 50, 5
ARRIVES = 120.0
COUNT = """() => new Promise((resolve, reject) => {
  const request = indexedDB.open("meydan-chat-outbox");
  request.onerror = () => reject(request.error);
  request.onsuccess = () => {
    const asked = request.result.transaction("outbox").objectStore("outbox").count();
    asked.onsuccess = () => { request.result.close(); resolve(asked.result); };
  };
})"""

KEPT = "async () => (await (await caches.open('meydan-chat')).match('/chat/'))?.text()"


def _count(page: Page) -> int:
    """How much waits on this device."""
    return int(page.evaluate(COUNT))


def _wait_for_outbox(page: Page, count: int) -> None:
    wait_for(lambda: _count(page) == count, 30, f"{count} things wait in the outbox")


def _texts(events: list[dict[str, Any]]) -> list[str]:
    """What the citizen has said, in order."""
    said = [event["content"] for event in events if event["sender"] == "@citizen:localhost"]
    return [str(content["body"]) for content in said if "body" in content]


def test_a_day_without_a_line_arrives_once_and_in_order(city: City, tmp_path: Path) -> None:
    page, name = open_chat(city, "citizen"), new_name("A day")
    friend = app_of(city, "neighbour")
    room = friend.make_room(name, "citizen")
    enter(page, name)
    target = friend.send(room, {"msgtype": "m.text", "body": "Morning"})
    expect(message(page, "Morning")).to_be_visible(timeout=LIMIT)
    wait_until_it_opens_without_a_line(page)
    assert "chat-row-name" not in page.evaluate(KEPT), "what is kept of the page says nothing of anybody"

    phone = page.context
    phone.set_offline(True)
    said = []
    for number in range(MESSAGES):
        write(page, f"word {number:02d}")
        said.append(f"word {number:02d}")
        if number % 10 == 9:
            page.locator(".chat-composer input[type=file]").set_input_files(photo(tmp_path, f"photo{number}"))
            said.append(f"photo{number}.jpg")
            _wait_for_outbox(page, len(said))
    page.locator(".chat-port").evaluate("node => { node.scrollTop = 0 }")
    message(page, "Morning").locator(".chat-bubble").click(button="right")
    page.locator(".chat-quick button").first.click()
    _wait_for_outbox(page, len(said) + 1)
    page.close()

    gateway = city.house.find("gateway")[0].pid
    later = phone.new_page()
    later.goto("/chat/")
    expect(later.locator(".chat-row", has_text=name)).to_be_visible(timeout=LIMIT)
    assert _count(later) == len(said) + 1, "it is all there again, without a line"
    phone.set_offline(False)
    wait_for(lambda: len(_texts(friend.events(room))) >= 5, ARRIVES, "the first have arrived")
    city.house.kill("gateway")
    city.house.wait_until_well("gateway", gateway, 60)
    wait_for(lambda: not _count(later), ARRIVES, "nothing waits any more")
    events = friend.events(room, limit=200)
    assert _texts(events) == said, "once, and in order"
    reactions = [event for event in events if event["type"] == "m.reaction"]
    assert [event["content"]["m.relates_to"]["event_id"] for event in reactions] == [target]
    later.locator(".chat-row", has_text=name).click()
    expect(message(later, f"word {MESSAGES - 1}")).to_be_visible(timeout=LIMIT)
    assert room_of(later) == room
    city.excuse(city.house.gateway)  # it was dead for a while


def _slow_down(line: CDPSession, *, up: int, offline: bool = False) -> None:
    """So many bytes a second go up; -1: as many as can."""
    told = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": up}
    line.send("Network.emulateNetworkConditions", told)


def _noisy_photo(folder: Path, name: str) -> Path:
    """A photo that no compression makes small: some hundred kilobytes."""
    path = folder / f"{name}.jpg"
    Image.effect_noise((900, 700), 90).convert("RGB").save(path, "JPEG", quality=85)
    return path


@pytest.mark.long
def test_a_photo_that_is_cut_off_is_sent_again_and_one_that_is_taken_back_is_not(city: City, tmp_path: Path) -> None:
    page, name = open_chat(city, "citizen"), new_name("Cut off")
    friend = app_of(city, "neighbour")
    room = friend.make_room(name, "citizen")
    enter(page, name)
    files, bar = page.locator(".chat-composer input[type=file]"), page.locator(".chat-upload progress")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    _slow_down(line, up=20_000)
    files.set_input_files(_noisy_photo(tmp_path, "cut"))
    page.wait_for_function("() => document.querySelector('.chat-upload progress')?.value > 0.2", timeout=LIMIT)
    _slow_down(line, up=20_000, offline=True)
    page.wait_for_timeout(1500)
    expect(page.locator(".chat-state", has_text="Waits")).to_have_count(1)
    assert _count(page) == 1, "it is still here"
    _slow_down(line, up=-1)
    expect(bar).to_have_count(0, timeout=LIMIT)

    _slow_down(line, up=20_000)
    files.set_input_files(_noisy_photo(tmp_path, "taken back"))
    page.wait_for_function("() => document.querySelector('.chat-upload progress')?.value > 0.1", timeout=LIMIT)
    page.get_by_role("button", name="Stop sending").click()
    expect(bar).to_have_count(0)
    _slow_down(line, up=-1)
    write(page, "After it")
    wait_for(lambda: "After it" in _texts(friend.events(room)), ARRIVES, "the next one has arrived")
    assert _texts(friend.events(room)) == ["cut.jpg", "After it"]
    content = next(one["content"] for one in friend.events(room) if one["content"].get("body") == "cut.jpg")
    got = page.evaluate(FETCHED, [city.house.gateway, content["url"], friend.token])
    assert got == content["info"]["size"], "and it is whole"
    city.excuse(city.house.gateway)  # what was cut off


FETCHED = """async ([gateway, url, token]) => {
  const address = `${gateway}/_matrix/client/v1/media/download/${url.slice("mxc://".length)}`;
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
  return (await answer.arrayBuffer()).byteLength;
}"""


WATCHED = """
globalThis.pieces = [];
const real = globalThis.fetch;
globalThis.fetch = async (address, given) => {
  if (!String(address).includes("org.meydan.upload")) return real(address, given);
  const [, line] = (await given.body.slice(0, 2000).text()).split("\\n");
  globalThis.pieces.push({ ...JSON.parse(line), bytes: given.body.size });
  return real(address, given);
};"""


def test_a_photo_goes_on_where_it_was_also_after_page_and_gateway_have_died(city: City, tmp_path: Path) -> None:
    page, name = open_chat(city, "citizen"), new_name("Goes on")
    friend = app_of(city, "neighbour")
    room = friend.make_room(name, "citizen")
    enter(page, name)
    phone, line = page.context, page.context.new_cdp_session(page)
    phone.add_init_script(WATCHED)
    line.send("Network.enable")
    _slow_down(line, up=40_000)
    page.locator(".chat-composer input[type=file]").set_input_files(_noisy_photo(tmp_path, "half"))
    page.wait_for_function("() => document.querySelector('.chat-upload progress')?.value > 0.1", timeout=LIMIT)
    page.close()
    gateway = city.house.find("gateway")[0].pid
    city.house.kill("gateway")
    city.house.wait_until_well("gateway", gateway, 60)

    later = phone.new_page()
    later.goto("/chat/")
    wait_for(lambda: not _count(later), ARRIVES, "nothing waits any more")
    assert _texts(friend.events(room)) == ["half.jpg"]
    _demand_it_goes_on(later.evaluate("globalThis.pieces"))
    _demand_whole(later, city, room, "half.jpg")
    city.excuse(city.house.gateway)


def _demand_it_goes_on(pieces: list[dict[str, Any]]) -> None:
    """It asks how much is there, again where nobody answers yet, and sends what follows."""
    asked, first = pieces[0], next(one for one in pieces if one["from"] != -1)
    assert asked["from"] == -1 and first["from"] > 0, pieces
    assert first["content_uri"] == asked["content_uri"]


def _demand_whole(page: Page, city: City, room: str, name: str) -> None:
    """The file has all its bytes, and its picture can be made."""
    friend = app_of(city, "neighbour")
    content = next(one["content"] for one in friend.events(room) if one["content"].get("body") == name)
    assert page.evaluate(FETCHED, [city.house.gateway, content["url"], friend.token]) == content["info"]["size"]
    page.locator(f".chat-rows [data-room='{room}'] a").click()
    picture = page.locator(".chat-picture img").last
    page.wait_for_function("node => node.complete && node.naturalWidth > 0", arg=picture.element_handle(timeout=LIMIT))


@pytest.mark.long
def test_what_is_encrypted_goes_on_with_the_same_bytes(city: City, tmp_path: Path) -> None:
    ada, ben, _room = two_who_write(city)
    phone, line = ada.context, ada.context.new_cdp_session(ada)
    write(ada, "A picture follows")
    expect(message(ben, "A picture follows")).to_be_visible(timeout=SLOW)
    phone.add_init_script(WATCHED)
    line.send("Network.enable")
    _slow_down(line, up=40_000)
    ada.locator(".chat-composer input[type=file]").set_input_files(_noisy_photo(tmp_path, "sealed"))
    ada.wait_for_function("() => document.querySelector('.chat-upload progress')?.value > 0.1", timeout=SLOW)
    there = ada.url
    ada.close()
    later = phone.new_page()
    later.goto(there)
    picture = ben.locator(".chat-picture img").last
    picture.wait_for(timeout=SLOW)  # it is what its message says: its hash was looked at
    ben.wait_for_function("node => node.complete && node.naturalWidth > 0", arg=picture.element_handle(), timeout=SLOW)
    _demand_it_goes_on(later.evaluate("globalThis.pieces"))
