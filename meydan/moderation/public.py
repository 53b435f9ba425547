"""The door of moderation: for the domains whose things people flag, for those whose things are looked at before they
are published, and for what tells people what was decided.

**Flags.** A domain calls `moderates` once with a way to look at its things, asks `refuse_blocked` before it takes
something from somebody, and reacts to `facts.ThingTakenOff` and `facts.ThingPutBack`. `note_sender` lets a block reach
who has no account. A domain with a door of its own for flags calls `limit_flagging`, then `flag_thing`.

**Reviews.** A domain calls `reviews` once; its action of submitting calls `hand_in`, that of taking back
`withdraw_review`; it reacts to `facts.ReviewApproved`, `ReviewSentBack` and `ReviewRefused`, and shows its author
`find_review` and, while it waits, `place_in_queue`. Reviews and removals are appealed at `/moderation/mine`.
"""

from dataclasses import dataclass

from meydan.moderation.actions import (
    approve_review,
    flag_thing,
    hand_in,
    limit_flagging,
    note_sender,
    refuse_blocked,
    withdraw_review,
)
from meydan.moderation.models import Block, Reason, ReviewState
from meydan.moderation.queries import (
    Answered,
    CharterRule,
    Check,
    Elsewhere,
    Question,
    QueuePlace,
    Reviewed,
    ReviewNotice,
    Thing,
    find_review,
    find_rules,
    list_rules,
    moderates,
    place_in_queue,
    reviews,
    waits_elsewhere,
    words_of,
)

__all__ = [
    "Answered",
    "AppealNotice",
    "CharterRule",
    "Check",
    "Elsewhere",
    "Question",
    "QueuePlace",
    "Reason",
    "ReviewNotice",
    "ReviewState",
    "Reviewed",
    "Thing",
    "appeal_notice",
    "approve_review",
    "find_review",
    "find_rules",
    "flag_thing",
    "hand_in",
    "limit_flagging",
    "list_rules",
    "moderates",
    "note_sender",
    "place_in_queue",
    "refuse_blocked",
    "reviews",
    "waits_elsewhere",
    "withdraw_review",
    "words_of",
]


@dataclass(frozen=True)
class AppealNotice:
    """What the letter about an appeal says. `email` is "" when there is no address."""

    email: str
    language: str
    lifted: bool
    answer: str


def appeal_notice(subject: str) -> AppealNotice:
    """For notifications alone: whom to tell what became of their appeal. `subject` is "block:<id>"."""
    block = Block.objects.select_related("person").get(pk=int(subject.partition(":")[2]))
    email = block.appeal_email or ((block.person.email or "") if block.person else "")
    return AppealNotice(email, block.appeal_language, block.lifted, block.answer)
