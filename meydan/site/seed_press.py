"""The demo's articles and events, from `press.toml` of the city's pack, through the real actions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Literal

from django.utils import timezone
from pydantic import Field, ValidationError

from meydan.accounts.public import Person, actor_for
from meydan.articles.public import (
    Article,
    Topic,
    Words,
    approve_article,
    article_questions,
    draft_article,
    hand_in_article,
)
from meydan.events.public import (
    Event,
    Plan,
    approve_event,
    draft_event,
    event_questions,
    hand_in_event,
    take_seat,
    translate_event,
)
from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.city import Language, PackPart, Text, read_toml
from meydan.kernel.clock import now
from meydan.kernel.config import CITIES
from meydan.moderation.public import Question, approve_review, find_review
from meydan.site.packs import PackError

Writer = Literal["citizen", "neighbour", "developer"]


class SampleArticle(PackPart):
    """`[[article]]` of press.toml."""

    key: str = Field(pattern=r"^[a-z-]{1,40}$")
    by: Writer
    language: Language
    title: Text
    summary: str = Field(max_length=400)
    body: str = Field(max_length=20_000)
    topics: tuple[Topic, ...] = Field(min_length=1)
    origin: Literal["own", "cited"]
    source_name: str = ""
    translates: str = ""


class SampleEvent(PackPart):
    """`[[event]]` of press.toml: it begins `in_days` days after the demo was made."""

    by: Writer
    language: Language
    title: Text
    text: str = Field(max_length=5_000)
    in_days: int = Field(ge=1, le=60)
    at: time
    minutes: int = Field(ge=15, le=10_000)
    repeats: str = ""
    lasts_days: int = Field(0, ge=0, le=365)
    place: Text
    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    online: str = ""
    topics: tuple[Topic, ...] = Field(min_length=1)
    seats: int = Field(0, ge=0, le=1000)
    translations: dict[Language, dict[Literal["title", "text"], str]] = {}


class PressFile(PackPart):
    """`press.toml`."""

    article: tuple[SampleArticle, ...] = Field((), max_length=50)
    event: tuple[SampleEvent, ...] = Field((), max_length=50)


def load_press(code: str) -> PressFile:
    """The pack's articles and events; none where it has no such file. Raises `PackError`."""
    path = CITIES / code / "press.toml"
    if not path.exists():
        return PressFile()
    try:
        return PressFile.model_validate(read_toml(path))
    except (OSError, ValueError, ValidationError) as error:
        raise PackError(code, [f"{path.name}: {error}"]) from error


def seed_press(code: str, people: Mapping[str, Person]) -> None:
    """What is not here yet, each handed in and agreed to by the demo's moderator."""
    press, moderator = load_press(code), actor_for(people["moderator"])
    if not Article.objects.exists():
        made: dict[str, int] = {}
        for article in press.article:
            made[article.key] = _publish_article(actor_for(people[article.by]), moderator, article, made)
    if not Event.objects.exists():
        for event in press.event:
            _publish_event(people, moderator, event)


def _publish_article(author: Actor, moderator: Actor, part: SampleArticle, made: Mapping[str, int]) -> int:
    words = Words(
        title=part.title,
        summary=part.summary,
        body=part.body.strip(),
        topics=part.topics,
        origin=part.origin,
        source_name=part.source_name,
        about_technology=True,
    )
    writer = replace(author, language=part.language)
    article = draft_article(writer, words=words, language=part.language, translates=made.get(part.translates))
    hand_in_article(writer, article.pk)
    _agree(moderator, article.reference, article_questions())
    approve_article(SYSTEM, article.pk)  # at once: the worker, which follows the moderator, may not run yet
    return article.pk


def _publish_event(people: Mapping[str, Person], moderator: Actor, part: SampleEvent) -> None:
    organiser = replace(actor_for(people[part.by]), language=part.language)
    event = draft_event(organiser, plan=_plan(part), language=part.language)
    for language, words in part.translations.items():
        translate_event(organiser, event.pk, language=language, title=words["title"], text=words["text"])
    hand_in_event(organiser, event.pk)
    _agree(moderator, event.reference, event_questions())
    approve_event(SYSTEM, event.pk)
    if part.seats:
        date = event.occurrences.order_by("starts_at")[0]
        for guest in ("citizen", "neighbour", "developer", "operator"):
            if guest != part.by:
                take_seat(actor_for(people[guest]), date.pk)


def _plan(part: SampleEvent) -> Plan:
    day = timezone.localtime(now()).date() + timedelta(days=part.in_days)
    starts = datetime.combine(day, part.at)
    values: dict[str, Any] = part.model_dump(include={"title", "text", "repeats", "place", "lat", "lon", "online"})
    return Plan(
        **values,
        starts=starts,
        ends=starts + timedelta(minutes=part.minutes),
        until=day + timedelta(days=part.lasts_days) if part.repeats else None,
        registers=part.seats > 0,
        seats=part.seats,
        topics=part.topics,
        about_technology=True,
    )


def _agree(moderator: Actor, about: str, questions: tuple[Question, ...]) -> None:
    review = find_review(about)
    if review is not None:
        approve_review(moderator, review.key, checks=tuple(one.key for one in questions))
