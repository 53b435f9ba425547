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
