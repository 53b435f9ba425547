"""One parser per command."""

from typing import Annotated

from pydantic import Field

from meydan.kernel.inputs import Input
from meydan.kernel.places import Point
from meydan.notifications.models import LEAST_RADIUS, MOST_RADIUS, Talk

Code = Annotated[str, Field(max_length=60)]


class AddWatch(Input):
    """An area to watch: a district (a code), or a place with a radius in metres."""

    district: Code = ""
    lat: float | None = Field(None, ge=-90, le=90)
    lon: float | None = Field(None, ge=-180, le=180)
    radius: int = Field(500, ge=LEAST_RADIUS, le=MOST_RADIUS)
    category: Code = ""
    daily: bool = False

    @property
    def point(self) -> Point | None:
        """The place, if it was given whole."""
        return Point(self.lat, self.lon) if self.lat is not None and self.lon is not None else None


class SetWish(Input):
    """How somebody wants to hear of talk."""

    talk: Talk


class ListNews(Input):
    """Where in the list to go on."""

    before: int | None = Field(None, ge=1, le=2**63 - 1)
