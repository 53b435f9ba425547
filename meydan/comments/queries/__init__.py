"""What is said about things, and what the stars amount to."""

from meydan.comments.queries.ratings import Rating, comments_of, own_rating, rating_of
from meydan.comments.queries.things import Discussed, discusses, find_discussed, seen_discussed
from meydan.comments.queries.threads import (
    Said,
    Thread,
    find_comment,
    is_still_editable,
    list_own_comments,
    list_own_ratings,
    lock_comment,
    talk_beside,
    talk_values,
    thread_from,
    thread_of,
)

__all__ = [
    "Discussed",
    "Rating",
    "Said",
    "Thread",
    "comments_of",
    "discusses",
    "find_comment",
    "find_discussed",
    "is_still_editable",
    "list_own_comments",
    "list_own_ratings",
    "lock_comment",
    "own_rating",
    "rating_of",
    "seen_discussed",
    "talk_beside",
    "talk_values",
    "thread_from",
    "thread_of",
]
