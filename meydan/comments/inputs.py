"""One parser per command of comments."""

from uuid import UUID

from pydantic import Field

from meydan.comments.models import MAX_TEXT, MOST_STARS, REFERENCE
from meydan.kernel.inputs import Input

MAX_KEY = 2**63 - 1


class ReadThread(Input):
    """Which thing's thread, and after which comment the page begins."""

    about: str = Field(max_length=80, pattern=REFERENCE)
    before: int | None = Field(None, ge=1, le=MAX_KEY)


class WriteComment(Input):
    """A comment about a thing, or an answer to the comment `parent`. `form_token`: the same twice is one comment."""

    about: str = Field(max_length=80, pattern=REFERENCE)
    text: str = Field("", max_length=MAX_TEXT)
    parent: int | None = Field(None, ge=1, le=MAX_KEY)
    form_token: UUID | None = None


class EditComment(Input):
    """Other words, or away with them."""

    text: str = Field("", max_length=MAX_TEXT)
    delete: bool = False


class FindHelpful(Input):
    """Whether a comment helps."""

    undo: bool = False


class Rate(Input):
    """Stars for a thing; 0 takes one's own back."""

    about: str = Field(max_length=80, pattern=REFERENCE)
    stars: int = Field(ge=0, le=MOST_STARS)
