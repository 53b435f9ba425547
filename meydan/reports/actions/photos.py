"""Photos, from their arrival to everybody's eyes.

A photo comes in sealed: NEW. The machine looks for faces and number plates (MARKED); whoever sent it says what else to
hide; somebody of the staff looks, and publishes it (CHECKED) or keeps it from the public (REFUSED). Until then no door
shows anything of it.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from meydan.kernel.action import action_on
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.facts import record
from meydan.kernel.files import delete_file, open_file, store_image
from meydan.kernel.imaging import Area
from meydan.kernel.jobs import PATIENT, enqueue, job
from meydan.kernel.models import StoredFile
from meydan.kernel.seeing import CannotSee, find_faces_and_plates
from meydan.reports.actions.steps import about, need_words, write_entry
from meydan.reports.facts import OriginalForgotten, PhotoChecked, PhotoKept, PhotoMarked
from meydan.reports.models import (
    FOR_EVERYBODY,
    MAX_BOXES,
    MAX_PHOTOS,
    MAX_PHOTOS_OF_A_CASE,
    Audience,
    Entry,
    EntryKind,
    Looking,
    Photo,
    PhotoKind,
    Report,
    Side,
)
from meydan.reports.policies import may_check_photo, may_draw, may_mark
from meydan.reports.queries import lock_photo

PURPOSE = "report_photo"
MACHINE, REPORTER, STAFF = "machine", "reporter", "staff"


def attach_photos(report: Report, entry: Entry, files: Sequence[str], kind: PhotoKind, *, public: bool) -> None:
    """Attach stored pictures, by sha256, to an entry; the machine looks at each soon. `Invalid` when there are too
    many or one is not in the store. `public`: meant for everybody, once they are checked."""
    wanted = list(dict.fromkeys(files))
    if not wanted:
        return
    before = _demand_room(report, wanted)
    made = Photo.objects.bulk_create(
        Photo(report=report, entry=entry, original_id=file, kind=kind, public=public, position=before + index)
        for index, file in enumerate(wanted)
    )
    for photo in made:
        enqueue(look_at_photo, photo_id=photo.pk)


def _demand_room(report: Report, wanted: Sequence[str]) -> int:
    """How many photos the report has already; `Invalid` when these cannot be added."""
    if len(wanted) > MAX_PHOTOS:
        raise Invalid(fields={"photos": _("Send at most %(most)s photos at once.") % {"most": MAX_PHOTOS}})
    before = Photo.objects.filter(report=report).count()
    if before + len(wanted) > MAX_PHOTOS_OF_A_CASE:
        raise Invalid(fields={"photos": _("This report has as many photos as it can hold.")})
    if StoredFile.objects.filter(pk__in=wanted).count() != len(wanted):
        raise Invalid(fields={"photos": _("A photo did not arrive. Choose it again.")})
    return before


@job(name="reports.look_at_photo", queue=PATIENT, priority=-10)
def look_at_photo(*, photo_id: int) -> None:
    """Have the machine look at a new photo. Where it cannot, the photo waits for a human all the same."""
    photo = Photo.objects.filter(pk=photo_id, looking=Looking.NEW, original__isnull=False).first()
    if photo is None:
        return
    with open_file(str(photo.original_id)) as original:
        try:
            areas = find_faces_and_plates(original)
        except CannotSee:
            areas = []
    try:
        mark_photo(SYSTEM, photo_id, areas=areas)
    except (Conflict, NotFound):  # somebody was quicker
        return


@action_on(lock_photo, policy=may_mark)
def mark_photo(actor: Actor, photo: Photo, *, areas: Sequence[Area]) -> Photo:
    """Note what the machine has found beside what the sender has drawn, and have the photo looked at. `Conflict` when
    it was marked before."""
    if photo.looking != Looking.NEW:
        raise Conflict
    photo.boxes = [*photo.boxes, *(_box(area, MACHINE) for area in areas)][:MAX_BOXES]
    photo.looking = Looking.MARKED
    _hide(photo)
    _record_marks(photo, MACHINE)
    return photo


@action_on(lock_photo, policy=may_draw)
def draw_boxes(actor: Actor, photo: Photo, *, areas: Sequence[Area], seen: Looking | None = None) -> Photo:
    """Hide these areas of a photo, instead of those that were hidden until now.

    `seen`: how far the photo had come when it was shown to whoever drew. What the machine has found since then stays.
    `Conflict` when nothing can be changed any more.
    """
    if photo.original_id is None and photo.file_id is None:
        raise Conflict(_("There is nothing left of this photo."))
    by = STAFF if may_check_photo(actor, photo) else REPORTER
    known = {_corners(box): box["by"] for box in photo.boxes}
    boxes = [_box(area, by) for area in areas]
    for box in boxes:
        box["by"] = known.get(_corners(box), by)
    if seen == Looking.NEW and photo.looking != Looking.NEW:
        boxes += [box for box in photo.boxes if box["by"] == MACHINE and box not in boxes]
    photo.boxes = boxes[:MAX_BOXES]
    if photo.looking != Looking.NEW:
        _hide(photo)
    photo.save(update_fields=["boxes"])
    _record_marks(photo, by)
    return photo


@action_on(lock_photo, policy=may_check_photo)
def check_photo(actor: Actor, photo: Photo) -> Photo:
    """Let a photo be seen by those whom it is meant for, with what is in its boxes hidden. `Conflict` before the
    machine has looked, and when nothing is left of it."""
    if photo.file_id is None:
        raise Conflict(_("This photo is not ready yet. Try again in a minute."))
    _look(actor, photo, Looking.CHECKED)
    record(PhotoChecked(**about(photo.report), photo=photo.pk, boxes=len(photo.boxes)))
    return photo


@action_on(lock_photo, policy=may_check_photo)
def keep_photo(actor: Actor, photo: Photo, *, text: str) -> Photo:
    """Keep a photo from the public; the reason is for the reporter and the city."""
    reason = need_words(text)
    if photo.looking == Looking.REFUSED:
        raise Conflict(_("This photo is kept from the public already."))
    _look(actor, photo, Looking.REFUSED)
    write_entry(actor, photo.report, EntryKind.KEPT, reason, audience=Audience.PARTIES, side=Side.CITY)
    record(PhotoKept(**about(photo.report), photo=photo.pk))
    return photo


@action_on(lock_photo, policy=may_mark)
def forget_original(actor: Actor, photo: Photo) -> Photo:
    """Delete the sealed original of a photo. One that nobody has checked by now is kept from everybody, and goes with
    it. `Conflict` when it is gone already."""
    if photo.original_id is None:
        raise Conflict
    gone = {photo.original_id}
    photo.original = None
    if photo.looking != Looking.CHECKED:
        gone.add(photo.file_id or "")
        photo.file, photo.looking = None, Looking.REFUSED
    photo.save(update_fields=["original", "file", "looking"])
    for sha256 in gone:
        delete_file(sha256)
    record(OriginalForgotten(**about(photo.report), photo=photo.pk))
    return photo


def _look(actor: Actor, photo: Photo, looking: Looking) -> None:
    """Note who has looked at the photo, and what lists show of its report from now on."""
    photo.looking, photo.looked_by_id, photo.looked_at = looking, actor.person_id, now()
    photo.save(update_fields=["looking", "looked_by", "looked_at"])
    report = photo.report
    shown = Photo.objects.filter(FOR_EVERYBODY, report=report).exclude(kind=PhotoKind.AFTER)
    report.cover = shown.order_by("id").first()
    report.updated_at = now()
    report.save(update_fields=["cover", "updated_at"])


def _hide(photo: Photo) -> None:
    """Make the form of the photo that may be shown anew, from the sealed original while there is one."""
    former, source = photo.file_id, photo.original_id or photo.file_id or ""
    if photo.boxes:
        with open_file(source) as picture:
            photo.file = store_image(picture, purpose=PURPOSE, hide=photo.areas)
    else:
        photo.file_id = source
    photo.save(update_fields=["file", "boxes", "looking"])
    if former and former != photo.file_id:
        delete_file(former)


def _record_marks(photo: Photo, by: str) -> None:
    record(PhotoMarked(**about(photo.report), photo=photo.pk, boxes=len(photo.boxes), by=by))


def _box(area: Area, by: str) -> dict[str, Any]:
    """A box as it is stored, cut at the picture's edges."""
    x, y = _clip(area[0]), _clip(area[1])
    w, h = min(_clip(area[2]), 1 - x), min(_clip(area[3]), 1 - y)
    return {"x": round(x, 4), "y": round(y, 4), "w": round(w, 4), "h": round(h, 4), "by": by}


def _clip(part: float) -> float:
    return min(1.0, max(0.0, part))


def _corners(box: dict[str, Any]) -> tuple[float, ...]:
    return box["x"], box["y"], box["w"], box["h"]
