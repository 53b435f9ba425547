"""Carrying out what moderators decided: a domain says once how, and it is done in the city's own name.

Every fact that asks for it names its subject as "article:12"; what comes twice, or too late, is done by nobody.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from meydan.kernel.actor import SYSTEM, Actor
from meydan.kernel.errors import Conflict, NotFound

Deed = Callable[[Actor, int], object]


class GivingBack(Protocol):
    """Gives something back to its author: `refused`, or with changes asked for."""

    def __call__(self, actor: Actor, number: int, /, *, refused: bool) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """How a domain carries decisions out on one kind of its things. `approve` and `give_back` for what is looked at
    before it is published."""

    hide: Deed
    show: Deed
    approve: Deed | None = None
    give_back: GivingBack | None = None


_CARRIERS: dict[str, Carrier] = {}


def carries_out(
    kind: str, *, hide: Deed, show: Deed, approve: Deed | None = None, give_back: GivingBack | None = None
) -> None:
    """Have decisions about this kind of thing ("article") carried out by these actions, each with the number of the
    thing. They raise `Conflict` or `NotFound` where nothing is to be done any more."""
    _CARRIERS[kind] = Carrier(hide=hide, show=show, approve=approve, give_back=give_back)


def carry_out(subject: str, deed: Callable[[Carrier], Deed | None]) -> None:
    """Do one of the deeds to the subject, where its domain has said how."""
    kind, _colon, number = subject.partition(":")
    carrier = _CARRIERS.get(kind)
    work = deed(carrier) if carrier else None
    if work is not None and number.isascii() and number.isdigit():
        with suppress(Conflict, NotFound):
            work(SYSTEM, int(number))


def returning(*, refused: bool) -> Callable[[Carrier], Deed | None]:
    """The deed of giving back, refused or for changes."""

    def deed(carrier: Carrier) -> Deed | None:
        give_back = carrier.give_back
        return (lambda actor, number: give_back(actor, number, refused=refused)) if give_back else None

    return deed
