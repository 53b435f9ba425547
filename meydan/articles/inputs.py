"""One parser per command of articles."""

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from meydan.articles.models import (
    MAX_ALT,
    MAX_BODY,
    MAX_SOURCE,
    MAX_SUMMARY,
    MAX_TITLE,
    Origin,
    Topic,
    Words,
)
from meydan.kernel.city import Language, this_city
from meydan.kernel.inputs import Input

HTTP_URL = r"^https?://[^\s/$.?#][^\s]*$"
NUMBER = 2**63 - 1


class WriteArticle(Input):
    """What the editor sends. `publish_on` and `publish_time` by the city's clock; `do` is the button that was
    pressed."""

    title: str = Field(max_length=MAX_TITLE, min_length=3)
    language: Language = "en"
    summary: str = Field("", max_length=MAX_SUMMARY)
    body: str = Field("", max_length=MAX_BODY)
    topics: list[Topic] = Field(default=[], max_length=len(Topic))
    origin: Origin | None = None
    source_name: str = Field("", max_length=MAX_SOURCE)
    source_url: str = Field("", max_length=500, pattern=HTTP_URL)
    about_technology: bool = False
    publish_on: date | None = None
    publish_time: time = time(8)
    alt: str = Field("", max_length=MAX_ALT)
    translates: int | None = Field(None, ge=1, le=NUMBER)
    do: Literal["save", "preview", "picture", "hand_in"] = "save"

    @field_validator("body")
    @classmethod
    def _one_kind_of_line(cls, value: str) -> str:
        """Browsers end lines as Windows does."""
        return value.replace("\r\n", "\n")

    @property
    def words(self) -> Words:
        """The contents of a revision."""
        return Words(
            title=self.title,
            summary=self.summary,
            body=self.body,
            topics=tuple(dict.fromkeys(self.topics)),
            origin=self.origin or "",
            source_name=self.source_name,
            source_url=self.source_url,
            about_technology=self.about_technology,
        )

    @property
    def publish_at(self) -> datetime | None:
        """When it is to be public; None for at once."""
        if self.publish_on is None:
            return None
        moment = datetime.combine(self.publish_on, self.publish_time.replace(tzinfo=None))
        return moment.replace(tzinfo=ZoneInfo(this_city().time_zone))


class ListArticles(Input):
    """What a list of articles is narrowed to."""

    q: str = Field("", max_length=200)
    language: Language | None = None
    topic: Topic | None = None
    before: int | None = Field(None, ge=1, le=NUMBER)


class RemovePicture(Input):
    """Which picture is taken out."""

    picture: int = Field(ge=1, le=NUMBER)
