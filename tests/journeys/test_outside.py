"""What crosses the border, as people see it: a case goes to another authority; an area is watched, and news come."""

import re
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import expect

from meydan.site.stamps import connection_arguments
from tests.journeys.people import SEND, City, file_report, photo, unique_words
from tests.journeys.test_every_page import look_over
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_case_is_forwarded_by_letter(city: City, tmp_path: Path, javascript: bool) -> None:
    admin = city.open_window(role="admin", javascript=javascript)
    code = f"water-{uuid4().hex[:8]}"
    admin.goto("/reports/authorities/new")
    admin.fill("[name=code]", code)
    admin.fill("[name=name_en]", "Waterworks")
    admin.fill("[name=email]", f"desk@{code}.example")
    admin.locator("form.arrange button[type=submit]").click()
    admin.wait_for_url("**/reports/authorities")
    expect(admin.locator(f"a[href='/reports/authorities/{code}']")).to_be_visible()

    reporter = city.open_window("ar", javascript=javascript)
    words = unique_words()
    number = file_report(reporter, words, photo(tmp_path, "before"), email="visitor@example.org")
    city.wait_for_department(reporter, number)
    officer = city.open_window("ar", role="officer", javascript=javascript)
    officer.goto(f"/reports/{number}")
    form = officer.locator("form[action$='/do/forward']")
    officer.locator("details", has=form).locator("> summary").click()
    form.locator("[name=authority]").select_option(code)
    form.locator("[name=text]").fill("It is your pipe.")
    form.locator(SEND).click()
    officer.wait_for_url("**?done=forward")
    expect(officer.locator("#forwards")).to_contain_text("Waterworks")

    def has_left() -> bool:
        officer.goto(f"/dev/mail?q=desk@{code}.example")
        return officer.locator(".tasks li").count() == 1

    wait_for(has_left, 20, "the letter to the authority is posted")
    officer.locator(".tasks a").first.click()
    expect(officer.locator(".letter")).to_contain_text("It is your pipe.")
    expect(officer.locator(".letter")).to_contain_text(words)


def test_an_area_is_watched_and_its_news_are_marked(city: City, tmp_path: Path) -> None:
    number = file_report(city.open_window(), unique_words(), photo(tmp_path, "before"))
    neighbour = city.open_window("ar", role="neighbour")
    neighbour.goto(f"/reports/{number}")
    neighbour.locator("a[href^='/me/areas']").click()
    neighbour.wait_for_url("**/me/areas?*")
    district = re.search(r"district=([\w-]+)", neighbour.url)
    assert district, "the report has a district only"
    expect(neighbour.locator("[name=district]")).to_have_value(district.group(1))
    neighbour.locator("form.stack button[type=submit]").last.click()
    neighbour.wait_for_url("**/me/areas")
    expect(neighbour.locator("section.card")).to_have_count(1)

    second = file_report(city.open_window(), unique_words(), photo(tmp_path, "before"))

    def is_marked() -> bool:
        neighbour.goto("/reports/")
        return neighbour.locator(".places .unread").count() == 1

    wait_for(is_marked, 20, "there is news for the neighbour")
    neighbour.locator(".places a", has=neighbour.locator(".unread")).click()
    neighbour.wait_for_url("**/me/news")
    expect(neighbour.locator(f"a[href='/reports/{second}']")).to_be_visible()
    neighbour.goto("/reports/")
    expect(neighbour.locator(".places .unread")).to_have_count(0)

    neighbour.goto("/dev/mail?q=neighbour@")
    neighbour.locator(".tasks a").first.click()
    stop = neighbour.locator(".letter a[href*='/alerts/stop/']").get_attribute("href")
    stranger = city.open_window()
    stranger.goto(str(stop))
    stranger.locator("main form button").click()
    expect(stranger.locator(".notice.good")).to_be_visible()
    neighbour.goto("/me/areas")
    expect(neighbour.locator("section.card")).to_have_count(0)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_pages_of_what_crosses_the_border_are_fit_for_everybody(city: City, language: str) -> None:
    """With something in them, which a demo has not: a webhook, a refused letter, one to complete."""
    admin = city.open_window(language, role="admin", workers="block")
    admin.goto("/webhooks/new")
    admin.fill("[name=name]", "City map")
    admin.fill("[name=url]", "https://map.example/events")
    admin.locator("main form.stack button[type=submit]").click()
    expect(admin.locator("#secret")).to_contain_text("whsec_")
    admin.goto("/webhooks/")
    hook = str(admin.locator("main .tasks a").first.get_attribute("href"))
    with psycopg.connect(**connection_arguments(city.house.database()), autocommit=True) as session:
        refused, report = (session.execute(statement).fetchone() for statement in SET_SCENE)
    assert refused and report
    faults = look_over(admin, hook, language) + look_over(admin, f"/reports/letters/{refused[0]}", language)
    citizen = city.open_window(language, role="citizen", workers="block")
    for path in (f"/reports/{report[0]}/complete", f"/reports/{report[0]}", "/me/areas?lat=33.5&lon=-7.6"):
        faults += look_over(citizen, path, language)
    assert not faults, "\n".join(faults)


SET_SCENE = (
    """insert into reports_letter (message_id, sender, subject, text, language, refusal, at)
       values (gen_random_uuid()::text, 'a@example.org', 'مرحبا', 'Hello', 'en', 'full', now()) returning id""",
    """update reports_report set external = '{"lacks": ["category"]}' where number =
       (select number from reports_report report join accounts_person person on person.id = report.reporter_id
         where username = 'citizen' and state in ('submitted', 'accepted') order by number limit 1) returning number""",
)
