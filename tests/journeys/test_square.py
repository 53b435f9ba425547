"""The square as its people walk it: a visitor reads and takes with them, a user suggests and speaks, a developer brings
a real package, moderators decide by keyboard and a second one on appeal; and the phone finds the app."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import square
from tests.journeys.people import City
from tests.journeys.square import unique_title
from tests.long.harness import House, wait_for

pytestmark = pytest.mark.browser

FOLLOWS_SECONDS = 30.0
"""Until what follows from a decision is there: the worker does it."""
SIGN_IN = "main a[href*='/accounts/login/']"


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_visitor_searches_reads_and_takes_with_them(city: City, language: str, javascript: bool) -> None:
    page = city.open_window(language, javascript=javascript)
    listed = page.request.get("/api/apps").json()["apps"]
    page.goto("/apps/")
    page.locator("main [name=q]").fill(listed[0]["title"])
    page.keyboard.press("Enter")
    page.locator(f"main a[href='/apps/{listed[0]['slug']}']").first.click()
    expect(page.locator("main .button").first).to_be_visible()
    expect(page.locator("[name=stars]")).to_have_count(0)
    expect(page.locator(SIGN_IN).first).to_be_visible()

    page.goto("/articles/")
    page.locator("main article h2 a").first.click()
    expect(page.locator("main .prose").first).to_be_visible()
    expect(page.locator("main form textarea")).to_have_count(0)

    page.goto("/events/month")
    expect(page.locator("table.month")).to_be_visible()
    page.goto("/events/")
    page.locator("ul.events a").first.click()
    with page.expect_download() as saved:
        page.locator("main a[href$='.ics']").first.click()
    assert saved.value.path().read_text("utf-8").startswith("BEGIN:VCALENDAR")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_user_suggests_rates_comments_shares_and_reports(city: City, javascript: bool) -> None:
    citizen = city.open_window(role="citizen", javascript=javascript)
    titles = unique_title("Air over the roofs"), unique_title("Build a sensor")
    square.suggest_article(citizen, titles[0], own=False)
    expect(citizen.locator(".summary")).to_be_visible()
    expect(citizen.locator("[name=title]")).to_have_value(titles[0])
    article = square.suggest_article(citizen, titles[0])
    assert "done=handed_in" in article
    event = square.announce_event(citizen, titles[1])
    assert re.search(r"/events/\d+", event)

    moderator = city.open_window(role="moderator", size=(1280, 800))
    for title, address in zip(titles, (article, event), strict=True):
        square.approve(moderator, title)
        path = address.partition("?")[0].removeprefix(city.house.address)
        wait_for(partial(is_public, city.house, path), FOLLOWS_SECONDS, f"{path} is public")
        citizen.goto(path)
        expect(citizen.locator("#comments form textarea")).to_have_count(0)  # never on one's own

    neighbour = city.open_window(role="neighbour", javascript=javascript)
    speaks_about_an_app(neighbour)
    reports(neighbour, article.partition("?")[0])


def is_public(house: House, path: str) -> bool:
    """Whether everybody sees it."""
    return house.get(path)[0] == 200


def speaks_about_an_app(neighbour: Page) -> None:
    """Stars, words, and the ways to tell others."""
    slug = neighbour.request.get("/api/apps?sort=new").json()["apps"][-1]["slug"]
    words = unique_title("It shows the right time")
    neighbour.goto(f"/apps/{slug}")
    neighbour.locator("[name=stars][value='4']").check()
    neighbour.locator("form.rate button").click()
    expect(neighbour.locator("[name=stars][value='4']")).to_be_checked()
    neighbour.fill("#comments textarea", words)
    neighbour.locator("#comments form:has(textarea) button").click()
    expect(neighbour.locator("#comments", has_text=words)).to_be_visible()

    shared = neighbour.locator("details", has=neighbour.locator("a[href^='mailto:']"))
    shared.locator("summary").click()
    address = f"/apps/{slug}"
    for way in ("mailto:", "https://wa.me/", "https://t.me/", "https://www.facebook.com/"):
        assert address in _plain(shared.locator(f"a[href^='{way}']").get_attribute("href") or ""), way


def reports(neighbour: Page, address: str) -> None:
    """Says what is wrong with an article."""
    neighbour.goto(address)
    neighbour.locator("a[href^='/moderation/flag?about=article']").click()
    neighbour.locator("[name=reason]").first.check()
    neighbour.fill("[name=text]", "Nobody measures there.")
    neighbour.locator("main form button").click()
    expect(neighbour).to_have_url(re.compile(r"/moderation/told\?key="))


def _plain(address: str) -> str:
    return address.replace("%2F", "/").replace("%3A", ":")


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.long)], ids=["script", "no script"])
def test_a_package_comes_through_two_moderators_to_the_phone(city: City, tmp_path: Path, javascript: bool) -> None:
    developer = city.open_window(role="developer", javascript=javascript)
    first = city.open_window(role="moderator", size=(1280, 800))
    second = square.another_moderator(city, "magistrate")
    title = unique_title("Air of Casablanca")
    package, application_id = square.make_package(tmp_path)

    slug = brings_a_package(developer, title, package, tmp_path)
    asks_for_changes(first, title)
    sees(developer, slug, "Say who measures.")
    developer.goto(f"/apps/{slug}/texts")
    developer.fill("[name=summary]", "The air of Casablanca, measured by its schools")
    square.save(developer)
    square.hand_in_app(developer, slug)
    refuses_with_a_reason(first, title)
    sees(developer, slug, "The measurements cannot be checked.")
    asks_another(developer, title)
    another_decides(first, second, title)

    wait_for(lambda: is_public(city.house, f"/apps/{slug}"), FOLLOWS_SECONDS, "the app is public")
    wait_for(lambda: application_id in index_of(city.house), FOLLOWS_SECONDS, "the repository has it")
    entry = index_of(city.house)[application_id]
    assert [one["manifest"]["versionCode"] for one in entry["versions"].values()] == [1]
    visitor = city.open_window("ar")
    visitor.goto(f"/apps/{slug}")
    with visitor.expect_download() as saved:
        visitor.locator(f"a[href='/apps/{slug}/versions/1']").first.click()
    assert saved.value.path().read_bytes() == package.read_bytes()

    answers_are_in_the_inbox(city.house)


def answers_are_in_the_inbox(house: House) -> None:
    """What moderators decided, with their words, in the developer's messenger."""
    told = ("needs changes", "Say who measures.", "is refused", "cannot be checked.", "The schools publish them.")
    inbox = square.Inbox(house, "developer")
    try:
        wait_for(lambda: all(words in inbox.read() for words in told), FOLLOWS_SECONDS, "every answer is in the inbox")
    finally:
        inbox.close()


def brings_a_package(developer: Page, title: str, package: Path, folder: Path) -> str:
    """Begin, upload, read the checks, mend what they find, hand in; the entry's short name."""
    slug = square.begin_app(developer, title)
    not_one = folder / "not-one.apk"
    not_one.write_bytes(b"GIF89a, not a package at all")
    square.upload(developer, slug, not_one)
    expect(developer.locator(".summary")).to_be_visible()
    expect(developer.locator("[name=changelog]")).to_have_value("Roofs have names now.")
    square.upload(developer, slug, package)
    expect(developer.locator("article.card h3")).to_contain_text("1.1")

    developer.goto(f"/apps/{slug}/hand-in")
    assert developer.locator("main ul.tasks .tag.bad").count() == 2  # no screenshot, and no reason for the camera
    assert developer.locator("[name=about_city]").count() == 0
    square.add_screenshot(developer, slug, square.picture(folder))
    developer.goto(f"/apps/{slug}/reasons")
    developer.fill("[name=camera]", "To read the number on a roof.")
    square.save(developer)
    square.hand_in_app(developer, slug)
    return slug


def asks_for_changes(moderator: Page, title: str) -> None:
    """By keys alone."""
    square.open_review_by_keyboard(moderator, title)
    moderator.keyboard.press("b")
    moderator.keyboard.type("Say who measures.")
    square.press(moderator, "send_back")
    moderator.wait_for_url("**/moderation?kind=reviews")
    expect(moderator.locator("[data-case]", has_text=title)).to_have_count(0)


def refuses_with_a_reason(moderator: Page, title: str) -> None:
    """Without one it is not refused, and what was typed stays."""
    square.open_review_by_keyboard(moderator, title)
    square.press(moderator, "refuse")
    expect(moderator.locator("#field-text")).to_have_attribute("aria-invalid", "true")
    moderator.keyboard.press("Escape")
    moderator.locator("h1").click()
    moderator.keyboard.press("r")
    moderator.keyboard.type("The measurements cannot be checked.")
    square.press(moderator, "refuse")
    moderator.wait_for_url("**/moderation?kind=reviews")


def sees(developer: Page, slug: str, words: str) -> None:
    """The answer stands on the entry's own page; the worker brings it."""

    def is_there() -> bool:
        developer.goto(f"/apps/{slug}/manage")
        return words in developer.locator("main").inner_text()

    wait_for(is_there, FOLLOWS_SECONDS, f"the developer reads: {words}")


def asks_another(developer: Page, title: str) -> None:
    developer.goto("/moderation/mine")
    developer.locator("article", has=developer.locator("h3", has_text=title)).locator(
        "a[href*='/moderation/again']"
    ).click()
    developer.fill("[name=text]", "The schools publish what they measure.")
    square.save(developer)
    developer.wait_for_url("**/moderation/mine")


def another_decides(first: Page, second: Page, title: str) -> None:
    """Who has refused cannot answer the appeal; another one does."""
    first.goto("/moderation?kind=appeals")
    expect(first.locator("article", has_text=title)).to_be_visible()
    expect(first.locator("article", has_text=title).locator("form")).to_have_count(0)
    second.goto("/moderation?kind=appeals")
    case = second.locator("article", has_text=title)
    case.locator("textarea").fill("The schools publish them.")
    case.locator("button[value=overturn]").click()
    second.wait_for_url("**/moderation?kind=appeals")


def index_of(house: House) -> dict[str, Any]:
    """The packages of the city's F-Droid repository, as a client reads them."""
    status, body = house.get("/fdroid/repo/index-v2.json")
    packages: dict[str, Any] = json.loads(body)["packages"] if status == 200 else {}
    return packages
