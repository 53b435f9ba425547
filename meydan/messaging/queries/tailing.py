"""Following the streams that another gateway writes.

The writer tells by NOTIFY, after its commit, how far a stream has come; what came is read from the database. A word
that was lost costs a second: every gateway also looks by itself.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import msgspec

from meydan.messaging.models.presence import Shown
from meydan.messaging.models.shapes import redacts_of
from meydan.messaging.queries.live import Entry, Item, Live, Note, Read
from meydan.messaging.queries.presence import read_presence
from meydan.messaging.queries.reading import Pool, Reader, entry_of

CHANNEL = "meydan_messenger"
LOOK_SECONDS, QUIET_SECONDS = 1.0, 5.0
"""Between two looks without a word: where another gateway writes some of the streams, and where none does."""
AT_ONCE = 1000
PEOPLE = 0
_position = attrgetter("pos")
_EVENTS = """
select shard, pos, room, body, device, txn, rel_type, relates_to from messaging_event
 where shard = $1 and pos > $2 and pos <= $3 order by pos"""
_READS = """
select shard, pos, room, person, type, thread, event_id, event_pos, at from messaging_receipt
 where shard = $1 and pos > $2 and pos <= $3"""
_NOTES = "select pos, note from messaging_peoplenote where pos > $1 and pos <= $2"
read_note = msgspec.msgpack.Decoder(Note).decode


class Tail:
    """Brings memory up to what others have written. `writes_itself` says which streams need none of it."""

    def __init__(self, pool: Pool, live: Live, reader: Reader, writes_itself: Callable[[int], bool]) -> None:
        self.pool = pool
        self.live = live
        self.reader = reader
        self.writes_itself = writes_itself
        self.heard = asyncio.Event()
        self.told: dict[int, int] = {}
        self.typed: Callable[[str], None] | None = None
        self.ended: Callable[[str], None] | None = None

    def hear(self, _line: Any, _pid: int, _channel: str, payload: str) -> None:
        """A word of a writer: "3 1712" (stream and position), of somebody who types, or of devices that have ended."""
        if payload.startswith('{"ended"'):
            if self.ended is not None:
                self.ended(payload)
            return
        if payload.startswith("{"):
            if self.typed is not None:
                self.typed(payload)
            return
        shard, _space, pos = payload.partition(" ")
        self.told[int(shard)] = max(int(pos), self.told.get(int(shard), 0))
        self.heard.set()

    async def follow(self) -> None:
        """Until cancelled, or until the database does not answer; begun anew it looks at all streams first."""
        streams = range(len(self.live.positions))
        told: Iterable[int] = streams
        while True:
            for shard in told:
                if not self.writes_itself(shard):
                    await self.catch_up(shard)
            with contextlib.suppress(TimeoutError):
                pause = QUIET_SECONDS if all(map(self.writes_itself, streams)) else LOOK_SECONDS
                await asyncio.wait_for(self.heard.wait(), pause)
            told, self.told = self.told or streams, {}
            self.heard.clear()

    async def catch_up(self, shard: int) -> None:
        """Read what is new in a stream, in order."""
        async with self.reader.turns[shard]:
            upto = await self.pool.fetchval("select pos from messaging_shard where number = $1", shard) or 0
            while (start := self.live.positions[shard]) < upto:
                end = min(upto, start + AT_ONCE)
                items = await (self._notes(start, end) if shard == PEOPLE else self.items_between(shard, start, end))
                stripped = await self._stripped(items)
                for number, entry in stripped:
                    if (room := self.live.rooms.get(number)) is not None:
                        room.replace(entry)
                self.live.apply(shard, end, items)

    async def _notes(self, start: int, end: int) -> list[Item]:
        rows = await self.pool.fetch(_NOTES, start, end)
        notes = [msgspec.structs.replace(read_note(note), pos=pos) for pos, note in rows]
        if not any(note.kind == "presence" for note in notes):
            return list(notes)
        news: dict[int, list[Shown]] = {}
        for shown in await read_presence(self.pool, start, end):
            news.setdefault(shown.pos, []).append(shown)
        return [msgspec.structs.replace(note, shown=tuple(news.get(note.pos, ()))) for note in notes]

    async def items_between(self, shard: int, start: int, end: int) -> list[Item]:
        """What was written into a stream of rooms after one position and up to another, in order."""
        entries = map(entry_of, await self.pool.fetch(_EVENTS, shard, start, end))
        reads = (Read(*row) for row in await self.pool.fetch(_READS, shard, start, end))
        return sorted([*entries, *reads], key=_position)

    async def _stripped(self, items: list[Item]) -> list[tuple[int, Entry]]:
        """What was redacted is another event now, and says less in the one that came after it."""
        found = []
        for item in items:
            if isinstance(item, Entry) and item.event.type == "m.room.redaction":
                room, redacts = self.live.rooms.get(item.room), redacts_of(item.event)
                entry = await self.reader.entry(redacts) if room is not None and redacts else None
                if room is not None and entry is not None and entry.room == room.number:
                    later = await self.reader.successor(room, entry)
                    found += [(room.number, one) for one in (entry, later) if one is not None]
        return found
