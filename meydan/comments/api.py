"""The JSON doors of comments."""

from datetime import datetime

from django.http import HttpRequest
from pydantic import BaseModel, Field

from meydan.comments import actions
from meydan.comments.actions import AlreadySent
from meydan.comments.inputs import Rate, ReadThread, WriteComment
from meydan.comments.queries import Said, Thread, thread_of
from meydan.kernel.http import actor_of, doors, json_door


class CommentOut(BaseModel):
    """One comment with its answers. `text` is "" where it is not shown any more."""

    number: int
    name: str
    text: str
    language: str
    at: datetime
    edited: bool
    state: str
    by_owner: bool
    downloaded: bool
    version: str
    stars: int
    helpful: int
    faded: bool
    answers: list["CommentOut"]


class RatingOut(BaseModel):
    """`distribution`: how many gave one star, two, up to five."""

    count: int
    mean: float
    distribution: list[int]


class ThreadOut(BaseModel):
    """What is said about a thing. `before`: ask with it for the page that follows; null at the end."""

    about: str
    count: int
    rating: RatingOut | None
    comments: list[CommentOut]
    before: int | None


class Written(BaseModel):
    """The comment that came of it."""

    number: int = Field(description="the number of the comment")


class Rated(BaseModel):
    """What the stars amount to now."""

    rating: RatingOut
    own: int


def _comment_out(said: Said) -> CommentOut:
    return CommentOut(
        number=said.key,
        name=said.name,
        text=said.text,
        language=said.language,
        at=said.at,
        edited=said.edited,
        state=said.state,
        by_owner=said.by_owner,
        downloaded=said.downloaded,
        version=said.version,
        stars=said.stars,
        helpful=said.helpful,
        faded=said.faded,
        answers=[_comment_out(answer) for answer in said.answers],
    )


def _rating_out(thread: Thread) -> RatingOut:
    rating = thread.rating
    return RatingOut(count=rating.count, mean=rating.mean, distribution=list(rating.distribution))


@json_door(summary="What is said about a thing, and its stars", query=ReadThread, gives=ThreadOut, errors=(404,))
def read(request: HttpRequest, *, query: ReadThread) -> ThreadOut:
    """A page of threads, the newest first."""
    thread = thread_of(actor_of(request), query.about, before=query.before)
    return ThreadOut(
        about=thread.about,
        count=thread.count,
        rating=_rating_out(thread) if thread.rated else None,
        comments=[_comment_out(said) for said in thread.comments],
        before=thread.comments[-1].key if thread.older else None,
    )


@json_door(
    summary="Comment on a thing, or answer a comment",
    takes=WriteComment,
    gives=Written,
    status=201,
    errors=(401, 403, 404, 409, 429),
)
def write(request: HttpRequest, *, taken: WriteComment) -> Written:
    """The same `form_token` twice is one comment."""
    actor = actor_of(request)
    actions.limit_writing(actor)
    try:
        comment = actions.write_comment(
            actor, about=taken.about, text=taken.text, parent=taken.parent, form_token=taken.form_token
        )
    except AlreadySent as sent:
        return Written(number=sent.key)
    return Written(number=comment.pk)


@json_door(summary="Rate a thing, 0 to take it back", takes=Rate, gives=Rated, errors=(401, 403, 404, 409, 429))
def rate(request: HttpRequest, *, taken: Rate) -> Rated:
    """One rating a person."""
    actor = actor_of(request)
    actions.limit_writing(actor)
    if taken.stars:
        actions.rate_thing(actor, about=taken.about, stars=taken.stars)
    else:
        actions.withdraw_rating(actor, about=taken.about)
    thread = thread_of(actor, taken.about)
    return Rated(rating=_rating_out(thread), own=thread.own_stars)


comments = doors(get=read, post=write)
ratings = doors(post=rate)
