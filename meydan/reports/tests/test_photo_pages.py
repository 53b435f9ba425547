"""The pages of photos: the queue, the boxes with and without the page's script, one tap to publish."""

import io
from pathlib import Path

import pytest
from django.test import Client

from meydan.accounts.public import grant_role
from meydan.kernel import files
from meydan.kernel.actor import SYSTEM, VISITOR, Role
from meydan.kernel.errors import Invalid
from meydan.kernel.files import DiskStore, store_image
from meydan.kernel.inputs import parse
from meydan.kernel.tests.pictures import make_picture
from meydan.reports.actions import mark_photo
from meydan.reports.inputs import DrawBoxes
from meydan.reports.models import Looking, Photo
from meydan.reports.tests.cast import make_actor, make_city, make_report
from meydan.reports.tests.test_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city's files lie in a folder of the test's own."""
    monkeypatch.setattr(files, "store", lambda: DiskStore(tmp_path))
    return tmp_path


def make_marked(width: int) -> Photo:
    sha256 = store_image(io.BytesIO(make_picture(width, 300)), purpose="report_photo").sha256
    photo = Photo.objects.get(report=make_report(VISITOR, photos=[sha256]))
    mark_photo(SYSTEM, photo.pk, areas=[])
    return photo


def moderator_window() -> Client:
    """A browser in which a moderator has signed in."""
    actor = make_actor("moderator")
    assert actor.person_id
    grant_role(SYSTEM, actor.person_id, role=Role.MODERATOR)
    return signed_in(actor)


def test_the_queue_goes_on_until_it_is_empty() -> None:
    make_city()
    first, second = make_marked(400), make_marked(401)
    moderator = moderator_window()
    assert f"/reports/photos/{first.pk}/" in moderator.get("/reports/photos").content.decode()
    assert "(2)" in moderator.get("/reports/work").content.decode()
    later = moderator.get(f"/reports/photos?after={first.pk}").content.decode()
    assert f"/reports/photos/{second.pk}/" in later
    done = moderator.post(f"/reports/photos/{first.pk}", {"publish": "true", "back": "queue", "seen": "marked"})
    assert done["Location"] == f"/reports/photos?after={first.pk}"
    kept = moderator.post(f"/reports/photos/{second.pk}/keep", {"back": "queue", "text": ""})
    assert kept.status_code == 422
    moderator.post(f"/reports/photos/{second.pk}/keep", {"back": "queue", "text": "A child"})
    assert [photo.looking for photo in Photo.objects.order_by("pk")] == [Looking.CHECKED, Looking.REFUSED]
    assert "No photo waits" in moderator.get("/reports/photos").content.decode()


def test_nobody_publishes_what_has_changed_meanwhile() -> None:
    make_city()
    photo = make_marked(400)
    moderator = moderator_window()
    answer = moderator.post(f"/reports/photos/{photo.pk}/check", {"form": "0" * 16})
    assert answer.status_code == 409
    assert Photo.objects.get().looking == Looking.MARKED


def test_what_is_drawn_and_published_is_hidden() -> None:
    make_city()
    photo = make_marked(400)
    moderator = moderator_window()
    boxes = {"boxes": "[[0.1, 0.1, 0.3, 0.3]]", "publish": "true", "seen": "marked"}
    assert moderator.post(f"/reports/photos/{photo.pk}", boxes).status_code == 302
    published = Photo.objects.get()
    assert (published.looking, len(published.boxes)) == (Looking.CHECKED, 1)
    assert published.file_id != published.original_id
    sealed = moderator.post(f"/reports/photos/{photo.pk}/original")
    assert (sealed["Content-Type"], sealed["Cache-Control"]) == ("image/jpeg", "private, no-cache")
    assert Client().get(f"/reports/photos/{photo.pk}/full")["Cache-Control"] == "private, max-age=300"


def test_cells_side_by_side_are_one_area() -> None:
    wanted = parse(DrawBoxes, {"cell": ["1-2", "1-3", "2-0"], "rows": 5, "columns": 10, "keep": ["0.1,0.1,0.2,0.2"]})
    assert [tuple(round(part, 3) for part in area) for area in wanted.areas] == [
        (0.1, 0.1, 0.2, 0.2),
        (0.2, 0.2, 0.2, 0.2),
        (0.0, 0.4, 0.1, 0.2),
    ]


@pytest.mark.parametrize(
    "boxes", ["{", "7", "[[1]]", "[[0, 0, 2, 1]]", "[[0, 0, 0, 0]]", '[["a", 0, 0, 0]]', "[[NaN, 0, 1, 1]]", "[" * 9000]
)
def test_boxes_that_are_none_are_said(boxes: str) -> None:
    with pytest.raises(Invalid) as error:
        _areas = parse(DrawBoxes, {"boxes": boxes}).areas
    assert "boxes" in error.value.fields


def test_too_many_boxes_are_said() -> None:
    many = str([[0.1, 0.1, 0.1, 0.1]] * 61)
    with pytest.raises(Invalid):
        _areas = parse(DrawBoxes, {"boxes": many}).areas
