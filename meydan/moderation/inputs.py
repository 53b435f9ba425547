"""One parser per command of moderation."""

from typing import Literal

from pydantic import Field

from meydan.kernel.inputs import Input
from meydan.moderation.models import MAX_DAYS, MAX_WORDS, Reason, Whom


class FlagThing(Input):
    """What is wrong with which thing."""

    about: str = Field(max_length=80, pattern=r"^[a-z]+:[0-9a-z-]+$")
    reason: Reason
    text: str = Field("", max_length=MAX_WORDS)


class Decide(Input):
    """A moderator's decision about a thing; for a block also whom and for how many days. `sure`: of what is gone for
    good when it is taken off."""

    about: str = Field(max_length=80)
    do: Literal["keep", "take_off", "block"]
    text: str = Field("", max_length=MAX_WORDS)
    whom: Whom = Whom.PERSON
    days: int = Field(7, ge=1, le=MAX_DAYS)
    sure: bool = False


class Appeal(Input):
    """Why a block is wrong, and where the answer goes."""

    block: int = Field(ge=1, le=2**63 - 1)
    text: str = Field("", max_length=MAX_WORDS)
    email: str = Field("", max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")


class Answer(Input):
    """The second moderator's decision."""

    do: Literal["lift", "stand"]
    text: str = Field("", max_length=MAX_WORDS)
