"""Every write of comments, one subject per file."""

from meydan.comments.actions.ratings import rate_thing, renew_discussion, withdraw_rating
from meydan.comments.actions.writing import (
    AlreadySent,
    delete_comment,
    demand_own,
    edit_comment,
    find_helpful,
    forget_writer,
    hide_comment,
    limit_writing,
    show_comment,
    write_comment,
)

__all__ = [
    "AlreadySent",
    "delete_comment",
    "demand_own",
    "edit_comment",
    "find_helpful",
    "forget_writer",
    "hide_comment",
    "limit_writing",
    "rate_thing",
    "renew_discussion",
    "show_comment",
    "withdraw_rating",
    "write_comment",
]
