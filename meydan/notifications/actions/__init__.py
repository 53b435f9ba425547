"""Every write of notifications: letters, and the areas that people watch."""

from meydan.notifications.actions.mail import (
    deliver,
    forget_mail,
    post_letter,
    post_letters,
    send_letter,
    send_mail,
    send_mails,
)
from meydan.notifications.actions.nearby import announce_district, announce_event
from meydan.notifications.actions.noticing import forget_notices, leave_notice, set_wish, tell_of_talk
from meydan.notifications.actions.watching import (
    add_watch,
    announce,
    forget_watches,
    mark_read,
    remove_watch,
    send_digests,
    set_daily,
    stop_by_link,
)

__all__ = [
    "add_watch",
    "announce",
    "announce_district",
    "announce_event",
    "deliver",
    "forget_mail",
    "forget_notices",
    "forget_watches",
    "leave_notice",
    "mark_read",
    "post_letter",
    "post_letters",
    "remove_watch",
    "send_digests",
    "send_letter",
    "send_mail",
    "send_mails",
    "set_daily",
    "set_wish",
    "stop_by_link",
    "tell_of_talk",
]
