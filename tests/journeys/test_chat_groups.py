"""Groups and channels in the messenger's page: who leads them, who comes in by a link, who finds them."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.chatting import ARRIVED, app_of, enter, message, new_name, open_chat, room_of, write
from tests.journeys.people import LIMIT, City

pytestmark = pytest.mark.browser
DESK = (1280, 800)


def about(page: Page) -> None:
    """Open what is known of the conversation."""
    page.locator(".chat-head .chat-about").click()
    expect(page.locator("#chat-about")).to_be_visible()


def member(page: Page, username: str, deed: str) -> None:
    """Do something with a member."""
    page.locator(f"[data-person='@{username}:localhost'] .chat-tool").click()
    page.locator(".chat-items button", has_text=deed).click()


def begin_group(page: Page, name: str, *, topic: str = "", interest: str = "", channel: bool = False) -> str:
    """Begin a group by the form; a public one where it has an interest. Its id."""
    page.locator("[data-begin]").click()
    page.locator("summary", has_text="New group").click()
    page.locator("#chat-group-name").fill(name)
    page.locator("#chat-group-about").fill(topic)
    if interest:
        page.locator("#chat-group-open").check()
        page.locator("#chat-group-interest-new").select_option(interest)
    if channel:
        page.locator("#chat-group-channel").check()
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.locator("#chat-name")).to_contain_text(name, timeout=LIMIT)
    return room_of(page)


def test_a_group_is_led_handed_over_and_left_in_order(city: City) -> None:
    name, new = new_name("Garden"), new_name("Gardens")
    leader = open_chat(city, "neighbour", size=DESK)
    room = begin_group(leader, name, topic="Seeds")
    for person in ("citizen", "developer"):
        app_of(city, "neighbour").call("POST", f"rooms/{quote(room)}/invite", {"user_id": f"@{person}:localhost"})
        app_of(city, person).call("POST", f"join/{quote(room)}")
    about(leader)
    leader.locator("[data-group=settings] > summary").click()
    leader.locator("#chat-group-name").fill(new)
    leader.locator("#chat-group-name").press("Enter")
    expect(leader.locator("#chat-name")).to_contain_text(new, timeout=LIMIT)
    leader.locator("#chat-group-write").select_option("50")
    member(leader, "citizen", "Make a moderator")
    expect(leader.locator("[data-person='@citizen:localhost'] .tag")).to_have_text("Moderator", timeout=LIMIT)
    levels = app_of(city, "citizen").call("GET", f"rooms/{quote(room)}/state/m.room.power_levels")
    assert (levels["users"]["@citizen:localhost"], levels["events_default"]) == (50, 50)

    citizen = open_chat(city, "citizen")
    enter(citizen, new)
    write(citizen, "A moderator may write")
    state = message(citizen, "A moderator may write").locator(".chat-state")
    expect(state).to_contain_text(ARRIVED, timeout=LIMIT)
    about(citizen)
    member(citizen, "developer", "Ban for good")
    citizen.get_by_role("button", name="Ban", exact=True).click()
    expect(citizen.locator("[data-person='@developer:localhost']")).to_have_count(0, timeout=LIMIT)
    citizen.locator("summary", has_text="Banned people").click()
    citizen.get_by_role("button", name="Lift the ban").click()
    expect(citizen.locator(".chat-begin")).to_contain_text("Nobody is banned.", timeout=LIMIT)

    member(leader, "citizen", "Hand the group over")
    leader.get_by_role("button", name="Hand over", exact=True).click()
    expect(leader.locator("[data-person='@citizen:localhost'] .tag")).to_have_text("Leader", timeout=LIMIT)
    expect(leader.locator("[data-person='@citizen:localhost'] .chat-tool")).to_have_count(0)
    levels = app_of(city, "citizen").call("GET", f"rooms/{quote(room)}/state/m.room.power_levels")
    assert levels["users"] == {"@citizen:localhost": 100}


def test_a_channels_readers_do_not_see_each_other(city: City) -> None:
    name = new_name("Channel")
    leader = open_chat(city, "neighbour", size=DESK)
    room = begin_group(leader, name, interest="sport", channel=True)
    write(leader, "First news")
    for person in ("developer", "citizen"):
        app_of(city, person).call("POST", f"join/{quote(room)}")
    reader = open_chat(city, "citizen")
    reader.locator(f".chat-rows [data-room='{room}'] a").click()
    expect(message(reader, "First news")).to_be_visible(timeout=LIMIT)
    expect(reader.locator(".chat-composer")).to_have_count(0)
    expect(reader.locator(".chat-talk")).not_to_contain_text("Developer")
    about(reader)
    expect(reader.locator(".chat-begin")).to_contain_text("nobody sees who reads", timeout=LIMIT)
    expect(reader.locator("[data-person='@neighbour:localhost']")).to_be_visible()
    expect(reader.locator("[data-person='@developer:localhost']")).to_have_count(0)
    about(leader)
    expect(leader.locator("[data-person='@developer:localhost']")).to_be_visible(timeout=LIMIT)


def test_a_link_with_its_code_leads_in_and_can_be_withdrawn(city: City) -> None:
    name = new_name("Linked")
    leader = open_chat(city, "neighbour", size=DESK)
    begin_group(leader, name, topic="Who has the link may come")
    about(leader)
    leader.locator("[data-group=links] > summary").click()
    leader.get_by_role("button", name="Make a link").click()
    code = leader.locator(".chat-code")
    expect(code).to_be_visible(timeout=LIMIT)
    assert leader.evaluate("document.querySelector('.chat-code').decode().then(() => true)")
    address = leader.get_by_label("The link", exact=True).input_value()
    assert re.search(r"/chat/join/[\w-]{32}$", address)

    guest = city.open_window("en", role="developer")
    guest.goto(address)
    dialog = guest.locator("dialog[open]")
    expect(dialog).to_contain_text(name, timeout=LIMIT)
    expect(dialog).to_contain_text("Who has the link may come")
    assert "join" not in guest.url
    dialog.get_by_role("button", name="Enter").click()
    expect(guest.locator("#chat-name")).to_contain_text(name, timeout=LIMIT)
    write(guest, "I came by the link")
    expect(message(guest, "I came by the link").locator(".chat-state")).to_contain_text(ARRIVED, timeout=LIMIT)

    leader.keyboard.press("Escape")
    leader.get_by_role("button", name="Withdraw this link").click()
    expect(leader.get_by_role("button", name="Withdraw this link")).to_have_count(0, timeout=LIMIT)
    late = city.open_window("en", role="citizen")
    late.goto(address)
    expect(late.locator("dialog[open] .fault")).to_contain_text("has ended", timeout=LIMIT)
    city.excuse("org.meydan.links")  # the 404 that the page tells of


@pytest.mark.long
def test_who_is_not_signed_in_comes_to_the_link_after_it(city: City) -> None:
    page = city.open_window("en")
    page.goto("/chat/join/abcdefghijklmnopqrstuvwxyz012345")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=.*join"))


@pytest.mark.long
def test_a_public_group_is_found_by_what_it_is_about(city: City) -> None:
    name = new_name("Runners")
    begin_group(open_chat(city, "neighbour", size=DESK), name, topic="Along the sea", interest="sport")
    page = open_chat(city, "citizen")
    page.locator("[data-begin]").click()
    page.locator("[data-interest=sport]").click()
    found = page.locator("[data-directory] .chat-public", has_text=name)
    expect(found).to_contain_text("Sport", timeout=LIMIT)
    page.locator("[data-interest=faith]").click()
    expect(found).to_have_count(0, timeout=LIMIT)
    page.locator("[data-interest=faith]").click()
    page.get_by_label("Find a public conversation").fill(name)
    expect(found).to_be_visible(timeout=LIMIT)
    found.get_by_role("button", name="Enter").click()
    expect(page.locator("#chat-name")).to_contain_text(name, timeout=LIMIT)


@pytest.mark.long
def test_people_say_by_whom_they_are_found(city: City) -> None:
    page = city.open_window("en", role="auditor")
    page.goto("/me/messenger")
    page.locator("[name=by_name][value=city]").check()
    page.locator("form:has([name=by_name]) button[type=submit]").click()
    page.reload()
    expect(page.locator("[name=by_name][value=city]")).to_be_checked()
    found = app_of(city, "citizen").call("POST", "user_directory/search", {"search_term": "auditor"})
    assert [one["user_id"] for one in found["results"]] == ["@auditor:localhost"]
    page.locator("[name=by_name][value=nobody]").check()
    page.locator("form:has([name=by_name]) button[type=submit]").click()
    expect(page.locator("[name=by_name][value=nobody]")).to_be_checked()
    found = app_of(city, "citizen").call("POST", "user_directory/search", {"search_term": "auditor"})
    assert found["results"] == []


@pytest.mark.long
def test_another_device_is_linked_by_a_code(city: City) -> None:
    page = open_chat(city, "citizen")
    page.locator("[data-settings]").click()
    page.locator("[data-settings=link] summary").click()
    expect(page.locator(".chat-code")).to_be_visible(timeout=LIMIT)
    assert page.evaluate("document.querySelector('.chat-code').decode().then(() => true)")
    expect(page.get_by_role("link", name="Enter the code")).to_have_attribute("href", "/link")
