"""The door of comments: for the domains whose things people talk about.

A domain calls `discusses("article", look)` once. The page of a thing gets `thread_of(actor, about)` and shows it with
`{% import "comments/thread.html" as comments %}{{ comments.thread(thread, csrf_input, actor) }}`; its forms post to
`/comments/...` and lead back to the thing. A page that is asked for very often takes `talk_beside` along in its own
question, and reads it with `thread_from`. Lists show `rating_of(abouts)`. When a thing comes into other hands, its
domain calls `renew_discussion` within its own action.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import ExportedFile, as_csv, contributes_to_export
from meydan.comments.actions import rate_thing, renew_discussion, write_comment
from meydan.comments.models import Comment, CommentState
from meydan.comments.queries import (
    Discussed,
    Rating,
    Said,
    Thread,
    comments_of,
    discusses,
    list_own_comments,
    list_own_ratings,
    rating_of,
    seen_discussed,
    talk_beside,
    talk_values,
    thread_from,
    thread_of,
)
from meydan.kernel.actor import SYSTEM, Actor
from meydan.moderation.public import Thing, moderates

__all__ = [
    "Discussed",
    "Rating",
    "Said",
    "TalkNotice",
    "Thread",
    "comments_of",
    "discusses",
    "notices_of",
    "rate_thing",
    "rating_of",
    "renew_discussion",
    "talk_beside",
    "talk_values",
    "thread_from",
    "thread_of",
    "write_comment",
]


@dataclass(frozen=True)
class TalkNotice:
    """Whom to tell of a comment: who is answered, or, `about_theirs`, whose thing it is about. `path` leads to it."""

    person: UUID
    about_theirs: bool
    title: str
    path: str


def notices_of(subject: str) -> list[TalkNotice]:
    """For notifications alone: whom to tell of "comment:5"; nobody is told of their own words, nor twice, nor of what
    is not shown any more."""
    number = subject.partition(":")[2]
    comment = Comment.objects.select_related("parent").filter(pk=int(number), state=CommentState.SHOWN).first()
    thing = seen_discussed(SYSTEM, comment.about) if comment else None
    if comment is None or thing is None:
        return []
    answered = {comment.parent.person_id} if comment.parent else set()
    told = dict.fromkeys(answered, False) | dict.fromkeys(thing.owners - answered, True)
    path = f"{thing.href}#comment-{comment.pk}"
    return [
        TalkNotice(person, theirs, thing.title, path)
        for person, theirs in told.items()
        if person is not None and person != comment.person_id
    ]


def look_at_comment(actor: Actor, reference: str) -> Thing | None:
    """ "comment:5", for who flags it and for moderators, who still see it when it is hidden."""
    number = reference.partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    comment = Comment.objects.filter(pk=int(number)).exclude(state=CommentState.DELETED).first()
    thing = seen_discussed(actor, comment.about) if comment else None
    if comment is None or thing is None:
        return None
    return Thing(thing.title, comment.text, f"{thing.href}#comment-{comment.pk}", person=comment.person_id)


def export_mine(actor: Actor) -> Iterable[ExportedFile]:
    """What the actor has written and rated."""
    comments = [
        {"about": one.about, "at": one.at, "text": one.text, "state": one.state, "helpful": one.helpful}
        for one in list_own_comments(actor)
    ]
    ratings = [{"about": one.about, "at": one.at, "stars": one.stars} for one in list_own_ratings(actor)]
    return [as_csv("comments.csv", comments), as_csv("ratings.csv", ratings)]


moderates("comment", look_at_comment, name=_("A comment"))
contributes_to_export("comments", export_mine)
