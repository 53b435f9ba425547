"""What a client of sliding sync has been told, for each of its connections. It may be lost: the client then hears that
its position is unknown (`M_UNKNOWN_POS`) and begins anew (MSC4186).
"""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.push import Rules
from meydan.messaging.queries.sliding_asks import Needs

MOST_DEVICES = 10_000
MOST_OF_A_DEVICE = 6
MOST_KEPT = 64 * 1024
"""Bytes of the last answer that are kept for a repetition; a longer one is made again."""


class Told(msgspec.Struct, frozen=True):
    """What a client knows of a room: up to which position, as what, and with which details. `members` are those that it
    was told of because they were met."""

    pos: int
    membership: str
    limit: int = 0
    needs: Needs = Needs()
    members: frozenset[str] = frozenset()
    unread: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Scope:
    """The rooms that an extension spoke of last; `heard`: up to where, of those it does not speak of any more."""

    rooms: frozenset[str] = frozenset()
    heard: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Stand:
    """Where a client stands: the positions of the streams, what it knows of rooms, and of whom extensions spoke."""

    positions: tuple[int, ...] = ()
    typing: int = 0
    rules: Rules | None = None
    rooms: dict[str, Told] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)

    def take(self, step: "Step") -> None:
        """The client has got this answer."""
        self.positions, self.typing, self.rules = step.positions, step.typing, step.rules
        self.rooms.update(step.rooms)
        for name, (rooms, heard) in step.scopes.items():
            scope = self.scopes.setdefault(name, Scope())
            scope.rooms = rooms
            scope.heard.update(heard)


@dataclass(slots=True)
class Step:
    """An answer, and what the client knows beyond its `Stand` once it has got it."""

    positions: tuple[int, ...]
    typing: int
    rules: Rules
    rooms: dict[str, Told] = field(default_factory=dict)
    scopes: dict[str, tuple[frozenset[str], Mapping[str, int]]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    news: bool = False


class Connection:
    """One connection of a device. `pos` is what the client has; `step`, under `next`, is on its way to it."""

    __slots__ = ("_name", "_serial", "answer", "digest", "next", "pos", "stand", "step", "turn")

    def __init__(self) -> None:
        self._name = secrets.token_urlsafe(6)
        self._serial = 0
        self.stand = Stand()
        self.pos = ""
        self.step: Step | None = None
        self.next = ""
        self.answer = self.digest = b""
        self.turn = 0

    def enter(self, pos: str) -> int:
        """A request from this position; what it answers, whoever comes later leaves it behind. `M_UNKNOWN_POS`."""
        if self.step is not None and pos == self.next:
            self.stand.take(self.step)
            self.pos, self.step, self.answer = pos, None, b""
        elif pos != self.pos:
            raise unknown_pos()
        self.turn += 1
        return self.turn

    def again(self, digest: bytes) -> bytes:
        """The answer to the same request, when it was given and is still here; b"" when not."""
        return self.answer if self.step is not None and self.digest == digest else b""

    def give(self, step: Step) -> str:
        """The position that the client has once it has got this answer."""
        self._serial += 1
        self.step, self.next, self.answer = step, f"{self._name}/{self._serial}", b""
        return self.next

    def keep(self, digest: bytes, answer: bytes) -> None:
        """Keep the answer for a repetition."""
        if len(answer) <= MOST_KEPT:
            self.digest, self.answer = digest, answer


def unknown_pos() -> MatrixError:
    """The client begins anew."""
    return MatrixError(400, "M_UNKNOWN_POS", "This position is not known any more; begin anew.")


class Connections:
    """All of a process: those of the devices that asked last, and of each its last ones."""

    def __init__(self) -> None:
        self._devices: OrderedDict[int, OrderedDict[str, Connection]] = OrderedDict()

    def open(self, device: int, conn_id: str, pos: str) -> Connection:
        """The connection; without a position a new one in its place. `M_UNKNOWN_POS`."""
        own = self._devices.setdefault(device, OrderedDict())
        self._devices.move_to_end(device)
        if not pos:
            own[conn_id] = Connection()
        elif conn_id not in own:
            raise unknown_pos()
        own.move_to_end(conn_id)
        while len(own) > MOST_OF_A_DEVICE:
            own.popitem(last=False)
        while len(self._devices) > MOST_DEVICES:
            self._devices.popitem(last=False)
        return own[conn_id]
