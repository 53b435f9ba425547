"""What happens to events. No fact holds anybody's words."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@dataclass(frozen=True, kw_only=True)
class AboutEvent(Fact):
    """The subject is "event:<number>"; `version` counts from 1 within the event."""

    version: int


@fact("events.event_drafted")
@dataclass(frozen=True, kw_only=True)
class EventDrafted(AboutEvent):
    """Somebody has begun to announce an event."""

    language: str


@fact("events.event_edited")
@dataclass(frozen=True, kw_only=True)
class EventEdited(AboutEvent):
    """Its organiser has changed a version that nobody else sees yet."""


@fact("events.event_handed_in")
@dataclass(frozen=True, kw_only=True)
class EventHandedIn(AboutEvent):
    """The organiser wants this version to be published: it goes to the moderators."""


@fact("events.event_taken_back")
@dataclass(frozen=True, kw_only=True)
class EventTakenBack(AboutEvent):
    """The organiser no longer wants this version to be looked at."""


@fact("events.event_published")
@dataclass(frozen=True, kw_only=True)
class EventPublished(AboutEvent):
    """Everybody can read this version. `first`: it was not public before. `moved`: those who come must know, for the
    time or the place is another; `persons` are the organiser and, where it moved, they."""

    first: bool
    moved: bool


@fact("events.event_sent_back")
@dataclass(frozen=True, kw_only=True)
class EventSentBack(AboutEvent):
    """A moderator asks for changes, or has refused it for good (`refused`). The reasons are moderation's."""

    refused: bool


@fact("events.event_cancelled")
@dataclass(frozen=True, kw_only=True)
class EventCancelled(AboutEvent):
    """It does not take place; `persons` are the organiser and those who wanted to come. `occurrence`: only this date
    of it (a row's number)."""

    occurrence: int | None = None


@fact("events.event_hidden")
@dataclass(frozen=True, kw_only=True)
class EventHidden(AboutEvent):
    """A moderator has taken it off the public pages."""


@fact("events.event_shown")
@dataclass(frozen=True, kw_only=True)
class EventShown(AboutEvent):
    """It should not have been taken off, and is public again."""


@dataclass(frozen=True, kw_only=True)
class AboutSeat(Fact):
    """The subject is "event:<number>"; `persons` is the guest; `occurrence` the date (a row's number)."""

    occurrence: int


@fact("events.seat_taken")
@dataclass(frozen=True, kw_only=True)
class SeatTaken(AboutSeat):
    """Somebody wants to come; `waiting`: all seats were taken, and they are on the waiting list."""

    waiting: bool


@fact("events.seat_given_up")
@dataclass(frozen=True, kw_only=True)
class SeatGivenUp(AboutSeat):
    """Somebody does not come after all."""


@fact("events.seat_freed")
@dataclass(frozen=True, kw_only=True)
class SeatFreed(AboutSeat):
    """Somebody from the waiting list has a seat now."""


@fact("events.guest_reminded")
@dataclass(frozen=True, kw_only=True)
class GuestReminded(AboutSeat):
    """The event begins within a day, and its guest is to hear of it."""


@fact("events.organiser_forgotten")
@dataclass(frozen=True, kw_only=True)
class OrganiserForgotten(Fact):
    """Who closed their account comes to nothing any more; what they announced stays without a name."""

    kept: int
