"""What can happen to webhooks. The subject is "hook:<id>"; no fact holds a secret."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("webhooks.hook_set")
@dataclass(frozen=True, kw_only=True)
class HookSet(Fact):
    """A program's address was added or changed: it is told of these kinds of facts, if `active`."""

    url: str
    kinds: list[str]
    active: bool


@fact("webhooks.hook_agreed")
@dataclass(frozen=True, kw_only=True)
class HookAgreed(Fact):
    """The address has agreed to be written to; `rate`: at most so many times a minute, 0 for as often as we like."""

    rate: int


@fact("webhooks.secret_changed")
@dataclass(frozen=True, kw_only=True)
class SecretChanged(Fact):
    """The hook signs with a new secret; for a day with the old one beside it."""


@fact("webhooks.hook_stopped")
@dataclass(frozen=True, kw_only=True)
class HookStopped(Fact):
    """Nothing is sent any more, because the address has failed for days, or is gone."""

    url: str
    gone: bool


@fact("webhooks.hook_removed")
@dataclass(frozen=True, kw_only=True)
class HookRemoved(Fact):
    """A program's address was taken away."""

    url: str


@fact("webhooks.delivery_repeated")
@dataclass(frozen=True, kw_only=True)
class DeliveryRepeated(Fact):
    """An administrator had one delivery sent again."""

    delivery: str
