"""One parser per command of events."""

import re
from datetime import date, datetime, time, timedelta
from typing import Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator, model_validator

from meydan.articles.public import Topic
from meydan.events.models import MAX_PLACE, MAX_SEATS, MAX_TEXT, MAX_TITLE, Plan, Repeats
from meydan.kernel.city import Language
from meydan.kernel.inputs import Input

HTTP_URL = r"^https?://[^\s/$.?#][^\s]*$"
NUMBER = 2**63 - 1
MONTH = r"^[0-9]{4}-[0-9]{2}$"
_SPOT = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)[\s,;]+(-?[0-9]{1,3}(?:\.[0-9]{1,8})?)")


class AnnounceEvent(Input):
    """What the form sends: days and hours by the city's clock. `spot`: latitude and longitude, as maps give them."""

    title: str = Field(max_length=MAX_TITLE, min_length=3)
    language: Language = "en"
    text: str = Field("", max_length=MAX_TEXT)
    starts_on: date
    starts_at: time
    ends_on: date | None = None
    ends_at: time
    repeats: Repeats = Repeats.NEVER
    weekdays: list[int] = Field(default=[], max_length=7)
    until: date | None = None
    place: str = Field("", max_length=MAX_PLACE)
    spot: str = Field("", max_length=60)
    online: str = Field("", max_length=500, pattern=HTTP_URL)
    registers: bool = False
    seats: int = Field(0, ge=0, le=MAX_SEATS)
    topics: list[Topic] = Field(default=[], max_length=len(Topic))
    about_technology: bool = False
    do: Literal["save", "hand_in"] = "save"

    @field_validator("text")
    @classmethod
    def _one_kind_of_line(cls, value: str) -> str:
        """Browsers end lines as Windows does."""
        return value.replace("\r\n", "\n")

    @field_validator("weekdays")
    @classmethod
    def _days_of_a_week(cls, value: list[int]) -> list[int]:
        if any(not 0 <= day <= 6 for day in value):
            raise ValueError(_("Choose one of the answers."))
        return sorted(set(value))

    @field_validator("spot")
    @classmethod
    def _on_the_earth(cls, value: str) -> str:
        if value and not _place_in(value):
            raise ValueError(_("Give latitude and longitude, for example 33.5731, -7.5898."))
        return value

    @field_validator("starts_on", "ends_on", "until")
    @classmethod
    def _of_our_time(cls, value: date | None) -> date | None:
        if value and not 2000 <= value.year <= 2200:
            raise ValueError(_("Choose a day within the next two years."))
        return value

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _to_the_minute(cls, value: time) -> time:
        """A clock on the wall has no zone."""
        return value.replace(second=0, microsecond=0, tzinfo=None)

    @property
    def plan(self) -> Plan:
        """The contents of a version. Where no last day is said and the end lies before the beginning, it is the next
        day's."""
        starts = datetime.combine(self.starts_on, self.starts_at)
        ends = datetime.combine(self.ends_on or self.starts_on, self.ends_at)
        if self.ends_on is None and ends <= starts:
            ends += timedelta(days=1)
        lat, lon = _place_in(self.spot) or (None, None)
        return Plan(
            title=self.title,
            text=self.text,
            starts=starts,
            ends=ends,
            repeats=self.repeats,
            weekdays=tuple(self.weekdays) if self.repeats in (Repeats.WEEKLY, Repeats.FORTNIGHTLY) else (),
            until=self.until if self.repeats else None,
            place=self.place,
            lat=lat,
            lon=lon,
            online=self.online,
            registers=self.registers,
            seats=self.seats if self.registers else 0,
            topics=tuple(dict.fromkeys(self.topics)),
            about_technology=self.about_technology,
        )


def _place_in(text: str) -> tuple[float, float] | None:
    match = _SPOT.fullmatch(text.strip())
    if not match:
        return None
    lat, lon = float(match[1]), float(match[2])
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


class TranslateEvent(Input):
    """Title and text in another language."""

    language: Language
    title: str = Field("", max_length=MAX_TITLE)
    text: str = Field("", max_length=MAX_TEXT)

    @model_validator(mode="after")
    def _text_has_title(self) -> "TranslateEvent":
        if self.text and not self.title:
            raise ValueError(_("Fill this in."))
        return self


class ListEvents(Input):
    """What lists of events are narrowed to. `month`: 2026-12."""

    q: str = Field("", max_length=200)
    topic: Topic | None = None
    district: str = Field("", max_length=40)
    after: int | None = Field(None, ge=1, le=NUMBER)
    month: str = Field("", pattern=MONTH)


class ChooseDate(Input):
    """One date of an event, by its number; None for the event as a whole."""

    date: int | None = Field(None, ge=1, le=NUMBER)
