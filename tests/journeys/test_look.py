"""What only a browser can show of the frame: drafts are kept, the offline page comes, the keyboard leads the way.

That no page asks another host or breaks its policy is watched in every journey: conftest.py.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import City

pytestmark = pytest.mark.browser
KEPT = """() => new Promise((done) => {
    const opening = indexedDB.open("meydan", 1);
    opening.onsuccess = () => {
        const count = opening.result.transaction("drafts").objectStore("drafts").count();
        count.onsuccess = () => { opening.result.close(); done(count.result); };
    };
})"""
SUCCEED = """() => {
    document.querySelector("form[data-draft]").remove();
    document.body.insertAdjacentHTML("beforeend", '<span data-draft-done="look"></span>');
    return import(`${document.querySelector("script[src*=drafts]").src}?after=success`).then(() => true);
}"""
SMALL = """() => [...document.querySelectorAll("button, .button, .places a, .chips a, .crumbs a, .input, summary")]
    .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
    .map((one) => one.outerHTML.slice(0, 80))"""


def wait_until(page: Page, question: str, answer: object) -> None:
    """Ask the page until it answers so. (Playwright's own waiting evaluates strings, which the policy forbids.)"""
    for _attempt in range(50):
        if page.evaluate(question) == answer:
            return
        page.wait_for_timeout(100)
    assert page.evaluate(question) == answer


def wait_until_kept(page: Page, number: int) -> None:
    """The draft is written a moment after the last key."""
    wait_until(page, KEPT, number)


@pytest.mark.parametrize("path", ["/", "/dev/look", "/search?q=x", "/offline", "/reports/"])
@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("tg", "ltr")])
def test_a_page_fits_a_small_phone(city: City, path: str, language: str, direction: str) -> None:
    page = city.open_window(language, size=(320, 640))
    page.goto(path)
    assert page.evaluate("getComputedStyle(document.body).direction") == direction
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"


def test_what_people_wrote_is_kept_with_its_photos(city: City) -> None:
    page = city.open_window("ar")
    page.goto("/dev/look")
    page.fill("#field-words", "حفرة أمام المدرسة")
    page.check("#field-which-2")
    page.set_input_files("#field-photos", {"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG"})
    wait_until_kept(page, 1)
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_visible()
    expect(page.locator("#field-words")).to_have_value("حفرة أمام المدرسة")
    assert page.evaluate("document.querySelector('#field-photos').files[0].name") == "a.png"
    page.click("[data-draft-note] button")
    expect(page.locator("#field-words")).to_have_value("")
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_hidden()


def test_a_page_after_success_forgets_the_draft(city: City) -> None:
    page = city.open_window()
    page.goto("/dev/look")
    page.fill("#field-words", "kept")
    wait_until_kept(page, 1)
    page.evaluate(SUCCEED)
    wait_until_kept(page, 0)


def test_offline_says_so_in_the_readers_language(city: City) -> None:
    page = city.open_window("ar")
    page.goto("/")
    wait_until(page, "Boolean(navigator.serviceWorker.controller)", True)
    page.context.set_offline(True)
    page.goto("/reports/")
    expect(page.locator("h1")).to_have_text("أنت غير متصل")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("h1")).not_to_have_text("أنت غير متصل")


def test_the_keyboard_starts_with_the_way_to_the_content(city: City) -> None:
    page = city.open_window()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("skip")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_targets_are_large_enough_for_a_thumb(city: City, language: str) -> None:
    page = city.open_window(language)
    page.goto("/dev/look")
    assert page.evaluate(SMALL) == []


def test_a_language_is_chosen_without_javascript(city: City) -> None:
    page = city.open_window("fr", javascript=False)
    page.goto("/search?q=x")
    page.click("button[value=tg]")
    assert page.url.endswith("/search?q=x")
    expect(page.locator("html")).to_have_attribute("lang", "tg")
