"""One parser per command of the store, for its pages and its JSON door alike."""

from typing import Literal

from pydantic import Field

from meydan.kernel.inputs import Input
from meydan.store.models import (
    MAX_ADDRESS,
    MAX_ALT,
    MAX_CHANGELOG,
    MAX_DESCRIPTION,
    MAX_SUMMARY,
    MAX_TITLE,
    Kind,
    TeamRole,
)

Code = Field("", max_length=40, pattern=r"^[a-z0-9-]*$")
Address = Field("", max_length=MAX_ADDRESS)


class ListApps(Input):
    """What the list is narrowed to, in which order, and where it goes on."""

    q: str = Field("", max_length=200)
    kind: Kind | Literal[""] = ""
    category: str = Code
    language: str = Field("", max_length=8, pattern=r"^[a-z]{2}$")
    sort: Literal["trend", "new", "downloads"] = "trend"
    after: str = Field("", max_length=60)


class Suggest(Input):
    """What is being typed."""

    q: str = Field("", max_length=100)


class DraftApp(Input):
    """The beginning of an entry."""

    kind: Kind
    title: str = Field(min_length=2, max_length=MAX_TITLE)
    language: str = Field(max_length=8)
    address: str = Address


class ChangeTexts(Input):
    """An entry's words in one language."""

    language: str = Field(max_length=8)
    title: str = Field("", max_length=MAX_TITLE)
    summary: str = Field("", max_length=MAX_SUMMARY)
    description: str = Field("", max_length=MAX_DESCRIPTION)


class ChangeDetails(Input):
    """Where an entry belongs."""

    category: str = Code
    address: str = Address
    tags: str = Field("", max_length=300)
    languages: list[str] = Field([], max_length=10)
    source_address: str = Address
    privacy_address: str = Address
    release_address: str = Address
    licence: str = Field("", max_length=60)


class AddPicture(Input):
    """A screenshot in words."""

    alt: str = Field("", max_length=MAX_ALT)


class Chosen(Input):
    """One of the things on a page, by its number."""

    number: int = Field(ge=1, le=2**63 - 1)


class Upload(Input):
    """What comes with a package."""

    changelog: str = Field("", max_length=MAX_CHANGELOG)


class HandIn(Input):
    """The developer's answers to the charter's three questions."""

    about_city: str = Field("", max_length=500)
    complete: Literal["yes", ""] = ""
    ready: Literal["yes", ""] = ""


class Invite(Input):
    """Whom to ask into the team, as what."""

    username: str = Field(max_length=150)
    role: TeamRole


class NameToken(Input):
    """What a program's token is called."""

    name: str = Field(min_length=1, max_length=60)


class Feature(Input):
    """For how many days an entry stands on top; 0: no longer."""

    days: int = Field(7, ge=0, le=60)
