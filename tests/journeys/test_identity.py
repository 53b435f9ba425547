"""From an application to a credential and a counter, what thieves get, the freeze, the thaw and the way back of who has
lost everything, as people meet it."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest
from playwright.sync_api import Page, expect

from meydan.site.seed_identity import DEMO_PIN
from tests.journeys.people import City
from tests.journeys.proving import (
    LONG_PASSWORD,
    Camera,
    apply,
    be_accepted,
    be_filmed_in_haste,
    come_back,
    open_account,
    prove,
    sign_in,
    sit_down,
    type_password,
    wait_for_state,
)
from tests.load.holding import MAIL_SECONDS, new_address, read_code, registered, subjects
from tests.long.harness import CHECKOUT, House, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.long]
LINE, LOST_LINE, MACHINE_LINE = 6, 7, 8
"""Of the demo's registry: nobody of the seed."""
CLERKS = ("clerk1", "clerk2")
ENGINE = CHECKOUT / "data" / "face"
"""Where `bin/meydan faces install` has put the engine for this checkout."""
WORK_SECONDS = 30.0
NOT_TAKEN = "taken up already"
"""What the phone says when the city does not accept what it shows."""


def test_from_the_application_to_the_counter_and_what_thieves_get(city: City, camera: Camera) -> None:
    said, address = registered(city.house, LINE), new_address()
    tablet, tablet_keys = open_account(city, address)
    phone, keys = sign_in(city, address, LONG_PASSWORD, tablet_keys)
    clerks = [sit_down(city, name) for name in CLERKS]
    be_established(phone, camera, said, LINE, clerks)
    keep_in_browser(phone)

    counter, strict = open_counter(city, "light"), open_counter(city, "in-person")
    show(phone, ask(counter))
    expect(counter.get_by_role("heading", name="Over 18")).to_be_visible()
    see_at_counter(phone, clerks[0])
    expect(phone.locator(".idcard.in-person")).to_be_visible()

    # a thief has the password
    thief, _none = sign_in(city, address, LONG_PASSWORD)
    expect(thief).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    # they have the tablet, which lies about unlocked, and the phone out of its owner's hand
    rob_unlocked(tablet, said["number"])
    keys.sees_owner(False)
    show(phone, ask(strict), gives="did not open your ID")
    # and the mail
    take_over_by_mail(city, thief, address)
    hear(city.house, address, "Your password was changed")

    # the owner has their phone again, and needs no password to come in, and no proof to freeze
    keys.sees_owner(True)
    come_back(phone)
    find_among_news(phone, "Your password was changed")
    freeze(phone)
    is_refused(city, phone, counter)
    phone.goto("/id/thaw")
    expect(phone.locator("main a[href='/id/apply']")).to_have_count(0)
    see_at_counter(phone, clerks[1])
    expect(phone.locator(".idcard.in-person")).to_be_visible()
    keep_in_browser(phone)
    show(phone, ask(counter))


def test_a_thaw_and_a_recovery_take_no_less_than_the_enrolments_proof(city: City, camera: Camera) -> None:
    said, address = registered(city.house, LOST_LINE), new_address()
    phone, _keys = open_account(city, address)
    clerks, counter = [sit_down(city, name) for name in CLERKS], open_counter(city, "light")
    be_established(phone, camera, said, LOST_LINE, clerks)
    keep_in_browser(phone)
    freeze(phone)
    is_refused(city, phone, counter)
    phone.goto("/id/wallet")
    expect(phone.locator("form[action$='/offer']")).to_have_count(0)
    be_established(phone, camera, said, LOST_LINE, clerks)
    keep_in_browser(phone)
    show(phone, ask(counter))

    # the phone is lost with its passkey, and with the password alone nobody comes in, not even by the mail
    lost, _none = sign_in(city, address, LONG_PASSWORD)
    expect(lost).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    lost.get_by_text("I have none of these any more").click()
    expect(lost.get_by_text("open another account and apply for it there")).to_be_visible()
    take_over_by_mail(city, lost, address)
    # the identity itself comes over to another account, by the same proof as at first
    anew, _keys = open_account(city, new_address())
    be_established(anew, camera, said, LOST_LINE, clerks)
    expect(anew.get_by_text("If that was not you, freeze it now")).to_be_visible()
    for words in ("Another account applies for your identity", "Your identity was ended"):
        hear(city.house, address, words)
    # and who has found the phone has nothing
    come_back(phone)
    phone.goto("/id/")
    expect(phone.locator(".idcard")).to_have_count(0)
    is_refused(city, phone, counter)


@pytest.fixture
def engine(city: City) -> Iterator[None]:
    """The city compares faces by machine, as long as this lasts."""
    if not (ENGINE / "stamp").is_file():
        pytest.skip("no engine: bin/meydan faces install")
    place = city.house.data / "face"
    place.unlink(missing_ok=True)
    place.symlink_to(ENGINE)
    yield
    place.unlink()


@pytest.mark.usefixtures("engine")
def test_the_machine_needs_less_than_half_a_minute_of_work_for_a_light_verdict(city: City, camera: Camera) -> None:
    said, address = registered(city.house, MACHINE_LINE), new_address()
    phone, _keys = open_account(city, address)
    apply(phone, said, by_machine=True)
    with work_of(city.house) as seconds:
        be_accepted(phone, camera, MACHINE_LINE)
        keep_in_browser(phone)
    print(f"\nfrom the challenge to the credential in the page: {seconds[0]:.1f} s of CPU of the city's processes")
    assert seconds[0] <= WORK_SECONDS
    hear(city.house, address, "Your application for your identity was accepted")


@contextmanager
def work_of(house: House) -> Iterator[list[float]]:
    """Seconds of CPU that the city uses meanwhile: of its database, its pages, its worker and what that starts."""
    seconds, before = [0.0], _work(house)
    yield seconds
    seconds[0] = _work(house) - before


def _work(house: House) -> float:
    first, seconds = psutil.Process(house.process.pid), 0.0
    for one in [first, *first.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):  # what it used is its parent's now
            seconds += sum(one.cpu_times()[:4])
    return seconds


def be_established(page: Page, camera: Camera, said: dict[str, str], person: int, clerks: list[Page]) -> None:
    """An application, or a new one for a thaw, that people decide about."""
    apply(page, said, by_machine=False)
    be_filmed_in_haste(page, camera, person)
    wait_for_state(page, "officer")
    for clerk in clerks:
        decide(clerk)
    wait_for_state(page, "from afar")


def freeze(page: Page) -> None:
    """One tap, without any proof."""
    page.goto("/id/")
    page.locator("form[action$='/id/freeze'] button").click()
    expect(page.locator(".idcard.frozen")).to_be_visible()


def is_refused(city: City, phone: Page, counter: Page) -> None:
    """What the phone still holds counts for nothing, at once, and the counter is told why."""
    show(phone, ask(counter), gives=NOT_TAKEN)
    expect(counter.get_by_text("This ID was revoked.")).to_be_visible()
    city.excuse("/verify/answers/")  # the refusal itself


def hear(house: House, address: str, words: str) -> None:
    """A letter comes."""
    wait_for(lambda: any(words in one for one in subjects(house, address)), MAIL_SECONDS, f"a letter says: {words}")


def find_among_news(page: Page, words: str) -> None:
    """It stands on the person's page, too."""
    page.goto("/me/news")
    expect(page.get_by_text(words).first).to_be_visible()


def decide(clerk: Page) -> None:
    """An officer accepts what has waited for the shortest time."""
    clerk.goto("/id/desk")
    clerk.locator("main a[href^='/id/desk/']").last.click()
    prove(clerk)
    clerk.locator("button[value=accept]").click()
    clerk.wait_for_url("**/id/desk?done=*")


def keep_in_browser(page: Page) -> None:
    """The ID goes into this very browser, locked by the passkey."""
    page.goto("/id/wallet")
    page.locator("form[action$='/offer'] button").click()
    prove(page)
    page.locator("[data-keep] button").click()
    expect(page.locator("p[data-holder-some]")).to_be_visible()


def open_counter(city: City, level: str) -> Page:
    """An administrator registers a relying party; its counter's browser opens the link, without an account."""
    admin, code = city.open_window(role="admin", workers="block"), f"hotel-{secrets.token_hex(4)}"
    admin.goto("/verify/parties/new")
    admin.fill("[name=code]", code)
    admin.fill("[name=name]", f"Hotel {code}")
    admin.fill("[name=purpose]", "To check in guests")
    admin.check(f"[name=level][value={level}]")
    admin.locator("main form button[type=submit]").first.click()
    admin.wait_for_url(f"**/verify/parties/{code}")
    admin.locator("form[action$='/link'] button").click()
    link = str(admin.locator("main a[href*='/verify/counter/']").get_attribute("href"))
    counter = city.open_window(workers="block", size=(1280, 800))
    counter.goto(link.replace(city.house.named, city.house.address))
    return counter


def ask(counter: Page) -> str:
    """The counter asks for the age; where its code leads a phone."""
    counter.goto("/verify/")
    counter.locator("form:has([value=age]) button").click()
    link = str(counter.locator("a[href*='/id/present#']").get_attribute("href"))
    return link[link.index("/id/present#") :]


def show(phone: Page, path: str, *, gives: str = "It stands in your log") -> None:
    """Look who asks, and say yes."""
    phone.goto("about:blank")
    phone.goto(path)
    expect(phone.locator("[data-name]")).to_contain_text("Hotel")
    phone.locator("[data-yes]").click()
    expect(phone.get_by_text(gives)).to_be_visible()


def see_at_counter(phone: Page, clerk: Page) -> None:
    """The person makes a code and goes to the counter with it, their document and a PIN."""
    phone.goto("/id/thaw")
    phone.locator("form[action$='/id/code'] button").click()
    prove(phone)
    code = phone.locator(".bigcode").inner_text()
    clerk.goto("/id/counter")
    prove(clerk)
    clerk.fill("[name=code]", code)
    clerk.locator("main form button[type=submit]").first.click()
    clerk.check("[name=document][value=card]")
    clerk.fill("[name=pin]", DEMO_PIN)
    clerk.fill("[name=again]", DEMO_PIN)
    clerk.locator("main form:has([name=pin]) button[type=submit]").click()
    expect(clerk.locator(".notice.good")).to_be_visible()
    phone.goto("/id/")


def rob_unlocked(device: Page, number: str) -> None:
    """Nothing is shown or made on a device whose session goes on, but whose owner is not there."""
    device.goto("/id/")
    expect(device.locator(".idcard")).to_be_visible()
    assert number not in device.content()
    for path in ("/id/show", "/id/paper", "/id/face"):
        device.goto(path)
        expect(device).to_have_url(re.compile("/reauthenticate/"))
    device.goto("/accounts/reauthenticate/")  # the password, which they have, is no proof
    expect(device).to_have_url(re.compile("/accounts/2fa/.*reauthenticate/"))
    device.goto("/id/wallet")
    device.locator("form[action$='/offer'] button").click()
    expect(device).to_have_url(re.compile("/reauthenticate/"))


def take_over_by_mail(city: City, thief: Page, address: str) -> None:
    """Who reads the mail can set a password; it opens nothing without the second proof."""
    thief.goto("/accounts/password/reset/")
    before = len([one for one in subjects(city.house, address) if "is your code" in one])
    thief.fill("main [name=email]", address)
    thief.locator("main form:has([name=email]) button[type=submit]").click()
    thief.fill("main [name=code]", read_code(city.house, address, after=before))
    thief.locator("main form:has([name=code]) button[type=submit]").first.click()
    thief.fill("[name=password1]", "another four words here")
    if thief.locator("[name=password2]").count():
        thief.fill("[name=password2]", "another four words here")
    thief.locator("main form:has([name=password1]) button[type=submit]").click()
    expect(thief.locator("[name=password1]")).to_have_count(0)
    thief.context.clear_cookies()
    type_password(thief, address, "another four words here")
    expect(thief).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    thief.goto("/id/")
    expect(thief).to_have_url(re.compile("/accounts/2fa/authenticate/"))
