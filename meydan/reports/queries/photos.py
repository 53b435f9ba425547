"""Photos: which form of each an actor may see, and which of them wait for somebody to look at them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from meydan.kernel.actor import SYSTEM, Actor, Role
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import PersonalDataShown, StoredFact, facts_about, reveals
from meydan.kernel.policy import demand
from meydan.kernel.rows import read
from meydan.reports.models import WAITING, Looking, Photo, Report, Side, report_rules
from meydan.reports.policies import (
    is_party,
    is_reporter,
    is_sender,
    is_staff_of,
    may_check_photo,
    may_see_photo_queue,
)
from meydan.reports.queries.one import lock_report

# A photo that no eye but its sender's is to see needs no check.
_WORTH_A_LOOK = Q(public=True, report__public=True) | Q(entry__side=Side.CITY)


def shown_to(actor: Actor, photo: Photo) -> str:
    """The sha256 of the form of a photo that this actor sees, "" when there is none.

    Everybody: `file`, once it was checked and if it is meant for everybody. The report's parties: `file`, once it was
    checked. The staff: `file`, with what is hidden hidden, also before. Who sent it: until then the original.
    """
    checked = photo.looking == Looking.CHECKED
    if checked and ((photo.public and photo.report.public) or is_party(actor, photo.report)):
        return photo.file_id or ""
    if photo.file_id and is_staff_of(actor, photo.report):
        return photo.file_id
    return photo.original_id or "" if is_sender(actor, photo) else ""


def own_copy(actor: Actor, photo: Photo) -> str:
    """The sha256 of the form that belongs into the export of this actor's data: what they sent, else what they see."""
    return (is_sender(actor, photo) and photo.original_id) or shown_to(actor, photo)


def list_photos(actor: Actor, report: Report) -> list[Photo]:
    """The report's pictures of which the actor sees some form, oldest first."""
    if is_party(actor, report):
        rows: Iterable[Photo] = Photo.objects.filter(report=report).select_related("entry")
    else:
        rows = read(Photo, _EVERYBODYS, [report.pk])  # most readers
    return [photo for photo in _of(report, rows) if shown_to(actor, photo)]


_EVERYBODYS = "where report_id = %s and public and looking = 'checked' order by id"
"""`FOR_EVERYBODY`, in plain SQL."""


def _of(report: Report, rows: Iterable[Photo]) -> list[Photo]:
    """The rows, which need not ask for their report again."""
    photos = list(rows)
    for photo in photos:
        photo.report = report
    return photos


def list_waiting(actor: Actor, report: Report) -> list[Photo]:
    """The report's pictures that nobody of the staff has looked at yet, for its staff and for who sent them."""
    if actor.is_visitor and not is_party(actor, report):
        return []
    photos = _of(report, Photo.objects.filter(report=report, looking__in=WAITING).select_related("entry"))
    return [photo for photo in photos if is_sender(actor, photo) or is_staff_of(actor, report)]


def find_photo(actor: Actor, photo_id: int) -> Photo:
    """One picture with its report and entry, if the actor sees some form of it. Raises `NotFound`."""
    photo = Photo.objects.select_related("report__category", "entry", "original", "file").filter(pk=photo_id).first()
    if photo is None or not shown_to(actor, photo):
        raise NotFound
    return photo


def lock_photo(actor: Actor, photo_id: int) -> Photo:
    """One picture, it and its report locked until the transaction ends. Raises `NotFound`."""
    number = Photo.objects.filter(pk=photo_id).values_list("report", flat=True).first()
    if number is None:
        raise NotFound
    report = lock_report(actor, number)
    photo = _of(report, Photo.objects.select_for_update(of=("self",)).select_related("entry").filter(pk=photo_id))[0]
    if not (shown_to(actor, photo) or is_staff_of(actor, report)):
        raise NotFound
    return photo


# The queue


def _to_check(actor: Actor) -> QuerySet[Photo]:
    demand(may_see_photo_queue(actor), actor)
    rows = Photo.objects.filter(_WORTH_A_LOOK, looking=Looking.MARKED)
    if not actor.has(Role.MODERATOR, Role.OPERATOR):
        rows = rows.filter(report__department__in=actor.departments)
    return rows


def find_to_check(actor: Actor, *, after: int = 0) -> Photo | None:
    """The oldest picture, past number `after`, that waits for this actor to look at it."""
    rows = _to_check(actor).filter(pk__gt=after).select_related("report__category", "entry", "original", "file")
    return rows.order_by("id").first()


def count_to_check(actor: Actor) -> int:
    """How many pictures wait for this actor; 0 for those who check none."""
    if not may_see_photo_queue(actor):
        return 0
    everybodys = actor.has(Role.MODERATOR, Role.OPERATOR)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_TO_CHECK, {"all": everybodys, "departments": list(actor.departments)})
        return int(cursor.fetchone()[0])


_COUNT_TO_CHECK = """
select count(*) from reports_photo photo
  join reports_report report on report.number = photo.report_id
  join reports_entry entry on entry.id = photo.entry_id
 where photo.looking = 'marked' and ((photo.public and report.public) or entry.side = 'city')
   and (%(all)s or report.department_id = any(%(departments)s))"""
"""What `_to_check` finds, counted in plain SQL: every look at the worklist asks."""


# The sealed originals


@dataclass(frozen=True)
class Sealed:
    """An original, and whom it concerns; `sent_by_reporter` although that person may have no account."""

    sha256: str
    subject: str
    persons: tuple[UUID, ...]
    sent_by_reporter: bool


ORIGINAL_SHOWN = gettext_noop("the original of a photo that you sent")


@reveals(
    ORIGINAL_SHOWN,
    persons=lambda sealed: sealed.persons,
    subject=lambda sealed: sealed.subject,
    always=lambda sealed: sealed.sent_by_reporter,
)
def show_original(actor: Actor, photo_id: int) -> Sealed:
    """The original of a photo, for those who check photos. The look is recorded. `NotFound` when it was deleted."""
    photo = find_photo(actor, photo_id)
    demand(may_check_photo(actor, photo), actor)
    if photo.original_id is None:
        raise NotFound
    by_reporter = photo.entry.side == Side.REPORTER
    return Sealed(
        sha256=photo.original_id,
        subject=photo.report.reference,
        persons=photo.report.persons if by_reporter else (),
        sent_by_reporter=by_reporter,
    )


def list_looks(actor: Actor, report: Report) -> list[StoredFact]:
    """Who of the staff has looked at the originals of this report's photos, for its reporter."""
    if not is_reporter(actor, report):
        return []
    looks = facts_about(report.reference, name="kernel.personal_data_shown")
    return [one for one in looks if isinstance(one.fact, PersonalDataShown) and one.fact.what == ORIGINAL_SHOWN]


def list_due_originals(actor: Actor, *, limit: int = 1000) -> list[int]:
    """The photos whose originals have been kept for as long as the city keeps them, for the system alone."""
    if actor is not SYSTEM:
        return []
    before = now() - timedelta(days=report_rules().sealed_days)
    rows = Photo.objects.filter(original__isnull=False, report__closed_at__lt=before).order_by("report__closed_at")
    return list(rows.values_list("pk", flat=True)[:limit])
