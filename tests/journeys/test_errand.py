"""The whole errand: a report goes in with a photo, and comes back solved, was it not so again, and confirmed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import (
    City,
    deed,
    do,
    file_report,
    fill_in_report,
    photo,
    publish_photos,
    sent_number,
    unique_words,
)

pytestmark = pytest.mark.browser


WAYS = [
    pytest.param(who, language, script, id=f"{who}-{language}-{'script' if script else 'no script'}", marks=marks)
    for who in ("visitor", "citizen")
    for language in ("ar", "en")
    for script in (True, False)
    # Each of two with each of the others: who, in which language, with and without scripts. All together is for --long.
    for marks in [[] if ((who == "visitor") ^ (language == "en")) == script else [pytest.mark.long]]
]


@pytest.mark.parametrize(("who", "language", "javascript"), WAYS)
def test_the_whole_errand(city: City, tmp_path: Path, who: str, language: str, javascript: bool) -> None:
    before, after = photo(tmp_path, "before"), photo(tmp_path, "after")
    words = unique_words()
    reporter = city.open_window(language, role="" if who == "visitor" else who, javascript=javascript)
    officer = city.open_window(language, role="officer", javascript=javascript)
    assert reporter.goto("/")
    assert (reporter.locator("html").get_attribute("dir") == "rtl") is (language == "ar")

    number = file_report(reporter, words, before, email="visitor@example.org" if who == "visitor" else "")
    assert city.wait_for_department(reporter, number) == "roads"
    find_in_worklist(officer, number, words)
    do(officer, number, "accept")
    do(officer, number, "ask", "Which side of the school?")
    do(reporter, number, "answer", "The eastern side, Aïcha's door.")
    do(officer, number, "solve", "Filled with asphalt today.", after)
    do(reporter, number, "reopen", "It sank again in the rain.")
    do(officer, number, "solve", "Filled again, and pressed.", after)
    do(reporter, number, "confirm")
    publish_photos(city, officer, number, count=3)

    stranger = city.open_window(language, javascript=javascript)
    see_the_public_page(stranger, number, words)
    assert [line["kind"] for line in city.ask(stranger, number)["timeline"]] == [
        *("filed", "routed", "accepted", "asked", "answered"),
        *("solved", "reopened", "solved", "confirmed"),
    ]


def find_in_worklist(officer: Page, number: int, words: str) -> None:
    """The case is there by itself, and leads to its page."""
    officer.goto(f"/reports/work?q={number}")
    officer.locator(f"a[href='/reports/{number}']").click()
    officer.wait_for_url(f"**/reports/{number}")
    expect(officer.locator("main")).to_contain_text(words)


def see_the_public_page(stranger: Page, number: int, words: str) -> None:
    """Everybody reads the story and sees the pair; the words between reporter and city, and names, are not theirs."""
    stranger.goto(f"/reports/{number}")
    main = stranger.locator("main")
    for text in (words, "Filled with asphalt today.", "It sank again in the rain.", "Filled again, and pressed."):
        expect(main).to_contain_text(text)
    for private in ("eastern side", "Which side", "visitor@example.org", "Citizen"):
        expect(main).not_to_contain_text(private)
    expect(stranger.locator(".pair img")).to_have_count(2)
    for picture in stranger.locator(".pair img").all():
        answer = stranger.request.get(str(picture.get_attribute("src")))
        assert answer.ok
        assert b"Exif" not in answer.body()
    expect(stranger.locator("form[action*='/do/']")).to_have_count(0)


def test_the_secret_link_makes_the_reporter(city: City, tmp_path: Path) -> None:
    """In another browser the link acts as the visitor; without it nobody does; a wrong key opens nothing."""
    reporter = city.open_window()
    number = file_report(reporter, unique_words(), photo(tmp_path, "before"))
    link = str(reporter.locator("a.code").get_attribute("href"))
    assert link.startswith(f"{city.house.address}/reports/{number}?key=")

    stranger = city.open_window()
    stranger.goto(f"/reports/{number}")
    expect(stranger.locator(deed("withdraw"))).to_have_count(0)
    expect(stranger.locator("a.code")).to_have_count(0)
    wrong = stranger.goto(f"/reports/{number}?key={'0' * 32}")
    assert wrong
    assert wrong.status == 404

    elsewhere = city.open_window()
    elsewhere.goto(link)
    elsewhere.wait_for_url(f"**/reports/{number}")
    expect(elsewhere.locator(deed("withdraw"))).to_have_count(1)
    do(elsewhere, number, "withdraw")
    assert city.ask(stranger, number)["state"] == "withdrawn"


def test_an_impatient_thumb_sends_one_report(city: City, tmp_path: Path) -> None:
    """Pressed twice, sent twice, filed once: the form knows itself."""
    reporter = city.open_window(javascript=False)
    words = unique_words()
    fill_in_report(reporter, words, photo(tmp_path, "before"))
    reporter.locator("#report-form button[type=submit]").dblclick(no_wait_after=True)
    number = sent_number(reporter)
    found = reporter.request.get("/api/reports", params={"q": words}).json()["reports"]
    assert [report["number"] for report in found] == [number]
