"""What somebody needs who proves who they are: a camera that films them, a letter box, a passkey."""

import io
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from meydan.accounts.public import DEMO_APP
from meydan.identity.tests.passkeys import Passkeys, give_passkeys
from meydan.site.portrait_drawings import Pose, draw_portrait
from tests.journeys.people import LIMIT, PASSWORD, City
from tests.load.holding import POSES, app_code, read_code
from tests.long.harness import wait_for

FILM, ABOVE = (640, 480), 50
"""Of the drawing, which is a square, so much is above what the camera sees."""
HEAD = b"YUV4MPEG2 W640 H480 F15:1 Ip A1:1 C420jpeg\nFRAME\n"
VERDICT_SECONDS, MOST_TRIES = 60.0, 4
TRY_AGAIN = "Your picture"
"""What the page of the identity says while it waits for a picture, and no longer once one was sent."""
LONG_PASSWORD = "four words of somebody"
HASTE = """{
  const later = window.setTimeout.bind(window), passed = performance.now.bind(performance);
  window.setTimeout = (work, millis = 0, ...given) => later(work, millis / 10, ...given);
  performance.now = () => 10 * passed();
}"""
"""Time that passes ten times as fast, for a page's own scripts."""
FRAME_MILLIS = 30
CODE_SECONDS = 30
"""How long an authenticator app shows a code (RFC 6238)."""


@dataclass
class Camera:
    """What films in every window of the journeys: a film of one picture (YUV4MPEG2), which the browser reads again and
    again. Painting it over while it is shown is how whoever is in front of it moves."""

    file: Path

    def show(self, person: int, pose: Pose | None = None) -> None:
        """From now on it films this invented person, looking so."""
        with self.file.open("r+b" if self.file.exists() else "w+b") as film:
            film.write(HEAD + _paint(person, pose or Pose()))


@lru_cache(maxsize=len(POSES) + 1)
def _paint(person: int, pose: Pose) -> bytes:
    """The planes of one frame: light, and both colours at half the size."""
    wide, high = FILM
    drawn = Image.open(io.BytesIO(draw_portrait(person, pose, side=wide)))
    picture = drawn.crop((0, ABOVE, wide, ABOVE + high))
    light, *colours = picture.convert("YCbCr").split()
    half = (wide // 2, high // 2)
    tones = [128 + round((tone - 128) * 224 / 255) for tone in range(256)]
    planes = [light.point([16 + round(tone * 219 / 255) for tone in range(256)])]
    planes += [colour.resize(half).point(tones) for colour in colours]
    return b"".join(plane.tobytes() for plane in planes)


def open_account(city: City, address: str) -> tuple[Page, Passkeys]:
    """Somebody opens an account with a password and a passkey, by the pages."""
    page, passkeys = _open_window(city)
    page.goto("/accounts/signup/")
    page.locator("main [name=name]").fill("Somebody")
    page.locator("main [name=email]").fill(address)
    page.locator("main [name=password1]").fill(LONG_PASSWORD)
    page.locator("main [name=charter]").check()
    page.locator("main form:has([name=password1]) button[type=submit]").click()
    page.locator("main [name=code]").fill(read_code(city.house, address))
    page.locator("main form:has([name=code]) button[type=submit]").first.click()
    expect(page.locator("main [name=code]")).to_have_count(0)
    _add_passkey(page, LONG_PASSWORD)
    return page, passkeys


def _open_window(city: City) -> tuple[Page, Passkeys]:
    page = city.open_window(workers="block", named=True, size=(412, 900))
    return page, give_passkeys(page, makes_keys=False)


def _add_passkey(page: Page, password: str) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    if "/reauthenticate" in page.url:
        page.locator("main [name=password]").fill(password)
        page.locator("main form:has([name=password]) button[type=submit]").click()
    page.locator("form[data-passkey] [name=name]").fill("phone")
    page.locator("form[data-passkey] button[type=submit]").click()
    expect(page.locator("form[data-passkey=create]")).to_have_count(0)


def sign_in(city: City, login: str, password: str, known: Passkeys | None = None) -> tuple[Page, Passkeys]:
    """By password, in a window of its own with the same passkeys; the second proof is asked for where there are any."""
    page, passkeys = _open_window(city)
    for credential in known.all() if known else []:
        passkeys.take(credential)
    type_password(page, login, password)
    if known:
        page.locator("form[data-passkey=get] button[type=submit]").click()
        page.wait_for_url("**/me*")
    return page, passkeys


def type_password(page: Page, login: str, password: str) -> None:
    """The form of signing in, sent."""
    page.goto("/accounts/login/")
    form = page.locator("main form:has([name=password])")
    form.locator("[name=login]").fill(login)
    form.locator("[name=password]").fill(password)
    form.locator("button[type=submit]").click()
    expect(page.locator("main [name=password]")).to_have_count(0)


def sit_down(city: City, role: str) -> Page:
    """A demo's clerk at their desk, by password and the demo's authenticator app. A code counts once: where the test
    before has used it, the next one does."""
    page, _none = _open_window(city)
    type_password(page, role, PASSWORD)
    for _code in range(2):
        page.locator("main [name=code]").fill(app_code(DEMO_APP))
        page.locator("main form:has([name=code]) button[type=submit]").first.click()
        with suppress(PlaywrightTimeout):
            page.wait_for_url(lambda url: "/accounts/" not in url, timeout=5000)
            return page
        page.wait_for_timeout(1000 * CODE_SECONDS)
    raise AssertionError(f"{role} does not come in: {page.url}")


def prove(page: Page) -> None:
    """Answer the page that asks for the passkey, where it asks."""
    if "/reauthenticate" in page.url:
        page.locator("form[data-passkey=get] button[type=submit]").click()
        page.wait_for_url(lambda url: "/reauthenticate" not in url)


def apply(page: Page, said: dict[str, str], *, by_machine: bool) -> None:
    """An application, up to the picture."""
    page.goto("/id/apply")
    prove(page)
    page.locator("button[value=begin]").click()
    page.locator(f"[name=agrees][value={str(by_machine).lower()}]").check()
    page.locator("button[value=consent]").click()
    page.locator("[name=number]").fill(said["number"])
    page.locator("button[value=number]").click()
    page.locator("details:has([name=given_name]) > summary").click()
    for name in ("given_name", "family_name", "birth_date"):
        page.locator(f"[name={name}]").fill(said[name])
    page.locator("button[value=document]").click()
    expect(page.locator("#selfie [data-start]")).to_be_visible()


def be_filmed_in_haste(page: Page, camera: Camera, person: int) -> None:
    """Start the camera in a tab in which the ten seconds are over sooner: people look at what it films. Playwright's
    own clock is no way to that: told to go on while the page leaves for the next one, it never answers."""
    camera.show(person)
    tab = page.context.new_page()
    tab.add_init_script(HASTE)
    tab.goto("/id/apply")
    tab.locator("[data-start]").click()
    expect(tab.locator("[data-start]")).to_have_count(0, timeout=LIMIT)
    tab.close()


def be_filmed(page: Page, camera: Camera, person: int) -> None:
    """Start the camera and do what the page asks for, when it asks; until it has sent the pictures."""
    form = page.locator("#selfie")
    asked = {str(form.get_attribute(f"data-{name}")): pose for name, pose in POSES.items()}
    for pose in (*asked.values(), Pose()):  # painted beforehand: while the page films there is no time for that
        camera.show(person, pose)
    form.locator("[data-start]").click()
    words = ""
    while form.count():
        with suppress(Error):  # the page has gone on
            said = str(form.locator("[data-say]").text_content(timeout=FRAME_MILLIS * 10))
            if said != words and said in asked:
                camera.show(person, asked[said])
            words = said
        page.wait_for_timeout(FRAME_MILLIS)


def be_accepted(page: Page, camera: Camera, person: int) -> None:
    """Be filmed until the machine accepts it. Where the film came too late for what was asked, as on a busy machine,
    the page says so and asks again, and whoever sits there tries again."""
    for _try in range(MOST_TRIES):
        be_filmed(page, camera, person)
        wait_for_state(page, "from afar", TRY_AGAIN)
        if page.locator("main", has_text="from afar").count():
            return
        page.goto("/id/apply")
        expect(page.locator("main")).to_contain_text("That did not work.")
    raise AssertionError(f"not accepted in {MOST_TRIES} tries")


def come_back(page: Page) -> None:
    """Sign in by the passkey alone: the password is no longer known, or somebody else's."""
    page.goto("/accounts/login/")
    page.locator("form[data-passkey=login] button[type=submit]").click()
    page.wait_for_url("**/me*")


def wait_for_state(page: Page, words: str, *others: str) -> None:
    """Until the page of the application, or of the identity, has one of these in its heading or on its card."""

    def is_there() -> bool:
        with suppress(Error):  # the page goes on by itself just now
            page.goto("/id/apply" if words == "officer" else "/id/")
        return any(page.locator("main", has_text=one).count() for one in (words, *others))

    wait_for(is_there, VERDICT_SECONDS, words)
