"""One parser per command: for the page's form, the JSON door and whatever else asks."""

import re
from typing import Annotated, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator, model_validator

from meydan.kernel.errors import Invalid
from meydan.kernel.inputs import Input
from meydan.kernel.places import Box, Point
from meydan.reports.models import MAX_ADDRESS, MAX_DESCRIPTION, MAX_PHOTOS, Filter, State, WorkFilter

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_BIGGEST = 2**63 - 1
StateName = Literal["", "open", "closed"] | State
Code = Annotated[str, Field(max_length=60)]
PhotoToken = Annotated[str, Field(max_length=300)]


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
    contact_phone: str = Field("", max_length=40, pattern=r"^[0-9+() ./-]*$")
    form_token: UUID | None = None
    on_behalf: bool = False

    @field_validator("contact_email")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not _EMAIL.fullmatch(value):
            raise ValueError(_("Write an e-mail address such as name@example.org."))
        return value

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
    """What somebody does to a case: words, pictures, and for passing it on where to."""

    text: str = Field("", max_length=MAX_DESCRIPTION)
    photos: list[PhotoToken] = Field([], max_length=MAX_PHOTOS)
    category: Code = ""
    department: Code = ""


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
    mine: bool = False
    overdue: bool = False
    after: str = Field("", max_length=40)

    @property
    def filter(self) -> WorkFilter:
        """As the queries take it."""
        return WorkFilter(
            state=str(self.state),
            category=self.category,
            district=self.district,
            words=self.q,
            department=self.department,
            mine=self.mine,
            overdue=self.overdue,
        )


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
