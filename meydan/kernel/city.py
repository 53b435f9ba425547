"""The city's own facts, from its pack's `city.toml`: names, languages, centre, and the days on which it works.

Packs are data (cities/README.md). `site.packs` reads the whole of one; what every room needs stands here.
"""

import tomllib
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, field_validator

from meydan.kernel.clock import add_working_days, count_working_days, now
from meydan.kernel.config import CITIES, config
from meydan.kernel.i18n import LANGUAGES

Language = Annotated[str, Field(pattern=rf"^({'|'.join(LANGUAGES)})$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Text = Annotated[str, Field(min_length=1, max_length=200)]
Texts = dict[Language, Text]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
TokenName = Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,30}$")]
Step = Annotated[int, Field(ge=1, le=60)]
MAX_CITY_FILE = 200_000


class PackPart(BaseModel):
    """The base of everything that a pack says: read once, never changed, and no key that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


Rules = TypeVar("Rules", bound=PackPart)


class Centre(PackPart):
    """Where the map opens, in degrees of WGS 84; `zoom` as web maps count it."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    zoom: float = Field(12, ge=1, le=20)


class Holiday(PackPart):
    """A day on which the city does not work. `moon`: found by sighting the moon, so it may move by a day."""

    date: date
    name: Texts
    moon: bool = False


class CityFile(PackPart):
    """`city.toml`. The first of `languages` is the city's own.

    `escalation_days`: working days from the end of a report's term until its silence is told to the next manager, from
    there to the manager above, and from there to the public list of overdue reports.
    """

    name: Texts
    time_zone: str
    country: str = Field(pattern=r"^[A-Z]{2}$")  # ISO 3166-1
    languages: tuple[Language, ...] = Field(min_length=1, max_length=5)
    weekend: frozenset[Weekday] = Field(max_length=6)
    centre: Centre
    tokens: dict[Literal["light", "dark"], dict[TokenName, Colour]] = {}
    holiday: tuple[Holiday, ...] = Field((), max_length=500)
    escalation_days: tuple[Step, Step, Step] = (1, 3, 3)
    rules: dict[str, dict[str, Any]] = Field({}, max_length=30)  # `[rules.<domain>]`: `rules_of`

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not a time zone of the IANA list, such as Africa/Casablanca") from error
        return value

    @cached_property
    def days_off(self) -> frozenset[int]:
        """The weekdays without work, Monday as 0."""
        return frozenset(WEEKDAYS.index(day) for day in self.weekend)

    @cached_property
    def holidays(self) -> frozenset[date]:
        """The dates of all holidays that the pack knows."""
        return frozenset(one.date for one in self.holiday)


def read_toml(path: Path, *, max_bytes: int = MAX_CITY_FILE) -> dict[str, Any]:
    """A TOML file of at most `max_bytes`. OSError, or ValueError with the line that is wrong."""
    if path.stat().st_size > max_bytes:
        raise ValueError(f"larger than {max_bytes} bytes")
    return tomllib.loads(path.read_text("utf-8"))


@cache
def this_city() -> CityFile:
    """The city that this server serves, read once. OSError or ValueError when its pack is missing or wrong."""
    return CityFile.model_validate(read_toml(CITIES / config().city / "city.toml"))


@cache
def rules_of(domain: str, kind: type[Rules]) -> Rules:
    """What `[rules.<domain>]` of the city's pack says, as the domain's own `kind`, whose defaults stand for what it
    leaves out. ValueError when it breaks the kind's bounds or names what nobody reads."""
    return kind.model_validate(this_city().rules.get(domain, {}))


def promised_day(start: date, working_days: int) -> date:
    """The date so many of the city's working days after `start`: its own weekend and holidays are passed over."""
    city = this_city()
    return add_working_days(start, working_days, weekend=city.days_off, holidays=city.holidays)


def working_days_between(start: date, end: date) -> int:
    """The city's working days after `start` up to and including `end`; negative when `end` lies before `start`."""
    city = this_city()
    return count_working_days(start, end, weekend=city.days_off, holidays=city.holidays)


def city_today() -> date:
    """The date in the city now."""
    return timezone.localtime(now()).date()


def is_day_off(day: date) -> bool:
    """Whether the city does not work on this date: its weekend, or a holiday."""
    city = this_city()
    return day.weekday() in city.days_off or day in city.holidays
