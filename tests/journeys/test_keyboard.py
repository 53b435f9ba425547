"""The same errand without a mouse: every step by Tab, Enter, Space and arrows, the focus always to be seen."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.keys import Keys
from tests.journeys.people import POTHOLE, City, deed, photo, sent_number, unique_words

pytestmark = pytest.mark.browser

NEXT = ".step:not([hidden]) .step-actions button:last-child"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_whole_errand_by_keyboard(city: City, tmp_path: Path, language: str) -> None:
    before, after = photo(tmp_path, "before"), photo(tmp_path, "after")
    reporter = Keys(city.open_window(language))
    officer = Keys(city.open_window(language, role="officer"))

    number = file_by_keyboard(reporter, before)
    city.wait_for_department(reporter.page, number)
    officer.page.goto(f"/reports/work?q={number}")
    officer.press(f"a[href='/reports/{number}']")
    officer.page.wait_for_url(f"**/reports/{number}")
    act(officer, number, "ask", "Which side?")
    act(reporter, number, "answer", "The eastern side.")
    act(officer, number, "solve", "Filled.", after)
    act(reporter, number, "reopen", "It sank again.")
    act(officer, number, "solve", "Filled again.", after)
    act(reporter, number, "confirm")

    assert city.ask(reporter.page, number)["state"] == "confirmed"
    faults = list(dict.fromkeys(reporter.faults + officer.faults))
    assert not faults, "\n".join(faults)


def file_by_keyboard(keys: Keys, picture: Path) -> int:
    """The form, step by step."""
    keys.page.goto("/reports/new")
    keys.choose_file("[name=photo]", picture)
    keys.press(NEXT)
    keys.write("[name=address]", "12, Zellaqa street")
    keys.press(NEXT)
    keys.write("[name=description]", unique_words())
    keys.press(NEXT)
    keys.choose("category", POTHOLE)
    keys.press(NEXT)
    keys.press("#report-form button[type=submit]")
    return sent_number(keys.page)


def act(keys: Keys, number: int, verb: str, words: str = "", picture: Path | None = None) -> None:
    """One of the deeds on a report's page; a folded one is unfolded first."""
    keys.page.goto(f"/reports/{number}")
    form = deed(verb)
    if not keys.page.locator(form).is_visible():
        keys.press(f"details:has({form}) > summary")
    if words:
        keys.write(f"{form} [name=text]", words)
    if picture:
        keys.choose_file(f"{form} [name=photo]", picture)
    keys.press(f"{form} button[type=submit]:not([data-use])")
    keys.page.wait_for_url(f"**done={verb}")


def test_the_first_tab_leads_past_the_menus(city: City) -> None:
    keys = Keys(city.open_window())
    keys.page.goto("/reports/")
    keys.press(".skip")
    expect(keys.page.locator("#main")).to_be_focused()
    assert not keys.faults


def test_faults_of_the_form_are_read_first(city: City) -> None:
    """After a form with faults the summary has the focus, and its link leads into the field."""
    keys = Keys(city.open_window(javascript=True))
    keys.page.goto("/reports/new")
    for _step in range(4):
        keys.press(NEXT)
    keys.press("#report-form button[type=submit]")
    expect(keys.page.locator(".summary")).to_be_focused()
    keys.press(".summary a[href='#field-description']")
    expect(keys.page.locator("[name=description]")).to_be_focused()
    assert not keys.faults
