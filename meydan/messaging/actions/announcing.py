"""From events to notifications: whoever writes a stream also says whom its events shall be pushed to.

What was committed is gathered in memory, weighed by the rules of those who have pushers, and written as notifications
that wait, in one transaction that moves the stream's mark on. A gateway that dies leaves the mark where it was: who
takes the stream over reads from there. Two that believe they hold it move the mark against each other, and one gives
way. So no notification is lost, and none is made twice.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.actions.tending import tend
from meydan.messaging.queries.live import Entry, Item, Read
from meydan.messaging.queries.pushed import tweaks_of, weigh_for, whom_to_tell
from meydan.messaging.queries.reading import DATABASE_FAULTS

LOOK_SECONDS = 1.0
MARK_SECONDS = 5.0
"""After which the mark of a stream is moved although nobody is told of anything."""
PEOPLE_SECONDS = 60.0
"""After which it is read again who has pushers, should a word of another gateway have been lost."""
AT_ONCE = 1000
MOST_GATHERED = 20_000
Waiting = tuple[str, str, bytes, int]  # the person, the event ("": the badge alone), its tweaks, its time (ms)
encode = msgspec.json.Encoder().encode
log = logging.getLogger(__name__)


class Announcer:
    """One for each gateway process."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        self.live = messenger.live
        self.news = asyncio.Event()
        self.made = asyncio.Event()  # set when notifications wait that did not before
        self.gathered: dict[int, list[Item]] = {}  # of the streams that are ours and that we follow
        self.marks: dict[int, int] = {}
        self.marked_at: dict[int, float] = {}
        self.people_at = 0.0
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follow what is committed."""
        self.live.watcher = self
        self.task = tend(self._run, "announcer")

    async def stop(self) -> None:
        """What is gathered and not written is read again by whoever comes next."""
        self.live.watcher = None
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def gather(self, shard: int, items: Iterable[Item]) -> None:
        """Take what was committed and may concern somebody who has a pusher."""
        if not self.messenger.writes(shard):
            self.gathered.pop(shard, None)
            return
        held = self.gathered.get(shard)
        if held is None:
            return
        before = len(held)
        held += [one for one in items if self._concerns(one)]
        if len(held) > MOST_GATHERED:
            del self.gathered[shard]  # read it from the database, a bit at a time
        if len(held) > before:
            self.news.set()

    def forget(self, shard: int) -> None:
        """Memory may have missed something: begin at the mark again."""
        self.gathered.pop(shard, None)
        self.people_at = 0.0

    def _concerns(self, item: Item) -> bool:
        if isinstance(item, Read):
            return item.person in self.live.pushed and item.type != "m.fully_read"
        if not isinstance(item, Entry) or not self.live.pushed:
            return False
        room = self.live.rooms.get(item.room)
        return room is None or bool(whom_to_tell(room, item, self.live.pushed))

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except DATABASE_FAULTS as error:
                log.warning("notifications: the database does not answer: %s", error)
                self.gathered.clear()
            except Exception:
                log.exception("notifications could not be made")
                self.gathered.clear()
                await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.wait_for(self.news.wait(), MARK_SECONDS)
            except TimeoutError:
                continue

    async def _look(self) -> None:
        self.news.clear()
        now = time.monotonic()
        if not self.people_at or now - self.people_at > PEOPLE_SECONDS:
            rows = await self.messenger.pool.fetch("select distinct person from messaging_pusher")
            self.live.pushed, self.people_at = {row[0] for row in rows}, now
        for shard in [one for one in self.messenger.streams.mine if one]:
            if shard not in self.gathered:
                await self._begin(shard)
            if items := self.gathered.get(shard):
                upto = self.live.positions[shard]
                self.gathered[shard] = []
                await self._write(shard, items, upto)
            elif now - self.marked_at.get(shard, 0.0) > MARK_SECONDS:
                await self._write(shard, [], self.live.positions[shard])

    async def _begin(self, shard: int) -> None:
        """Follow a stream; what was committed since its mark is read from the database."""
        self.gathered[shard], upto = [], self.live.positions[shard]
        row = await self.messenger.pool.fetchval(_MARK, shard, upto)
        self.marks[shard] = row
        while shard in self.gathered and (start := self.marks[shard]) < upto:
            end = min(upto, start + AT_ONCE)
            await self._write(shard, await self.messenger.tail.items_between(shard, start, end), end)

    async def _write(self, shard: int, items: Sequence[Item], upto: int) -> None:
        """Move the mark, with what waits since."""
        waiting = [one for item in items if self._concerns(item) for one in await self._said(item)]
        if upto <= self.marks[shard] and not waiting:
            self.marked_at[shard] = time.monotonic()
            return
        async with self.messenger.pool.acquire() as line, line.transaction():
            moved = await line.execute(_MOVE, shard, self.marks[shard], upto)
            if not moved.endswith(" 1"):
                self.gathered.pop(shard, None)  # somebody else was at it
                return
            if waiting:
                await self._put(line, waiting)
        self.marks[shard], self.marked_at[shard] = upto, time.monotonic()
        if waiting:
            self.made.set()

    async def _said(self, item: Item) -> list[Waiting]:
        """What an event or a receipt has people told."""
        if isinstance(item, Read):
            return [(item.person, "", b"{}", item.at)]
        if not isinstance(item, Entry):
            return []
        room = await self.messenger.reader.room_number(item.room)
        said: list[Waiting] = []
        for name in whom_to_tell(room, item, self.live.pushed) if room is not None else ():
            outcome = await weigh_for(self.messenger.reader, room, name, item) if room is not None else None
            if outcome is not None:
                said.append((name, item.event.event_id, encode(tweaks_of(outcome)), item.event.origin_server_ts))
        return said

    @staticmethod
    async def _put(line: Any, waiting: Sequence[Waiting]) -> None:
        """The pushers' rows first, in one order, so that nobody waits for somebody who waits for them."""
        columns = [list(column) for column in zip(*waiting, strict=True)]
        numbers = [row[0] for row in await line.fetch(_LOCK, sorted(set(columns[0])))]
        await line.execute(_DUE, numbers)
        await line.execute(_PUT, *columns)


_MARK = """
with made as (insert into messaging_pushmark (shard, pos) values ($1, $2) on conflict do nothing returning pos)
select pos from made union all select pos from messaging_pushmark where shard = $1 limit 1"""
_MOVE = "update messaging_pushmark set pos = $3 where shard = $1 and pos = $2"
_LOCK = "select id from messaging_pusher where person = any($1::text[]) order by id for update"
_DUE = "update messaging_pusher set due_at = coalesce(due_at, now()) where id = any($1::bigint[])"
_PUT = """
insert into messaging_pushwaiting (pusher_id, event_id, tweaks, made_at)
select pusher.id, said.event_id, said.tweaks, now()
  from unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[])
       with ordinality said (person, event_id, tweaks, at, place)
  join messaging_pusher pusher on pusher.person = said.person
   and pusher.made_at <= to_timestamp(said.at / 1000.0) + interval '1 second'
 order by said.place
on conflict (pusher_id, event_id) do nothing"""
