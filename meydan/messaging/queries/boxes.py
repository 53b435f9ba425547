"""What is held in memory so that a poll which finds nothing of encryption asks the database nothing.

Both follow the people's stream, and whatever they do not know they take to be possible: then the database is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

MOST_BOXES = 50_000
MOST_CHANGES = 5_000
MOST_ADDRESSES = 50_000
Counts = tuple[dict[str, int], list[str]]
Rows = Iterable[tuple[int, int]]


@dataclass(slots=True, eq=False)
class Box:
    """A device's: `newest` is the position of the newest message that may wait for it, `told` that of the newest one
    that it may have been told and that is kept still, 0 when there is none. `counts` are its one-time keys by algorithm
    and its unused fallback keys, None when they must be counted; each change of them moves `serial`, so that who
    counted before it knows."""

    newest: int
    told: int
    counts: Counts | None = None
    counted_at: float = 0.0
    serial: int = 0


class Boxes:
    """The boxes of devices, by our number of them."""

    def __init__(self) -> None:
        self.held: dict[int, Box] = {}

    def of(self, device: int, pos: int) -> Box:
        """The device's box. A new one takes it that something may wait up to `pos`, the stream's position now."""
        box = self.held.get(device)
        if box is None:
            while len(self.held) >= MOST_BOXES:
                del self.held[next(iter(self.held))]
            box = self.held[device] = Box(pos, pos)
        return box

    def put(self, devices: Iterable[int], pos: int) -> None:
        """There is a message for these devices."""
        for device in devices:
            if (box := self.held.get(device)) is not None:
                box.newest = pos

    def recount(self, devices: Iterable[int]) -> None:
        """These devices' keys have become more or fewer."""
        for device in devices:
            if (box := self.held.get(device)) is not None:
                box.counts = None
                box.serial += 1

    def forget(self, device: int) -> None:
        """The device is gone."""
        self.held.pop(device, None)


class Addresses:
    """The devices of people, by the name of the person and the device's own: our numbers of them, and how many messages
    wait for each at most (some that were seen since are counted as well).

    A device that is not here may be: ask the database. One that ends is told in the people's stream, in which it is
    written to as well; so whoever writes that stream may believe what is here.
    """

    def __init__(self) -> None:
        self.held: dict[str, dict[str, int]] = {}
        self.serial = 0  # moves with every end, so that who reads from the database knows of it
        self.loads: dict[int, int] = {}
        self.counting = asyncio.Lock()

    def find(self, person: str, devices: Iterable[str]) -> list[int] | None:
        """Our numbers of these devices; None when one is not held."""
        held = self.held.get(person)
        if held is None:
            return None
        found = list(map(held.get, devices))
        return None if None in found else found  # type: ignore[return-value]  # none of them is None

    def hold(self, person: str, device: str, number: int) -> None:
        """This is one of their devices."""
        while len(self.held) >= MOST_ADDRESSES and person not in self.held:
            del self.held[next(iter(self.held))]
        self.held.setdefault(person, {})[device] = number

    def forget(self, person: str) -> None:
        """Some of their devices are others now, or none."""
        self.serial += 1
        self.held.pop(person, None)

    def is_full(self, device: int, most: int) -> bool:
        """Whether `most` may wait for it, for all that is known."""
        return self.loads.get(device, most) >= most

    def any_full(self, devices: Sequence[int], most: int) -> bool:
        """Whether one of them is."""
        return bool(devices) and max(map(self.loads.get, devices, repeat(most))) >= most

    async def count(self, devices: Iterable[int], most: int, ask: Callable[[list[int]], Awaitable[Rows]]) -> None:
        """Count what waits for those that may be full; `ask` has the database count."""
        async with self.counting:
            full = [device for device in devices if self.is_full(device, most)]
            while len(self.loads) > MOST_BOXES:
                del self.loads[next(iter(self.loads))]
            before = {device: self.loads.setdefault(device, most) for device in full}
            for device, count in await ask(full) if full else ():
                self.loads[device] = count + self.loads[device] - before[device]  # what was put meanwhile as well

    def put(self, devices: Iterable[int]) -> None:
        """One more waits for each of these devices."""
        loads = self.loads
        for device in devices:
            if device in loads:
                loads[device] += 1


class ListChanges:
    """The newest changes of device lists, by whom they are for ("" for everybody) and whose keys they are."""

    def __init__(self) -> None:
        self.log: dict[tuple[str, str], int] = {}
        self.floor = -1  # everything after this position is in the log; -1: nothing is known

    def note(self, viewer: str, person: str, pos: int) -> None:
        """Keys have changed at this position, which is the newest."""
        if self.floor < 0:
            self.floor = pos - 1
        self.log.pop((viewer, person), None)
        self.log[viewer, person] = pos
        if len(self.log) > MOST_CHANGES:
            self.floor = self.log.pop(next(iter(self.log)))

    def between(self, after: int, upto: int) -> list[tuple[str, str]] | None:
        """What changed after one position and up to another; None when the database must be asked."""
        if self.floor < 0 or after < self.floor:
            return None
        found = []
        for key, pos in reversed(self.log.items()):
            if pos <= after:
                break
            if pos <= upto:
                found.append(key)
        return found
