"""Errands of identity without a mouse: every step by Tab, Enter, Space and arrows, the focus always to be seen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route
from pytest_django.live_server_helper import LiveServer

from meydan.accounts.public import DEMO_APP, Person
from meydan.identity.tests.cast import CLAIMS
from meydan.identity.tests.pdfs import make_pdf
from meydan.kernel.tests.pictures import make_picture
from tests.identity.scene import Scene, open_window
from tests.identity.test_looks import PHONE, let_wallet_in
from tests.journeys.keys import Keys
from tests.load.holding import lasting_code

pytestmark = [pytest.mark.browser, pytest.mark.long]
SEND = "main form button[type=submit]"
MOST_TURNS = 100
"""Tenths of a second until the browser has found that nobody is there."""


def apply(keys: Keys, scene: Scene, folder: Path) -> None:
    """From the beginning to the picture, without a camera."""
    picture = folder / "me.jpg"
    picture.write_bytes(make_picture())
    go(keys, "/id/apply")
    press(keys, "button[value=begin]")
    keys.choose("agrees", "false")
    press(keys, "button[value=consent]")
    keys.write("[name=number]", "KB 1")
    press(keys, "button[value=number]")
    keys.press("details:has([name=given_name]) > summary")
    keys.write("[name=given_name]", CLAIMS.given_name)
    keys.write("[name=family_name]", CLAIMS.family_name)
    keys.go("[name=birth_date]")
    keys.page.keyboard.type("04121990")
    press(keys, "button[value=document]")
    keys.press("#selfie details > summary")
    keys.choose_file("[name=still]", picture)
    press(keys, "button[value=picture]")
    assert keys.page.locator("[name=still]").count() == 0


def freeze(keys: Keys, _scene: Scene, _folder: Path) -> None:
    """One key from the page of one's identity."""
    go(keys, "/id/")
    press(keys, "form[action$='/id/freeze'] button")
    assert keys.page.locator(".idcard.frozen").is_visible()


def thaw(keys: Keys, _scene: Scene, _folder: Path) -> None:
    """The way back: to a new application."""
    go(keys, "/id/")
    press(keys, "main a[href='/id/thaw']")
    press(keys, "main a[href='/id/apply']")
    press(keys, "button[value=begin]")
    assert keys.page.locator("[name=agrees]").count() == 2


def stop_move(keys: Keys, _scene: Scene, _folder: Path) -> None:
    """The identity went to another account."""
    go(keys, "/id/")
    press(keys, "form[action$='/id/moved'] button")
    press(keys, "form[action$='/id/code'] button")
    assert keys.page.locator(".bigcode").is_visible()


def sign(keys: Keys, _scene: Scene, folder: Path) -> None:
    """A paper, from the file to the signature, and that it was not mine."""
    paper = folder / "lease.pdf"
    paper.write_bytes(make_pdf())
    go(keys, "/id/sign")
    keys.choose_file("[name=paper]", paper)
    keys.choose("shows", "nothing")
    press(keys, "main form.card button[type=submit]")
    press(keys, "form[action$='/sign'] button")
    keys.write("main [name=code]", lasting_code(DEMO_APP))
    press(keys, "main form:has([name=code]) button[type=submit]")
    assert keys.page.locator("main a[href$='/disown']").count() == 1


def check_paper(keys: Keys, scene: Scene, _folder: Path) -> None:
    """By the code on it."""
    go(keys, "/verify/papers")
    keys.write("[name=code]", scene.paths["paper_signed"])
    press(keys, "form:has([name=code]) button[type=submit]")
    keys.press("main details > summary")
    assert keys.page.locator(".fingerprint").is_visible()


def consent(keys: Keys, scene: Scene, _folder: Path) -> None:
    """To a relying party, by its page, and back to it."""
    go(keys, scene.paths["sign_in"])
    press_away(keys, "form.held button[value=yes]", "https://bank.example/**")
    go(keys, "/id/consents")
    press(keys, "main a[href='/id/consents/bank']")
    press(keys, SEND)
    assert keys.page.locator("main a[href='/id/consents/bank']").count() == 0


def authorize(keys: Keys, scene: Scene, _folder: Path) -> None:
    """A wallet is let in, by the page to which it sends its holder."""
    let_wallet_in(keys.page, scene)
    press_away(keys, "form.held button[value=yes]", "")


def wish(keys: Keys, _scene: Scene, _folder: Path) -> None:
    """Somebody asked to have deleted what a party has of them; its clerk answers."""
    go(keys, "/verify/wishes")
    keys.write("[name=reply]", "The law wants us to keep it for a year.")
    press(keys, "button[value=kept]")
    assert keys.page.locator("button[value=kept]").count() == 0


def see_person(keys: Keys, scene: Scene, _folder: Path) -> None:
    """The clerk at the counter, with the person's code."""
    go(keys, "/id/counter")
    keys.write("[name=code]", scene.paths["code"])
    press(keys, SEND)
    keys.choose("document", "card")
    keys.write("[name=pin]", "280911")
    keys.write("[name=again]", "280911")
    press(keys, "form:has([name=pin]) button[type=submit]")
    assert keys.page.locator(".notice.good").is_visible()


def decide(keys: Keys, scene: Scene, _folder: Path) -> None:
    """The second officer at the desk says yes."""
    go(keys, "/id/desk")
    press(keys, f"main a[href='{scene.paths['second']}']")
    press(keys, "button[value=accept]")
    assert keys.page.locator(".notice.good").is_visible()


def ask(keys: Keys, _scene: Scene, _folder: Path) -> None:
    """A clerk of a relying party asks for an age."""
    go(keys, "/verify/")
    press(keys, "form:has([value=age]) button")
    assert "/verify/asks/" in keys.page.url


Errand = Callable[[Keys, Scene, Path], None]
ERRANDS: dict[str, tuple[str, Errand]] = {
    "apply": ("new", apply),
    "thaw": ("frozen", thaw),
    "stop a move": ("moves_from", stop_move),
    "sign": ("holder", sign),
    "check a paper": ("", check_paper),
    "consent": ("holder", consent),
    "authorize": ("holder", authorize),
    "answer a wish": ("asker", wish),
    "counter": ("clara", see_person),
    "desk": ("clara", decide),
    "ask": ("asker", ask),
    "freeze": ("light", freeze),
}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_errand_of_identity_by_keyboard(
    scene: Scene, browser: Browser, live_server: LiveServer, tmp_path: Path, language: str
) -> None:
    faults: list[str] = []
    for name, (who, errand) in ERRANDS.items():
        person = scene.person(who) if who else None
        if person is not None:
            Person.objects.filter(pk=person.pk).update(language=language)
        page = open_window(browser, live_server, person, viewport=PHONE, locale=language)
        keys = Keys(page)
        errand(keys, scene, tmp_path)
        faults += [f"{name}: {fault}" for fault in dict.fromkeys(keys.faults)]
        page.context.close()
    assert not faults, "\n".join(faults)


def go(keys: Keys, path: str) -> None:
    """Open a page by its address."""
    keys.page.goto(path)


def press(keys: Keys, what: str) -> None:
    """Go there, press Enter, and be led on."""
    keys.go(what)
    with keys.page.expect_navigation():
        keys.page.keyboard.press("Enter")


def press_away(keys: Keys, what: str, where: str) -> None:
    """The same where it leads out of the city: nobody is there, and no wallet is installed."""
    if where:
        keys.page.route(where, _stand_in)
    here = keys.page.url
    with keys.page.expect_request(lambda one: one.method == "POST") as asked:
        keys.press(what)
    answer = asked.value.response()
    assert answer is not None and answer.status in (200, 302, 303), answer
    for _turn in range(MOST_TURNS if where else 0):  # a redirect is no route's: the browser's own page takes its place
        if keys.page.url != here:
            break
        keys.page.wait_for_timeout(100)
    _settle(keys.page)


def _stand_in(route: Route) -> None:
    route.fulfill(body="there")


def _settle(page: Page) -> None:
    page.wait_for_load_state()
