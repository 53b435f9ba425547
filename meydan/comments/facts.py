"""What happens to comments and ratings. No fact holds anybody's words."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@dataclass(frozen=True, kw_only=True)
class AboutComment(Fact):
    """The subject is "comment:5"; `about` is the thing it is about ("article:12")."""

    about: str


@fact("comments.comment_written")
@dataclass(frozen=True, kw_only=True)
class CommentWritten(AboutComment):
    """Somebody has written about a thing of others. `parent`: the comment that it answers, 0 for none. `by_owner`: it
    is the answer of whoever the thing belongs to."""

    parent: int = 0
    by_owner: bool = False


@fact("comments.comment_edited")
@dataclass(frozen=True, kw_only=True)
class CommentEdited(AboutComment):
    """Its writer has changed the words; that they did is shown."""


@fact("comments.comment_deleted")
@dataclass(frozen=True, kw_only=True)
class CommentDeleted(AboutComment):
    """Its writer has taken it back; the words are gone."""


@fact("comments.comment_hidden")
@dataclass(frozen=True, kw_only=True)
class CommentHidden(AboutComment):
    """A moderator has taken it off (`moderation.ThingTakenOff`)."""


@fact("comments.comment_shown")
@dataclass(frozen=True, kw_only=True)
class CommentShown(AboutComment):
    """It is back: taking it off was wrong (`moderation.ThingPutBack`)."""


@fact("comments.comment_found_helpful")
@dataclass(frozen=True, kw_only=True)
class CommentFoundHelpful(AboutComment):
    """Somebody finds another person's comment helpful, or, with `undone`, no longer does; `count`: how many do now. Its
    writer is among `persons`."""

    count: int
    undone: bool = False


@fact("comments.rating_given")
@dataclass(frozen=True, kw_only=True)
class RatingGiven(Fact):
    """Somebody rates the subject ("application:3"), or rates it anew: `before` 0 for the first time. `downloaded`: they
    have downloaded it here."""

    stars: int
    before: int = 0
    downloaded: bool = False


@fact("comments.rating_withdrawn")
@dataclass(frozen=True, kw_only=True)
class RatingWithdrawn(Fact):
    """Somebody has taken their rating of the subject back."""

    before: int


@fact("comments.discussion_renewed")
@dataclass(frozen=True, kw_only=True)
class DiscussionRenewed(Fact):
    """The subject is in other hands: what was said and rated before fades."""


@fact("comments.writer_forgotten")
@dataclass(frozen=True, kw_only=True)
class WriterForgotten(Fact):
    """The account is gone: its ratings too, and its name beside its comments. `subject` is the person's."""

    comments: int
    ratings: int
