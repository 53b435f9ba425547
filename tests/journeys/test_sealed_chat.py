"""Encrypted conversations in the messenger's page: between pages, and with the clients of others on the other side."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from meydan.messaging.pages.seal_words import SEAL_WORDS
from tests.journeys.chatting import (
    ARRIVED,
    begin_with,
    choose,
    enter,
    message,
    new_name,
    new_person,
    open_chat,
    room_of,
    sign_in_anew,
    wait_until_it_opens_without_a_line,
    write,
)
from tests.journeys.people import LIMIT, PASSWORD, PHONE, City, photo
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
SLOW = 90_000
"""Milliseconds that it takes to load, compile and begin with the encryption where a machine does other things too."""
DESK = (1280, 800)
EMOJI = {name.removeprefix("emoji-") for name in SEAL_WORDS if name.startswith("emoji-")}


def accept(page: Page, room: str) -> None:
    """Enter the conversation that one is invited to."""
    page.locator(f".chat-rows [data-room='{room}'] a").click(timeout=LIMIT)
    page.locator(".chat-invite .button").first.click()
    expect(page.locator(".chat-composer textarea")).to_be_visible()


def two_who_write(city: City, size: tuple[int, int] = PHONE) -> tuple[Page, Page, str]:
    """Two new people in an encrypted conversation of theirs; the first one's window is of this size."""
    ada, ben = new_person(city), new_person(city)
    first, second = open_chat(city, ada, size=size), open_chat(city, ben, size=DESK)
    begin_with(first, ben)
    room = room_of(first)
    accept(second, room)
    expect(first.locator(".chat-note")).to_contain_text("only those in here can read it")
    return first, second, room


def name_of(page: Page) -> str:
    """The username of whoever has signed in here."""
    return str(page.evaluate(_PASS)["user_id"])[1:].split(":")[0]


_PASS = """async () => {
  const body = JSON.stringify({ store: localStorage.getItem("chat-store") });
  const headers = { "Content-Type": "application/json" };
  return (await fetch(document.querySelector("[data-chat]").dataset.device, { method: "POST", body, headers })).json();
}"""


def dialog(page: Page) -> Locator:
    """The dialog that is open."""
    return page.locator("dialog.seal[open]").last


def open_devices(page: Page) -> Locator:
    """The dialog about devices and keys, once it has asked."""
    page.locator("[data-devices]").click()
    expect(page.locator("dialog[data-ready]")).to_be_visible(timeout=SLOW)
    return dialog(page)


def make_recovery_key(page: Page) -> str:
    """The recovery key that is shown once."""
    devices = open_devices(page)
    devices.get_by_role("button", name="Make a recovery key").click()
    dialog(page).get_by_role("button", name="Make it now").click()
    key = dialog(page).locator("output.seal-key")
    expect(key).to_be_visible(timeout=LIMIT)
    said = key.inner_text()
    dialog(page).locator("#seal-sure").check()
    dialog(page).get_by_role("button", name="Done").click()
    expect(devices).to_contain_text("You have one.", timeout=LIMIT)
    expect(devices).to_contain_text(re.compile("The city keeps .?[1-9]"), timeout=SLOW)
    close(page)
    return said


def close(page: Page) -> None:
    """Close the dialog that is open."""
    dialog(page).locator(".chat-head .chat-tool").click()


def test_two_pages_write_and_nobody_else_can_read(city: City, tmp_path: Path) -> None:
    ada, ben, room = two_who_write(city)
    write(ada, "The *secret* plan")
    expect(message(ben, "The secret plan").locator("strong")).to_have_text("secret", timeout=SLOW)
    write(ben, "I have read it")
    expect(message(ada, "I have read it")).to_be_visible(timeout=LIMIT)

    choose(ada, message(ada, "I have read it"), "Answer")
    write(ada, "Fine, and you?")
    expect(message(ben, "Fine, and you?").locator(".chat-quote")).to_contain_text("I have read it")
    choose(ada, message(ada, "Fine, and you?"), "Change")
    write(ada, "Very well, and you?")
    expect(message(ben, "Very well").locator(".chat-foot")).to_contain_text("edited")
    expect(ben.locator(".chat-event", has_text="Fine, and you?")).to_have_count(0)
    message(ben, "Very well").locator(".chat-bubble").click(button="right")
    ben.locator(".chat-quick button").first.click()
    expect(message(ada, "Very well").locator(".chat-reaction")).to_contain_text("👍")

    ada.locator(".chat-composer input[type=file]").set_input_files(photo(tmp_path, "before"))
    picture = ben.locator(".chat-picture img").last
    ben.wait_for_function("node => node.complete && node.naturalWidth > 0", arg=picture.element_handle(timeout=LIMIT))
    picture.click()
    ben.wait_for_function("() => document.querySelector('.chat-large img')?.naturalWidth > 0")
    ben.keyboard.press("Escape")
    choose(ada, message(ada, "Very well, and you?"), "Delete")
    ada.locator(".chat-ask .danger").click()
    expect(message(ben, "This message was deleted.")).to_be_visible()

    ben.locator(".chat-back").or_(ben.locator(".chat-rows")).first.wait_for()
    kinds = ben.evaluate(_EVENTS, [city.house.gateway, room])
    assert "m.room.encrypted" in kinds["types"] and "m.room.message" not in kinds["types"], kinds
    assert "secret" not in kinds["text"] and "before.jpg" not in kinds["text"], "nothing of it is at the gateway"


_EVENTS = """async ([gateway, room]) => {
  const { device } = document.querySelector("[data-chat]").dataset;
  const body = JSON.stringify({ store: localStorage.getItem("chat-store") });
  const headers = { "Content-Type": "application/json" };
  const said = await (await fetch(device, { method: "POST", body, headers })).json();
  const address = `${gateway}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=100`;
  const text = await (await fetch(address, { headers: { Authorization: `Bearer ${said.access_token}` } })).text();
  return { text, types: JSON.parse(text).chunk.map((event) => event.type) };
}"""


def test_the_first_load_is_without_it_and_the_next_has_it_from_the_browser(city: City) -> None:
    asked: list[str] = []
    page = open_chat(city, "citizen")
    page.context.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator(".chat-row, .chat-empty").first).to_be_visible(timeout=LIMIT)
    page.wait_for_timeout(1000)
    assert not [one for one in asked if "/seal" in one], asked


def test_a_doubt_goes_when_the_devices_of_the_sender_are_known(city: City) -> None:
    """A message may be opened before anybody has said whose device it came from; it is weighed anew, and drawn anew."""
    _ada, ben, _room = two_who_write(city, DESK)  # whoever has written has keys that a third person can give theirs to
    write(ben, "Here I am")
    eve = new_person(city)
    held: list[Route] = []
    is_held = True

    def hold_what_asks_for_eve(route: Route) -> None:
        if is_held and f"@{eve}:" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    ben.context.route("**/keys/query", hold_what_asks_for_eve)
    third = open_chat(city, eve)
    begin_with(third, name_of(ben))
    write(third, "Who am I to you?")
    accept(ben, room_of(third))
    said = message(ben, "Who am I to you?")
    expect(said.locator(".chat-doubt")).to_have_count(1, timeout=SLOW)
    assert held
    is_held = False
    for route in held:
        route.continue_()
    expect(said.locator(".chat-doubt")).to_have_count(0, timeout=SLOW)


@pytest.mark.long
def test_three_pages_of_one_person_share_keys_and_outbox(city: City) -> None:
    """One of them holds the keys, and one sends at a time; whichever goes, the others go on, and nothing goes twice."""
    first, ben, room = two_who_write(city)
    write(first, "From the first")
    expect(message(ben, "From the first")).to_be_visible(timeout=SLOW)
    device = first.evaluate(_PASS)["device_id"]
    second, third = first.context.new_page(), first.context.new_page()
    for page in (second, third):
        page.goto(first.url)
        expect(message(page, "From the first")).to_be_visible(timeout=SLOW)
    said = []
    for number in range(3):
        for name, page in (("first", first), ("second", second), ("third", third)):
            said.append(f"Word {number} of the {name}")
            write(page, said[-1])
    for page in (ben, first, second, third):
        for words in said:
            expect(page.locator(".chat-event[data-event^='$']", has_text=words)).to_have_count(1, timeout=SLOW)
    first.close()  # the one that holds the keys
    write(second, "Without the first")
    expect(message(ben, "Without the first")).to_be_visible(timeout=SLOW)
    write(ben, "To both of you")
    for page in (second, third):
        expect(message(page, "To both of you")).to_be_visible(timeout=SLOW)

    second.context.set_offline(True)
    write(second, "In the tunnel, second")
    write(third, "In the tunnel, third")
    second.close()  # what it has written down goes from the other page
    third.context.set_offline(False)
    for words in ("In the tunnel, second", "In the tunnel, third"):
        expect(ben.locator(".chat-event", has_text=words)).to_have_count(1, timeout=SLOW)
    third.reload()
    for words in (*said, "In the tunnel, second", "To both of you"):
        expect(third.locator(".chat-event[data-event^='$']", has_text=words)).to_have_count(1, timeout=SLOW)
    assert third.evaluate(_PASS)["device_id"] == device, "the store of the keys is the same, and whole"
    written = ben.evaluate(_EVENTS, [city.house.gateway, room])["types"].count("m.room.encrypted")
    assert written == 1 + len(said) + 4
    expect(ben.locator(".chat-doubt")).to_have_count(0)


@pytest.mark.long
def test_who_has_lost_everything_begins_with_new_keys(city: City) -> None:
    """No other device, and no recovery key: new ones, allowed on the account's page. What was before stays closed."""
    ada, ben, room = two_who_write(city)
    write(ben, "Before all was lost")
    expect(message(ada, "Before all was lost")).to_be_visible(timeout=SLOW)
    name = name_of(ada)
    ada.context.close()
    city.windows.remove(ada.context)
    fresh = sign_in_anew(city, name, size=DESK)
    fresh.locator(f".chat-rows [data-room='{room}'] a").click()
    expect(fresh.locator(".chat-event", has_text="Written before you signed in here").first).to_be_visible(timeout=SLOW)
    devices = open_devices(fresh)
    expect(devices).to_contain_text("This browser is not confirmed")
    devices.get_by_role("button", name="Begin with new keys").click()
    dialog(fresh).get_by_role("button", name="Make new keys").click()
    expect(dialog(fresh).locator(".fault")).to_contain_text("It is not allowed yet", timeout=LIMIT)
    with fresh.context.expect_page() as opened:
        dialog(fresh).get_by_role("link", name="Allow it on your account's page").click()
    allowing = opened.value
    allowing.locator("main form .button.danger, main form [name=password]").first.wait_for()
    if allowing.locator("[name=password]").count():
        allowing.locator("[name=password]").fill(PASSWORD)
        allowing.keyboard.press("Enter")
    allowing.get_by_role("button", name="Allow new keys").click()
    expect(allowing.locator("main")).to_contain_text("You can close this page.")
    allowing.close()
    dialog(fresh).get_by_role("button", name="Make new keys").click()
    expect(dialog(fresh)).to_contain_text("This browser is confirmed.", timeout=SLOW)
    close(fresh)
    city.excuse("device_signing/upload")  # that it was not allowed yet
    write(fresh, "Here I am again")
    expect(message(ben, "Here I am again")).to_be_visible(timeout=SLOW)
    expect(message(ben, "Here I am again").locator(".chat-doubt")).to_have_count(0)
    write(ben, "Welcome back")
    expect(message(fresh, "Welcome back")).to_be_visible(timeout=SLOW)
    expect(fresh.locator(".chat-event", has_text="Before all was lost")).to_have_count(0)
    make_recovery_key(fresh)  # with which this does not happen again


@pytest.mark.long
def test_who_is_invited_reads_what_was_before_from_a_confirmed_browser_alone(city: City) -> None:
    ada, ben, cleo = (new_person(city) for _one in range(3))
    first, second, third = (open_chat(city, one) for one in (ada, ben, cleo))
    name = new_name("Archive")
    begin_group(first, name)
    write(first, "Written before anybody came")
    expect(message(first, "Written before").locator(".chat-state", has_text=ARRIVED)).to_have_count(1, timeout=SLOW)
    for page in (second, third):
        open_devices(page)  # which makes their first keys
        close(page)
    first.locator(".chat-back").click()
    key = make_recovery_key(first)
    first.locator(".chat-row", has_text=name).click()
    invite(first, ben)
    expect(first.locator(".chat-begin .seal-state")).to_contain_text("can be read by them as well", timeout=SLOW)
    enter(second, name)
    expect(message(second, "Written before anybody came")).to_be_visible(timeout=SLOW)

    fresh = sign_in_anew(city, ada)  # not confirmed
    fresh.locator(".chat-row", has_text=name).click()
    expect(fresh.locator(".chat-event", has_text="Written before you signed in here").first).to_be_visible(timeout=SLOW)
    write(second, "Written between")
    expect(message(fresh, "Written between")).to_be_visible(timeout=SLOW)
    invite(fresh, cleo)
    told = fresh.locator(".chat-begin .seal-state.warn")
    expect(told).to_contain_text("cannot give them the keys", timeout=SLOW)
    enter(third, name)
    expect(third.locator(".chat-event", has_text="Written before anybody came")).to_have_count(0)
    told.get_by_role("button", name="Devices and keys").click()
    expect(dialog(fresh)).to_contain_text("somebody waits for keys", timeout=SLOW)
    dialog(fresh).get_by_role("button", name="Enter the recovery key").click()
    dialog(fresh).locator("#seal-key").fill(key)
    dialog(fresh).get_by_role("button", name="Open my messages").click()
    expect(dialog(fresh)).to_contain_text("Your keys are back", timeout=SLOW)
    for words in ("Written before anybody came", "Written between"):
        expect(message(third, words)).to_be_visible(timeout=SLOW)


def begin_group(page: Page, name: str) -> None:
    """A private group, which is encrypted."""
    page.locator("[data-begin]").click()
    page.locator(".chat-group summary").click()
    page.locator("#chat-group-name").fill(name)
    page.locator(".chat-group .button").click()
    expect(page.locator("#chat-name")).to_have_text(name)


def invite(page: Page, person: str) -> None:
    """Invite somebody to the conversation that is open; its dialog stays."""
    page.locator(".chat-about").click()
    page.locator(".chat-begin .stack > input[type=search]").fill(person)
    page.locator(".chat-pick", has_text=f"@{person}:").click()
    expect(page.locator(".chat-begin [role=status]", has_text="was invited")).to_be_visible()


@pytest.mark.long
def test_what_was_sent_before_the_other_side_had_any_device_is_read_later(city: City) -> None:
    ada, ben = new_person(city), new_person(city)
    first = open_chat(city, ada)
    begin_with(first, ben)
    write(first, "Written while you were away")
    expect(message(first, "Written while").locator(".chat-state", has_text=ARRIVED)).to_have_count(1, timeout=SLOW)
    second = open_chat(city, ben, size=DESK)
    accept(second, room_of(first))
    expect(message(second, "Written while you were away")).to_be_visible(timeout=SLOW)


@pytest.mark.long
def test_without_a_line_it_is_read_and_written_and_goes_when_it_is_back(city: City) -> None:
    ada, ben, _room = two_who_write(city)
    write(ben, "Before the tunnel")
    expect(message(ada, "Before the tunnel")).to_be_visible(timeout=SLOW)
    wait_until_it_opens_without_a_line(ada)
    ada.context.set_offline(True)
    ada.reload()
    expect(message(ada, "Before the tunnel")).to_be_visible(timeout=LIMIT)
    write(ada, "In the tunnel")
    expect(message(ada, "In the tunnel").locator(".chat-state", has_text="Waits")).to_have_count(1)
    ada.context.set_offline(False)
    expect(message(ben, "In the tunnel")).to_be_visible(timeout=SLOW)
    expect(ben.locator(".chat-event", has_text="In the tunnel")).to_have_count(1)


@pytest.mark.long
def test_a_private_group_of_three_is_encrypted_and_a_public_one_is_not(city: City) -> None:
    ada, ben, cleo = (new_person(city) for _one in range(3))
    first, second, third = (open_chat(city, one) for one in (ada, ben, cleo))
    name = new_name("Choir")
    begin_group(first, name)
    for one in (ben, cleo):
        invite(first, one)
        first.locator(".chat-begin .chat-head .chat-tool").click()
    for page in (second, third):
        enter(page, name)
        expect(page.locator(".chat-note")).to_contain_text("only those in here can read it")
    write(third, "Tenors at eight")
    for page in (first, second):
        expect(message(page, "Tenors at eight")).to_be_visible(timeout=SLOW)
    write(first, "And sopranos at nine")
    for page in (second, third):
        expect(message(page, "And sopranos at nine")).to_be_visible(timeout=SLOW)
    row = third.locator(".chat-row", has_text=name)
    third.locator(".chat-back").click()
    expect(row.locator(".chat-row-text")).to_contain_text("And sopranos at nine")


def test_the_recovery_key_brings_the_history_to_a_fresh_browser(city: City) -> None:
    ada, ben, room = two_who_write(city)
    for words in ("One for the books", "Two for the shelf"):
        write(ada, words)
        expect(message(ben, words)).to_be_visible(timeout=SLOW)
    name = name_of(ben)
    key = make_recovery_key(ben)
    ben.context.close()
    city.windows.remove(ben.context)

    fresh = sign_in_anew(city, name)
    fresh.locator(f".chat-rows [data-room='{room}'] a").click()
    shut = fresh.locator(".chat-event", has_text="Written before you signed in here")
    expect(shut.first).to_be_visible(timeout=SLOW)
    shut.first.locator(".chat-link").click()
    dialog(fresh).get_by_role("button", name="Enter the recovery key").click()
    field = dialog(fresh).locator("#seal-key")
    field.fill("EsTx wrong wrong")
    dialog(fresh).get_by_role("button", name="Open my messages").click()
    expect(dialog(fresh).locator(".fault")).to_contain_text("not your recovery key")
    field.fill(key)
    dialog(fresh).get_by_role("button", name="Open my messages").click()
    expect(dialog(fresh)).to_contain_text("Your keys are back", timeout=LIMIT)
    dialog(fresh).get_by_role("button", name="Close").last.click()
    for words in ("One for the books", "Two for the shelf"):
        expect(message(fresh, words)).to_be_visible(timeout=LIMIT)
    write(fresh, "I am back")
    expect(message(ada, "I am back")).to_be_visible(timeout=LIMIT)
    expect(message(ada, "I am back").locator(".chat-doubt")).to_have_count(0)


def compare_emoji(one: Page, other: Page) -> None:
    """Both look at the emoji, and say that they are the same."""
    seen = []
    for page in (one, other):
        faces = dialog(page).locator(".seal-emoji li")
        expect(faces).to_have_count(7, timeout=SLOW)
        seen.append(faces.all_inner_texts())
    assert seen[0] == seen[1]
    assert all(name.rpartition("\n")[2] in EMOJI for name in seen[0]), seen
    for page in (one, other):
        dialog(page).get_by_role("button", name="They are the same").click()


@pytest.mark.long
def test_two_people_know_each_other_by_emoji(city: City) -> None:
    ada, ben, _room = two_who_write(city)
    write(ada, "Let us compare")
    expect(message(ben, "Let us compare")).to_be_visible(timeout=SLOW)
    ada.locator(".chat-about").click()
    ada.locator(".chat-begin .seal-device").get_by_role("button", name="Compare emoji").click(timeout=SLOW)
    expect(dialog(ada)).to_contain_text("Waiting for")
    dialog(ben).get_by_role("button", name="Compare").click(timeout=LIMIT)
    compare_emoji(ada, ben)
    for page in (ada, ben):
        expect(dialog(page)).to_contain_text("is confirmed", timeout=LIMIT)
        dialog(page).get_by_role("button", name="Close").last.click()
        page.locator(".chat-about").click()
        expect(page.locator(".chat-begin .seal-device")).to_contain_text("Confirmed by you", timeout=LIMIT)


@pytest.mark.long
def test_a_second_browser_is_confirmed_by_emoji_and_a_stolen_one_is_signed_out(city: City) -> None:
    ada, ben, room = two_who_write(city, DESK)
    write(ada, "Before the other browser")
    expect(message(ben, "Before the other browser")).to_be_visible(timeout=SLOW)
    other = sign_in_anew(city, name_of(ada), size=DESK)
    other.locator(f".chat-rows [data-room='{room}'] a").click()
    expect(other.locator(".chat-event", has_text="Written before you signed in here").first).to_be_visible(timeout=SLOW)
    devices = open_devices(other)
    devices.get_by_role("button", name="Confirm it from another device").click()
    dialog(ada).get_by_role("button", name="Compare").click(timeout=LIMIT)
    compare_emoji(other, ada)
    for page in (other, ada):
        expect(dialog(page)).to_contain_text("The device is confirmed", timeout=LIMIT)
        dialog(page).get_by_role("button", name="Close").last.click()
    close(other)
    expect(message(other, "Before the other browser")).to_be_visible(timeout=SLOW)

    # It is stolen.
    devices = open_devices(ada)
    stolen = devices.locator(".seal-device", has_text="Confirmed")
    stolen.get_by_role("button", name="Sign it out").click()
    stolen.get_by_role("button", name="Yes, sign it out").click()
    expect(devices.locator(".seal-device")).to_have_count(1, timeout=LIMIT)
    close(ada)
    expect(other.locator(".chat-line.signed-out a")).to_be_visible(timeout=LIMIT)
    wait_for(lambda: other.evaluate(_KEPT) == 0, 20, "its keys are gone")
    other.context.close()
    city.windows.remove(other.context)
    city.excuse("401 for")  # that is how it hears of it
    before = _sessions(ada, city, room)
    write(ben, "What the thief shall not read")
    expect(message(ada, "What the thief shall not read")).to_be_visible(timeout=LIMIT)
    assert _sessions(ada, city, room) - before, "it is encrypted with another key"


_KEPT = """async () => {
  let count = 0;
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith("meydan-seal/")) continue;
    const base = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of base.objectStoreNames) {
      count += await new Promise((resolve) => {
        base.transaction(store).objectStore(store).count().onsuccess = ({ target }) => resolve(target.result);
      });
    }
    base.close();
  }
  return count;
}"""


def _sessions(page: Page, city: City, room: str) -> set[str]:
    """The numbers of the keys that events of a room are encrypted with."""
    return set(re.findall(r'"session_id":\s*"([^"]+)"', page.evaluate(_EVENTS, [city.house.gateway, room])["text"]))


@pytest.mark.long
def test_a_call_in_an_encrypted_conversation(city: City) -> None:
    ada, ben, room = two_who_write(city)
    write(ada, "May I call?")
    expect(message(ben, "May I call?")).to_be_visible(timeout=SLOW)
    ada.get_by_role("button", name="Voice call").first.click()
    ben.get_by_role("button", name="Answer the call").click(timeout=LIMIT)
    for page in (ada, ben):
        expect(page.locator(".call[data-state=live]")).to_be_visible(timeout=LIMIT)
    ben.get_by_role("button", name="Hang up").click()
    expect(ada.locator(".call[data-state=ended]")).to_be_visible(timeout=LIMIT)
    kinds = ada.evaluate(_EVENTS, [city.house.gateway, room])["types"]
    assert not [kind for kind in kinds if kind.startswith("m.call.")], kinds
