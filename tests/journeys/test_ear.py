"""B06, the Ear: silence goes up twice and then onto the public list; a closing needs its picture, is judged by a
witness, reopened by the reporter, and counts as solved only when they confirm it."""

import json
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import SEND, City, deed, do, file_report, photo, publish_photos, unique_words
from tests.journeys.test_seals import ask_database
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
STEPS = 3
TOLD_SECONDS = 20.0
FIGURES_SECONDS = 30.0
A_MONTH_PASSES = "update reports_report set due_on = due_on - 31 where number = %s"
DAY_COMES = "update reports_report set escalate_on = current_date - 1 where number = %s"
TIMER = (
    "insert into procrastinate_jobs (queue_name, task_name, args) values ('default', 'reports.escalate_silence', %s)"
)


@pytest.mark.parametrize("language", ["ar", pytest.param("en", marks=pytest.mark.long)])
def test_b06_silence_is_heard_and_a_closing_is_judged(city: City, tmp_path: Path, language: str) -> None:
    citizen, officer = city.open_window(language, role="citizen"), city.open_window(language, role="officer")
    neighbour, stranger = city.open_window(language, role="neighbour"), city.open_window(language)
    number = file_report(citizen, unique_words(), photo(tmp_path, "before"))
    city.wait_for_department(citizen, number)
    follow(neighbour, number)
    ask_database(city.house, A_MONTH_PASSES, number)
    for step in range(1, STEPS + 1):
        keep_silent(city, stranger, number, step)
    assert letters_about(stranger, "citizen@demo.example", number) >= STEPS
    stranger.goto("/reports/overdue")
    expect(stranger.locator(f"main a[href='/reports/{number}']")).to_be_visible()

    close_without_a_picture(officer, number)
    do(officer, number, "solve", "Filled with asphalt.", photo(tmp_path, "after"))
    confirmed = confirmed_this_week(stranger)
    stranger.goto("/reports/overdue")
    expect(stranger.locator(f"main a[href='/reports/{number}']")).to_have_count(0)
    bear_witness(neighbour, number)
    do(citizen, number, "reopen", "It sank again.")
    do(officer, number, "solve", "Filled again, and pressed.", photo(tmp_path, "after"))
    do(citizen, number, "confirm")
    wait_for(lambda: confirmed_this_week(stranger) == confirmed + 1, FIGURES_SECONDS, "the city's figures have moved")

    publish_photos(city, officer, number, count=3)
    stranger.goto(f"/reports/{number}")
    expect(stranger.locator(".pair img")).to_have_count(2)


def follow(neighbour: Page, number: int) -> None:
    neighbour.goto(f"/reports/{number}")
    neighbour.locator("form[action$='/support'] button[name=follow]").click()
    neighbour.wait_for_url("**done=supported")


def keep_silent(city: City, stranger: Page, number: int, step: int) -> None:
    """The days of one manager pass, and the worker's timer comes round."""
    ask_database(city.house, DAY_COMES, number)
    ask_database(city.house, TIMER, json.dumps({"timestamp": int(time.time())}))

    def told() -> int:
        return sum(line["kind"] in ("escalated", "overdue") for line in city.ask(stranger, number)["timeline"])

    wait_for(lambda: told() == step, TOLD_SECONDS, f"silence about report {number} is told for the {step}. time")


def letters_about(page: Page, address: str, number: int) -> int:
    """How many letters this person got that lead to the report's page."""
    page.goto(f"/dev/mail?q={address}")
    links = [str(one.get_attribute("href")) for one in page.locator("main a[href^='/dev/mail/']").all()]
    return sum(f"/reports/{number}" in page.request.get(link).text() for link in dict.fromkeys(links))


def close_without_a_picture(officer: Page, number: int) -> None:
    """It is refused beside the field, and the words stay."""
    officer.goto(f"/reports/{number}")
    form = officer.locator(deed("solve"))
    officer.locator("details", has=form).locator("> summary").click()
    form.locator("[name=text]").fill("Filled with asphalt.")
    form.locator(SEND).click()
    expect(form.locator(".fault")).to_be_visible()
    expect(form.locator("[name=text]")).to_have_value("Filled with asphalt.")


def bear_witness(neighbour: Page, number: int) -> None:
    neighbour.goto(f"/reports/{number}")
    neighbour.locator("#witness button[name=solved][value=no]").click()
    neighbour.wait_for_url("**done=witness")
    neighbour.goto(f"/reports/{number}")
    expect(neighbour.locator("main .tag.bad")).to_be_visible()


def confirmed_this_week(stranger: Page) -> int:
    """The figure on the home page: what citizens have confirmed, and nothing that is only claimed."""
    stranger.goto("/")
    return int(re.sub(r"\D", "", stranger.locator("[aria-labelledby=proof] .stat b").first.inner_text()))
