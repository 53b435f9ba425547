"""What happens in moderation. No fact holds anybody's words, nor a device or an address."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("moderation.thing_flagged")
@dataclass(frozen=True, kw_only=True)
class ThingFlagged(Fact):
    """Somebody says that something is wrong with the subject ("report:123"); `reason` as in models.Reason."""

    reason: str


@fact("moderation.thing_kept")
@dataclass(frozen=True, kw_only=True)
class ThingKept(Fact):
    """A moderator has looked at the subject and found it right; `flags`: how many had said otherwise. `decision`: the
    row."""

    flags: int
    decision: int = 0


@fact("moderation.thing_taken_off")
@dataclass(frozen=True, kw_only=True)
class ThingTakenOff(Fact):
    """A moderator wants the subject off the public pages: its own domain reacts. `decision` is the row that says why
    (`public.words_of`)."""

    flags: int
    decision: int


@fact("moderation.sender_blocked")
@dataclass(frozen=True, kw_only=True)
class SenderBlocked(Fact):
    """Somebody may not send for a while; the subject is "block:<id>". `whom`: person, device or address."""

    whom: str
    days: int


@fact("moderation.block_appealed")
@dataclass(frozen=True, kw_only=True)
class BlockAppealed(Fact):
    """The blocked one asks that a second moderator looks at it."""


@fact("moderation.appeal_decided")
@dataclass(frozen=True, kw_only=True)
class AppealDecided(Fact):
    """Another moderator has looked: the block is `lifted`, or stays."""

    lifted: bool


@fact("moderation.sender_noted")
@dataclass(frozen=True, kw_only=True)
class SenderNoted(Fact):
    """For some weeks it is known, by keyed hashes, which device and address the subject came from."""


@fact("moderation.sender_warned")
@dataclass(frozen=True, kw_only=True)
class SenderWarned(Fact):
    """Somebody was warned, and may still send; the subject is "block:<id>". `whom`: person, device or address."""

    whom: str


@fact("moderation.thing_claimed")
@dataclass(frozen=True, kw_only=True)
class ThingClaimed(Fact):
    """A moderator looks at the flagged subject, or, with `left`, no longer does."""

    left: bool = False


@dataclass(frozen=True, kw_only=True)
class AboutReview(Fact):
    """The subject is the thing ("article:12"); `review` is the row (`public.find_review`)."""

    review: int


@fact("moderation.review_handed_in")
@dataclass(frozen=True, kw_only=True)
class ReviewHandedIn(AboutReview):
    """An author hands the subject in, to be looked at before it is published; `again`: changed while it waited."""

    round: int
    again: bool = False


@fact("moderation.review_taken")
@dataclass(frozen=True, kw_only=True)
class ReviewTaken(AboutReview):
    """A moderator looks at the subject, or, with `left`, no longer does."""

    left: bool = False


@fact("moderation.review_seconded")
@dataclass(frozen=True, kw_only=True)
class ReviewSeconded(AboutReview):
    """The first of two moderators finds the subject right; it waits for the second."""


@fact("moderation.review_approved")
@dataclass(frozen=True, kw_only=True)
class ReviewApproved(AboutReview):
    """The subject may be published; its own domain reacts. `on_appeal`: it had been refused."""

    on_appeal: bool = False


@fact("moderation.review_sent_back")
@dataclass(frozen=True, kw_only=True)
class ReviewSentBack(AboutReview):
    """The author is asked for `changes` changes, and may then hand it in again."""

    changes: int


@fact("moderation.review_refused")
@dataclass(frozen=True, kw_only=True)
class ReviewRefused(AboutReview):
    """The subject is not published. Its author has the reason, and one appeal. `rules` of the charter ("1:3")."""

    rules: tuple[str, ...] = ()


@fact("moderation.review_withdrawn")
@dataclass(frozen=True, kw_only=True)
class ReviewWithdrawn(AboutReview):
    """The author has taken it back before anybody decided."""


@fact("moderation.review_appealed")
@dataclass(frozen=True, kw_only=True)
class ReviewAppealed(AboutReview):
    """The author of the refused subject asks that another moderator looks."""

    appeal: int


@fact("moderation.decision_appealed")
@dataclass(frozen=True, kw_only=True)
class DecisionAppealed(Fact):
    """The author of the subject, which was taken off, asks that another moderator looks."""

    decision: int
    appeal: int


@fact("moderation.appeal_answered")
@dataclass(frozen=True, kw_only=True)
class AppealAnswered(Fact):
    """Another moderator has looked at the subject: the first decision is `overturned`, or stands."""

    appeal: int
    overturned: bool


@fact("moderation.thing_put_back")
@dataclass(frozen=True, kw_only=True)
class ThingPutBack(Fact):
    """What was taken off should not have been: its own domain puts it back, where that can be done. `decision`: the
    first one's row."""

    decision: int


@fact("moderation.evidence_forgotten")
@dataclass(frozen=True, kw_only=True)
class EvidenceForgotten(Fact):
    """What was kept for appeals whose time is over is deleted; `count`: of how many decisions."""

    count: int
