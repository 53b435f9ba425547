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
    """A moderator has looked at the subject and found it right; `flags`: how many had said otherwise."""

    flags: int


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
