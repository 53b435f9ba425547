"""What is said about a thing, as a thread."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, LiteralString, NamedTuple
from uuid import UUID, uuid4

from django.db import connection

from meydan.accounts.public import Mark, marks_beside, marks_from
from meydan.comments.models import EDIT_HOURS, MAX_DEPTH, Comment, CommentState, GivenRating, Helpful
from meydan.comments.policies import may_change_comment, may_comment, may_rate
from meydan.comments.queries.ratings import (
    TALLY,
    Rating,
    Tally,
    own_rating,
    tally_from,
    tally_values,
)
from meydan.comments.queries.things import Discussed, find_discussed, seen_discussed
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.i18n import current_language
from meydan.kernel.policy import Verdict

PER_PAGE = 20
MOST_ANSWERS = 400
MINE = 1_000


class Said(NamedTuple):
    """One comment as the actor sees it. `text` is "" where it is not shown any more. `stars`: what its writer gives the
    thing, 0 for nothing. `faded`: said before the thing came into other hands."""

    key: int
    person: UUID | None
    name: str
    text: str
    language: str
    at: datetime
    edited: bool
    state: CommentState
    by_owner: bool
    downloaded: bool
    version: str
    stars: int
    helpful: int
    found_helpful: bool
    faded: bool
    depth: int
    mine: bool
    may_change: bool
    answers: tuple["Said", ...] = ()
    marks: tuple[Mark, ...] = ()  # what stands beside the writer's name


@dataclass(frozen=True)
class Thread:
    """All that a page shows of what is said about a thing; `language` is the reader's. `older`: the address of the next
    page, "" at the end. The verdicts say whether the actor may write and rate, and else why not."""

    about: str
    language: str
    title: str
    href: str
    owner_label: Sentence
    comments: tuple[Said, ...]
    count: int
    rated: bool
    rating: Rating
    recent: Rating | None
    own_stars: int
    may_comment: Verdict
    may_answer: Verdict
    may_rate: Verdict
    older: str = ""
    form_token: str = ""


class _Line(NamedTuple):
    """A comment with its writer as the table holds it; no name: there is no account any more."""

    key: int
    parent: int | None
    depth: int
    person: UUID | None
    text: str
    language: str
    state: str
    by_owner: bool
    downloaded: bool
    version: str
    helpful: int
    at: datetime
    edited_at: datetime | None
    name: str | None
    stars: int | None
    answered: bool  # of those that threads begin with: whether anything stands below
    marks: list[Any] | None  # for `marks_from`


_LINE: LiteralString = """json_build_array(said.id, said.parent_id, said.depth, said.person_id, said.text,
       said.language, said.state, said.by_owner, said.downloaded, said.version, said.helpful, said.at, said.edited_at,
       person.name, given.stars,
       said.root_id is null and exists (select from comments_comment below where below.root_id = said.id)"""
_FROM: LiteralString = """
  from comments_comment said
  left join accounts_person person on person.id = said.person_id and person.deleted_at is null
  left join comments_givenrating given on given.about = said.about and given.person_id = said.person_id"""
_BEGUN: LiteralString = """
 where said.about = talk.about and said.root_id is null and said.id < %(before)s and (said.state = 'shown' or exists
   (select from comments_comment below where below.root_id = said.id and below.state = 'shown'))
 order by said.id desc limit %(most)s"""
_BELOW: LiteralString = " where said.root_id = any(%(roots)s) order by said.id limit %(most)s"
_TALK: LiteralString = """
  (select json_build_array(TALLY, case when talk.comments > 0 then array(select LINES) end)::text
     from comments_discussion talk where talk.about = ABOUT)"""
_SELECT: LiteralString = "select "
_AS_TEXT: LiteralString = "::text"
_NEVER = 2**62  # above every number of a comment


@cache
def _line() -> LiteralString:
    """A `_Line` as JSON; what stands beside its writer's name comes along."""
    return f"{_LINE}, {marks_beside('said.person_id')})"


@cache
def talk_beside(about: LiteralString) -> LiteralString:
    """What is said about a thing and what it amounts to, as a column (JSON) that another domain's question takes along,
    so that no second one is needed: `about` is SQL for the thing's reference. Asked with `talk_values`, read by
    `thread_from`."""
    return _TALK.replace("TALLY", TALLY).replace("LINES", _line() + _FROM + _BEGUN).replace("ABOUT", about)


@cache
def _below() -> LiteralString:
    return _SELECT + _line() + _AS_TEXT + _FROM + _BELOW


def talk_values(actor: Actor, most: int, before: int | None = None) -> dict[str, Any]:
    """What `talk_beside` is asked with; see `thread_of`."""
    reader = {"reader": actor.person_id}
    return {"before": _NEVER if before is None else before, "most": most + 1, **reader, **tally_values()}


def _ask(sql: LiteralString, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _read_line(values: Sequence[Any]) -> _Line:
    """A line as JSON holds it: keys of people and moments are texts there."""
    key, parent, depth, person, *said, at, edited_at, name, stars, answered, marks = values
    writer, changed = UUID(person) if person else None, datetime.fromisoformat(edited_at) if edited_at else None
    first = (key, parent, depth, writer, *said, datetime.fromisoformat(at), changed)
    return _Line._make((*first, name, stars, answered, marks))


@dataclass(frozen=True)
class _Scene:
    """What all comments of one page are shown with."""

    actor: Actor
    helpful: frozenset[int]
    renewed_at: datetime | None
    answers: dict[int, list[_Line]]


def thread_of(actor: Actor, about: str, *, before: int | None = None) -> Thread:
    """What is said about a thing, the newest first; `before`: the number of the last one on the page before. Raises
    `NotFound` also when the actor may not see it."""
    thing = find_discussed(actor, about)
    values = {"about": about, **talk_values(actor, PER_PAGE, before)}
    (talk,) = _ask(_SELECT + talk_beside("%(about)s"), values)
    return thread_from(actor, about, thing, talk, most=PER_PAGE)


def thread_from(actor: Actor, about: str, thing: Discussed, talk: str | None, *, most: int) -> Thread:
    """The same, at most `most` threads, from what `talk_beside` gave with `talk_values(actor, most)`. The caller has
    seen to it that the actor may see the thing."""
    tally, roots, more = _begun(talk, most)
    scene = _scene(actor, roots, tally.renewed_at)
    return Thread(
        about=about,
        language=current_language(),
        title=thing.title,
        href=thing.href,
        owner_label=thing.owner_label,
        comments=tuple(_said(scene, root) for root in roots),
        count=tally.comments,
        rated=thing.rated,
        rating=tally.rating,
        recent=tally.recent if thing.rated else None,
        own_stars=own_rating(actor, about) if thing.rated else 0,
        may_comment=may_comment(actor, thing.owners, answers=False),
        may_answer=may_comment(actor, thing.owners, answers=True),
        may_rate=may_rate(actor, thing.owners, rated=thing.rated),
        older=f"/comments/?about={about}&before={roots[-1].key}" if more else "",
        form_token="" if actor.is_visitor else str(uuid4()),
    )


def _begun(talk: str | None, most: int) -> tuple[Tally, list[_Line], bool]:
    """What all amounts to, and the comments that threads begin with; whether there are more. One that is gone stays
    while somebody has answered it."""
    if talk is None:
        return Tally(), [], False
    *tally, found = json.loads(talk)
    return tally_from(*tally), [_read_line(one) for one in (found or ())[:most]], len(found or ()) > most


def _scene(actor: Actor, roots: Sequence[_Line], renewed_at: datetime | None) -> _Scene:
    """Answers are asked for only where there are any."""
    answered = [root.key for root in roots if root.answered]
    values = {"roots": answered, "most": MOST_ANSWERS, "reader": actor.person_id}
    below = [_read_line(json.loads(one)) for one in _ask(_below(), values)] if answered else []
    answers: dict[int, list[_Line]] = {}
    for line in below:
        answers.setdefault(line.parent or 0, []).append(line)
    everything = [*roots, *below]
    return _Scene(
        actor=actor,
        helpful=_found_helpful(actor, everything),
        renewed_at=renewed_at,
        answers=answers,
    )


def _found_helpful(actor: Actor, lines: Sequence[_Line]) -> frozenset[int]:
    if actor.person_id is None or not lines:
        return frozenset()
    rows = Helpful.objects.filter(person=actor.person_id, comment__in=[line.key for line in lines])
    return frozenset(rows.values_list("comment_id", flat=True))


def _said(scene: _Scene, line: _Line) -> Said:
    answers = tuple(_said(scene, answer) for answer in scene.answers.get(line.key, ()))
    shown, actor, writer = line.state == CommentState.SHOWN, scene.actor, line.person if line.name is not None else None
    mine = line.person is not None and line.person == actor.person_id
    return Said(
        key=line.key,
        person=line.person if shown else None,
        name=(line.name or "") if shown else "",
        text=line.text if shown else "",
        language=line.language,
        at=line.at,
        edited=line.edited_at is not None,
        state=CommentState(line.state),
        by_owner=line.by_owner,
        downloaded=line.downloaded,
        version=line.version,
        stars=(line.stars or 0) if shown and writer and line.depth == 0 else 0,
        helpful=line.helpful,
        found_helpful=line.key in scene.helpful,
        faded=scene.renewed_at is not None and line.at < scene.renewed_at,
        depth=min(line.depth, MAX_DEPTH),
        mine=mine,
        may_change=mine and bool(may_change_comment(actor, Comment(person_id=line.person, state=line.state))),
        answers=tuple(answer for answer in answers if answer.state == CommentState.SHOWN or answer.answers),
        marks=marks_from(line.marks) if shown else (),
    )


def find_comment(actor: Actor, key: int) -> tuple[Comment, Discussed]:
    """A shown comment and what it is about. Raises `NotFound` where the actor may see neither."""
    comment = Comment.objects.select_related("person").filter(pk=key).first()
    thing = seen_discussed(actor, comment.about) if comment else None
    if comment is None or thing is None or comment.state != CommentState.SHOWN:
        raise NotFound
    return comment, thing


def lock_comment(actor: Actor, key: int) -> Comment:
    """A comment about what the actor may see, locked; the machinery sees all. Raises `NotFound`."""
    comment = Comment.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if comment is None or not (actor.is_system or seen_discussed(actor, comment.about)):
        raise NotFound
    return comment


def list_own_comments(actor: Actor) -> list[Comment]:
    """What the actor has written, the newest first."""
    if actor.person_id is None:
        return []
    return list(Comment.objects.filter(person=actor.person_id).order_by("-at")[:MINE])


def list_own_ratings(actor: Actor) -> list[GivenRating]:
    """The stars that the actor has given, the newest first."""
    if actor.person_id is None:
        return []
    return list(GivenRating.objects.filter(person=actor.person_id).order_by("-at")[:MINE])


def is_still_editable(comment: Comment) -> bool:
    """For a day: later the answers would stand beside other words."""
    return comment.at > now() - timedelta(hours=EDIT_HOURS)
