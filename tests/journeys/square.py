"""What people of the square do on its pages: write, announce, publish, hand in, decide. Known by their forms, not by
their words, as `people.py` does it."""

import http.client
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from meydan.kernel.clock import now
from meydan.kernel.config import GATEWAY_STEP
from meydan.kernel.tests.pictures import make_picture
from meydan.store.tests.apks import Tag, make_manifest, make_plan
from tests.journeys.people import PASSWORD, City
from tests.long.harness import CHECKOUT, House

CAMERA = Tag("uses-permission", {"name": "android.permission.CAMERA"})
TEXT = (
    "Sensors on twelve roofs of Casablanca measure the air each minute, and everybody may read what they say. "
    "Schools keep them: each class has a roof of its own, and writes down what it saw on days of wind, of smoke and "
    "of rain. It costs nothing, and knows nothing about who reads."
)
MATRIX, PASSWORDS = "/_matrix/client/v3", "m.login.password"
_serial = itertools.count(1)


def unique_title(what: str) -> str:
    """A title that nothing else in this city has, whichever run made it."""
    return f"{what} {os.getpid():x}{next(_serial):02d}"


def make_package(folder: Path, *, version_code: int = 1, name: str = "") -> tuple[Path, str]:
    """A real, signed Android package that asks for the camera; and its application id."""
    application_id = name or f"org.example.journey{os.getpid():x}n{next(_serial)}"
    manifest = make_manifest(
        application_id=application_id, version_code=version_code, version_name=f"1.{version_code}", children=[CAMERA]
    )
    path = folder / f"{application_id}-{version_code}.apk"
    path.write_bytes(make_plan(manifest).built())
    return path, application_id


def picture(folder: Path) -> Path:
    """A screenshot, or an icon."""
    path = folder / "picture.png"
    path.write_bytes(make_picture(512, 512, "PNG"))
    return path


def main_form(page: Page) -> Locator:
    """The form that the page is about: the last one with words to write in it."""
    return page.locator("main form:has(textarea, input.input)").last


def save(page: Page) -> None:
    """Send the form that the page is about."""
    with page.expect_navigation():
        main_form(page).locator("button[type=submit]").click()


def suggest_article(page: Page, title: str, *, language: str = "en", own: bool = True) -> str:
    """Write an article and hand it in; where it lies."""
    page.goto("/articles/new")
    page.locator("main [name=language]").select_option(language)
    page.fill("[name=title]", title)
    page.fill("[name=summary]", "What the air of the city tells.")
    page.fill("[name=body]", TEXT)
    page.locator("[name=topics]").first.check()
    page.locator("[name=about_technology]").check()
    if own:
        page.locator("[name=origin][value=own]").check()
    with page.expect_navigation():
        page.locator("button[value=hand_in]").click()
    return page.url


def announce_event(page: Page, title: str, *, language: str = "en") -> str:
    """Announce an event in three weeks, in the city, and hand it in; where it lies."""
    page.goto("/events/new")
    page.locator("main [name=language]").select_option(language)
    page.fill("[name=title]", title)
    page.fill("[name=text]", "We build a sensor for the air together. Everybody is welcome, no knowledge needed.")
    page.fill("[name=starts_on]", f"{now() + timedelta(days=21):%Y-%m-%d}")
    page.fill("[name=starts_at]", "18:00")
    page.fill("[name=ends_at]", "20:00")
    page.fill("[name=place]", "Twin Center, Casablanca")
    page.fill("[name=spot]", "33.5866, -7.6329")
    page.locator("[name=topics]").first.check()
    page.locator("[name=about_technology]").check()
    with page.expect_navigation():
        page.locator("button[value=hand_in]").click()
    return page.url


def begin_app(page: Page, title: str) -> str:
    """Begin an entry for an Android app, with its words, its category and its picture; its short name."""
    page.goto("/apps/new")
    page.locator("[name=kind][value=android]").check()
    page.fill("[name=title]", title)
    page.locator("main [name=language]").select_option("en")
    save(page)
    slug = page.url.split("/")[-2]
    page.goto(f"/apps/{slug}/texts")
    page.fill("[name=summary]", "The air of Casablanca, roof by roof")
    page.fill("[name=description]", TEXT)
    save(page)
    page.goto(f"/apps/{slug}/details")
    page.locator("[name=category]").select_option(index=1)
    page.fill("[name=privacy_address]", "https://air.example/privacy")
    save(page)
    return slug


def add_screenshot(page: Page, slug: str, file: Path) -> None:
    """Show what it looks like."""
    page.goto(f"/apps/{slug}/pictures")
    page.locator("[name=screenshot]").set_input_files(file)
    page.fill("[name=alt]", "A map with twelve coloured roofs")
    page.locator("form:has([name=screenshot]) button").click()
    expect(page.locator("img.shot")).to_have_count(1)


def upload(page: Page, slug: str, package: Path) -> None:
    """Upload a version."""
    page.goto(f"/apps/{slug}/versions")
    page.locator("[name=package]").set_input_files(package)
    page.fill("[name=changelog]", "Roofs have names now.")
    page.locator("form:has([name=package]) button").click()


def hand_in_app(page: Page, slug: str) -> None:
    """Answer the charter's questions and hand in."""
    page.goto(f"/apps/{slug}/hand-in")
    page.fill("[name=about_city]", "It shows the air above the roofs of Casablanca.")
    page.locator("[name=complete]").check()
    page.locator("[name=ready]").check()
    page.locator("main form button").click()
    page.wait_for_url(f"**/apps/{slug}/manage")


def open_review_by_keyboard(moderator: Page, title: str) -> None:
    """Find what was handed in on the desk, open it, and take it on: all by keys."""
    moderator.goto("/moderation?kind=reviews")
    case = moderator.locator("[data-case]", has_text=title)
    for _step in range(moderator.locator("[data-case]").count()):
        moderator.keyboard.press("j")
        if case.locator(":focus").count():
            break
    moderator.keyboard.press("o")
    moderator.wait_for_url(re.compile(r"/moderation/reviews/\d+"))
    moderator.keyboard.press("t")
    expect(moderator.locator("#take button[value=leave]")).to_be_visible()


def press(moderator: Page, verb: str) -> None:
    """Go by Tab to the button of that name, and press it."""
    for _step in range(80):
        moderator.keyboard.press("Tab")
        if moderator.locator(f"button[value={verb}]:focus").count():
            moderator.keyboard.press("Enter")
            return
    raise AssertionError(f"{verb} cannot be reached by Tab on {moderator.url}")


def approve(moderator: Page, title: str) -> None:
    """Answer each question with yes, and approve."""
    open_review_by_keyboard(moderator, title)
    for box in moderator.locator("#decision [name=checks]").all():
        box.focus()
        moderator.keyboard.press("Space")
    moderator.locator("h1").click()
    moderator.keyboard.press("a")
    moderator.wait_for_url("**/moderation?kind=reviews")


def another_moderator(city: City, name: str, language: str = "en") -> Page:
    """Somebody else with the same office: the demo has one, and an appeal needs two."""
    if name not in city.sign_ins:
        create = ["user", "create", name, "--email", f"{name}@demo.example"]
        console(city.house, create, ["user", "grant", name, "moderator"])
    return city.open_window(language, role=name)


def console(house: House, *commands: Sequence[str]) -> None:
    """Commands of this house, as an operator types them; a person who is there already stays. They share a process:
    to start one takes longer than what it does."""
    environment = {**os.environ, "MEYDAN_DATA": str(house.data), "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    typed = f"{PASSWORD}\n" * len(commands)
    command = [sys.executable, "-c", _RUN_ALL, json.dumps(commands)]
    subprocess.run(command, cwd=CHECKOUT, env=environment, input=typed, text=True, check=False, capture_output=True)


_RUN_ALL = """
import json, sys
from meydan.site.cli import run
for words in json.loads(sys.argv[1]):
    run(words)
"""


class Inbox:
    """Somebody's messenger, asked as any Matrix client asks."""

    def __init__(self, house: House, name: str) -> None:
        self.port = house.port + GATEWAY_STEP
        said = ask_messenger(self.port, "POST", "/login", {"type": PASSWORDS, "password": PASSWORD, "user": name})
        self.token = str(said["access_token"])

    def read(self) -> str:
        """The newest messages of every conversation."""
        found = ask_messenger(self.port, "GET", "/sync", token=self.token)
        rooms: dict[str, Any] = found["rooms"]["join"]
        events = [event for room in rooms.values() for event in room["timeline"]["events"]]
        return "\n".join(str(event["content"].get("body", "")) for event in events)

    def close(self) -> None:
        """Sign this device out."""
        ask_messenger(self.port, "POST", "/logout", {}, self.token)


def ask_messenger(port: int, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
    """One question to the messenger; it must be answered."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        line.request(method, MATRIX + path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
        assert answer.status == 200, said
        return said
    finally:
        line.close()
