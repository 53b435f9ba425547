"""Photos on their way to the public: sealed, marked, drawn on, checked, kept back, forgotten."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat

from meydan.kernel import files, seeing
from meydan.kernel.actor import SYSTEM, VISITOR, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound, Refused, SignInFirst
from meydan.kernel.facts import facts_about
from meydan.kernel.files import DiskStore, open_file, store_image
from meydan.kernel.models import StoredFile
from meydan.kernel.seeing import CannotSee
from meydan.kernel.tests.pictures import make_picture
from meydan.kernel.tests.scenes import FACE, PLATE, make_street
from meydan.reports import actions, queries
from meydan.reports.actions import photos as photo_actions
from meydan.reports.models import Filter, Looking, Photo, PhotoKind, Report
from meydan.reports.open311.queries import find_request
from meydan.reports.reactions import forget_originals
from meydan.reports.tests.cast import make_actor, make_city, make_report

pytestmark = pytest.mark.django_db
AREA = (0.25, 0.25, 0.5, 0.5)


@dataclass
class Scene:
    """A report with one photo, and the people around it."""

    citizen: Actor
    neighbour: Actor
    officer: Actor
    moderator: Actor
    report: Report
    photo: Photo

    def again(self) -> Photo:
        """The photo as it is now."""
        return Photo.objects.select_related("report", "entry").get(pk=self.photo.pk)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The city's files lie in a folder of the test's own."""
    monkeypatch.setattr(files, "store", lambda: DiskStore(tmp_path))
    return tmp_path


@pytest.fixture
def scene() -> Iterator[Scene]:
    make_city()
    citizen = make_actor("citizen")
    report = make_report(citizen, photos=[keep(make_picture(400, 300))])
    yield Scene(
        citizen=citizen,
        neighbour=make_actor("neighbour"),
        officer=make_actor("officer", Role.OFFICER, departments=("roads",)),
        moderator=make_actor("moderator", Role.MODERATOR),
        report=report,
        photo=Photo.objects.get(report=report),
    )


def keep(body: bytes) -> str:
    return store_image(io.BytesIO(body), purpose="report_photo").sha256


def pixels(sha256: str) -> Image.Image:
    with open_file(sha256) as file:
        return Image.open(io.BytesIO(file.read())).convert("RGB")


def detail(picture: Image.Image) -> float:
    """How much the brightness changes inside what is one block of the mosaic over AREA, its edges apart."""
    return float(ImageStat.Stat(picture.crop((122, 98, 148, 124)).convert("L")).stddev[0])


def test_until_somebody_looked_nobody_else_sees_anything(scene: Scene) -> None:
    for person in (VISITOR, scene.neighbour):
        assert queries.list_photos(person, scene.report) == []
        with pytest.raises(NotFound):
            queries.find_photo(person, scene.photo.pk)
    assert queries.shown_to(scene.citizen, scene.again()) == scene.photo.original_id
    assert queries.shown_to(scene.officer, scene.again()) == ""
    assert find_request(VISITOR, scene.report.number)["photo"] is None
    assert queries.list_public(VISITOR, Filter()).rows[0]["cover_id"] is None


def test_one_look_publishes_what_the_boxes_leave(scene: Scene) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[AREA])
    marked = scene.again()
    assert queries.shown_to(scene.officer, marked) == marked.file_id != marked.original_id
    assert queries.shown_to(VISITOR, marked) == ""
    actions.check_photo(scene.moderator, scene.photo.pk)
    checked = scene.again()
    for person in (VISITOR, scene.citizen, scene.officer):
        assert queries.shown_to(person, checked) == checked.file_id
    assert checked.looked_by_id == scene.moderator.person_id
    assert Report.objects.get().cover_id == checked.pk
    assert find_request(VISITOR, scene.report.number)["photo"] == checked.pk
    assert detail(pixels(str(checked.file_id))) < 1.5 < 3 < detail(pixels(str(checked.original_id)))
    names = [one.name for one in facts_about(scene.report.reference)]
    assert names[-2:] == ["reports.photo_marked", "reports.photo_checked"]


def test_without_boxes_the_public_form_is_the_picture_itself(scene: Scene) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[])
    actions.check_photo(scene.officer, scene.photo.pk)
    assert scene.again().file_id == scene.photo.original_id


def test_a_photo_that_the_machine_has_not_seen_is_not_published(scene: Scene) -> None:
    with pytest.raises(Conflict):
        actions.check_photo(scene.moderator, scene.photo.pk)


def test_who_may_do_what(scene: Scene) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[])
    elsewhere = make_actor("elsewhere", Role.OFFICER, departments=("light",))
    for person, error in ((VISITOR, NotFound), (scene.neighbour, NotFound), (elsewhere, NotFound)):
        for deed in (actions.check_photo, actions.forget_original):
            with pytest.raises(error):
                deed(person, scene.photo.pk)
        with pytest.raises(error):
            actions.draw_boxes(person, scene.photo.pk, areas=[])
    with pytest.raises(Refused):
        actions.check_photo(scene.citizen, scene.photo.pk)
    with pytest.raises(Refused):
        actions.mark_photo(scene.moderator, scene.photo.pk, areas=[])
    with pytest.raises(Refused):
        queries.show_original(scene.citizen, scene.photo.pk)
    for person in (VISITOR, scene.citizen):
        with pytest.raises((SignInFirst, Refused)):
            queries.find_to_check(person)


def test_the_reporter_draws_until_the_check(scene: Scene) -> None:
    actions.draw_boxes(scene.citizen, scene.photo.pk, areas=[AREA], seen=Looking.NEW)
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[(0, 0, 0.1, 0.1)])
    assert [box["by"] for box in scene.again().boxes] == ["reporter", "machine"]
    # The form was shown before the machine had looked: what it found stays.
    actions.draw_boxes(scene.citizen, scene.photo.pk, areas=[(0.6, 0.6, 0.2, 0.2)], seen=Looking.NEW)
    assert [box["by"] for box in scene.again().boxes] == ["reporter", "machine"]
    actions.draw_boxes(scene.citizen, scene.photo.pk, areas=[AREA], seen=Looking.MARKED)
    assert [box["by"] for box in scene.again().boxes] == ["reporter"]
    actions.check_photo(scene.moderator, scene.photo.pk)
    with pytest.raises(Refused):
        actions.draw_boxes(scene.citizen, scene.photo.pk, areas=[])
    actions.draw_boxes(scene.moderator, scene.photo.pk, areas=[AREA, (0, 0, 0.2, 0.2)])
    assert [box["by"] for box in scene.again().boxes] == ["reporter", "staff"]


def test_kept_from_the_public_with_a_reason(scene: Scene) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[])
    actions.check_photo(scene.moderator, scene.photo.pk)
    with pytest.raises(Invalid):
        actions.keep_photo(scene.officer, scene.photo.pk, text=" ")
    actions.keep_photo(scene.officer, scene.photo.pk, text="It shows a child.")
    assert Report.objects.get().cover_id is None
    assert queries.shown_to(VISITOR, scene.again()) == ""
    told = queries.list_timeline(scene.citizen, scene.report)[-1]
    assert (told.kind, told.text) == ("kept", "It shows a child.")
    assert queries.list_timeline(VISITOR, scene.report)[-1].text == ""


def test_the_queue_is_each_ones_own(scene: Scene) -> None:
    private = make_report(scene.citizen, category="abuse", photos=[keep(make_picture(401, 300))])
    lamp = make_report(scene.citizen, category="lamp", photos=[keep(make_picture(402, 300))])
    for photo in Photo.objects.all():
        actions.mark_photo(SYSTEM, photo.pk, areas=[])
    assert queries.count_to_check(scene.moderator) == 2  # nobody will see the private one: nobody has to look
    assert queries.count_to_check(scene.officer) == 1
    assert queries.count_to_check(scene.citizen) == 0
    first = queries.find_to_check(scene.moderator)
    assert first
    assert first.report_id == scene.report.number
    after = queries.find_to_check(scene.moderator, after=first.pk)
    assert after
    assert after.report_id == lamp.number
    assert Photo.objects.get(report=private).public is False


def test_the_officers_photo_goes_the_same_way(scene: Scene) -> None:
    actions.accept_report(scene.officer, scene.report.number)
    actions.close_as_solved(scene.officer, scene.report.number, text="Filled", photos=[keep(make_picture(300, 400))])
    after = Photo.objects.get(kind=PhotoKind.AFTER)
    assert [photo.pk for photo in queries.list_photos(scene.citizen, scene.report)] == [scene.photo.pk]
    assert after in queries.list_photos(scene.officer, scene.report)
    actions.mark_photo(SYSTEM, after.pk, areas=[])
    actions.check_photo(scene.officer, after.pk)
    assert after in queries.list_photos(VISITOR, scene.report)
    assert Report.objects.get().cover_id is None  # a list shows the problem, not its repair


def test_every_look_at_an_original_is_told(scene: Scene) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[AREA])
    assert queries.show_original(scene.moderator, scene.photo.pk).sha256 == scene.photo.original_id
    (look,) = queries.list_looks(scene.citizen, scene.report)
    assert (look.actor, look.fact.persons) == (scene.moderator.person_id, (scene.citizen.person_id,))
    assert queries.list_looks(scene.neighbour, scene.report) == []


def test_a_reporter_without_account_sees_the_looks_too(scene: Scene) -> None:
    report = make_report(VISITOR, photos=[keep(make_picture(300, 300))])
    photo = Photo.objects.get(report=report)
    actions.mark_photo(SYSTEM, photo.pk, areas=[])
    queries.show_original(scene.moderator, photo.pk)
    assert len(queries.list_looks(replace(VISITOR, case_keys=frozenset({report.reference})), report)) == 1


def test_the_machine_looks_in_the_worker(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_actions, "find_faces_and_plates", lambda _source: [AREA])
    photo_actions.look_at_photo(photo_id=scene.photo.pk)
    photo_actions.look_at_photo(photo_id=scene.photo.pk)
    marked = scene.again()
    assert (marked.looking, [box["by"] for box in marked.boxes]) == (Looking.MARKED, ["machine"])


def test_where_the_machine_cannot_look_a_human_does(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_source: Any) -> list[Any]:
        raise CannotSee("no OpenCV")

    monkeypatch.setattr(photo_actions, "find_faces_and_plates", fail)
    photo_actions.look_at_photo(photo_id=scene.photo.pk)
    assert (scene.again().looking, scene.again().boxes) == (Looking.MARKED, [])
    assert queries.shown_to(VISITOR, scene.again()) == ""


def test_originals_are_forgotten_when_their_time_is_over(
    scene: Scene, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[AREA])
    actions.check_photo(scene.moderator, scene.photo.pk)
    original = str(scene.photo.original_id)
    with django_capture_on_commit_callbacks(execute=True):
        forget_originals(timestamp=0)
    assert scene.again().original_id == original
    Report.objects.update(closed_at=now() - timedelta(days=91))
    with django_capture_on_commit_callbacks(execute=True):
        forget_originals(timestamp=0)
    assert scene.again().original_id is None
    assert not StoredFile.objects.filter(pk=original).exists()
    assert not list(folder.rglob(original))
    assert queries.shown_to(VISITOR, scene.again()) == scene.again().file_id
    assert facts_about(scene.report.reference)[-1].name == "reports.original_forgotten"


def test_what_nobody_has_looked_at_goes_with_its_original(scene: Scene) -> None:
    actions.mark_photo(SYSTEM, scene.photo.pk, areas=[AREA])
    actions.forget_original(SYSTEM, scene.photo.pk)
    left = scene.again()
    assert (left.original_id, left.file_id, left.looking) == (None, None, Looking.REFUSED)
    with pytest.raises(Conflict):
        actions.check_photo(scene.moderator, scene.photo.pk)


def test_the_machine_finds_a_face_and_a_plate() -> None:
    """The real detector, in its child process, on a drawn street."""
    found = seeing.find_faces_and_plates(io.BytesIO(make_street()))
    for wanted in (FACE, PLATE):
        assert any(overlap(wanted, box) > 0.5 for box in found), (wanted, found)


def overlap(wanted: tuple[float, ...], box: tuple[float, ...]) -> float:
    """The part of `wanted` that `box` covers."""
    across = min(wanted[0] + wanted[2], box[0] + box[2]) - max(wanted[0], box[0])
    down = min(wanted[1] + wanted[3], box[1] + box[3]) - max(wanted[1], box[1])
    return max(0, across) * max(0, down) / (wanted[2] * wanted[3])


def test_what_is_no_picture_is_said() -> None:
    with pytest.raises(CannotSee):
        seeing.find_faces_and_plates(io.BytesIO(b"no picture"))
