"""One parser per command of the club."""

import re
from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator

from meydan.club.models import MAX_NAME, MAX_TEXT, MOST_LEVELS, MOST_NEEDED
from meydan.kernel.inputs import Input

NUMBER = re.compile(r"[0-9]{1,5}")
Name = Annotated[str, Field(max_length=MAX_NAME)]
Text = Annotated[str, Field(max_length=MAX_TEXT)]


class ShowBadges(Input):
    """Whether others see the actor's badges."""

    shown: bool = False


class CheckCredential(Input):
    """A credential as text, and the e-mail address of whoever shows it. A file comes beside."""

    token: str = Field("", max_length=64 * 1024)
    email: str = Field("", max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")


class KeepBadge(Input):
    """A badge and its rule; `do` says whether it is kept or only tried. `levels`: growing numbers, blanks between."""

    code: str = Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")
    names: dict[str, Name]
    texts: dict[str, Text]
    icon: str = Field("award", max_length=40)
    kinds: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=50)
    levels: str = Field(max_length=60)
    per_day: int = Field(0, ge=0, le=MOST_NEEDED)
    per_week: int = Field(0, ge=0, le=MOST_NEEDED)
    position: int = Field(0, ge=0, le=1000)
    active: bool = False
    do: Literal["save", "try"] = "save"

    @field_validator("levels")
    @classmethod
    def _are_numbers(cls, levels: str) -> str:
        parts = levels.replace(",", " ").split()
        if not 1 <= len(parts) <= MOST_LEVELS or not all(NUMBER.fullmatch(part) for part in parts):
            raise ValueError(_("Write one to five growing numbers, for example: 1 5 20"))
        return " ".join(parts)

    @property
    def steps(self) -> list[int]:
        """The levels as numbers."""
        return [int(part) for part in self.levels.split()]
