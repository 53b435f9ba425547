"""Sign in with Meydan, as an administrator, a citizen and a relying party's program see it."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.journeys.people import City
from tests.journeys.test_every_page import look_over

pytestmark = pytest.mark.browser
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def address(code: str, back: str) -> str:
    """Where the program sends the browser."""
    said = {
        "client_id": code,
        "response_type": "code",
        "redirect_uri": back,
        "scope": "openid profile offline_access",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "state",
    }
    return f"/id/connect/authorize?{urlencode(said)}"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_relying_party_is_registered_allowed_and_withdrawn(city: City, language: str) -> None:
    code, back = f"library-{language}", f"{city.house.address}/health"  # nobody's program, but an address that is there
    admin = city.open_window(language, role="admin", workers="block")
    admin.goto("/verify/parties/new")
    admin.fill("[name=code]", code)
    admin.fill("[name=name]", "City Library")
    admin.fill("[name=purpose]", "To lend you books")
    admin.locator("main form.stack button[type=submit]").first.click()
    faults = look_over(admin, f"/verify/parties/{code}", language)
    admin.goto(f"/verify/parties/{code}/sign-in")
    admin.fill("[name=redirects]", "no address")
    admin.locator("main form.stack button[type=submit]").click()
    expect(admin.locator("[name=redirects]")).to_have_value("no address")
    admin.fill("[name=redirects]", back)
    admin.locator("main form.stack button[type=submit]").click()
    faults += look_over(admin, f"/verify/parties/{code}/sign-in", language)
    admin.locator("main section form button").click()
    expect(admin.locator("main dl.facts code").first).to_have_text(code)

    citizen = city.open_window(language, role="citizen", workers="block")
    faults += look_over(citizen, address(code, back), language)
    citizen.locator("main form.held button[value=no]").click()
    expect(citizen).to_have_url(re.compile("/health.*error=access_denied"))
    citizen.goto(address(code, back))
    citizen.locator("main form.held button[value=yes]").click()
    expect(citizen).to_have_url(re.compile(r"/health\?.*code="))
    faults += look_over(citizen, "/id/consents", language)
    faults += look_over(citizen, f"/id/consents/{code}", language)
    faults += look_over(citizen, f"/id/connect/leave?client_id={code}", language)
    citizen.goto(f"/id/consents/{code}")
    citizen.locator("main form button").click()
    expect(citizen.locator(f"a[href='/id/consents/{code}']")).to_have_count(0)
    assert not faults, "\n".join(faults)
