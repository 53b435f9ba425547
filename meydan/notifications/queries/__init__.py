"""Every read of notifications."""

from meydan.notifications.queries.mail import list_mailbox, lock_letter, show_letter
from meydan.notifications.queries.watching import (
    Matched,
    count_news,
    find_by_token,
    list_matching,
    list_news,
    list_notices,
    list_watches,
    list_watching,
    lock_watch,
    stop_token,
    talk_wish,
)

__all__ = [
    "Matched",
    "count_news",
    "find_by_token",
    "list_mailbox",
    "list_matching",
    "list_news",
    "list_notices",
    "list_watches",
    "list_watching",
    "lock_letter",
    "lock_watch",
    "show_letter",
    "stop_token",
    "talk_wish",
]
