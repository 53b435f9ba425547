"""From an application to a credential and a counter, and what thieves get, as people meet it."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from meydan.site.seed_identity import DEMO_PIN
from tests.journeys.people import City
from tests.journeys.proving import (
    LONG_PASSWORD,
    Camera,
    apply,
    be_filmed_in_haste,
    new_address,
    open_account,
    prove,
    read_code,
    registered,
    sign_in,
    sit_down,
    subjects,
    type_password,
    wait_for_state,
)

pytestmark = [pytest.mark.browser, pytest.mark.long]
LINE = 6
"""Of the demo's registry: nobody of the seed."""
CLERKS = ("clerk1", "clerk2")


def test_from_the_application_to_the_counter_and_what_thieves_get(city: City, camera: Camera) -> None:
    said, address = registered(city.house, LINE), new_address()
    tablet, tablet_keys = open_account(city, address)
    phone, keys = sign_in(city, address, LONG_PASSWORD, tablet_keys)
    apply(phone, said, by_machine=False)
    be_filmed_in_haste(phone, camera, LINE)
    wait_for_state(phone, "officer")
    clerks = [sit_down(city, name) for name in CLERKS]
    for clerk in clerks:
        decide(clerk)
    wait_for_state(phone, "from afar")
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
