"""What is said about a thing, as a thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection

from meydan.accounts.public import Mark, marks_of
from meydan.comments.models import EDIT_HOURS, MAX_DEPTH, Comment, CommentState, Discussion, GivenRating, Helpful
from meydan.comments.policies import may_change_comment, may_comment, may_rate
from meydan.comments.queries.ratings import NONE, Rating, own_rating, rating_from, recent_rating
from meydan.comments.queries.things import Discussed, find_discussed, seen_discussed
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import NotFound, Sentence
from meydan.kernel.i18n import current_language
from meydan.kernel.policy import Verdict
from meydan.kernel.rows import read

PER_PAGE = 20
MOST_ANSWERS = 400
MINE = 1_000


@dataclass(frozen=True)
class Said:
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
    """All that a page shows of what is said about a thing; `language` is the reader's. `older`: the address of the next page, "" at the end. The
    two verdicts say whether the actor may write and rate, and else why not."""

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


@dataclass(frozen=True)
class _Scene:
    """What all comments of one page are shown with."""

    actor: Actor
    names: dict[UUID, str]
    stars: dict[UUID, int]
    helpful: frozenset[int]
    renewed_at: datetime | None
    answers: dict[int, list[Comment]]
    marks: dict[UUID, list[Mark]]


def thread_of(actor: Actor, about: str, *, before: int | None = None, thing: Discussed | None = None) -> Thread:
    """What is said about a thing, the newest first, `PER_PAGE` threads a page; `before`: the number of the last one on
    the page before; `thing`: where the caller has it at hand, and has seen to it that the actor may see it. Raises
    `NotFound` also when the actor may not."""
    thing = thing or find_discussed(actor, about)
    discussion = next(iter(read(Discussion, "where about = %s", [about])), None)
    roots, more = _roots(about, before) if discussion and discussion.comments else ([], False)
    scene = _scene(actor, about, roots, discussion)
    return Thread(
        about=about,
        language=current_language(),
        title=thing.title,
        href=thing.href,
        owner_label=thing.owner_label,
        comments=tuple(_said(scene, root) for root in roots),
        count=discussion.comments if discussion else 0,
        rated=thing.rated,
        rating=rating_from(discussion.distribution) if discussion else NONE,
        recent=recent_rating(discussion) if thing.rated else None,
        own_stars=own_rating(actor, about) if thing.rated else 0,
        may_comment=may_comment(actor, thing.owners, answers=False),
        may_answer=may_comment(actor, thing.owners, answers=True),
        may_rate=may_rate(actor, thing.owners, rated=thing.rated),
        older=f"/comments/?about={about}&before={roots[-1].pk}" if more else "",
        form_token="" if actor.is_visitor else str(uuid4()),
    )


_ROOTS = """where about = %s and root_id is null and id < %s and (state = 'shown' or exists
    (select from comments_comment below where below.root_id = comments_comment.id and below.state = 'shown'))
    order by id desc limit %s"""
_BELOW = "where root_id = any(%s) order by id limit %s"
_WRITERS = """select person.id, person.name, coalesce(given.stars, 0) from accounts_person person
    left join comments_givenrating given on given.person_id = person.id and given.about = %s
    where person.id = any(%s) and person.deleted_at is null"""
_NEVER = 2**62  # above every number of a comment


def _roots(about: str, before: int | None) -> tuple[list[Comment], bool]:
    """The comments that threads begin with. One that is gone stays while somebody has answered it."""
    found = read(Comment, _ROOTS, [about, _NEVER if before is None else before, PER_PAGE + 1])
    return found[:PER_PAGE], len(found) > PER_PAGE


def _below(roots: Sequence[Comment], discussion: Discussion | None) -> list[Comment]:
    """Their answers; not asked for where all that is shown stands above already."""
    shown = sum(root.state == CommentState.SHOWN for root in roots)
    if not roots or (discussion and discussion.comments == shown == len(roots)):
        return []
    return read(Comment, _BELOW, [[root.pk for root in roots], MOST_ANSWERS])


def _scene(actor: Actor, about: str, roots: Sequence[Comment], discussion: Discussion | None) -> _Scene:
    below = _below(roots, discussion)
    everything = [*roots, *below]
    writers = {comment.person_id for comment in everything if comment.person_id}
    known = _writers(about, writers)
    answers: dict[int, list[Comment]] = {}
    for comment in below:
        answers.setdefault(comment.parent_id or 0, []).append(comment)
    return _Scene(
        actor=actor,
        names={person: name for person, name, _stars in known},
        stars={person: stars for person, _name, stars in known},
        helpful=_found_helpful(actor, everything),
        renewed_at=discussion.renewed_at if discussion else None,
        answers=answers,
        marks=marks_of(actor, writers),
    )


def _writers(about: str, people: Collection[UUID]) -> list[tuple[UUID, str, int]]:
    """What these people are called, and the stars that each gives the thing; whose account is deleted is left out."""
    if not people:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [about, list(people)])
        return list(cursor.fetchall())


def _found_helpful(actor: Actor, comments: Sequence[Comment]) -> frozenset[int]:
    if actor.person_id is None or not comments:
        return frozenset()
    rows = Helpful.objects.filter(person=actor.person_id, comment__in=[comment.pk for comment in comments])
    return frozenset(rows.values_list("comment_id", flat=True))


def _said(scene: _Scene, comment: Comment) -> Said:
    answers = tuple(_said(scene, answer) for answer in scene.answers.get(comment.pk, ()))
    shown, actor, writer = comment.state == CommentState.SHOWN, scene.actor, comment.person_id
    return Said(
        key=comment.pk,
        person=writer if shown else None,
        name=scene.names.get(writer, "") if shown and writer else "",
        text=comment.text if shown else "",
        language=comment.language,
        at=comment.at,
        edited=comment.edited_at is not None,
        state=CommentState(comment.state),
        by_owner=comment.by_owner,
        downloaded=comment.downloaded,
        version=comment.version,
        stars=scene.stars.get(writer, 0) if shown and writer and comment.depth == 0 else 0,
        helpful=comment.helpful,
        found_helpful=comment.pk in scene.helpful,
        faded=scene.renewed_at is not None and comment.at < scene.renewed_at,
        depth=min(comment.depth, MAX_DEPTH),
        mine=writer is not None and writer == actor.person_id,
        may_change=bool(may_change_comment(actor, comment)),
        answers=tuple(answer for answer in answers if answer.state == CommentState.SHOWN or answer.answers),
        marks=tuple(scene.marks.get(writer, ())) if shown and writer else (),
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
