"""The people of the journeys: each has a browser window, and does what people do. They know pages by their forms, not
by their words, so that one journey is walked in any language."""

import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from meydan.kernel.tests.pictures import make_phone_photo, make_picture
from tests.long.harness import House, wait_for

PHONE = (360, 740)
PASSWORD = "meydan-demo"
LIMIT = 30_000
"""Milliseconds that a page may take on a machine that does other things too."""
ROUTED_SECONDS = 10.0
MARKED_SECONDS = 60.0
POTHOLE = "pothole"
"""A kind of problem that comes to the demo officer's department, public, and closed with a picture of the repair."""
NOT_OURS = ("Failed to load resource", "GL Driver Message", "WebGL", "blocked by Playwright")
"""What the console says that `_watch_response` judges, or that is about this machine or these tests."""
NONE_THERE = re.compile(
    r"/_matrix/client/v3/(?:room_keys/version|room_keys/keys/.+|user/[^/]+/account_data/m\.[A-Za-z0-9_.]+)(?:\?|$)"
)
"""What the encryption asks for, and may well not be there yet: 404 is the answer."""
SEND = "button[type=submit]:not([data-use])"
"""The button that does it; the other one of a form puts ready-made words in."""
LAST_WORDS = 12
"""Lines of the house's log that a fault on its side is told with."""
_serial = itertools.count(1)


@dataclass
class City:
    """The house, the browser in front of it, and every window that is open."""

    house: House
    browser: Browser
    faults: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    windows: list[BrowserContext] = field(default_factory=list)
    sign_ins: dict[str, Any] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    """The usernames of people whom no journey has met yet."""

    def open_window(
        self,
        language: str = "en",
        *,
        role: str = "",
        javascript: bool = True,
        size: tuple[int, int] = PHONE,
        scheme: Any = "light",
        workers: Any = "allow",
        named: bool = False,
    ) -> Page:
        """A fresh browser window of somebody who reads `language`; one of the demo's people where a role is given."""
        address = self.house.named if named else self.house.address
        context = self.browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            color_scheme=scheme,
            java_script_enabled=javascript,
            service_workers=workers,
            storage_state=self._sign_in(role) if role else None,
            reduced_motion="reduce",
        )
        context.set_default_timeout(LIMIT)
        context.add_cookies([{"name": "language", "value": language, "url": address}])
        context.on("request", self._watch_request)
        context.on("response", self._watch_response)
        context.on("console", self._watch_console)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error.stack or error.error}"))
        self.windows.append(context)
        page = context.new_page()
        if role:
            self.read_in(page, language)
        return page

    def read_in(self, page: Page, language: str) -> None:
        """Choose the language as people do; an account's own goes before the browser's."""
        page.goto("/offline")
        if page.locator("html").get_attribute("lang") != language:
            page.locator(f".tongues [value={language}]").click()
            expect(page.locator("html")).to_have_attribute("lang", language)

    def excuse(self, words: str) -> None:
        """What is said with these words until the windows close is what the journey is about, whenever it is heard."""
        self.excused.append(words)

    def close_windows(self) -> list[str]:
        """Close what is open; what went wrong behind the pages since the last time."""
        while self.windows:
            self.windows.pop().close()
        faults = [fault for fault in dict.fromkeys(self.faults) if not any(words in fault for words in self.excused)]
        self.faults, self.excused = [], []
        return faults

    def _sign_in(self, role: str) -> Any:
        """The cookies of this role, by the form, once."""
        if role not in self.sign_ins:
            context = self.browser.new_context(base_url=self.house.address, service_workers="block")
            page = context.new_page()
            page.goto("/accounts/login/")
            page.fill("form[action$='/accounts/login/'] [name=login], main form [name=login]", role)
            page.fill("[name=password]", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/me*")
            self.sign_ins[role] = context.storage_state()
            context.close()
        return self.sign_ins[role]

    def _watch_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        ours = (self.house.address, self.house.named, self.house.gateway)
        if parts.scheme in ("http", "https", "ws", "wss") and f"{parts.scheme}://{parts.netloc}" not in ours:
            self.faults.append(f"request to another host: {request.url}")

    def _watch_response(self, response: Response) -> None:
        kind = response.request.resource_type if response.request.service_worker is None else "document"
        if response.status >= 500:
            self.faults.append(
                f"{response.status} for {kind} {response.url}\n{''.join(self.house.lines[-LAST_WORDS:])}"
            )
        elif response.status == 404 and NONE_THERE.search(response.url):
            return
        elif response.status >= 400 and kind != "document" and not _is_a_form_refused(response):
            self.faults.append(f"{response.status} for {kind} {response.url}")

    def _watch_console(self, message: ConsoleMessage) -> None:
        is_known = any(words in message.text for words in NOT_OURS)
        if message.type in ("error", "warning") and not is_known:
            self.faults.append(f"console {message.type} on {message.page.url if message.page else '?'}: {message.text}")

    def ask(self, page: Page, number: int) -> dict[str, Any]:
        """What the JSON door tells this window's person about a report."""
        answer = page.request.get(f"/api/reports/{number}")
        assert answer.ok, f"{answer.status} for report {number}"
        found: dict[str, Any] = answer.json()
        return found

    def wait_for_department(self, page: Page, number: int) -> str:
        """The department that a new report found by itself."""
        wait_for(
            lambda: bool(self.ask(page, number)["department"]), ROUTED_SECONDS, f"report {number} has a department"
        )
        return str(self.ask(page, number)["department"])


def wait_until(page: Page, question: str, what: str) -> None:
    """Ask the page until it says yes, or promises it and keeps the promise: Playwright's `wait_for_function` takes any
    promise for a yes. Raises `TimeoutError`."""
    wait_for(lambda: bool(page.evaluate(question)), LIMIT / 1000, what)


def unique_words() -> str:
    """Words that no other report of this run has, in Latin and Arabic letters."""
    return f"Hole{next(_serial):05d}x is deep, beside the school حفرة عميقة"


def photo(folder: Path, name: str) -> Path:
    """A file as phones make them: with a position in it, which must not come out again."""
    path = folder / f"{name}.jpg"
    path.write_bytes(make_phone_photo() if name == "before" else make_picture())
    return path


def file_report(page: Page, words: str, picture: Path, *, email: str = "", category: str = POTHOLE) -> int:
    """Fill in the form and send it; the new report's number."""
    fill_in_report(page, words, picture, email=email, category=category)
    page.locator("#report-form button[type=submit]").click()
    return sent_number(page)


def fill_in_report(page: Page, words: str, picture: Path, *, email: str = "", category: str = POTHOLE) -> None:
    """Open the form and fill it in, step by step where there are steps."""
    page.goto("/reports/new")
    form = page.locator("#report-form")
    stepwise = form.locator(".stepper").count() > 0
    for name, fill in _sections(picture, words, email, category).items():
        section = form.locator(f".step:has(#step-{name})")
        expect(section).to_be_visible()
        fill(section)
        if stepwise and name != "send":
            section.locator(".step-actions button").last.click()


def _sections(picture: Path, words: str, email: str, category: str) -> dict[str, Any]:
    """What goes into each section of the form, in its order."""
    return {
        "photo": lambda part: part.locator("[name=photo]").set_input_files(picture),
        "place": _fill_place,
        "words": lambda part: part.locator("[name=description]").fill(words),
        "kind": lambda part: _choose(part.locator(f"[name=category][value={category}]")),
        "send": lambda part: part.locator("[name=contact_email]").fill(email) if email else None,
    }


def _choose(radio: Locator) -> None:
    """By key: suggestions may come and move the kinds while a pointer is on its way, but not from under the focus."""
    radio.focus()
    radio.press("Space")
    expect(radio).to_be_checked()


def _fill_place(part: Locator) -> None:
    part.locator("[name=address]").fill("12, Zellaqa street")
    part.locator("[name=district]").select_option(index=1)


def sent_number(page: Page) -> int:
    """The number of the report that was just sent. The address is looked at again and again: of two presses the second
    breaks off the first one's way there, and who waits for a load takes that for a failure."""
    expect(page).to_have_url(re.compile(r"/reports/\d+\?done=sent"), timeout=LIMIT)
    return int(urlsplit(page.url).path.rpartition("/")[2])


def do(page: Page, number: int, verb: str, text: str = "", picture: Path | None = None) -> None:
    """One of the deeds on a report's page."""
    page.goto(f"/reports/{number}")
    form = page.locator(deed(verb))
    if not form.is_visible():
        page.locator("details", has=form).locator("> summary").click()
    if text:
        form.locator("[name=text]").fill(text)
    if picture:
        form.locator("[name=photo]").set_input_files(picture)
    form.locator(SEND).click()
    page.wait_for_url(re.compile(rf"done={verb}"))
    expect(page.locator(".notice.good")).to_be_visible()


def publish_photos(city: City, staff: Page, number: int, count: int) -> list[int]:
    """Somebody of the staff publishes so many photos of a report, once the machine has looked; their numbers."""

    def marked() -> list[int]:
        return [photo["id"] for photo in city.ask(staff, number)["photos"] if photo["state"] == "marked"]

    wait_for(lambda: len(marked()) == count, MARKED_SECONDS, f"the machine has looked at the photos of report {number}")
    numbers = marked()
    for photo_id in numbers:
        staff.goto(f"/reports/photos/{photo_id}")
        staff.locator("[data-publish]").click()
        staff.wait_for_url(f"**/reports/{number}")
    return numbers


def deed(verb: str) -> str:
    """The selector of the form that does it."""
    return f"form[action$='/do/{verb}']"


def _is_a_form_refused(response: Response) -> bool:
    """What a person filled in wrong is refused with 422, also when the outbox sends the form."""
    return response.status == 422 and response.request.method == "POST"
