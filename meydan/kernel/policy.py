"""Verdicts: a policy answers yes, or no with the reason that the person will read."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Refused, Sentence, SignInFirst


@dataclass(frozen=True)
class Verdict:
    """The answer of a policy. True in a condition when it allows."""

    allowed: bool
    reason: Sentence = ""
    code: str = "not_allowed"

    def __bool__(self) -> bool:
        return self.allowed


ALLOW = Verdict(True)


def refuse(reason: Sentence, code: str = "not_allowed") -> Verdict:
    """A no, with its reason."""
    return Verdict(False, reason, code)


def sign_in_first() -> Verdict:
    """A no that signing in may turn into a yes."""
    return Verdict(False, _("Please sign in first."), "sign_in_first")


def all_of(*verdicts: Verdict) -> Verdict:
    """The first no, else yes."""
    return next((verdict for verdict in verdicts if not verdict), ALLOW)


def any_of(*verdicts: Verdict) -> Verdict:
    """The first yes, else the last no."""
    return next((verdict for verdict in verdicts if verdict), verdicts[-1])


def demand(verdict: Verdict, actor: Actor) -> None:
    """Raise `SignInFirst` or `Refused` with the policy's reason unless the verdict allows."""
    if verdict:
        return
    if actor.is_visitor and verdict.code == "sign_in_first":
        raise SignInFirst(verdict.reason)
    raise Refused(verdict.reason, code=verdict.code)
