"""The door of moderation: for the domains whose things people flag, and for what tells the blocked ones.

A domain calls `moderates` once with a way to look at its things, asks `refuse_blocked` before it takes something from
somebody, and reacts to `facts.ThingTakenOff`. `note_sender` lets a block reach who has no account. A domain with a door
of its own for flags calls `limit_flagging`, then `flag_thing`.
"""

from dataclasses import dataclass

from meydan.moderation.actions import flag_thing, limit_flagging, note_sender, refuse_blocked
from meydan.moderation.models import Block, Reason
from meydan.moderation.queries import Thing, moderates, words_of

__all__ = [
    "AppealNotice",
    "Reason",
    "Thing",
    "appeal_notice",
    "flag_thing",
    "limit_flagging",
    "moderates",
    "note_sender",
    "refuse_blocked",
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
