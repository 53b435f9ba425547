"""The door of moderation: for the domains whose things people flag, for those whose things are looked at before they
are published, and for what tells people what was decided.

**Flags.** A domain calls `moderates` once with a way to look at its things, asks `refuse_blocked` before it takes
something from somebody, and calls `carries_out` once with what decisions do to them, or reacts to `facts.ThingTakenOff`
and `facts.ThingPutBack` itself. `note_sender` lets a block reach
who has no account. A domain with a door of its own for flags calls `limit_flagging`, then `flag_thing`.

**Reviews.** A domain calls `reviews` once; its action of submitting calls `hand_in`, that of taking back
`withdraw_review`; it reacts to `facts.ReviewApproved`, `ReviewSentBack` and `ReviewRefused`, and shows its author
`find_review` and, while it waits, `place_in_queue`. Reviews and removals are appealed at `/moderation/mine`.
"""

from dataclasses import dataclass

from meydan.accounts.public import Person
from meydan.kernel.errors import Sentence
from meydan.moderation.actions import (
    approve_review,
    flag_thing,
    hand_in,
    limit_flagging,
    note_sender,
    refuse_blocked,
    withdraw_review,
)
from meydan.moderation.actions.carrying import carries_out
from meydan.moderation.models import Appeal, Block, Decision, Flag, Reason, Review, ReviewState, moderation_rules
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
    name_of,
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
    "Letter",
    "Question",
    "QueuePlace",
    "Reason",
    "ReviewNotice",
    "ReviewState",
    "Reviewed",
    "Thing",
    "answer_letters",
    "appeal_notice",
    "approve_review",
    "carries_out",
    "decision_letter",
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
    "review_letter",
    "reviews",
    "sanction_letter",
    "second_look_letter",
    "waits_elsewhere",
    "withdraw_review",
    "words_of",
    "writes_as",
]


@dataclass(frozen=True)
class Letter:
    """Whom to tell that there is news for them, in which language, and where they read it; what it says stays there.
    `person` is None for who has no account."""

    email: str
    language: str
    path: str
    title: Sentence = ""
    words: str = ""
    person: Person | None = None


def review_letter(review: int) -> Letter | None:
    """For who writes to the author of what was looked at; None when there is nobody."""
    row = Review.objects.select_related("author").get(pk=review)
    return _to(row.author, row.title, "\n".join((*filter(None, [row.words]), *(f"– {one}" for one in row.changes))))


def decision_letter(decision: int) -> Letter | None:
    """For who writes to the author of what was taken off; None when there is nobody."""
    row = Decision.objects.select_related("author").get(pk=decision)
    return _to(row.author, str(row.evidence.get("title", "")), row.words)


def answer_letters(decision: int) -> list[Letter]:
    """For who writes to everybody who had flagged a thing about which was decided: those with an account, whether
    it has an address or not, and those who left an address."""
    flags = Flag.objects.filter(decision=decision).exclude(token="").select_related("person", "decision")
    letters = [
        Letter(
            (flag.person.email or "") if flag.person else flag.email,
            flag.person.language if flag.person else flag.language,
            f"/moderation/told?key={flag.token}",
            name_of(flag.reference),
            flag.decision.words if flag.decision else "",
            flag.person if flag.person and flag.person.is_active else None,
        )
        for flag in flags
    ]
    return [letter for letter in letters if letter.email or letter.person]


def second_look_letter(appeal: int) -> Letter | None:
    """For who writes to the author of an appeal that was answered; None when there is nobody."""
    row = Appeal.objects.select_related("person").get(pk=appeal)
    return _to(row.person, "", row.answer)


def sanction_letter(subject: str) -> Letter | None:
    """For who writes to somebody who was warned or blocked, where they have an account. `subject`: "block:<id>"."""
    row = Block.objects.select_related("person").get(pk=int(subject.partition(":")[2]))
    return _to(row.person, "", row.reason, "/moderation/block")


def _to(person: Person | None, title: str, words: str, path: str = "/moderation/mine") -> Letter | None:
    if person is None or not person.is_active:
        return None
    return Letter(person.email or "", person.language, path, title, words, person)


def writes_as() -> str:
    """The code of the department in whose name authors are written to in the messenger; "" for none."""
    return moderation_rules().department


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
