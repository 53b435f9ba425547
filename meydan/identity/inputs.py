"""One parser per command of identity."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from meydan.identity.models.presenting import MAX_PARTY_NAME, MAX_PURPOSE, MOST_A_DAY
from meydan.kernel.inputs import Input

ClaimName = Annotated[str, Field(max_length=40)]


class AskAtCounter(Input):
    """What a clerk asks for; the names with `is_` are what they typed in to have it compared."""

    party: str = Field(max_length=40)
    mode: Literal["age", "claims", "match"] = "age"
    claims: list[ClaimName] = Field([], max_length=20)
    is_given_name: str = Field("", max_length=120)
    is_family_name: str = Field("", max_length=120)
    is_birthdate: date | None = None
    is_personal_administrative_number: str = Field("", max_length=32)

    @property
    def expected(self) -> dict[str, str]:
        """What was typed in, by claim."""
        said = {
            "given_name": self.is_given_name,
            "family_name": self.is_family_name,
            "birthdate": self.is_birthdate.isoformat() if self.is_birthdate else "",
            "personal_administrative_number": self.is_personal_administrative_number,
        }
        return {name: value for name, value in said.items() if value}


class KeepParty(Input):
    """A relying party and what it may ask."""

    code: str = Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(max_length=MAX_PARTY_NAME)
    purpose: str = Field(max_length=MAX_PURPOSE)
    claims: list[ClaimName] = Field(min_length=1, max_length=20)
    level: Literal["light", "in-person"] = "light"
    per_day: int = Field(1000, ge=1, le=MOST_A_DAY)
    encrypts: bool = False
    active: bool = False


class SetClerk(Input):
    """Who may ask for a party, or no longer."""

    username: str = Field(max_length=150)
    may: bool = False
