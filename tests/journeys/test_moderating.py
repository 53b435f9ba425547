"""Somebody says what is wrong with a page, a moderator answers by keyboard alone, and the answer is read without an
account."""

import re

import pytest
from playwright.sync_api import expect

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
