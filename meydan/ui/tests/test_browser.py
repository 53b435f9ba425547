"""What only a browser can show: the policy holds, drafts are kept, the offline page comes, the keyboard leads the way."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
CHROMIUM = "/usr/bin/chromium"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail("install chromium, or leave these tests out with -m 'not browser'")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own loop runs in this thread; nothing here is async
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def address(db: None) -> Iterator[str]:
    """A server inside the test's own transaction: facts can only be inserted, so a flush is refused."""
    connection.inc_thread_sharing()
    server = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={connection.alias: connection})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()
    connection.dec_thread_sharing()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 800}, locale="ar")
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.new_page()


def kept_drafts(page: Page) -> int:
    return int(
        page.evaluate(
            """() => new Promise((done) => {
                const opening = indexedDB.open("meydan", 1);
                opening.onsuccess = () => {
                    const names = opening.result.objectStoreNames;
                    if (!names.contains("drafts")) return done(0);
                    const count = opening.result.transaction("drafts").objectStore("drafts").count();
                    count.onsuccess = () => { opening.result.close(); done(count.result); };
                };
            })"""
        )
    )


@pytest.mark.parametrize("path", ["/", "/dev/look", "/search?q=x", "/nowhere", "/offline"])
def test_the_policy_holds_and_nobody_else_is_asked(page: Page, address: str, path: str) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}{path}")
    page.wait_for_load_state("networkidle")
    assert [line for line in said if "Content Security Policy" in line or "Error" in line] == []
    assert {re.sub(r"(?<=\d)/.*", "", url) for url in asked if not url.startswith(("data:", "blob:"))} == {address}
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"


def test_what_people_wrote_is_kept_with_its_photos(page: Page, address: str) -> None:
    page.goto(f"{address}/dev/look")
    page.fill("#field-words", "حفرة أمام المدرسة")
    page.check("#field-which-2")
    page.set_input_files("#field-photos", {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    page.wait_for_function("document.querySelector('.photos img')")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_visible()
    expect(page.locator("#field-words")).to_have_value("حفرة أمام المدرسة")
    assert page.evaluate("document.querySelector('#field-photos').files[0].name") == "a.png"
    page.click("[data-draft-note] button")
    expect(page.locator("#field-words")).to_have_value("")
    page.reload()
    expect(page.locator("[data-draft-note]")).to_be_hidden()


def test_a_page_after_success_forgets_the_draft(page: Page, address: str) -> None:
    page.goto(f"{address}/dev/look")
    page.fill("#field-words", "kept")
    page.wait_for_timeout(600)
    assert kept_drafts(page) == 1
    page.route("**/dev/look", lambda route: route.fulfill(content_type="text/html", body=DONE))
    page.goto(f"{address}/dev/look")
    page.wait_for_timeout(600)
    assert kept_drafts(page) == 0


DONE = '<span data-draft-done="look"></span><script type="module" src="/static/ui/drafts.js"></script>'


def test_offline_says_so_in_the_readers_language(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller")
    page.context.set_offline(True)
    page.goto(f"{address}/reports/")
    expect(page.locator("h1")).to_have_text("أنت غير متصل")
    page.context.set_offline(False)


def test_the_keyboard_starts_with_the_way_to_the_content(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_class("skip")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_targets_are_large_enough_for_a_thumb(page: Page, address: str) -> None:
    page.goto(f"{address}/dev/look")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, .places a, .chips a, .crumbs a, .input, summary, .choice")]
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_a_language_can_be_chosen_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="fr")
    page = context.new_page()
    page.goto(f"{address}/search?q=x")
    page.click("button[value=tg]")
    assert page.url == f"{address}/search?q=x"
    expect(page.locator("html")).to_have_attribute("lang", "tg")
    context.close()
