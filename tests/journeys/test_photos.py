"""B07, the privacy of photos: nobody sees one before somebody has looked, and then not what was hidden in it."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from meydan.kernel.tests.scenes import FACE, make_street
from tests.journeys.keys import Keys
from tests.journeys.people import City, file_report, publish_photos, unique_words

pytestmark = pytest.mark.browser

MIDDLE = (0.45, 0.45, 0.08, 0.08)
"""Inside the box that "Add a box" draws."""


def test_a_photo_with_a_face_on_its_way_to_the_public(city: City, tmp_path: Path) -> None:
    street = tmp_path / "street.jpg"
    exif = Image.Exif()
    exif[0x010F] = "Phone maker"
    Image.open(io.BytesIO(make_street())).save(street, quality=92, exif=exif)
    reporter, moderator = city.open_window("ar"), city.open_window(role="moderator")
    stranger = city.open_window()
    number = file_report(reporter, unique_words(), street)

    photo = int(city.ask(reporter, number)["photos"][0]["id"])
    assert city.ask(stranger, number)["photos"] == []
    assert stranger.request.get(f"/reports/photos/{photo}/full").status == 404
    before = picture(reporter, photo)
    draw_by_keyboard(reporter, number, photo)

    assert publish_photos(city, moderator, number, count=1) == [photo]
    answer = stranger.request.get(f"/reports/photos/{photo}/full")
    assert answer.ok
    assert b"Exif" not in answer.body()
    assert b"Phone maker" not in answer.body()
    for area in (FACE, MIDDLE):
        seen, sealed = cut(picture(stranger, photo), area), cut(before, area)
        assert unlikeness(seen, sealed) > 3, area
    stranger.goto(f"/reports/{number}")
    expect(stranger.locator(f"main img[src*='/photos/{photo}/']").first).to_be_visible()


def draw_by_keyboard(page: Page, number: int, photo: int) -> None:
    """From the report's page to the photo's: one box is added, moved, made larger; another one added and removed."""
    keys = Keys(page)
    page.goto(f"/reports/{number}")
    keys.press(f"a.button[href='/reports/photos/{photo}']")
    page.wait_for_url(f"**/reports/photos/{photo}")
    keys.press("[data-add]")
    mine = page.locator(".drawn:focus")
    there = mine.bounding_box()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    moved = mine.bounding_box()
    assert there
    assert moved
    assert moved["x"] > there["x"]
    assert moved["height"] > there["height"]
    count = page.locator(".drawn").count()
    keys.press("[data-add]")
    page.keyboard.press("Delete")
    assert page.locator(".drawn").count() == count
    keys.press("#boxes-form .actions button[type=submit]")
    page.wait_for_url("**?done=drawn")
    assert not keys.faults


def test_without_a_script_cells_are_ticked(city: City, tmp_path: Path) -> None:
    street = tmp_path / "street.jpg"
    street.write_bytes(make_street(800, 600))
    reporter = city.open_window("fr", javascript=False)
    officer = city.open_window("fr", role="officer", javascript=False)
    number = file_report(reporter, unique_words(), street)
    photo = int(city.ask(reporter, number)["photos"][0]["id"])
    before = picture(reporter, photo)
    reporter.goto(f"/reports/photos/{photo}")
    reporter.locator("[name=cell]").nth(3 * 7 + 1).check(force=True)
    reporter.locator("#boxes-form .actions button[type=submit]").click()
    expect(reporter.locator(".notice.good")).to_be_visible()
    city.wait_for_department(reporter, number)
    publish_photos(city, officer, number, count=1)
    cell = (1 / 7 + 0.02, 3 / 5 + 0.02, 0.1, 0.1)
    assert unlikeness(cut(picture(city.open_window(), photo), cell), cut(before, cell)) > 0


def picture(page: Page, photo: int) -> Image.Image:
    """A photo as this window's person gets it."""
    return Image.open(io.BytesIO(page.request.get(f"/reports/photos/{photo}/full").body())).convert("L")


def cut(whole: Image.Image, area: tuple[float, float, float, float]) -> Image.Image:
    x, y, w, h = area
    return whole.crop(
        (int(x * whole.width), int(y * whole.height), int((x + w) * whole.width), int((y + h) * whole.height))
    )


def unlikeness(one: Image.Image, other: Image.Image) -> float:
    """The mean difference in brightness of two pictures of one size, of 255."""
    values = zip(one.tobytes(), other.tobytes(), strict=True)
    return sum(abs(first - second) for first, second in values) / (one.width * one.height)
