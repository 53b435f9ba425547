"""F34, F37, F38, the city's desk: a call is entered and rung back, many cases are accepted at once and given back, two
are joined, officer and citizen write to each other, and the inspector goes round without a line."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import POTHOLE, SEND, City, deed, do, file_report, photo, sent_number, unique_words
from tests.journeys.test_every_page import look_over
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
SENT_SECONDS = 30.0
DESK = (1280, 900)


def fill_field(form_step: Page, name: str, value: str) -> None:
    form_step.locator(f"#report-form [name={name}]").fill(value)


def enter_a_call(operator: Page, phone: str, words: str) -> int:
    """Who calls is looked for first; then the form opens with the number in it."""
    operator.goto("/reports/calls")
    operator.locator("[name=phone]").fill(phone)
    operator.locator("main form[method=post] button[type=submit]").first.click()
    operator.locator("form[action='/reports/new'] button").click()
    form = operator.locator("#report-form")
    expect(form.locator("[name=contact_phone]")).to_have_value(phone)
    form.locator("[name=address]").fill("12, Zellaqa street")
    form.locator("[name=district]").select_option(index=1)
    form.locator("[name=description]").fill(words)
    form.locator(f"[name=category][value={POTHOLE}]").check(force=True)
    form.locator(SEND).click()
    return sent_number(operator)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_f38_a_call_is_entered_answered_and_rung_back(city: City, tmp_path: Path, language: str) -> None:
    operator = city.open_window(language, role="operator", javascript=False, size=DESK)
    officer = city.open_window(language, role="officer")
    phone = f"06 12 34 56 {'78' if language == 'ar' else '79'}"
    number = enter_a_call(operator, phone, unique_words())
    assert city.wait_for_department(officer, number) == "roads"
    do(officer, number, "solve", "Filled with asphalt.", photo(tmp_path, "after"))

    operator.goto("/reports/ringback")
    operator.locator(f"a[href='/reports/ringback/{number}']").click()
    expect(operator.locator("main")).to_contain_text("Filled with asphalt.")
    expect(operator.locator("main")).not_to_contain_text(phone)
    operator.locator("main form button[type=submit]").click()
    expect(operator.locator("main")).to_contain_text(phone)
    operator.locator("[name=outcome][value=reached]").check(force=True)
    operator.locator("[name=solved][value=yes]").check(force=True)
    operator.locator("main form button[type=submit]").click()
    operator.wait_for_url("**/reports/ringback?done=call")
    expect(operator.locator(f"a[href='/reports/ringback/{number}']")).to_have_count(0)
    assert city.ask(operator, number)["state"] == "confirmed"


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_many_are_accepted_at_once_and_given_back(city: City, tmp_path: Path, javascript: bool) -> None:
    citizen = city.open_window(role="citizen")
    officer = city.open_window("ar", role="officer", javascript=javascript)
    numbers = [file_report(citizen, unique_words(), photo(tmp_path, "before")) for _one in range(2)]
    for number in numbers:
        city.wait_for_department(citizen, number)
    officer.goto(f"/reports/work?q={numbers[0]}")
    for number in numbers:
        if not officer.locator(f"[name=number][value='{number}']").count():
            officer.goto("/reports/work?state=submitted")
        officer.locator(f"[name=number][value='{number}']").check()
    officer.locator("#bulk [name=verb][value=accept]").click()
    officer.locator("main form[method=post] button[type=submit]:not([data-use])").click()
    officer.wait_for_url("**/reports/work/changes/**")
    assert {city.ask(officer, number)["state"] for number in numbers} <= {"accepted", "submitted"}
    assert city.ask(officer, numbers[-1])["state"] == "accepted"
    officer.locator("form[action$='/undo'] button").click()
    expect(officer.locator(".notice.good")).to_be_visible()
    assert {city.ask(officer, number)["state"] for number in numbers} == {"submitted"}


def test_f37_officer_and_citizen_write_to_each_other(city: City, tmp_path: Path) -> None:
    citizen, officer = city.open_window("ar", role="citizen"), city.open_window(role="officer", size=DESK)
    stranger = city.open_window()
    first, second = (file_report(citizen, unique_words(), photo(tmp_path, "before")) for _one in range(2))
    city.wait_for_department(citizen, second)
    do(officer, second, "message", "The crew comes on Friday morning.")
    do(citizen, second, "message", "شكرا، سأكون هناك.")
    for person in (citizen, officer):
        person.goto(f"/reports/{second}")
        expect(person.locator("main")).to_contain_text("The crew comes on Friday morning.")
        expect(person.locator("main")).to_contain_text("سأكون هناك")
    stranger.goto(f"/reports/{second}")
    expect(stranger.locator("main")).not_to_contain_text("Friday morning")

    officer.goto(f"/reports/{second}")
    form = officer.locator(deed("merge"))
    officer.locator("details", has=form).locator("> summary").click()
    form.locator("[name=into]").fill(str(first))
    form.locator(SEND).click()
    officer.wait_for_url("**done=merge")
    stranger.goto(f"/reports/{second}")
    expect(stranger.locator(f"main a[href='/reports/{first}']").first).to_be_visible()


def test_the_round_goes_on_without_a_line(city: City, tmp_path: Path) -> None:
    """What the inspector writes without a line is kept, and sent once when the line is back."""
    inspector = city.open_window("ar", role="officer")
    inspector.goto("/reports/round?whose=all")
    expect(inspector.locator("[data-stop]").first).to_be_visible()
    number = int(str(inspector.locator("[data-stop]").first.get_attribute("data-stop")))
    expect(inspector.locator("[data-round-kept]")).to_contain_text(re.compile(r"\S"), timeout=30_000)
    inspector.wait_for_function("() => navigator.serviceWorker.controller !== null")
    note = unique_words()
    inspector.context.set_offline(True)
    stop = inspector.locator(f"[data-stop='{number}']")
    form = stop.locator("form[action$='/do/note']")
    stop.locator("details", has=inspector.locator("form[action$='/do/note']")).locator("> summary").click()
    form.locator("[name=text]").fill(note)
    form.locator(SEND).click()
    inspector.wait_for_timeout(500)
    inspector.context.set_offline(False)
    other = city.open_window(role="officer")

    def noted() -> int:
        other.goto(f"/reports/{number}")
        return other.locator("main", has_text=note).count()

    wait_for(lambda: noted() == 1, SENT_SECONDS, "the note has come")
    assert other.locator("main").inner_text().count(note) == 1


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_desks_pages_are_fit_for_everybody(city: City, tmp_path: Path, language: str) -> None:
    """With something in them, which a demo has not: what is asked before many are changed, what came of it, a call."""
    operator = city.open_window(language, role="operator", javascript=False, size=DESK)
    number = enter_a_call(operator, "06 55 44 33 22", unique_words())
    officer = city.open_window(language, role="officer", workers="block")
    city.wait_for_department(officer, number)
    faults = look_over(officer, f"/reports/work/change?verb=move&number={number}", language)
    officer.goto(f"/reports/work/change?verb=note&number={number}")
    officer.locator("main form [name=text]").fill("Looked at it.")
    officer.locator("main form[method=post]").locator(SEND).click()
    officer.wait_for_url("**/reports/work/changes/**")
    faults += look_over(officer, urlsplit(officer.url).path, language)
    do(officer, number, "solve", "Filled with asphalt.", photo(tmp_path, "after"))
    caller = city.open_window(language, role="operator", workers="block")
    faults += look_over(caller, "/reports/ringback", language)
    faults += look_over(caller, f"/reports/ringback/{number}", language)
    assert not faults, "\n".join(faults)
