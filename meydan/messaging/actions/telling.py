"""Telling the other gateways how far the streams have come, and hearing it from them.

A transaction that notifies holds a lock of the whole database through its commit, so the word goes out after it, over a
line of its own; words that wait are one word.
"""

import asyncio
import contextlib
from typing import Any

import msgspec

from meydan.messaging.actions.streams import Streams
from meydan.messaging.actions.tending import tend
from meydan.messaging.models.cases import ERRANDS
from meydan.messaging.models.delayed import DELAYED
from meydan.messaging.queries.reading import DATABASE_FAULTS, connect
from meydan.messaging.queries.tailing import CHANNEL, Tail

RETRY_SECONDS = 0.5


class _Typing(msgspec.Struct):
    """Who types where, for how long, as a gateway says it to the others."""

    by: str
    room: int
    person: str
    seconds: float


_typing_of = msgspec.json.Decoder(_Typing).decode


class Teller:
    """The mouth and the ear of one gateway."""

    def __init__(self, streams: Streams, settings: dict[str, Any], tail: Tail) -> None:
        self.streams = streams
        self.settings = settings
        self.tail = tail
        self.words: dict[int, int] = {}
        self.typing: list[str] = []
        self.news = asyncio.Event()
        self.errands = asyncio.Event()  # somebody has left one
        self.delayed = asyncio.Event()  # an event may be due soon
        self.tasks: list[asyncio.Task[None]] = []
        streams.told = self.say
        tail.typed = self._hear_typing

    async def start(self) -> None:
        """Begin to speak and to listen."""
        self.tasks = [tend(work, work.__name__) for work in (self._speak, self.tail.follow)]

    async def stop(self) -> None:
        """Fall silent."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def say(self, shard: int, pos: int) -> None:
        """A stream has come this far."""
        if self.streams.others:
            self.words[shard] = pos
            self.news.set()

    def say_typing(self, room: int, person: str, seconds: float) -> None:
        """Somebody types, or has stopped."""
        if self.streams.others:
            word = _Typing(self.streams.peers.address, room, person, seconds)
            self.typing.append(msgspec.json.encode(word).decode())
            self.news.set()

    def _hear_typing(self, payload: str) -> None:
        word = _typing_of(payload)
        room = self.tail.live.rooms.get(word.room)
        if room is not None and word.by != self.streams.peers.address:
            self.tail.live.set_typing(room, word.person, word.seconds)

    def _hear_errand(self, *_word: Any) -> None:
        self.errands.set()

    def _hear_delayed(self, *_word: Any) -> None:
        self.delayed.set()

    async def _speak(self) -> None:
        while True:
            try:
                line = await connect(self.settings)
            except DATABASE_FAULTS:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                with contextlib.suppress(*DATABASE_FAULTS):
                    await line.add_listener(CHANNEL, self.tail.hear)
                    await line.add_listener(ERRANDS, self._hear_errand)
                    await line.add_listener(DELAYED, self._hear_delayed)
                    self.errands.set()  # what was said meanwhile was not heard
                    self.delayed.set()
                    await self._speak_over(line)
            finally:
                line.terminate()

    async def _speak_over(self, line: Any) -> None:
        while not line.is_closed():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), 5)
            self.news.clear()
            words, self.words = self.words, {}
            typing, self.typing = self.typing, []
            for word in [*(f"{shard} {pos}" for shard, pos in words.items()), *typing]:
                await line.execute("select pg_notify($1, $2)", CHANNEL, word)
