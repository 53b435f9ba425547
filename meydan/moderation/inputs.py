"""One parser per command of moderation."""

from typing import Literal

from pydantic import Field

from meydan.kernel.inputs import Input
from meydan.moderation.models import MAX_DAYS, MAX_LIST, MAX_WORDS, REFERENCE, Measure, Reason, Whom

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
PATH = r"^/(?:[^/\s?#\\][^\s?#\\]*)?$"
MAX_KEY = 2**63 - 1


class FlagThing(Input):
    """What is wrong with which thing, and where the answer goes to who has no account."""

    about: str = Field(max_length=80, pattern=REFERENCE)
    reason: Reason
    text: str = Field("", max_length=MAX_WORDS)
    email: str = Field("", max_length=254, pattern=EMAIL)


class FlagPage(Input):
    """What is going on with which page, in words."""

    path: str = Field(max_length=300, pattern=PATH)
    text: str = Field("", max_length=MAX_WORDS)
    email: str = Field("", max_length=254, pattern=EMAIL)


class Told(Input):
    """The secret end of the address at which an answer is read."""

    key: str = Field(max_length=32, pattern=r"^[\w-]+$")


class Decide(Input):
    """A moderator's decision about a thing; for a sanction also which, whom and for how many days. `sure`: of what is
    gone for good when it is taken off. `rules`: of the charter ("1:3")."""

    about: str = Field(max_length=80)
    do: Literal["keep", "take_off", "block", "claim", "leave"]
    text: str = Field("", max_length=MAX_WORDS)
    rules: list[str] = Field([], max_length=MAX_LIST)
    measure: Measure = Measure.BLOCK
    whom: Whom = Whom.PERSON
    days: int = Field(7, ge=1, le=MAX_DAYS)
    sure: bool = False


class DecideReview(Input):
    """A moderator's decision about what was handed in. `checks`: the questions answered with yes; `changes`: what is
    asked for, one on each line."""

    do: Literal["take", "leave", "approve", "send_back", "refuse"]
    text: str = Field("", max_length=MAX_WORDS)
    changes: str = Field("", max_length=MAX_WORDS)
    checks: list[str] = Field([], max_length=MAX_LIST)
    rules: list[str] = Field([], max_length=MAX_LIST)


class Appeal(Input):
    """Why a block is wrong, and where the answer goes."""

    block: int = Field(ge=1, le=MAX_KEY)
    text: str = Field("", max_length=MAX_WORDS)
    email: str = Field("", max_length=254, pattern=EMAIL)


class AskAgain(Input):
    """Why a decision ("review:5", "decision:3") is wrong."""

    about: str = Field(max_length=80, pattern=REFERENCE)
    text: str = Field("", max_length=MAX_WORDS)


class Answer(Input):
    """The second moderator's decision about a block."""

    do: Literal["lift", "stand"]
    text: str = Field("", max_length=MAX_WORDS)


class AnswerAgain(Input):
    """The second moderator's decision about a refusal or a removal."""

    do: Literal["overturn", "stand"]
    text: str = Field("", max_length=MAX_WORDS)


class ReadLog(Input):
    """Where a page of the public log begins: before this moment."""

    before: str = Field("", max_length=40)


class Look(Input):
    """Which part of the queue."""

    kind: Literal["", "reviews", "flags", "appeals"] = ""
