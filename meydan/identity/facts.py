"""What can happen to an identity. No fact holds a claim, a number or an embedding: facts are kept for ever."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("identity.established")
@dataclass(frozen=True, kw_only=True)
class IdentityEstablished(Fact):
    """The account stands for a person of the registry from now on; `level` is a word of `models.LEVELS`."""

    level: str


@fact("identity.level_raised")
@dataclass(frozen=True, kw_only=True)
class LevelRaised(Fact):
    """A clerk saw the person and the document. What needs this level opens after the hold (`models.HOLD`)."""

    level: str


@fact("identity.powers_opened")
@dataclass(frozen=True, kw_only=True)
class PowersOpened(Fact):
    """The hold is over: the account has all that its level gives."""

    level: str


@fact("identity.frozen")
@dataclass(frozen=True, kw_only=True)
class IdentityFrozen(Fact):
    """Nothing can be done with this identity until it is thawed. `why` is a word of `models.WHY_FROZEN`."""

    why: str


@fact("identity.thawed")
@dataclass(frozen=True, kw_only=True)
class IdentityThawed(Fact):
    """The holder proved anew, as at enrolment, who they are. `way` is remote or counter."""

    way: str


@fact("identity.claims_changed")
@dataclass(frozen=True, kw_only=True)
class ClaimsChanged(Fact):
    """The registry says something else than before; `claims` are the names of what changed, never the values."""

    claims: list[str]


@fact("identity.ended")
@dataclass(frozen=True, kw_only=True)
class IdentityEnded(Fact):
    """It stands for nobody any more, finally. `why`: death, deleted, merged."""

    why: str


# Credentials: what wallets are given, and to whom it is shown


@fact("identity.issuer_key_made")
@dataclass(frozen=True, kw_only=True)
class IssuerKeyMade(Fact):
    """A new key signs from now on; `use` is a word of `models.credentials.KEY_USES`."""

    use: str


@fact("identity.credential_offered")
@dataclass(frozen=True, kw_only=True)
class CredentialOffered(Fact):
    """The holder has a code on their screen that a wallet can take up within minutes."""


@fact("identity.offer_refused")
@dataclass(frozen=True, kw_only=True)
class OfferRefused(Fact):
    """Somebody had the code and typed wrong digits; `left`: so many more times they may."""

    left: int


@fact("identity.wallet_opened")
@dataclass(frozen=True, kw_only=True)
class WalletOpened(Fact):
    """A new wallet may hold credentials of this person."""


@fact("identity.wallet_renewed")
@dataclass(frozen=True, kw_only=True)
class WalletRenewed(Fact):
    """A wallet came back for new tokens."""


@fact("identity.wallet_ended")
@dataclass(frozen=True, kw_only=True)
class WalletEnded(Fact):
    """Nothing that it holds counts any more. `why`: holder, replay, ended, frozen."""

    why: str


@fact("identity.credentials_issued")
@dataclass(frozen=True, kw_only=True)
class CredentialsIssued(Fact):
    """`count` credentials that share no value, at this level."""

    count: int
    level: str


@fact("identity.issuance_deferred")
@dataclass(frozen=True, kw_only=True)
class IssuanceDeferred(Fact):
    """A wallet asked before the application was decided: it asks again later."""


@fact("identity.wallet_told")
@dataclass(frozen=True, kw_only=True)
class WalletTold(Fact):
    """A wallet told what became of what it was given; `event` is a word of `models.credentials.EVENTS`."""

    event: str


@fact("identity.credentials_revoked")
@dataclass(frozen=True, kw_only=True)
class CredentialsRevoked(Fact):
    """Finally. `why` is a word of `models.credentials.WHY_REVOKED`."""

    count: int
    why: str


@fact("identity.party_set")
@dataclass(frozen=True, kw_only=True)
class PartySet(Fact):
    """An administrator registered a relying party, or changed what it may ask: the fields that `changed` names."""

    changed: list[str]


@fact("identity.counter_link_made")
@dataclass(frozen=True, kw_only=True)
class CounterLinkMade(Fact):
    """A relying party has a new secret link for its counter; the one before opens nothing any more."""


@fact("identity.clerk_set")
@dataclass(frozen=True, kw_only=True)
class ClerkSet(Fact):
    """The person may ask for a relying party, or no longer."""

    may: bool


@fact("identity.presentation_asked")
@dataclass(frozen=True, kw_only=True)
class PresentationAsked(Fact):
    """A relying party shows a code at its counter; nobody has answered yet."""

    party: str
    claims: list[str]
    mode: str


@fact("identity.request_taken")
@dataclass(frozen=True, kw_only=True)
class RequestTaken(Fact):
    """A wallet has fetched the request: nobody else can any more."""


@fact("identity.presented")
@dataclass(frozen=True, kw_only=True)
class Presented(Fact):
    """A wallet answered. `claims` are the names of what the relying party learned, never a value; `outcome` is a word
    of `models.presenting.OUTCOMES`. The person's log of consents is made of these."""

    party: str
    name: str
    purpose: str
    claims: list[str]
    outcome: str
    fault: str = ""


@fact("identity.presentation_forgotten")
@dataclass(frozen=True, kw_only=True)
class PresentationForgotten(Fact):
    """What was shown at counters is deleted: of so many requests."""

    count: int
