"""The square without a mouse: an article is written, an event announced, an app published with its package, and what is
wrong is said, decided and appealed: by Tab, Enter, Space and arrows alone, with a ring around where one is."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from meydan.kernel.clock import now
from tests.journeys import square
from tests.journeys.keys import Keys
from tests.journeys.people import City
from tests.journeys.square import TEXT, unique_title
from tests.journeys.test_square import FOLLOWS_SECONDS, is_public
from tests.long.harness import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]

HAND_IN = "button[value=hand_in]"
SEND = "main form button[type=submit]"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_is_written_is_decided_flagged_and_appealed(city: City, language: str) -> None:
    author, neighbour = (Keys(city.open_window(language, role=role)) for role in ("citizen", "neighbour"))
    moderator = Keys(city.open_window(language, role="moderator", size=(1280, 800)))
    title = unique_title("Air over the roofs")
    address = writes(author, title)
    decides(moderator, title)
    wait_for(partial(is_public, city.house, address), FOLLOWS_SECONDS, "the article is public")

    neighbour.page.goto(address)
    follow(neighbour, "a[href^='/moderation/flag?about=article']")
    neighbour.press("[name=reason]", "Space")
    neighbour.write("[name=text]", "Nobody measures there.")
    neighbour.press(SEND)
    neighbour.page.wait_for_url("**/moderation/told?key=*")
    takes_off(moderator, title)

    author.page.goto("/moderation/mine")
    follow(author, "a[href*='/moderation/again?about=decision']")
    author.write("[name=text]", "The schools publish what they measure.")
    author.press(SEND)
    author.page.wait_for_url("**/moderation/mine")
    second = Keys(square.another_moderator(city, "magistrate", language))
    puts_back(second, title)
    wait_for(partial(is_public, city.house, address), FOLLOWS_SECONDS, "the article is public again")
    neighbour.page.reload()
    expect(neighbour.page.locator("main .words").first).to_be_visible()
    assert not faults_of(author, neighbour, moderator, second)


def follow(keys: Keys, wanted: str) -> None:
    """Press it, and be on the page that comes of it."""
    with keys.page.expect_navigation():
        keys.press(wanted)


def faults_of(*keyboards: Keys) -> str:
    """Where the focus was not to be seen, or jumped."""
    return "\n".join(dict.fromkeys(fault for keys in keyboards for fault in keys.faults))


def writes(keys: Keys, title: str) -> str:
    """An article, handed in; its path."""
    keys.page.goto("/articles/new")
    keys.write("[name=title]", title)
    keys.write("[name=summary]", "What the air of the city tells.")
    keys.write("[name=body]", TEXT)
    keys.press("[name=topics]", "Space")
    keys.press("[name=about_technology]", "Space")
    keys.press("[name=origin]", "Space")
    keys.press(HAND_IN)
    keys.page.wait_for_url("**done=handed_in")
    return "/" + keys.page.url.partition("?")[0].split("/", 3)[3]


def decides(keys: Keys, title: str) -> None:
    """A moderator finds it on the desk, answers each question and approves: by Tab, no key of the desk's own."""
    keys.page.goto("/moderation?kind=reviews")
    address = keys.page.locator("main a[href*='/moderation/reviews/']", has_text=title).get_attribute("href")
    follow(keys, f"a[href='{address}']")
    for number in range(keys.page.locator("[name=checks]").count()):
        keys.page.locator("h1").click()
        code = keys.page.locator("[name=checks]").nth(number).get_attribute("value")
        keys.press(f"[name=checks][value='{code}']", "Space")
    keys.press("button[value=approve]")
    keys.page.wait_for_url("**/moderation?kind=reviews")


def takes_off(keys: Keys, title: str) -> None:
    """The flagged thing goes off the public pages, with a reason."""
    keys.page.goto("/moderation?kind=flags")
    about = keys.page.locator("article", has_text=title).locator("[name=about]").first.get_attribute("value")
    form = f"form:has([name=about][value='{about}'])"
    keys.write(f"{form} [name=text]", "It says nothing about who measures.")
    keys.press(f"{form} button[value=take_off]")
    keys.page.wait_for_url("**/moderation?kind=flags**")
    expect(keys.page.locator("article", has_text=title)).to_have_count(0)


def puts_back(keys: Keys, title: str) -> None:
    """Another moderator answers the appeal."""
    keys.page.goto("/moderation?kind=appeals")
    action = keys.page.locator("article", has_text=title).locator("form").first.get_attribute("action")
    keys.write(f"form[action='{action}'] textarea", "The schools publish it.")
    keys.press(f"form[action='{action}'] button[value=overturn]")
    keys.page.wait_for_url("**/moderation?kind=appeals**")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_event_is_announced(city: City, language: str) -> None:
    keys = Keys(city.open_window(language, role="citizen"))
    day = now() + timedelta(days=21)
    keys.page.goto("/events/new")
    keys.write("[name=title]", unique_title("Build a sensor"))
    keys.write("[name=text]", "We build a sensor for the air together. Everybody is welcome, no knowledge needed.")
    for name, typed in (("starts_on", f"{day:%m%d%Y}"), ("starts_at", "0600PM"), ("ends_at", "0800PM")):
        keys.go(f"[name={name}]")
        keys.page.keyboard.type(typed)
    keys.write("[name=place]", "Twin Center, Casablanca")
    keys.write("[name=spot]", "33.5866, -7.6329")
    keys.press("[name=topics]", "Space")
    keys.press("[name=about_technology]", "Space")
    keys.press(HAND_IN)
    keys.page.wait_for_url("**done=handed_in")
    assert not faults_of(keys)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_app_is_published(city: City, language: str, tmp_path: Path) -> None:
    developer, title = Keys(city.open_window(language, role="developer")), unique_title("Air of Casablanca")
    page, (package, _name) = developer.page, square.make_package(tmp_path)
    page.goto("/apps/")
    follow(developer, "a[href='/apps/new']")
    developer.choose("kind", "android")
    developer.write("[name=title]", title)
    follow(developer, SEND)
    slug = page.url.split("/")[-2]
    follow(developer, f"a[href='/apps/{slug}/texts']")
    developer.write("[name=summary]", "The air of Casablanca, roof by roof")
    developer.write("[name=description]", TEXT)
    saves(developer)
    page.goto(f"/apps/{slug}/details")
    developer.go("[name=category]")
    page.keyboard.press("ArrowDown")
    saves(developer)
    page.goto(f"/apps/{slug}/versions")
    developer.choose_file("[name=package]", package)
    developer.press("form:has([name=package]) button")
    expect(page.locator("article.card h3")).to_contain_text("1.1")
    page.goto(f"/apps/{slug}/pictures")
    developer.choose_file("[name=screenshot]", square.picture(tmp_path))
    developer.write("[name=alt]", "A map with twelve coloured roofs")
    developer.press("form:has([name=screenshot]) button")
    expect(page.locator("img.shot")).to_have_count(1)
    page.goto(f"/apps/{slug}/reasons")
    developer.write("[name=camera]", "To read the number on a roof.")
    saves(developer)
    page.goto(f"/apps/{slug}/hand-in")
    developer.write("[name=about_city]", "It shows the air above the roofs of Casablanca.")
    developer.press("[name=complete]", "Space")
    developer.press("[name=ready]", "Space")
    developer.press(SEND)
    page.wait_for_url(f"**/apps/{slug}/manage")

    moderator = Keys(city.open_window(language, role="moderator", size=(1280, 800)))
    decides(moderator, title)
    wait_for(partial(is_public, city.house, f"/apps/{slug}"), FOLLOWS_SECONDS, "the app is public")
    page.goto(f"/apps/{slug}/manage")
    follow(developer, f".actions a[href='/apps/{slug}/versions']")  # nothing waits: the next step is a new version
    assert not faults_of(developer, moderator)


def saves(keys: Keys) -> None:
    """Sends the form in which the focus is."""
    follow(keys, "main form:has(textarea, input.input) button[type=submit]")
