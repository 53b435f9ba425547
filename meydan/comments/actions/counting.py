"""The one row of a thing that all its counts are in, locked while they change."""

from meydan.comments.models import Comment, CommentState, Discussion, GivenRating


def lock_discussion(about: str) -> Discussion:
    """The thing's row, made when it is the first time."""
    Discussion.objects.get_or_create(pk=about)
    return Discussion.objects.select_for_update().get(pk=about)


def count_stars(discussion: Discussion, stars: int, by: int) -> None:
    """One rating more or less of so many stars."""
    name = f"n{stars}"
    setattr(discussion, name, max(0, getattr(discussion, name) + by))
    discussion.save(update_fields=[name])


def counts(discussion: Discussion, rating: GivenRating) -> bool:
    """Whether a rating counts: given, or given anew, since the thing is in these hands."""
    return discussion.renewed_at is None or rating.at >= discussion.renewed_at


def count_comments(about: str) -> None:
    """Count anew how many are shown."""
    discussion = lock_discussion(about)
    discussion.comments = Comment.objects.filter(about=about, state=CommentState.SHOWN).count()
    discussion.save(update_fields=["comments"])
