"""What happens in the store. No fact holds anybody's words; `subject` is "app:<id>"."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("store.app_drafted")
@dataclass(frozen=True, kw_only=True)
class AppDrafted(Fact):
    """A developer has begun an entry; `kind` as in models.Kind."""

    kind: str


@fact("store.app_changed")
@dataclass(frozen=True, kw_only=True)
class AppChanged(Fact):
    """These fields of an entry were changed; `waits`: the public sees them only when a moderator has agreed."""

    fields: list[str]
    waits: bool


@fact("store.app_handed_in")
@dataclass(frozen=True, kw_only=True)
class AppHandedIn(Fact):
    """A developer asks for publication; `first`: nothing of it is public yet."""

    first: bool


@fact("store.app_taken_back")
@dataclass(frozen=True, kw_only=True)
class AppTakenBack(Fact):
    """The developer has taken back what waits for a moderator."""


@fact("store.app_published")
@dataclass(frozen=True, kw_only=True)
class AppPublished(Fact):
    """Everybody finds it now: for the first time, or again; else with these `fields` changed."""

    first: bool
    fields: list[str]


@fact("store.app_returned")
@dataclass(frozen=True, kw_only=True)
class AppReturned(Fact):
    """What was handed in came back: `refused`, or with changes asked for."""

    refused: bool


@fact("store.app_withdrawn")
@dataclass(frozen=True, kw_only=True)
class AppWithdrawn(Fact):
    """Its owner has taken it out of the store."""


@fact("store.app_taken_off")
@dataclass(frozen=True, kw_only=True)
class AppTakenOff(Fact):
    """A moderator has taken it out of the store; `decision` says why (moderation.public.words_of)."""

    decision: int


@fact("store.app_put_back")
@dataclass(frozen=True, kw_only=True)
class AppPutBack(Fact):
    """It should not have been taken off: it is as it was."""


@fact("store.app_featured")
@dataclass(frozen=True, kw_only=True)
class AppFeatured(Fact):
    """It stands at the top of the store for so many days; 0: no longer."""

    days: int


@fact("store.release_added")
@dataclass(frozen=True, kw_only=True)
class ReleaseAdded(Fact):
    """A version was uploaded; `waits`: something in it matters, so that a moderator looks first."""

    version_code: int
    waits: bool
    way: str  # form, token or address


@fact("store.release_published")
@dataclass(frozen=True, kw_only=True)
class ReleasePublished(Fact):
    """A version can be downloaded."""

    version_code: int


@fact("store.release_withdrawn")
@dataclass(frozen=True, kw_only=True)
class ReleaseWithdrawn(Fact):
    """A version can no longer be downloaded."""

    version_code: int


@fact("store.release_scanned")
@dataclass(frozen=True, kw_only=True)
class ReleaseScanned(Fact):
    """The scanner for malware was asked about a version again, and knows none in it."""

    version_code: int


@fact("store.malware_found")
@dataclass(frozen=True, kw_only=True)
class MalwareFound(Fact):
    """The scanner has found malware in a version that was clean before; it is withdrawn."""

    version_code: int


@fact("store.member_invited")
@dataclass(frozen=True, kw_only=True)
class MemberInvited(Fact):
    """Somebody is asked into the team of an entry; `role` as in models.TeamRole."""

    role: str


@fact("store.member_joined")
@dataclass(frozen=True, kw_only=True)
class MemberJoined(Fact):
    """The invited one has accepted."""

    role: str


@fact("store.member_left")
@dataclass(frozen=True, kw_only=True)
class MemberLeft(Fact):
    """Somebody is no longer of the team, or has turned the invitation down."""


@fact("store.ownership_offered")
@dataclass(frozen=True, kw_only=True)
class OwnershipOffered(Fact):
    """The owner offers the entry to somebody of the team."""


@fact("store.ownership_passed")
@dataclass(frozen=True, kw_only=True)
class OwnershipPassed(Fact):
    """The entry has another owner: what people said of it before was about the old one's work."""


@fact("store.token_issued")
@dataclass(frozen=True, kw_only=True)
class TokenIssued(Fact):
    """A program may upload versions; `token` is its row."""

    token: int


@fact("store.token_revoked")
@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Fact):
    """It may no longer."""

    token: int


@fact("store.category_set")
@dataclass(frozen=True, kw_only=True)
class CategorySet(Fact):
    """A category of the store has this name and place now; the subject is "app_category:<code>"."""
