"""Each page of identity with something on it, behind the second proof: in every language, on a phone and on a desk, by
day and by night. `MEYDAN_PICTURES` names a folder for a picture of each."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Error, Page
from pytest_django.live_server_helper import LiveServer

from meydan.accounts.public import Person
from meydan.identity.tests.relying import CHALLENGE
from meydan.kernel.i18n import LANGUAGES
from tests.identity.scene import Scene, open_window
from tests.journeys.looks import ask_axe, bring_axe, find_sideways_scrolling, find_small_targets, tell

pytestmark = [pytest.mark.browser, pytest.mark.long]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
AXE_IN = ("ar", "en")


@dataclass(frozen=True)
class Stop:
    """One page: what it is called in the faults, who looks at it, and how they come there."""

    name: str
    who: str
    open: Callable[[Page, Scene], None]


def press_on(page: Page, what: str) -> None:
    """Unfold it, or go where it leads."""
    if what.endswith("summary"):
        page.locator(what).first.click()
        return
    with page.expect_navigation():
        page.locator(what).first.click()


def at(name: str, who: str, path: str, *press: str) -> Stop:
    """By an address, in which braces name one of the scene's, and then by what is pressed or unfolded there."""

    def go(page: Page, scene: Scene) -> None:
        page.goto(scene.paths[path[1:-1]] if path.startswith("{") else path)
        for one in press:
            press_on(page, one)

    return Stop(name, who, go)


def at_counter(page: Page, scene: Scene) -> None:
    """The clerk has typed the person's code."""
    page.goto("/id/counter")
    page.fill("[name=code]", scene.paths["code"])
    press_on(page, SUBMIT)
    page.locator("[name=pin]").wait_for()


def find_nothing(page: Page, _scene: Scene) -> None:
    """Somebody has a paper with a code that is none."""
    page.goto("/verify/papers")
    page.fill("[name=code]", "no-such-code")
    press_on(page, "form:has([name=code]) button[type=submit]")


def give_no_pdf(page: Page, _scene: Scene) -> None:
    """A file that cannot be signed."""
    page.goto("/id/sign")
    page.set_input_files("[name=paper]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"none"})
    press_on(page, SUBMIT)


def let_wallet_in(page: Page, _scene: Scene) -> None:
    """A wallet has pushed its request, and sends its holder to the page of consent."""
    wants: dict[str, str | float | bool] = {
        "response_type": "code",
        "client_id": WALLET,
        "redirect_uri": "org.example.wallet:/back",
        "scope": "person",
        "state": "a state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    answer = page.request.post("/id/push", form=wants)
    assert answer.status == 201, answer.text()
    query = urlencode({"client_id": WALLET, "request_uri": answer.json()["request_uri"]})
    page.goto(f"/id/authorize?{query}")


def present(page: Page, scene: Scene) -> None:
    """The page that asks before it shows, as it is when it knows who asks: to keep an ID in a browser is another
    test's."""
    page.goto("/id/present")
    page.locator("[data-step=none]").wait_for()


WALLET = "a-wallet-of-nobody"
SUBMIT = "main form button[type=submit]"
STOPS = (
    at("nothing yet", "new", "/id/"),
    at("begin", "new", "/id/apply"),
    at("consent", "at_consent", "/id/apply"),
    at("consent, unanswered", "at_consent", "/id/apply", SUBMIT),
    at("number", "at_number", "/id/apply"),
    at("number, none given", "at_number", "/id/apply", SUBMIT),
    at("document", "at_document", "/id/apply", "main details summary"),
    at("document, none given", "at_document", "/id/apply", SUBMIT),
    at("picture", "at_selfie", "/id/apply", "#selfie details summary"),
    at("picture, after failures", "failed", "/id/apply"),
    at("waiting for the machine", "checked", "/id/apply"),
    at("waiting for an officer", "waits", "/id/apply", "form.apart summary"),
    at("on its way", "waits", "/id/"),
    at("refused", "refused", "/id/"),
    at("my ID, light", "light", "/id/"),
    at("my ID, in person", "holder", "/id/"),
    at("frozen", "frozen", "/id/"),
    at("thaw", "frozen", "/id/thaw"),
    at("thaw at the counter", "strict", "/id/thaw"),
    at("code for the counter", "light", "/id/", "form[action$='/id/code'] button"),
    at("print", "holder", "/id/paper"),
    at("printed", "holder", "/id/paper", SUBMIT),
    at("my face", "holder", "/id/face"),
    at("errors of the face check", "", "/id/face/errors"),
    at("second proof", "new", "/id/secure"),
    at("moved away", "moves_from", "/id/"),
    at("moved away, stopped", "stops_from", "/id/"),
    at("moved here", "moves_to", "/id/"),
    at("moved here, stopped", "stops_to", "/id/"),
    at("moved here, thaw", "stops_to", "/id/thaw"),
    at("letter about a move", "", "{letter_moves}"),
    at("letter about a move, stopped", "", "{letter_stops}"),
    at("desk", "clara", "/id/desk"),
    at("case", "clara", "{case}"),
    at("case, refused without a reason", "clara", "{case}", "button[value=refuse]"),
    at("case, the second look", "clara", "{second}"),
    at("counter", "clara", "/id/counter"),
    at("counter, no code", "clara", "/id/counter", SUBMIT),
    Stop("counter, the person", "clara", at_counter),
    at("sign", "holder", "/id/sign"),
    at("sign, too low", "light", "/id/sign"),
    Stop("sign, no PDF", "holder", give_no_pdf),
    at("check and sign", "holder", "{sign_waits}", "main details summary"),
    at("signed", "holder", "{sign_signed}"),
    at("signed, disowned", "holder", "{sign_disowned}"),
    at("disown", "holder", "{sign_signed}", "main a[href$='/disown']"),
    at("check a paper", "", "/verify/papers"),
    Stop("check a paper, no code", "", find_nothing),
    at("a signed paper", "", "{paper_signed}", "main details summary"),
    at("a signed paper, disowned", "", "{paper_disowned}"),
    at("a paper not signed", "", "{paper_waits}"),
    at("wallets", "holder", "/id/wallet"),
    at("no wallet", "new", "/id/wallet"),
    at("offer", "holder", "/id/wallet", "form[action$='/offer'] button"),
    at("end a wallet", "holder", "/id/wallet", "main a[href$='/end']"),
    Stop("let a wallet in", "holder", let_wallet_in),
    Stop("let a wallet in, without an ID", "new", let_wallet_in),
    at("consents", "holder", "/id/consents"),
    at("ask to delete", "holder", "/id/consents/hotel/delete"),
    at("report", "holder", "/id/consents/hotel/report"),
    Stop("show my ID", "holder", present),
    at("sign in at a bank", "holder", "{sign_in}"),
    at("sign in, too low", "light", "{sign_in_strict}"),
    at("developers", "", "/id/connect/developers"),
    at("check an ID", "asker", "/verify/"),
    at("check an ID, nobody's clerk", "new", "/verify/"),
    at("asking", "asker", "/verify/", "form:has([value=age]) button"),
    at("asked, and taken", "asker", "{ask}"),
    at("shown", "asker", "{shown}"),
    at("offline", "", "/verify/offline"),
    at("wishes", "boss", "/verify/wishes"),
    at("wishes, a clerk's", "asker", "/verify/wishes"),
    at("parties", "boss", "/verify/parties"),
    at("new party", "boss", "/verify/parties/new"),
    at("new party, nothing given", "boss", "/verify/parties/new", SUBMIT),
    at("party", "boss", "/verify/parties/hotel"),
    at("party, sign in", "boss", "/verify/parties/bank/sign-in"),
    at("counter link", "boss", "/verify/parties/hotel", "form[action$='/link'] button"),
    at("party's secret", "boss", "/verify/parties/bank/sign-in", "form[action$='/secret'] button"),
)


def test_each_page_of_identity_is_fit_for_everybody(scene: Scene, browser: Browser, live_server: LiveServer) -> None:
    chosen, scene.city = os.environ.get("MEYDAN_STOPS", ""), live_server.url
    faults: list[str] = []
    for who in sorted({stop.who for stop in STOPS}, key=lambda who: (who not in ("asker", "boss", "clara"), who)):
        person = scene.person(who) if who else None
        page = open_window(browser, live_server, person, viewport=PHONE)
        page.on("pageerror", partial(_note_error, faults))
        bring_axe(page)
        for stop in STOPS:
            if stop.who == who and chosen in stop.name:
                for language in os.environ.get("MEYDAN_LANGUAGES", "").split() or LANGUAGES:
                    faults += tell(f"{stop.name} [{language}]", _visit(page, scene, stop, person, language))
        page.context.close()
    assert not faults, "\n".join(faults)


def _visit(page: Page, scene: Scene, stop: Stop, person: Person | None, language: str) -> list[str]:
    """What is wrong with a page; that nobody comes there is a fault like others."""
    try:
        return _look_over(page, scene, stop, person, language)
    except Error as error:
        return [f"nobody comes there: {error}"]


def _note_error(faults: list[str], error: Error) -> None:
    faults.append(f"script: {error}")


def _look_over(page: Page, scene: Scene, stop: Stop, person: Person | None, language: str) -> list[str]:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of its own
    page.context.add_cookies([{"name": "language", "value": language, "url": scene.city}])
    if person is not None:
        Person.objects.filter(pk=person.pk).update(language=language)
    stop.open(page, scene)
    faults = find_sideways_scrolling(page) + find_small_targets(page)
    if page.locator("html").get_attribute("lang") != language:
        faults.append(f"it speaks {page.locator('html').get_attribute('lang')}")
    faults += ask_axe(page) if language in AXE_IN else []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (PHONE, DESK):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict of its own
            _take_picture(page, f"{stop.name}-{language}-{scheme}-{size['width']}")
        if language in AXE_IN:
            faults += tell(f"{scheme}, 1280 px", find_sideways_scrolling(page) + ask_axe(page, "color-contrast"))
    page.emulate_media(color_scheme="light")
    return faults


def _take_picture(page: Page, name: str) -> None:
    if folder := os.environ.get("MEYDAN_PICTURES"):
        page.screenshot(path=Path(folder, name.replace("'", "").replace(" ", "_") + ".jpg"), full_page=True, quality=60)
