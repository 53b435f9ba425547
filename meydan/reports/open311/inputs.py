"""What Open311 clients send: the filters of a list, and a new request."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field, model_validator

from meydan.kernel.clock import now
from meydan.kernel.inputs import Input
from meydan.kernel.places import Point
from meydan.reports.models import MAX_ADDRESS, MAX_DESCRIPTION

WINDOW = timedelta(days=90)
MAX_PAGE_SIZE = 1000
MAX_DEPTH = 100_000
MAX_CODES = 1000
MAX_EXTENDED = 250
"""With `extensions=true` each request carries its history: so many to a page."""

_MARKUP = re.compile(r"<[a-zA-Z!/?][^<>]*>")
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


def _split(value: Any) -> Any:
    """`a,b` and a repeated parameter are the same."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        return [part.strip() for one in value for part in str(one).split(",") if part.strip()]
    return value


def read_moment(value: Any) -> Any:
    """A date or a moment of ISO 8601; without a zone it is the city's. A `+` that nobody escaped came as a space."""
    if not isinstance(value, str):
        return value
    text = _LOST_PLUS.sub(r"+\1", value.strip())
    try:
        found = parse_datetime(text)
        day = None if found else parse_date(text)
    except ValueError:
        found = day = None
    if day is not None:
        found = datetime.combine(day, time())
    if found is None or not 1900 <= found.year <= 9000:
        raise ValueError(_("Give a date and time with its zone, for example 2026-11-26T08:00:00Z."))
    return found if found.tzinfo else timezone.make_aware(found)


Codes = Annotated[list[Annotated[str, Field(max_length=120)]], BeforeValidator(_split), Field(max_length=MAX_CODES)]
Moment = Annotated[datetime, BeforeValidator(read_moment)]


class Span(Input):
    """A span of time and a part of its list. `page` starts at 1."""

    start_date: Moment | None = None
    end_date: Moment | None = None
    page: int = Field(1, ge=1)
    page_size: int = Field(MAX_PAGE_SIZE, ge=1, le=MAX_PAGE_SIZE)

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if self.start_date and self.end_date and not timedelta(0) <= self.end_date - self.start_date <= WINDOW:
            raise ValueError(_("From start_date to end_date may be 90 days at most."))
        if self.page * self.page_size > MAX_DEPTH:
            raise ValueError(_("This page lies too deep. Narrow the list with start_date and end_date."))
        return self

    def bounds(self) -> tuple[datetime, datetime]:
        """From and until: 90 days where one side is missing, the latest 90 where both are."""
        end = self.end_date or (self.start_date + WINDOW if self.start_date else now())
        return self.start_date or end - WINDOW, end

    @property
    def rows(self) -> slice:
        """The part of the list that was asked for."""
        return slice((self.page - 1) * self.page_size, self.page * self.page_size)


class RequestList(Span):
    """`GET requests`: where `service_request_id` is given the rest does not count."""

    service_request_id: Codes = []
    service_code: Codes = []
    status: Codes = []
    extensions: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fewer_when_extended(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("extensions") and not data.get("page_size"):
            return {**data, "page_size": MAX_EXTENDED}
        return data

    @model_validator(mode="after")
    def _is_understood(self) -> Self:
        if not set(self.status) <= {"open", "closed"}:
            raise ValueError(_("A status is open or closed."))
        if self.extensions and self.page_size > MAX_EXTENDED:
            raise ValueError(_("With extensions=true a page_size may be 250 at most."))
        return self

    def numbers(self) -> list[int]:
        """The reports asked for by number; what is no number of ours is nobody's."""
        return [int(one) for one in self.service_request_id if one.isascii() and one.isdigit() and len(one) < 19]


class OneRequest(Input):
    """`GET requests/<id>`."""

    extensions: bool = False


class NewRequest(Input):
    """`POST requests`: fields as the specification names them. `token` is ours: a UUID that the client makes, so that
    a POST repeated after a lost answer makes one report, which `GET tokens/<token>` then names."""

    service_code: str = Field(max_length=60)
    lat: float | None = Field(None, ge=-90, le=90)
    long: float | None = Field(None, ge=-180, le=180)
    address_string: str = Field("", max_length=MAX_ADDRESS)
    address_id: str = Field("", max_length=120)
    email: str = Field("", max_length=254)
    device_id: str = Field("", max_length=200)
    account_id: str = Field("", max_length=200)
    first_name: str = Field("", max_length=60)
    last_name: str = Field("", max_length=60)
    phone: str = Field("", max_length=40)
    description: str = Field("", max_length=MAX_DESCRIPTION)
    media_url: str = Field("", max_length=2000)
    token: UUID | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.lat is None) != (self.long is None):
            raise ValueError(_("Give lat and long together."))
        if self.lat is None and not self.address_string and not self.address_id:
            raise ValueError(_("Say where it is: lat and long, address_string or address_id."))
        if _MARKUP.search(self.description):
            raise ValueError(_("Write the description as plain text, without HTML."))
        if self.email:
            _check_email(self.email)
        return self

    @property
    def point(self) -> Point | None:
        """Where it is, if that was said as a position."""
        return Point(self.lat, self.long) if self.lat is not None and self.long is not None else None

    @property
    def name(self) -> str:
        """The person's name, as far as it was given."""
        return f"{self.first_name} {self.last_name}".strip()


def _check_email(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError(_("This is not an e-mail address. Check it, or leave it out.")) from error
