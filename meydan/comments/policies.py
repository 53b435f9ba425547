"""Who may comment and rate. Of each thing its own domain says to whom it belongs (`queries.things`)."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.comments.models import Comment, CommentState
from meydan.kernel.actor import Actor
from meydan.kernel.policy import ALLOW, Verdict, refuse, sign_in_first


def may_talk(actor: Actor) -> Verdict:
    """Who is signed in."""
    return sign_in_first() if actor.is_visitor else ALLOW


def may_comment(actor: Actor, owners: Collection[UUID], *, answers: bool) -> Verdict:
    """Comment on what belongs to others; the owner of a thing answers, and does not begin."""
    if not (signed_in := may_talk(actor)):
        return signed_in
    if actor.person_id in owners and not answers:
        return refuse(_("This is your own: you can answer what others say about it."), "own_thing")
    return ALLOW


def may_rate(actor: Actor, owners: Collection[UUID], *, rated: bool) -> Verdict:
    """Rate what belongs to others, where its kind is rated."""
    if not rated:
        return refuse(_("This is not rated here."), "not_rated")
    if not (signed_in := may_talk(actor)):
        return signed_in
    if actor.person_id in owners:
        return refuse(_("This is your own: only others can rate it."), "own_thing")
    return ALLOW


def may_change_comment(actor: Actor, comment: Comment) -> Verdict:
    """Its writer, while it is shown."""
    if not (signed_in := may_talk(actor)):
        return signed_in
    if comment.person_id is None or comment.person_id != actor.person_id:
        return refuse(_("Only its writer may change a comment."), "not_yours")
    if comment.state != CommentState.SHOWN:
        return refuse(_("This comment is not shown any more."), "not_shown")
    return ALLOW


def may_find_helpful(actor: Actor, comment: Comment) -> Verdict:
    """Everybody with an account, of others' comments."""
    if not (signed_in := may_talk(actor)):
        return signed_in
    if comment.person_id == actor.person_id:
        return refuse(_("This is your own comment."), "own_comment")
    return ALLOW


def may_carry_out(actor: Actor, comment: Comment) -> Verdict:
    """What moderators have decided, the city's own machinery does."""
    return ALLOW if actor.is_system else refuse(_("Only the city's own machinery does this."))


def may_keep_house(actor: Actor) -> Verdict:
    """The city's own machinery, within other domains' actions too."""
    return ALLOW if actor.is_system else refuse(_("Only the city's own machinery does this."))
