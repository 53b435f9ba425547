"""One parser per command, for the page's form and the JSON door."""

from datetime import date
from typing import Literal, Self

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from meydan.kernel.city import city_today
from meydan.kernel.errors import Invalid
from meydan.kernel.inputs import Input


class SetOpening(Input):
    """When a district is open: from today on (`open`), from a day on (`day`), or not yet (`closed`)."""

    district: str = Field(max_length=40)
    state: Literal["open", "day", "closed"]
    day: date | None = None

    def checked(self) -> Self:
        """Itself. Raises `Invalid` where a day was announced and none is said."""
        if self.state == "day" and self.day is None:
            raise Invalid(fields={"day": _("Choose the day on which it opens.")})
        return self

    @property
    def opens_on(self) -> date | None:
        """The day as the action takes it."""
        return {"open": city_today(), "day": self.day, "closed": None}[self.state]
