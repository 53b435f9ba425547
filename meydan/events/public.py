"""The door of events: for letters about them, for site's search and seed, and for the moderators' desk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import ExportedFile, Person, as_json, contributes_to_export, tells
from meydan.comments.public import Discussed, discusses
from meydan.events.actions import approve_event, draft_event, hand_in_event, save_event, take_seat, translate_event
from meydan.events.facts import EventCancelled, EventDrafted, EventHandedIn, EventPublished, SeatFreed, SeatTaken
from meydan.events.models import Event, Occurrence, Plan, Seat, city_rules
from meydan.events.queries import (
    Wanted,
    find_event,
    list_upcoming,
    list_versions,
    newest_version,
    occurrences_of,
    shown_version,
)
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.facts import Fact
from meydan.kernel.places import Point, find_district
from meydan.moderation.public import Check, Question, Reviewed, Thing, moderates, reviews
from meydan.ui.templating import url

EXCERPT = 4_000

__all__ = [
    "Event",
    "EventNotice",
    "Plan",
    "Wanted",
    "approve_event",
    "draft_event",
    "event_questions",
    "find_event_by_reference",
    "hand_in_event",
    "list_upcoming",
    "notice_of",
    "occurrences_of",
    "save_event",
    "take_seat",
    "translate_event",
]


def find_event_by_reference(actor: Actor, reference: str) -> Event | None:
    """The event that "event:12" names, for whoever may read it; None for everybody else."""
    number = reference.partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        return find_event(actor, int(number))
    except NotFound:
        return None


@dataclass(frozen=True)
class EventNotice:
    """What a letter about an event says to one person. `starts_at`: the beginning of the date that it is about, else
    of the next one; None where there is none to come. `own`: the reader organises it."""

    email: str
    language: str
    title: str
    place: str
    path: str
    starts_at: datetime | None
    own: bool


def notice_of(subject: str, person: UUID, occurrence: int | None = None) -> EventNotice | None:
    """For notifications alone: what to write to this person about the event; None where there is nothing to write to,
    or no public event."""
    event = find_event_by_reference(SYSTEM, subject)
    reader = Person.objects.filter(pk=person, deleted_at=None).first()
    if event is None or event.live is None or event.hidden or reader is None or not reader.email:
        return None
    title, _text = event.live.words_in(reader.language, event.language)
    rows = event.occurrences.filter(pk=occurrence) if occurrence else event.occurrences.filter(seats__person=person)
    date = rows.order_by("starts_at").first() or event.occurrences.order_by("-starts_at").first()
    return EventNotice(
        email=reader.email,
        language=reader.language,
        title=title,
        place=event.live.place or event.live.online,
        path=url("events:show", number=event.pk),
        starts_at=date.starts_at if date else None,
        own=event.organiser_id == person,
    )


def _look(actor: Actor, reference: str) -> Thing | None:
    """An event that somebody has flagged."""
    event = find_event_by_reference(actor, reference)
    if event is None:
        return None
    version = event.live or newest_version(event)
    return Thing(version.title, version.text[:EXCERPT], url("events:show", number=event.pk), (), event.organiser_id)


def _look_before(actor: Actor, about: str) -> Reviewed | None:
    """An event that was handed in, with what the moderator is asked about it."""
    event = find_event_by_reference(actor, about)
    if event is None:
        return None
    version = newest_version(event)
    name = event.organiser.name or event.organiser.username if event.organiser else ""
    inside = version.lat is not None and version.lon is not None and find_district(Point(version.lat, version.lon))
    times = f"{version.starts.replace('T', ' ')} – {version.ends.replace('T', ' ')}"
    return Reviewed(
        title=version.title,
        href=url("events:show", number=event.pk),
        excerpt=version.text[:EXCERPT],
        author=event.organiser_id,
        author_name=name,
        checks=(Check(_("It takes place in the city"), bool(inside), version.place),),
        questions=event_questions(),
        answers=((_("When"), times), (_("Does it come again?"), version.get_repeats_display())),
    )


def event_questions() -> tuple[Question, ...]:
    """What a moderator must find before they agree."""
    asked = [Question("charter", _("It keeps the charter of use"))]
    if city_rules().technology_only:
        asked.insert(0, Question("technology", _("It is about new technology")))
    return tuple(asked)


def _look_discussed(actor: Actor, about: str) -> Discussed | None:
    """What people talk about; events are not rated, they are over when one could."""
    event = find_event_by_reference(actor, about)
    if event is None or event.live is None or event.hidden:
        return None
    owners = frozenset((event.organiser_id,) if event.organiser_id else ())
    href = url("events:show", number=event.pk)
    return Discussed(event.live.title, href, owners, rated=False, owner_label=_("Organiser"))


discusses("event", _look_discussed)
moderates("event", _look, name=_("Event"))
reviews("event", _look_before, name=_("Event"))


def export_events(actor: Actor) -> Iterator[ExportedFile]:
    """All that a person has announced, and where they wanted to come, for the export of their data."""
    mine = Event.objects.filter(organiser=actor.person_id).order_by("pk") if actor.person_id else ()
    names = ("number", "state", "title", "text", "texts", "starts", "ends", "repeats", "until", "place", "lat", "lon")
    yield as_json(
        "events.json",
        [{"number": event.pk, "versions": [_row(one, names) for one in list_versions(actor, event)]} for event in mine],
    )
    seats = Seat.objects.filter(person=actor.person_id).select_related("occurrence__event__live").order_by("at")
    yield as_json("seats.json", [_exported_seat(actor, seat) for seat in seats])


def _row(row: object, names: tuple[str, ...]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


def _exported_seat(actor: Actor, seat: Seat) -> dict[str, object]:
    date: Occurrence = seat.occurrence
    title = shown_version(actor, date.event).title
    return {"event": date.event_id, "title": title, "starts_at": date.starts_at, "waiting": seat.waiting, "at": seat.at}


contributes_to_export("events", export_events)

_TOLD: dict[type[Fact], Sentence] = {
    EventDrafted: _("An event was begun"),
    EventHandedIn: _("An event was handed in"),
    EventPublished: _("An event was published"),
    EventCancelled: _("An event was cancelled"),
    SeatTaken: _("You said that you come to an event"),
    SeatFreed: _("A seat at an event became yours"),
}


def _tell(kind: type[Fact], sentence: Sentence) -> None:
    tells(kind, lambda _fact: str(sentence))


for _kind, _sentence in _TOLD.items():
    _tell(_kind, _sentence)
