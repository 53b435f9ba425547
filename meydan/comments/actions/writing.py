"""Writing, answering, changing and taking back; and carrying out what moderators have decided."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.comments.actions.counting import count_comments, count_stars, counts, lock_discussion
from meydan.comments.facts import (
    CommentDeleted,
    CommentEdited,
    CommentFoundHelpful,
    CommentHidden,
    CommentShown,
    CommentWritten,
    WriterForgotten,
)
from meydan.comments.models import ALLOWED, MAX_TEXT, Comment, CommentState, GivenRating, Helpful
from meydan.comments.policies import (
    may_carry_out,
    may_change_comment,
    may_comment,
    may_find_helpful,
    may_keep_house,
    may_talk,
)
from meydan.comments.queries.things import find_discussed
from meydan.comments.queries.threads import is_still_editable, lock_comment
from meydan.kernel.action import action, action_on
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Conflict, Invalid, NotFound
from meydan.kernel.facts import record
from meydan.kernel.limits import check
from meydan.kernel.policy import demand
from meydan.moderation.public import note_sender, refuse_blocked

COMMENTS_PER_HOUR = 30
MOST_NESTED = 50


def limit_writing(actor: Actor) -> None:
    """Count a comment or a rating against its writer, at the door. Raises `TooMany`."""
    check(f"comments.write:{actor.person_id or actor.address}", limit=COMMENTS_PER_HOUR, seconds=3600)


@action(policy=may_talk)
def write_comment(
    actor: Actor, *, about: str, text: str, parent: int | None = None, form_token: UUID | None = None
) -> Comment:
    """Say something about a thing of others, or answer a comment about any. The same `form_token` again gives the first
    comment again. Raises `NotFound`, `Refused`, `Conflict` and `Invalid`."""
    refuse_blocked(actor)
    thing = find_discussed(actor, about)
    demand(may_comment(actor, thing.owners, answers=parent is not None), actor)
    if not thing.open:
        raise Conflict(_("Nothing can be written here any more."))
    words, above = need_text(text), _above(about, parent)
    lock_discussion(about)
    comment = Comment(
        about=about,
        parent=above,
        root_id=(above.root_id or above.pk) if above else None,
        depth=above.depth + 1 if above else 0,
        person_id=actor.person_id,
        text=words,
        language=actor.language,
        by_owner=actor.person_id in thing.owners,
        downloaded=thing.downloaded,
        version=thing.version[:60],
        form_token=form_token,
        at=now(),
    )
    if (sent := _sent_before(comment)) is not None:
        raise AlreadySent(sent.pk)
    comment.save()
    count_comments(about)
    note_sender(actor, reference=str(comment))
    record(
        CommentWritten(
            subject=str(comment),
            persons=_concerned(actor, above),
            about=about,
            parent=parent or 0,
            by_owner=comment.by_owner,
        )
    )
    return comment


class AlreadySent(Conflict):
    """This form was sent before; `key` is the comment that came of it."""

    def __init__(self, key: int) -> None:
        super().__init__(_("You have sent this already."), code="already_sent")
        self.key = key


def _sent_before(comment: Comment) -> Comment | None:
    if comment.form_token is None:
        return None
    return Comment.objects.filter(form_token=comment.form_token, person=comment.person_id).first()


def _concerned(actor: Actor, above: Comment | None) -> tuple[UUID, ...]:
    """The writer, and whom they answer."""
    return tuple({one for one in (actor.person_id, above.person_id if above else None) if one})


def _above(about: str, parent: int | None) -> Comment | None:
    """The comment that is answered."""
    if parent is None:
        return None
    above = Comment.objects.filter(pk=parent, about=about).first()
    if above is None:
        raise NotFound
    if above.state != CommentState.SHOWN:
        raise Conflict(_("This comment is not shown any more."))
    if above.depth >= MOST_NESTED:
        raise Conflict(_("This conversation is too deep. Begin a new one."))
    return above


def need_text(text: str) -> str:
    """The words of a comment, bounded. Raises `Invalid`."""
    words = text.strip()
    if not words:
        raise Invalid(fields={"text": _("Write what you want to say.")})
    if len(words) > MAX_TEXT:
        raise Invalid(fields={"text": _("Shorten this to at most %(most)s characters.") % {"most": MAX_TEXT}})
    return words


def demand_own(actor: Actor, comment: Comment) -> None:
    """For the page that changes a comment. Raises as the change itself would."""
    demand(may_change_comment(actor, comment), actor)


@action_on(lock_comment, policy=may_change_comment)
def edit_comment(actor: Actor, comment: Comment, *, text: str) -> Comment:
    """Change the words, for a day; that they were changed is shown. Raises `Conflict` later."""
    refuse_blocked(actor)
    if not is_still_editable(comment):
        raise Conflict(_("A comment can be changed for a day. You can still take it back."))
    comment.text, comment.edited_at = need_text(text), now()
    comment.save()
    record(CommentEdited(**_about(comment)))
    return comment


@action_on(lock_comment, policy=may_change_comment)
def delete_comment(actor: Actor, comment: Comment) -> Comment:
    """Take one's own comment back: the words are gone, answers stay."""
    comment.text = ""
    _move(comment, CommentState.DELETED)
    record(CommentDeleted(**_about(comment)))
    return comment


@action_on(lock_comment, policy=may_carry_out)
def hide_comment(actor: Actor, comment: Comment) -> Comment:
    """Take it off: a moderator has decided so."""
    _move(comment, CommentState.HIDDEN)
    record(CommentHidden(**_about(comment)))
    return comment


@action_on(lock_comment, policy=may_carry_out)
def show_comment(actor: Actor, comment: Comment) -> Comment:
    """Put it back: another moderator has decided so."""
    _move(comment, CommentState.SHOWN)
    record(CommentShown(**_about(comment)))
    return comment


def _move(comment: Comment, state: CommentState) -> None:
    if state not in ALLOWED[CommentState(comment.state)]:
        raise Conflict(_("This comment is not shown any more."))
    comment.state = state
    comment.save()
    count_comments(comment.about)


@action_on(lock_comment, policy=may_find_helpful)
def find_helpful(actor: Actor, comment: Comment, *, undo: bool = False) -> Comment:
    """Say that another person's comment helps, once, or take that back. Raises `Conflict` the second time."""
    refuse_blocked(actor)
    if comment.state != CommentState.SHOWN or actor.person_id is None:
        raise Conflict(_("This comment is not shown any more."))
    mine = Helpful.objects.filter(comment=comment, person=actor.person_id)
    if mine.exists() is not undo:
        raise Conflict(_("You have said so already."))
    if undo:
        mine.delete()
    else:
        Helpful.objects.create(comment=comment, person_id=actor.person_id, at=now())
    comment.helpful = Helpful.objects.filter(comment=comment).count()
    comment.save(update_fields=["helpful"])
    record(CommentFoundHelpful(**_about(comment), count=comment.helpful, undone=undo))
    return comment


@action(policy=may_keep_house)
def forget_writer(actor: Actor, *, person: UUID) -> None:
    """Whose account is gone: their ratings and "helpful" go, their comments stay without a name."""
    ratings = list(GivenRating.objects.filter(person=person))
    for rating in ratings:
        discussion = lock_discussion(rating.about)
        if counts(discussion, rating):
            count_stars(discussion, rating.stars, -1)
        rating.delete()
    for helpful in Helpful.objects.filter(person=person).select_related("comment"):
        comment = helpful.comment
        helpful.delete()
        comment.helpful = Helpful.objects.filter(comment=comment).count()
        comment.save(update_fields=["helpful"])
    written = Comment.objects.filter(person=person).update(person=None)
    record(WriterForgotten(subject=f"person:{person}", persons=(person,), comments=written, ratings=len(ratings)))


def _about(comment: Comment) -> dict[str, Any]:
    persons = (comment.person_id,) if comment.person_id else ()
    return {"subject": str(comment), "persons": persons, "about": comment.about}
