"""Every write of the club."""

from meydan.club.actions.counting import (
    forget_member,
    forget_reference,
    give_award,
    revoke_award,
    settle,
    settle_past,
    weigh,
    weigh_everybody,
)
from meydan.club.actions.keys import keep_signing_key, make_signing_key
from meydan.club.actions.setting import draft_rule, limit_checking, set_badge, show_badges

__all__ = [
    "draft_rule",
    "forget_member",
    "forget_reference",
    "give_award",
    "keep_signing_key",
    "limit_checking",
    "make_signing_key",
    "revoke_award",
    "set_badge",
    "settle",
    "settle_past",
    "show_badges",
    "weigh",
    "weigh_everybody",
]
