"""One parser per command: for the page's form, the JSON door and whatever else asks."""

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Literal, get_args
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field, field_validator, model_validator

from meydan.kernel.calendar import Period
from meydan.kernel.errors import Invalid
from meydan.kernel.i18n import LANGUAGES
from meydan.kernel.imaging import Area
from meydan.kernel.inputs import Input
from meydan.kernel.places import Box, Point
from meydan.reports.models import (
    EVERY_DAY,
    MAX_ADDRESS,
    MAX_BOXES,
    MAX_DESCRIPTION,
    MAX_PHOTOS,
    MOST_AT_ONCE,
    BulkVerb,
    CallOutcome,
    Dimension,
    Filter,
    Looking,
    Reason,
    ReplyVerb,
    State,
    WorkFilter,
)

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_BIGGEST = 2**63 - 1
MAX_CELLS = 200
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
SMALLEST = 0.005
"""Side of a box, in parts of the picture: less hides nothing."""
StateName = Literal["", "open", "closed"] | State
Code = Annotated[str, Field(max_length=60)]
AnswerText = Annotated[str, Field(max_length=5000)]
AnswerGiven = AnswerText | float | Annotated[list[AnswerText], Field(max_length=60)]
NewCode = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
DayOfYear = Annotated[str, Field(pattern=r"^((0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$")]


def _plain_digits(value: object) -> object:
    """A number as people write it in Arabic or Persian, with the digits that telephones know."""
    if not isinstance(value, str):
        return value
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in value)


Phone = Annotated[str, BeforeValidator(_plain_digits), Field(max_length=40, pattern=r"^[0-9+() ./-]*$")]
PhotoToken = Annotated[str, Field(max_length=300)]


def _need_address(value: str) -> str:
    if value and not _EMAIL.fullmatch(value):
        raise ValueError(_("Write an e-mail address such as name@example.org."))
    return value


class FileReport(Input):
    """A new report. A place is needed: a position, an address or a district."""

    category: Code
    description: str = Field(min_length=3, max_length=MAX_DESCRIPTION)
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    address: str = Field("", max_length=MAX_ADDRESS)
    district: Code = ""
    photos: list[PhotoToken] = Field([], max_length=MAX_PHOTOS)
    contact_name: str = Field("", max_length=120)
    contact_email: str = Field("", max_length=254)
    contact_phone: Phone = ""
    form_token: UUID | None = None
    on_behalf: bool = False
    answers: dict[Code, AnswerGiven] = Field({}, max_length=60)

    @field_validator("contact_email")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return _need_address(value)

    @model_validator(mode="after")
    def _is_whole(self) -> "FileReport":
        if (self.lat is None) != (self.lon is None):
            raise ValueError(_("Give the latitude and the longitude, or neither."))
        return self

    @property
    def point(self) -> Point | None:
        """The position, if one was given."""
        return Point(self.lat, self.lon) if self.lat is not None and self.lon is not None else None


class SuggestFor(Input):
    """Words whose category is looked for, as far as they are written."""

    words: str = Field(max_length=MAX_DESCRIPTION)


class CaseWords(Input):
    """What somebody does to a case: words, pictures, for passing it on where to, for joining with which (`into`)."""

    text: str = Field("", max_length=MAX_DESCRIPTION)
    photos: list[PhotoToken] = Field([], max_length=MAX_PHOTOS)
    category: Code = ""
    department: Code = ""
    authority: Code = ""
    team: Code = ""
    officer: UUID | None = None
    into: int | None = Field(None, ge=1, le=_BIGGEST)
    form_token: UUID | None = None
    content: int | None = Field(None, ge=1, le=5)
    reasons: list[Reason] = Field([], max_length=len(Reason))


class DoFromCard(Input):
    """What a reporter does from the card of their report in the messenger."""

    verb: Literal["answer", "confirm", "reopen", "photo"]
    text: str = Field("", max_length=MAX_DESCRIPTION)
    photos: list[PhotoToken] = Field([], max_length=MAX_PHOTOS)
    form_token: UUID | None = None


class ChangeMany(CaseWords):
    """The same to many reports: `number` are theirs."""

    verb: BulkVerb
    number: list[Annotated[int, Field(ge=1, le=_BIGGEST)]] = Field([], max_length=MOST_AT_ONCE)


class FindCaller(Input):
    """A caller's number, and the name they gave."""

    phone: Annotated[Phone, Field(min_length=1)]
    name: str = Field("", max_length=120)


class NoteCall(Input):
    """How a call went; `solved`: what the caller said to it, "" nothing."""

    outcome: CallOutcome
    solved: Literal["", "yes", "no"] = ""
    text: str = Field("", max_length=MAX_DESCRIPTION)

    @model_validator(mode="after")
    def _is_whole(self) -> "NoteCall":
        if self.outcome is CallOutcome.REACHED and self.solved == "no" and not self.text:
            raise ValueError(_("Write down what is still wrong, in the caller's words."))
        return self

    @property
    def verdict(self) -> bool | None:
        """Whether the caller finds it solved; None when they did not say."""
        return None if not self.solved else self.solved == "yes"


class GoRound(Input):
    """Whose cases, in which district, from where: degrees of WGS 84."""

    whose: Code = "mine"
    district: Code = ""
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)

    @property
    def start(self) -> Point | None:
        """Where the walk begins, if that was said."""
        return Point(self.lat, self.lon) if self.lat is not None and self.lon is not None else None


class Verdict(CaseWords):
    """What a witness says: solved, or not."""

    solved: bool


class TryRoute(Input):
    """Where would a report go: a category, a district or a position, and a moment of the city's clock (now, when none
    is given)."""

    category: Code = ""
    district: Code = ""
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    moment: datetime | None = None


class KeepRule(Input):
    """A routing rule, as its form says it. `days_off`: "" any day, "yes" days off only, "no" working days only."""

    category: Code = ""
    district: Code = ""
    target: Annotated[str, Field(min_length=1, max_length=130)]
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field([], max_length=7)
    days_off: Literal["", "yes", "no"] = ""
    starts: time | None = None
    ends: time | None = None
    season_starts: DayOfYear = ""
    season_ends: DayOfYear = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "KeepRule":
        if (self.starts is None) != (self.ends is None) or bool(self.season_starts) != bool(self.season_ends):
            raise ValueError(_("Hours and seasons need both their start and their end."))
        return self

    @property
    def mask(self) -> int:
        """The weekdays as the model keeps them; none ticked means every day."""
        return sum(1 << day for day in set(self.weekdays)) or EVERY_DAY


class Names(Input):
    """A name in each language; at least one is needed."""

    name_ar: str = Field("", max_length=120)
    name_fr: str = Field("", max_length=120)
    name_en: str = Field("", max_length=120)
    name_fa: str = Field("", max_length=120)
    name_tg: str = Field("", max_length=120)

    @model_validator(mode="after")
    def _is_named(self) -> "Names":
        if not self.name:
            raise ValueError(_("Give it a name in at least one language."))
        return self

    @property
    def name(self) -> dict[str, str]:
        """By language, those that were given."""
        found = {language: str(getattr(self, f"name_{language}")) for language in LANGUAGES}
        return {language: name for language, name in found.items() if name}


class KeepTeam(Names):
    """An office; `holder` is a username or e-mail address."""

    code: NewCode
    department: Annotated[str, Field(min_length=1, max_length=60)]
    parent: Code = ""
    holder: str = Field("", max_length=254)
    holder_public: bool = False
    active: bool = False


class KeepCategory(Names):
    """A kind of problem, as far as its form changes it; `term_days` are working days."""

    code: NewCode
    department: Code = ""
    icon: str = Field("circle-alert", max_length=40, pattern=r"^[a-z0-9-]+$")
    term_days: int = Field(ge=1, le=365)
    private: bool = False
    coarse: bool = False
    needs_after_photo: bool = False
    active: bool = False


class KeepAuthority(Names):
    """An authority outside. `services` are lines "category = service code", "* = code" for all others; `api_key` empty:
    as it was."""

    code: NewCode
    email: str = Field("", max_length=254)
    endpoint: str = Field("", max_length=300)
    form: Literal["json", "xml"] = "json"
    jurisdiction: str = Field("", max_length=120)
    api_key: str = Field("", max_length=200)
    services: str = Field("", max_length=10_000)
    active: bool = False

    @field_validator("email")
    @classmethod
    def _is_address(cls, value: str) -> str:
        return _need_address(value)

    @property
    def codes(self) -> dict[str, str]:
        """The service codes by category. Raises `Invalid` with the line that is wrong."""
        lines = [line.strip() for line in self.services.splitlines() if line.strip()]
        pairs = [line.partition("=") for line in lines]
        for line, (ours, _equals, theirs) in zip(lines, pairs, strict=True):
            if not ours.strip() or not theirs.strip() or len(theirs.strip()) > 60:
                raise Invalid(
                    fields={"services": _("Write each line as: our kind = their code. Not so: %s") % line[:80]}
                )
        return {ours.strip(): theirs.strip() for ours, _equals, theirs in pairs}


class CompleteReport(Input):
    """What a letter left open."""

    category: Annotated[str, Field(min_length=1, max_length=60)]
    address: str = Field("", max_length=MAX_ADDRESS)
    district: Code = ""
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)

    @property
    def point(self) -> Point | None:
        """The position, if one was given whole."""
        return Point(self.lat, self.lon) if self.lat is not None and self.lon is not None else None


class ListLetters(Input):
    """Refused letters: why (models.Refusal, "" for all), and where to go on."""

    reason: Code = ""
    before: int | None = Field(None, ge=1, le=_BIGGEST)


class ReadFeed(Input):
    """A feed of public reports, narrowed; `street`: words that stand in the address; `before`: the page after that
    number."""

    category: Code = ""
    district: Code = ""
    street: str = Field("", max_length=100)
    before: int | None = Field(None, ge=1, le=_BIGGEST)

    @property
    def filter(self) -> Filter:
        """As the queries take it."""
        return Filter(category=self.category, district=self.district, street=self.street)


class KeepReply(Input):
    """Ready-made words: a title and a text in each language."""

    code: NewCode
    verb: ReplyVerb
    category: Code = ""
    department: Code = ""
    titles: dict[str, Annotated[str, Field(max_length=120)]]
    texts: dict[str, Annotated[str, Field(max_length=2000)]]
    active: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> "KeepReply":
        if not self.texts or self.titles.keys() != self.texts.keys():
            raise ValueError(_("Give a title and a text, in at least one language and both in the same ones."))
        return self


class ListToRing(Input):
    """The ring-back list; `after` is the `next` of the page before."""

    after: str = Field("", max_length=60)


class ListOverdue(Input):
    """The public list of overdue reports; `after` is the `next` of the page before."""

    after: str = Field("", max_length=40)


class Near(Input):
    """A place, in degrees of WGS 84, and the kind of problem that is there."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    category: Code = ""

    @property
    def point(self) -> Point:
        """The place."""
        return Point(self.lat, self.lon)


class DrawBoxes(Input):
    """What to hide in a photo. `boxes` is JSON, `[[x, y, width, height], ...]` in parts of the picture, as the page's
    script sends it; without the script `keep` are boxes that stay, as "x,y,width,height", and `cell` are the cells of
    a grid over the picture, as "row-column", of `rows` and `columns`. `seen`: how far the photo had come; `form`:
    which form of it was shown."""

    boxes: str | None = Field(None, max_length=10_000)
    keep: list[Code] = Field([], max_length=MAX_BOXES)
    cell: list[Annotated[str, Field(pattern=r"^\d{1,2}-\d{1,2}$")]] = Field([], max_length=MAX_CELLS)
    rows: int = Field(1, ge=1, le=30)
    columns: int = Field(1, ge=1, le=30)
    seen: Looking | None = None
    back: Literal["queue", "case"] = "case"
    publish: bool = False
    form: str = Field("", max_length=64)  # the beginning of the sha256 that was shown

    @property
    def areas(self) -> list[Area]:
        """The areas to hide. Raises `Invalid`."""
        try:
            given = json.loads(self.boxes) if self.boxes is not None else [one.split(",") for one in self.keep]
            areas = [_area(one) for one in given]
        except (ValueError, TypeError, RecursionError) as error:
            raise Invalid(fields={"boxes": _("These boxes cannot be read. Draw them again.")}) from error
        if len(areas) > MAX_BOXES:
            raise Invalid(fields={"boxes": _("Draw at most %(most)s boxes.") % {"most": MAX_BOXES}})
        return [*areas, *self._cells()][:MAX_BOXES]

    def _cells(self) -> list[Area]:
        """The ticked cells, those side by side in a row as one area."""
        runs: list[list[int]] = []
        for row, column in sorted(tuple(map(int, one.split("-"))) for one in set(self.cell)):
            if runs and runs[-1][0] == row and runs[-1][2] == column:
                runs[-1][2] = column + 1
            else:
                runs.append([row, column, column + 1])
        across, down = 1 / self.columns, 1 / self.rows
        return [(start * across, row * down, (end - start) * across, down) for row, start, end in runs]


class QueuePlace(Input):
    """Where in the queue of photos to go on: past this photo."""

    after: int = Field(0, ge=0, le=_BIGGEST)


def _area(given: Sequence[object]) -> Area:
    x, y, w, h = (float(str(part)) for part in given)
    if not all(0 <= part <= 1 for part in (x, y, w, h)) or w < SMALLEST or h < SMALLEST:
        raise ValueError("outside of the picture, or too small")
    return x, y, w, h


class ListReports(Input):
    """The public list: what to narrow it to, and where to go on (`before`: the last number that was seen)."""

    q: str = Field("", max_length=200)
    state: StateName = ""
    category: Code = ""
    district: Code = ""
    before: int | None = Field(None, ge=1, le=_BIGGEST)

    @property
    def filter(self) -> Filter:
        """As the queries take it."""
        return Filter(state=str(self.state), category=self.category, district=self.district, words=self.q)


class ListWork(ListReports):
    """The officer's worklist; `after` is the `next` of the page before."""

    department: Code = ""
    team: Code = ""
    officer: UUID | None = None
    mine: bool = False
    overdue: bool = False
    after: str = Field("", max_length=40)

    @property
    def is_narrowed(self) -> bool:
        """Whether more was asked for than one of the chips."""
        asked = (self.q, self.state, self.category, self.district, self.department, self.team, self.officer)
        return any(asked)

    @property
    def filter(self) -> WorkFilter:
        """As the queries take it."""
        return WorkFilter(
            state=str(self.state),
            category=self.category,
            district=self.district,
            words=self.q,
            department=self.department,
            team=self.team,
            officer=self.officer,
            mine=self.mine,
            overdue=self.overdue,
        )


FigureName = Literal[
    "received", "median_days", "in_term", "claimed", "confirmed", "reopened", "open", "overdue", "content"
]


class ShowFigures(Input):
    """The figures of the week, month, quarter or year in which the day `start` lies (today, without one), `by` whom or
    what, sorted by a figure ("-received": the most first)."""

    period: Period = Period.MONTH
    by: Literal["department", "team", "district", "category"] = "department"
    start: date | None = None
    sort: str = Field("", max_length=20)

    @field_validator("sort")
    @classmethod
    def _is_figure(cls, value: str) -> str:
        if value and value.removeprefix("-") not in get_args(FigureName):
            raise ValueError(_("Choose one of the figures."))
        return value

    @field_validator("start")
    @classmethod
    def _is_near(cls, value: date | None) -> date | None:
        if value is not None and not EARLIEST <= value <= LATEST:
            raise ValueError(_("Choose a day between 1990 and 2100."))
        return value

    def day(self, today: date) -> date:
        """The day whose period is shown: none that is still to come."""
        return min(self.start or today, today)

    @property
    def by_dimension(self) -> Dimension:
        """`by`, as the tally knows it."""
        return Dimension[self.by.upper()]


class ShowMap(ListReports):
    """Reports inside a box: `bbox` is west,south,east,north in degrees, as in GeoJSON (RFC 7946, section 5)."""

    bbox: str = Field("", max_length=200)

    @property
    def box(self) -> Box:
        """The box; the whole Earth when none was given. Raises `Invalid`."""
        if not self.bbox:
            return Box(-90, -180, 90, 180)
        try:
            west, south, east, north = (float(side) for side in self.bbox.split(","))
            return Box(_clip(south, 90), _clip(west, 180), _clip(north, 90), _clip(east, 180))
        except ValueError as error:
            raise Invalid(fields={"bbox": _("Give west,south,east,north in degrees.")}) from error


def _clip(value: float, most: float) -> float:
    """A map that is dragged over the world's edge asks for more than there is."""
    if value != value:  # NaN
        raise ValueError("not a number")
    return max(-most, min(most, value))
