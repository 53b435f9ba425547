"""When those who wait are woken: at once while answering is little work, together while it is much.

Every answer ends a poll, and its client comes back for the next one. Were each event told by itself, two hundred
listeners would leave no time to write anything. So the wakings go in rounds, and after each the loop is left to others
for `REST` times as long as the round took, at most `MOST_SECONDS`: what happens meanwhile is told in the next round,
many events in one answer. After a quiet moment the first event wakes at once, whatever its room; a round of one poll
takes so little that the next need not wait either.
"""

import asyncio
import time
from itertools import islice
from typing import Protocol

REST = 3.0
MOST_SECONDS = 0.1
SLICE = 128
"""Of a round, so many are woken in one turn of the loop; between two turns it hears others."""


class Waking(Protocol):
    """Whoever waits to be woken; once is enough, and again does nothing."""

    def wake(self) -> None:
        """Go on."""


class _Turn:
    """Somebody who comes while it is not their turn."""

    __slots__ = ("future",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[None] = loop.create_future()

    def wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Rounds:
    """The rounds of one process."""

    def __init__(self) -> None:
        self.called: dict[Waking, None] = {}  # for the next round, in the order of their calls
        self.going: dict[Waking, None] = {}  # of this round, who is still to be woken
        self.opens = 0.0  # when the next round may begin
        self.began = 0.0
        self.is_set = False  # a round is going, or its time is set

    def call(self, waking: Waking) -> None:
        """Wake somebody in the next round, which is now when the loop has had its rest."""
        self.called[waking] = None
        if not self.is_set:
            self._set(asyncio.get_running_loop())

    async def turn(self) -> None:
        """Return when polls may be answered: at once, or in the next round."""
        if self.is_set or time.monotonic() < self.opens:
            turn = _Turn(asyncio.get_running_loop())
            self.call(turn)
            await turn.future

    def end(self) -> None:
        """Wake everybody who was called: the process ends."""
        waking, self.called, self.going = [*self.going, *self.called], {}, {}
        for one in waking:
            one.wake()

    def _set(self, loop: asyncio.AbstractEventLoop) -> None:
        self.is_set = True
        if (left := self.opens - time.monotonic()) > 0:
            loop.call_later(left, self._begin, loop)
        else:
            loop.call_soon(self._begin, loop)  # whatever else is told in this turn of the loop belongs to it

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self.began = time.monotonic()
        self.going, self.called = self.called, {}
        self._go_on(loop)

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        for one in list(islice(self.going, SLICE)):
            del self.going[one]
            one.wake()
        # they answer in the next turn of the loop, and what they answer goes out in the one after it
        loop.call_soon(loop.call_soon, self._go_on if self.going else self._rest, loop)

    def _rest(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        self.opens = now + min(MOST_SECONDS, REST * (now - self.began))
        self.is_set = False
        if self.called:
            self._set(loop)
