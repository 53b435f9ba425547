"""A report's timeline, as far as the actor may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from meydan.kernel.actor import Actor
from meydan.reports.models import MAX_ENTRIES, Audience, Entry, EntryKind, Photo, Report, Side, State
from meydan.reports.policies import is_party, is_staff_of
from meydan.reports.queries.photos import list_photos


@dataclass(frozen=True)
class TimelineItem:
    """A line of the timeline, as far as its reader may see it. `who` names an officer, for the staff
    only; a reporter's name is private even there (`show_contact`)."""

    kind: EntryKind
    text: str
    hidden_text: bool
    state_after: State
    side: Side
    department: str
    who: str
    at: datetime
    staff_only: bool
    photos: tuple[int, ...]


def list_timeline(actor: Actor, report: Report, photos: Sequence[Photo] | None = None) -> list[TimelineItem]:
    """What happened to the report, oldest first: to others than its parties without the words between them. `photos`
    are those that the actor sees (`list_photos`), where they were read already."""
    party, staff = is_party(actor, report), is_staff_of(actor, report)
    photos = list_photos(actor, report) if photos is None else photos
    entries = _all_entries(report) if staff else _public_entries(report)
    return [
        _item(entry, tuple(photo.pk for photo in photos if photo.entry_id == entry.pk), party=party, staff=staff)
        for entry in entries
    ]


def _all_entries(report: Report) -> Iterable[Entry]:
    return Entry.objects.filter(report=report).select_related("person").order_by("id")[:MAX_ENTRIES]


def _public_entries(report: Report) -> Iterable[Entry]:
    """Without those that are for the staff; plain SQL, for most readers."""
    return Entry.objects.raw(
        "select * from reports_entry where report_id = %s and audience <> 'staff' order by id limit %s",
        [report.pk, MAX_ENTRIES],
    )


def _item(entry: Entry, photos: tuple[int, ...], *, party: bool, staff: bool) -> TimelineItem:
    readable = party or entry.audience == Audience.PUBLIC
    return TimelineItem(
        kind=EntryKind(entry.kind),
        text=entry.text if readable else "",
        hidden_text=bool(entry.text) and not readable,
        state_after=State(entry.state_after),
        side=Side(entry.side),
        department=entry.department,
        who=entry.person.name if staff and entry.person and entry.side == Side.CITY else "",
        at=entry.at,
        staff_only=entry.audience == Audience.STAFF,
        photos=photos,
    )
