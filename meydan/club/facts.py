"""What happens in the club. No fact holds words of a person; kinds of contributions and badges go by their codes."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("club.contribution_counted")
@dataclass(frozen=True, kw_only=True)
class ContributionCounted(Fact):
    """What somebody did for the city has stood its test and counts; the subject is what it was about ("report:12")."""

    kind: str


@fact("club.contribution_dropped")
@dataclass(frozen=True, kw_only=True)
class ContributionDropped(Fact):
    """It counts no longer: reopened, taken off, taken back."""

    kind: str


@fact("club.badge_earned")
@dataclass(frozen=True, kw_only=True)
class BadgeEarned(Fact):
    """Somebody has reached a level of a badge; the subject is "award:<id>", the rule the one with this number."""

    badge: str
    level: int
    rule: int


@fact("club.badge_revoked")
@dataclass(frozen=True, kw_only=True)
class BadgeRevoked(Fact):
    """What the award stood on has fallen away: its credential verifies no longer."""

    badge: str
    level: int


@fact("club.showing_changed")
@dataclass(frozen=True, kw_only=True)
class ShowingChanged(Fact):
    """Somebody wants their badges to be seen by others, or not any more; the subject is "person:<id>"."""

    shown: bool


@fact("club.badge_set")
@dataclass(frozen=True, kw_only=True)
class BadgeSet(Fact):
    """A badge was added or changed; the subject is "badge:<code>". `rule` is the number of the rule that holds now."""

    rule: int
    active: bool


@fact("club.signing_key_made")
@dataclass(frozen=True, kw_only=True)
class SigningKeyMade(Fact):
    """From now on credentials are signed with this key ("key:<id>"); older ones still verify with theirs."""
