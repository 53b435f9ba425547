"""Reports that are sent without a line: kept on the phone, they arrive by themselves, once, with their photos."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.people import LIMIT, City, fill_in_report, photo, unique_words, wait_until
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser

IN_HAND = "() => navigator.serviceWorker.controller !== null"
KEPT = "async () => Boolean(await caches.match('/reports/new', { ignoreVary: true }))"


def become_an_app(page: Page) -> None:
    """The service worker is there, and has the page in its hands."""
    page.goto("/")
    wait_until(page, IN_HAND, "the service worker")


def found_by(page: Page, words: str) -> list[dict[str, Any]]:
    """The public reports with these words."""
    found: list[dict[str, Any]] = page.request.get("/api/reports", params={"q": words.split()[0]}).json()["reports"]
    return found


def send_without_a_line(page: Page, words: str, picture: Path) -> None:
    """Fill the form in, lose the line in the middle, and press the button all the same."""
    fill_in_report(page, words, picture)
    page.context.set_offline(True)
    page.locator("#report-form button[type=submit]").click()
    expect(page.locator("main [role=status] a[href='/outbox']")).to_be_visible()
    expect(page.locator("[data-outbox-mark] [data-count]")).to_have_text("1")


def test_a_report_without_a_line_arrives_once_with_its_photos(city: City, tmp_path: Path) -> None:
    page, stranger = city.open_window(), city.open_window(workers="block")
    words = unique_words()
    become_an_app(page)
    send_without_a_line(page, words, photo(tmp_path, "before"))
    assert found_by(stranger, words) == []
    phone = page.context
    page.close()

    phone.set_offline(False)
    later = phone.new_page()
    later.goto("/reports/")
    wait_for(lambda: bool(found_by(stranger, words)), LIMIT / 1000, "the report has arrived")
    (report,) = found_by(stranger, words)
    later.goto("/outbox")
    expect(later.locator("[data-outbox-empty]")).to_be_visible()
    later.goto(f"/reports/{report['number']}")  # this browser is its reporter, though no page was open when it went
    expect(later.locator("form[action$='/do/withdraw']")).to_have_count(1)
    expect(later.locator("[aria-labelledby=waiting-photos] li")).to_have_count(1)
    assert len(found_by(stranger, words)) == 1


def test_a_form_that_was_opened_without_a_line(city: City, tmp_path: Path) -> None:
    """Two reports from the kept form are two; one of them is changed while it waits, and both go by themselves."""
    page, stranger = city.open_window("fa"), city.open_window(workers="block")
    first, second, changed = unique_words(), unique_words(), unique_words()
    become_an_app(page)
    wait_until(page, KEPT, "the form is kept")
    page.context.set_offline(True)
    for words in (first, second):
        fill_in_report(page, words, photo(tmp_path, "before"))
        expect(page.locator("html")).to_have_attribute("lang", "fa")
        page.locator("#report-form button[type=submit]").click()
        expect(page.locator("main [role=status] a[href='/outbox']")).to_be_visible()
    page.goto("/outbox")
    expect(page.locator("[data-outbox-list] > li")).to_have_count(2)

    page.locator("[data-outbox-list] > li", has_text=second.split()[0]).locator("[data-do=edit]").click()
    page.wait_for_url("**/reports/new")
    expect(page.locator("[name=description]")).to_have_value(second)
    page.locator("[name=description]").evaluate("(field, words) => field.value = words", changed)
    page.locator("#report-form").evaluate("(form) => form.requestSubmit()")
    expect(page.locator("main [role=status] a[href='/outbox']")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url(re.compile(r"/reports/\d+\?done=sent"))
    for words, count in ((first, 1), (second, 0), (changed, 1)):
        assert len(found_by(stranger, words)) == count


def test_an_installation_that_breaks_off_is_tried_again(city: City) -> None:
    """The worker comes to the page that is open, though what it keeps did not come at once."""
    page = city.open_window()
    broken: list[str] = []

    def break_off(route: Route) -> None:
        if broken or route.request.service_worker is None:
            route.continue_()
        else:
            broken.append(route.request.url)
            route.abort("connectionreset")

    page.context.route("**/outbox", break_off)
    page.goto("/")
    wait_until(page, IN_HAND, "the service worker")
    assert broken


def test_a_page_that_was_on_its_way_when_the_worker_came_is_in_its_hands_too(city: City) -> None:
    """A new worker takes over the pages that are there; this one is still being fetched then. Nor does the worker wait
    for a form that is slow."""
    page = city.open_window()
    other, held = page.context.new_page(), dict[str, Route]()

    def hold_first(route: Route) -> None:
        if held.setdefault(urlsplit(route.request.url).path, route) is not route:
            route.continue_()

    def is_held(path: str) -> bool:
        other.title()  # lets Playwright hear what happens meanwhile
        return path in held

    for address in ("**/outbox", "**/reports/", "**/reports/new"):
        page.context.route(address, hold_first)
    page.goto("/")
    other.goto("/offline")
    wait_for(lambda: is_held("/outbox"), LIMIT / 1000, "the worker is being installed")
    page.evaluate("() => { location.href = '/reports/' }")
    wait_for(lambda: is_held("/reports/"), LIMIT / 1000, "the page is on its way")
    held["/outbox"].continue_()
    wait_until(other, IN_HAND, "the worker, and the page that was there")
    held["/reports/"].continue_()
    page.wait_for_url("**/reports/")
    wait_until(page, IN_HAND, "the page that came later")
    held["/reports/new"].continue_()
    wait_until(page, KEPT, "the form that came later")
