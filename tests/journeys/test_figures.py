"""F36, citizens oversee the city: a visitor reads the figures by department, office, district and kind, and they move
within a second with what is done: received, said to be solved, confirmed. What they are made of is open data."""

import csv
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from meydan.reports.queries import NOT_PUBLIC
from tests.journeys.looks import find_sideways_scrolling, find_small_targets
from tests.journeys.people import POTHOLE, SEND, City, do, file_report, photo, unique_words
from tests.journeys.test_every_page import look_over
from tests.long.harness import wait_for

pytestmark = pytest.mark.browser
DIMENSIONS = ("department", "team", "district", "category")
COUNTS = ("received", "claimed", "confirmed", "reopened", "open", "overdue")
SECONDS = 1.0
NAMES_SECONDS = 45.0
"""A process remembers names for ten seconds, and a page in which nothing else has changed for thirty."""
OFFICE = "road-repairs"
NOISE = "noise"
"""A kind that is never public."""
Table = Mapping[str, Mapping[str, int]]
"""How much of each figure, by who or what it is about."""


@pytest.mark.parametrize("language", ["ar", "en"])
def test_f36_the_figures_move_with_what_is_done(city: City, tmp_path: Path, language: str) -> None:
    visitor = city.open_window(language, javascript=False)
    citizen, officer = city.open_window(language, role="citizen"), city.open_window(language, role="officer")
    come_from_home(visitor)
    choose_each(visitor)
    before = {by: read_figures(visitor, by) for by in DIMENSIONS}
    number = file_report(citizen, unique_words(), photo(tmp_path, "before"))
    filed = city.ask(visitor, number)
    expect_moves(visitor, "district", name_of(visitor, "district", filed["district"]), before, received=1, open=1)
    department = city.wait_for_department(citizen, number)
    rows = {
        "department": name_of(visitor, "department", department),
        "team": moved_office(visitor, before["team"]),
        "district": name_of(visitor, "district", filed["district"]),
        "category": name_of(visitor, "category", POTHOLE),
    }
    for by, row in rows.items():
        expect_moves(visitor, by, row, before, received=1, open=1)
    do(officer, number, "solve", "Filled with asphalt.", photo(tmp_path, "after"))
    for by, row in rows.items():
        expect_moves(visitor, by, row, before, received=1, claimed=1)
    do(citizen, number, "confirm")
    for by, row in rows.items():
        expect_moves(visitor, by, row, before, received=1, claimed=1, confirmed=1)


def come_from_home(visitor: Page) -> None:
    visitor.goto("/")
    visitor.locator("main a[href='/reports/figures']").click()
    visitor.wait_for_url("**/reports/figures")


def choose_each(visitor: Page) -> None:
    """One tap shows the figures by something else."""
    for by in DIMENSIONS:
        visitor.locator(f"[aria-labelledby=league] .chips a[href*='by={by}']").click()
        visitor.wait_for_url(f"**by={by}*")
        expect(visitor.locator("[aria-labelledby=league] tbody tr").first).to_be_visible()


def read_figures(visitor: Page, by: str) -> Table:
    """What the table counts now."""
    visitor.goto(f"/reports/figures?by={by}")
    league = visitor.locator("[aria-labelledby=league]")
    links = [str(link.get_attribute("href")) for link in league.locator("thead a").all()]
    columns = [parse_qs(urlsplit(link).query)["sort"][0].removeprefix("-") for link in links]
    names = league.locator("tbody th > bdi").all_inner_texts()
    cells = [count_in(text) for text in league.locator("tbody td[data-label]").all_inner_texts()]
    rows = [cells[at : at + len(columns)] for at in range(0, len(cells), len(columns))]
    return {
        name: {column: count for column, count in zip(columns, row, strict=True) if column in COUNTS}
        for name, row in zip(names, rows, strict=True)
    }


def count_in(text: str) -> int:
    """ "1,204 (62 %)" is 1204; a dash is nothing."""
    return int(re.sub(r"\D", "", text.partition("(")[0]) or 0)


def moves_since(before: Table, after: Table) -> Table:
    """Which rows count otherwise than before, and by how much."""
    nothing: Mapping[str, int] = {}
    found = {
        name: {figure: count - before.get(name, nothing).get(figure, 0) for figure, count in row.items()}
        for name, row in after.items()
    }
    moved = {name: {figure: by for figure, by in row.items() if by} for name, row in found.items()}
    return {name: row for name, row in moved.items() if row}


def expect_moves(visitor: Page, by: str, name: str, before: Mapping[str, Table], **moves: int) -> None:
    """Within a second this row, and no other one, counts so much more than before."""
    deadline = time.monotonic() + SECONDS
    while (seen := moves_since(before[by], read_figures(visitor, by))) != {name: moves}:
        assert time.monotonic() < deadline, f"by {by}: {seen}, not {name}: {moves}"


def name_of(visitor: Page, by: str, code: str) -> str:
    """What the page calls the row of this code."""
    rows = visitor.request.get(f"/api/reports/figures?by={by}").json()["rows"]
    return next(str(row["name"]) for row in rows if row["code"] == code)


def moved_office(visitor: Page, before: Table) -> str:
    """The office that the new report came to, by which it is followed from then on."""
    return next(iter(moves_since(before, read_figures(visitor, "team"))))


@pytest.mark.parametrize("language", [pytest.param("ar", marks=pytest.mark.long), "en"])
def test_the_manager_is_named_where_the_city_says_so(city: City, language: str) -> None:
    """Beside the figures of the office, from the moment that an administrator ticks it."""
    admin, visitor = city.open_window(language, role="admin"), city.open_window(language, javascript=False)
    officer = city.open_window(language, role="officer")
    officer.goto("/me/profile")
    name = officer.locator("[name=name]").input_value()
    assert name not in managers(visitor)
    tick_manager(admin, holder="officer", public=True)
    try:
        wait_for(lambda: managers(visitor) == [name], NAMES_SECONDS, "the manager is named")
    finally:
        tick_manager(admin, holder="", public=False)
    wait_for(lambda: not managers(visitor), NAMES_SECONDS, "the manager is named no longer")


def tick_manager(admin: Page, *, holder: str, public: bool) -> None:
    admin.goto(f"/reports/teams/{OFFICE}")
    admin.fill("[name=holder]", holder)
    admin.locator("[name=holder_public]").set_checked(public, force=True)
    admin.locator(f"main form.arrange {SEND}").click()
    admin.wait_for_url("**/reports/teams")


def managers(visitor: Page) -> list[str]:
    visitor.goto("/reports/figures?by=team")
    return visitor.locator("[aria-labelledby=league] tbody th .muted").all_inner_texts()


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_course_is_told_in_words_without_a_script(city: City, language: str) -> None:
    """Each plot says its bars; the table under them says the same, and its newest line what the whole city's sum is."""
    visitor = city.open_window(language, javascript=False)
    come_from_home(visitor)
    plots = visitor.locator("figure.plot")
    expect(plots).to_have_count(4)
    for plot in plots.all():
        told = str(plot.locator("svg[role=img]").get_attribute("aria-label"))
        assert all(bar in told for bar in plot.locator("rect title").all_text_contents())
        assert told.startswith(plot.locator("figcaption").inner_text())
    twin = visitor.locator("details table.figures")
    expect(twin).to_be_hidden()
    visitor.locator("details:has(table.figures) > summary").click()
    expect(twin).to_be_visible()
    assert not find_sideways_scrolling(visitor) + find_small_targets(visitor)
    assert twin.locator("tbody tr").count() == 12
    newest = count_in(twin.locator("tbody tr").first.locator("td").first.inner_text())
    assert newest == count_in(visitor.locator(".stats .stat b").first.inner_text())
    assert newest == sum(row["received"] for row in read_figures(visitor, "district").values())


@pytest.mark.parametrize("language", ["ar", pytest.param("en", marks=pytest.mark.long)])
def test_what_the_figures_are_made_of_is_open_data(city: City, tmp_path: Path, language: str) -> None:
    """Every public report is in the files; one of a kind that is never public counts, and is in none of them."""
    visitor, citizen = city.open_window(language, javascript=False), city.open_window(language, role="citizen")
    words, secret = unique_words(), unique_words()
    number = file_report(citizen, words, photo(tmp_path, "before"))
    before = read_figures(visitor, "category")
    hidden = file_report(citizen, secret, photo(tmp_path, "before"), category=NOISE)
    moves = moves_since(before, read_figures(visitor, "category"))
    assert list(moves.values()) == [{"received": 1, "open": 1}]
    assert name_of(visitor, "category", NOT_PUBLIC) in moves

    come_from_home(visitor)
    visitor.locator("main a[href='/data/']").click()
    visitor.wait_for_url("**/data/")
    rows = {int(row["service_request_id"]): row for row in csv.DictReader(take(visitor, "reports.csv").splitlines())}
    assert rows[number]["description"] == words
    assert hidden not in rows
    features = json.loads(take(visitor, "reports.geojson"))["features"]
    assert next(one["properties"]["description"] for one in features if one["id"] == number) == words
    assert hidden not in [one["id"] for one in features]
    everything = take(visitor, "reports.csv") + take(visitor, "reports.geojson")
    assert secret not in everything
    assert city.ask(citizen, hidden)["description"] == secret, "its reporter reads it all the same"


def take(visitor: Page, name: str) -> str:
    """Follow the link to a file, and read it."""
    with visitor.expect_download() as download:
        visitor.locator(f"main a[href='/data/{name}']").click()
    return Path(download.value.path()).read_text("utf-8-sig")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_figures_are_fit_for_everybody(city: City, language: str) -> None:
    visitor = city.open_window(language, workers="block")
    paths = [f"/reports/figures?by={by}" for by in DIMENSIONS] + ["/reports/figures?period=week&sort=open", "/data/"]
    faults = [fault for path in paths for fault in look_over(visitor, path, language)]
    assert not faults, "\n".join(faults)
