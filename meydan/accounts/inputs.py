"""One parser per command of accounts, for page and JSON alike."""

from typing import Annotated, Literal

from pydantic import Field

from meydan.accounts.models import NAME_LENGTH, USERNAME_LENGTH
from meydan.kernel.actor import Role
from meydan.kernel.inputs import Input


class ChangeProfile(Input):
    """What others call the person, and the language the city writes to them in."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
    language: Literal["ar", "fr", "en", "fa", "tg"]


class NameRole(Input):
    """A role to grant or to take back; for an officer, the department's code."""

    role: Role
    department: Annotated[str | None, Field(max_length=60)] = None


class FindPeople(Input):
    """Whom an administrator looks for; `after` is the last username of the page before."""

    q: Annotated[str, Field(max_length=254)] = ""
    after: Annotated[str, Field(max_length=USERNAME_LENGTH)] = ""


class AcceptCharter(Input):
    """The version that the person has just read."""

    version: Annotated[str, Field(max_length=20)]
