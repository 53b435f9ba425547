"""Somebody says what is wrong with a page, a moderator answers by keyboard alone, and the answer is read without an
account. The desk and its neighbours are fit for everybody, on a phone and in Arabic too."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.looks import ask_axe, find_sideways_scrolling, find_small_targets
from tests.journeys.people import City, unique_words

pytestmark = pytest.mark.browser


def test_whoever_tells_is_answered_from_the_desk_by_keyboard(city: City) -> None:
    visitor, moderator = city.open_window("en"), city.open_window("en", role="moderator")
    words = unique_words()
    visitor.goto("/reports/")
    visitor.get_by_role("link", name="What is going on?").click()
    expect(visitor.locator("[name=path]")).to_have_value("/reports/")
    visitor.fill("[name=text]", words)
    visitor.get_by_role("button", name="Tell us").click()
    expect(visitor).to_have_url(re.compile(r"/moderation/told\?key="))

    moderator.goto("/moderation?kind=flags")
    case = moderator.locator("article", has_text=words)
    for _step in range(moderator.locator("[data-case]").count()):
        moderator.keyboard.press("j")
        if case.locator(":focus").count():
            break
    moderator.keyboard.press("r")
    moderator.keyboard.type("It is mended, thank you.")
    moderator.keyboard.press("Tab")
    moderator.keyboard.press("Enter")
    expect(moderator.locator("article", has_text=words)).to_have_count(0)

    visitor.reload()
    expect(visitor.locator("main")).to_contain_text("It is mended, thank you.")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_what_moderators_see_is_fit_for_everybody(city: City, language: str) -> None:
    page = city.open_window(language, role="moderator", workers="block")
    faults = [fault for path in ("/moderation", "/moderation/mine", "/moderation/log") for fault in look_at(page, path)]
    assert not faults, "\n".join(faults)


def look_at(page: Page, path: str) -> list[str]:
    """What axe finds, what is too small for a thumb, what scrolls sideways."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)
    return [f"{path}: {fault}" for fault in [*ask_axe(page), *find_small_targets(page), *find_sideways_scrolling(page)]]
