"""Pages of the square that a demo city does not have as they are in between: an entry that lacks something, one that
waits, is refused, is appealed; what was flagged. Looked over as `test_every_page` looks over the others."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import square
from tests.journeys.looks import bring_axe
from tests.journeys.people import City
from tests.journeys.square import unique_title
from tests.journeys.test_every_page import look_over

pytestmark = [pytest.mark.browser, pytest.mark.long]

QUEUES = ("/moderation", "/moderation?kind=reviews", "/moderation?kind=flags", "/moderation?kind=appeals")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_pages_in_between_are_fit_for_everybody(city: City, language: str, tmp_path: Path) -> None:
    developer, citizen = (city.open_window(language, role=role, workers="block") for role in ("developer", "citizen"))
    moderator = city.open_window(language, role="moderator", workers="block")
    for page in (developer, citizen, moderator):
        bring_axe(page)
    title, written, announced = (unique_title(words) for words in ("Air of Casablanca", "Sensors", "Evening"))
    slug = square.begin_app(developer, title)
    faults = look(developer, language, f"/apps/{slug}/manage", f"/apps/{slug}/hand-in", f"/apps/{slug}/versions")
    package, _name = square.make_package(tmp_path)
    square.upload(developer, slug, package)
    square.add_screenshot(developer, slug, square.picture(tmp_path))
    developer.goto(f"/apps/{slug}/reasons")
    developer.fill("[name=camera]", "To read the number on a roof.")
    square.save(developer)
    developer.goto(f"/apps/{slug}/team")
    developer.fill("[name=name]", "Build server")
    developer.locator("form:has([name=do][value=token]) button").click()
    expect(developer.locator("#token")).to_be_visible()
    pages = ("hand-in", "versions", "reasons", "team", "pictures", "history")
    faults += look(developer, language, *(f"/apps/{slug}/{one}" for one in pages))
    square.hand_in_app(developer, slug)
    article = path_of(square.suggest_article(citizen, written))
    event = path_of(square.announce_event(citizen, announced))
    faults += look(developer, language, f"/apps/{slug}/manage", "/apps/mine", "/moderation/mine")
    faults += look(citizen, language, article, event, event + "/edit", "/articles/mine", "/events/mine")

    moderator.goto("/moderation?kind=reviews")
    reviews = [one.get_attribute("href") for one in moderator.locator("[data-case] a[href*='/reviews/']").all()]
    assert len(reviews) >= 3
    faults += look(moderator, language, *map(str, reviews[-3:]))
    refuses(moderator, written)
    citizen.goto("/moderation/mine")
    again = citizen.locator("article", has_text=written).locator("a[href*='/moderation/again']").get_attribute("href")
    faults += look(citizen, language, "/moderation/mine", str(again), article, article + "/edit")
    citizen.goto(str(again))
    citizen.fill("[name=text]", "The schools publish what they measure.")
    square.save(citizen)
    faults += look(moderator, language, *QUEUES)
    assert not faults, "\n".join(faults)


def look(page: Page, language: str, *paths: str) -> list[str]:
    """What is wrong with these pages of one person."""
    return [fault for path in paths for fault in look_over(page, path, language)]


def path_of(address: str) -> str:
    """Without the host, and what it was called with."""
    return re.sub(r"^https?://[^/]+|\?.*$", "", address)


def refuses(moderator: Page, title: str) -> None:
    """With a reason."""
    square.open_review_by_keyboard(moderator, title)
    moderator.keyboard.press("r")
    moderator.keyboard.type("It says nothing about who measures.")
    square.press(moderator, "refuse")
    moderator.wait_for_url("**/moderation?kind=reviews")
