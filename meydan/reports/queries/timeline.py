"""A report's timeline, as far as the actor may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from meydan.accounts.public import names_of
from meydan.kernel.actor import Actor
from meydan.kernel.rows import read
from meydan.reports.models import MAX_ENTRIES, Audience, Entry, EntryKind, Photo, Report, Side, State
from meydan.reports.policies import is_party, is_staff_of
from meydan.reports.queries.photos import list_photos


@dataclass(frozen=True)
class TimelineItem:
    """A line of the timeline, as far as its reader may see it. `who` names an officer, for the staff
    only; a reporter's name is private even there (`show_contact`). `details` as in `models.Entry`, for those who may
    read the words; `officer` is the name, for the staff."""

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
    details: Mapping[str, Any]


def list_timeline(actor: Actor, report: Report, photos: Sequence[Photo] | None = None) -> list[TimelineItem]:
    """What happened to the report, oldest first: to others than its parties without the words between them. `photos`
    are those that the actor sees (`list_photos`), where they were read already."""
    party, staff = is_party(actor, report), is_staff_of(actor, report)
    photos = list_photos(actor, report) if photos is None else photos
    entries = _all_entries(report) if staff else _public_entries(report)
    officers = _officers(entries) if staff else {}
    return [
        _item(
            entry, tuple(photo.pk for photo in photos if photo.entry_id == entry.pk), officers, party=party, staff=staff
        )
        for entry in entries
    ]


def _all_entries(report: Report) -> Sequence[Entry]:
    return list(Entry.objects.filter(report=report).select_related("person").order_by("id")[:MAX_ENTRIES])


def _public_entries(report: Report) -> Sequence[Entry]:
    """Without those that are for the staff, for most readers."""
    return read(Entry, "where report_id = %s and audience <> 'staff' order by id limit %s", [report.pk, MAX_ENTRIES])


def _officers(entries: Sequence[Entry]) -> Mapping[UUID, str]:
    """The names of those to whom the case was given."""
    given = {UUID(entry.details["officer"]) for entry in entries if "officer" in entry.details}
    return names_of(given) if given else {}


def _item(
    entry: Entry, photos: tuple[int, ...], officers: Mapping[UUID, str], *, party: bool, staff: bool
) -> TimelineItem:
    readable = party or entry.audience == Audience.PUBLIC
    details = dict(entry.details) if readable else {}
    if "officer" in details:
        details["officer"] = officers.get(UUID(details["officer"]), "")
    shows_who = entry.side == Side.CITY or "by_phone" in details
    return TimelineItem(
        kind=EntryKind(entry.kind),
        text=entry.text if readable else "",
        hidden_text=bool(entry.text) and not readable,
        state_after=State(entry.state_after),
        side=Side(entry.side),
        department=entry.department,
        who=entry.person.name if staff and entry.person and shows_who else "",
        at=entry.at,
        staff_only=entry.audience == Audience.STAFF,
        photos=photos,
        details=details,
    )
