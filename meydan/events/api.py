"""The JSON doors of events: the dates to come, one event, and announcing one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from pydantic import BaseModel, Field

from meydan.events import actions
from meydan.events.inputs import AnnounceEvent, ListEvents
from meydan.events.models import Event, Version
from meydan.events.queries import (
    Wanted,
    find_event,
    list_upcoming,
    newest_version,
    occurrences_of,
)
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, doors, json_door

PAGE = 20


class EventDate(BaseModel):
    """One date; `date` is its number."""

    date: int
    starts_at: datetime
    ends_at: datetime
    cancelled: bool


class EventLine(EventDate):
    """A date in a list, with what takes place. `reference`: by what comments and flags name the event."""

    event: int
    reference: str
    language: str
    title: str
    place: str
    district: str
    lat: float | None
    lon: float | None
    topics: list[str]


class EventList(BaseModel):
    """Dates that are not over, the next first. `after` gives the following page; null at the end."""

    events: list[EventLine]
    after: int | None


class EventDetail(BaseModel):
    """A public event, whole. `texts`: title and text in other languages. `seats`: 0 for no limit; `repeats` as
    calendars know it, "" for once."""

    event: int
    reference: str
    language: str
    title: str
    text: str
    texts: dict[str, dict[str, str]]
    place: str
    district: str
    lat: float | None
    lon: float | None
    online: str
    topics: list[str]
    registers: bool
    seats: int
    repeats: str
    cancelled: bool
    dates: list[EventDate]


class Announced(BaseModel):
    """The event that came of it. `state`: draft, or waiting for a moderator."""

    event: int
    reference: str
    state: str = Field(description="draft or waiting")


def _place(version: Version | None) -> dict[str, Any]:
    names = ("title", "place", "district", "lat", "lon", "topics")
    return {name: getattr(version, name) for name in names}


@json_door(summary="Dates of public events to come", query=ListEvents, gives=EventList, errors=(404,))
def listed(request: HttpRequest, *, query: ListEvents) -> EventList:
    """Narrowed as the page is; `month` is the calendar's."""
    found = list_upcoming(actor_of(request), Wanted(query.q, query.topic or "", query.district, query.after))
    lines = [
        EventLine(
            date=one.pk,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            cancelled=one.cancelled,
            event=one.event_id,
            reference=one.event.reference,
            language=one.event.language,
            **_place(one.event.live),
        )
        for one in found[:PAGE]
    ]
    return EventList(events=lines, after=found[PAGE - 1].pk if len(found) > PAGE else None)


@json_door(summary="One public event with its dates to come", gives=EventDetail, errors=(404,))
def shown(request: HttpRequest, number: int) -> EventDetail:
    """What is not public is not found."""
    actor = actor_of(request)
    event = find_event(actor, number)
    if not event.is_public or event.live is None:
        raise NotFound
    live: Version = event.live
    names = ("text", "texts", "online", "registers", "seats", "repeats")
    return EventDetail(
        event=event.pk,
        reference=event.reference,
        language=event.language,
        cancelled=event.cancelled_at is not None,
        **_place(live),
        **{name: getattr(live, name) for name in names},
        dates=[
            EventDate(date=one.pk, starts_at=one.starts_at, ends_at=one.ends_at, cancelled=one.cancelled)
            for one in occurrences_of(actor, event, since=now())
        ],
    )


@json_door(
    summary="Announce an event, as a draft or handed in",
    takes=AnnounceEvent,
    gives=Announced,
    status=201,
    errors=(401, 403, 404, 409, 429),
)
def announce(request: HttpRequest, *, taken: AnnounceEvent) -> Announced:
    """`do`: `hand_in` for a moderator, else it is kept as a draft. What is handed in must be whole: else 422, and
    nothing is kept."""
    actor = actor_of(request)
    actions.limit_announcing(actor)
    event: Event = actions.suggest_event(
        actor, plan=taken.plan, language=taken.language, complete=taken.do == "hand_in"
    )
    return Announced(event=event.pk, reference=event.reference, state=newest_version(event).state)


events = doors(get=listed, post=announce)
event = doors(get=shown)
