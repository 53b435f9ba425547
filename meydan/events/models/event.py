"""Events, their versions, the dates on which they take place, and who comes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from meydan.events.models.rules import Repeats, Timing
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.places import place_index

MAX_TITLE, MAX_TEXT, MAX_PLACE, MAX_SEATS = 140, 10_000, 300, 100_000


class State(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waits for a moderator")
    SENT_BACK = "sent_back", _("Changes asked for")
    REFUSED = "refused", _("Not accepted")
    PUBLISHED = "published", _("Published")


ALLOWED: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.WAITING}),
    State.WAITING: frozenset({State.DRAFT, State.SENT_BACK, State.REFUSED, State.PUBLISHED}),
    State.SENT_BACK: frozenset({State.DRAFT, State.WAITING}),
    State.REFUSED: frozenset({State.PUBLISHED}),  # after an appeal
    State.PUBLISHED: frozenset(),
}
EDITABLE = (State.DRAFT, State.SENT_BACK)
TONES = {
    State.DRAFT: "quiet",
    State.WAITING: "info",
    State.SENT_BACK: "warning",
    State.REFUSED: "bad",
    State.PUBLISHED: "good",
}


@dataclass(frozen=True)
class Plan:
    """What the organiser writes: the contents of one version. `seats`: 0 where anybody may come without a seat.
    `registers`: people say that they come. `texts`: title and text in further languages."""

    title: str
    text: str
    starts: datetime
    ends: datetime
    repeats: str = ""
    weekdays: tuple[int, ...] = ()
    until: date | None = None
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    online: str = ""
    registers: bool = False
    seats: int = 0
    topics: tuple[str, ...] = ()
    about_technology: bool = False


class Event(models.Model):
    """One event, whose words and times stand in its versions; `live` is the one that everybody reads."""

    language = models.CharField(max_length=2, choices=list(LANGUAGES.items()))
    organiser = models.ForeignKey("accounts.Person", on_delete=models.SET_NULL, null=True, related_name="+")
    live = models.ForeignKey("Version", on_delete=models.SET_NULL, null=True, related_name="+")
    hidden = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    sequence = models.PositiveIntegerField(default=0)  # how often its times changed, for calendars (RFC 5545, 3.8.7.4)
    search_text = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organiser", "-updated_at"], name="events_of_organiser"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="events_search"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """As facts and neighbours name it."""
        return f"event:{self.pk}"

    @property
    def is_public(self) -> bool:
        """Whether everybody can read it."""
        return self.live_id is not None and not self.hidden


class Version(models.Model):
    """An event as its organiser planned it once. `starts` and `ends` are the city's wall-clock time, without a zone:
    minutes since the epoch would move when the clocks change."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField(max_length=MAX_TITLE)
    text = models.TextField(max_length=MAX_TEXT, blank=True)
    texts = models.JSONField(default=dict)  # {"fr": {"title": ..., "text": ...}}
    starts = models.CharField(max_length=16)  # 2026-11-26T18:00
    ends = models.CharField(max_length=16)
    repeats = models.CharField(max_length=12, choices=Repeats, blank=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list)
    until = models.DateField(null=True)
    place = models.CharField(max_length=MAX_PLACE, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    district = models.CharField(max_length=40, blank=True)
    online = models.URLField(max_length=500, blank=True)
    registers = models.BooleanField(default=False)
    seats = models.PositiveIntegerField(default=0)
    topics = ArrayField(models.CharField(max_length=10), default=list)
    about_technology = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "number"], name="events_version_once"),
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(state__in=[State.DRAFT, State.WAITING, State.SENT_BACK]),
                name="events_one_open_version",
            ),
        ]
        indexes: ClassVar = [place_index("events_places", condition=Q(lat__isnull=False))]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.number}"

    @property
    def timing(self) -> Timing:
        """When it takes place."""
        return Timing(
            starts=datetime.fromisoformat(self.starts),
            ends=datetime.fromisoformat(self.ends),
            repeats=self.repeats,
            weekdays=tuple(self.weekdays),
            until=self.until,
        )

    def words_in(self, language: str, own: str) -> tuple[str, str]:
        """Title and text in a language; in its `own` where nobody has translated them."""
        said: dict[str, Any] = self.texts.get(language, {}) if language != own else {}
        return (said.get("title") or self.title, said.get("text") or self.text)


class Occurrence(models.Model):
    """One date of a published event. `at_clock`: its beginning by the city's clock, by which a changed rule finds it
    again."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="occurrences")
    at_clock = models.CharField(max_length=16)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "at_clock"], name="events_occurrence_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="events_occurrence_lasts"),
        ]
        indexes: ClassVar = [models.Index(fields=["starts_at", "id"], name="events_by_time")]

    def __str__(self) -> str:
        return f"{self.event_id}@{self.at_clock}"


class Seat(models.Model):
    """Somebody wants to come on one date; who waits has no seat yet. The longest waiting comes first."""

    occurrence = models.ForeignKey(Occurrence, on_delete=models.CASCADE, related_name="seats")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    waiting = models.BooleanField(default=False)
    at = models.DateTimeField()
    reminded = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["occurrence", "person"], name="events_seat_once")]
        indexes: ClassVar = [models.Index(fields=["person", "-at"], name="events_seats_of_person")]

    def __str__(self) -> str:
        return f"seat:{self.pk}"
