"""Sign in with Meydan, as an administrator, a citizen and a relying party's program see it."""

from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.journeys.people import City
from tests.journeys.test_every_page import look_over

pytestmark = pytest.mark.browser
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "https://library.example/back"


def address(code: str, **more: str) -> str:
    """Where the program sends the browser."""
    said = {
        "client_id": code,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "openid profile offline_access",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "state",
    }
    return f"/id/connect/authorize?{urlencode(said | more)}"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_relying_party_is_registered_allowed_and_withdrawn(city: City, language: str) -> None:
    code = f"library-{language}"
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
    admin.fill("[name=redirects]", BACK)
    admin.locator("main form.stack button[type=submit]").click()
    faults += look_over(admin, f"/verify/parties/{code}/sign-in", language)
    admin.locator("main section form button").click()
    expect(admin.locator("main dl.facts code").first).to_have_text(code)

    citizen = city.open_window(language, role="citizen", workers="block")
    citizen.route("https://library.example/**", lambda route: route.fulfill(body="Here again"))
    faults += look_over(citizen, address(code), language)
    citizen.locator("main form.held button[value=no]").click()
    assert "error=access_denied" in citizen.url
    citizen.goto(address(code))
    citizen.locator("main form.held button[value=yes]").click()
    assert citizen.url.startswith(f"{BACK}?")
    assert "code=" in citizen.url
    faults += look_over(citizen, "/id/consents", language)
    faults += look_over(citizen, f"/id/consents/{code}", language)
    faults += look_over(citizen, f"/id/connect/leave?client_id={code}", language)
    citizen.goto(f"/id/consents/{code}")
    citizen.locator("main form button").click()
    expect(citizen.locator("main")).not_to_contain_text("openid")
    expect(citizen.locator(f"a[href='/id/consents/{code}']")).to_have_count(0)
    assert not faults, "\n".join(faults)
