"""Which streams this gateway writes, and who writes the others.

A stream belongs to whoever holds its advisory lock, on a connection that does nothing else: when the process dies, or
its line breaks, the lock is free and another one takes the stream over, within a second or two. A process that only
believes that it still holds one is refused by the epoch (`actions/writer.py`). Each gateway takes its share of the
streams: as many as there are, divided by the gateways that live.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from meydan.messaging.actions.peers import NotMine, Peers
from meydan.messaging.actions.tending import tend
from meydan.messaging.actions.writer import Busy, Moved, Writer
from meydan.messaging.queries.live import Live
from meydan.messaging.queries.reading import DATABASE_FAULTS, Pool, connect

LOCK_CLASS = 1_296_389_466
LOOK_SECONDS = 1.0
LIVES_SECONDS = 2.5
"""After which a gateway that says nothing counts as dead; while it lives its locks hold all the same."""
PATIENCE_SECONDS = 8.0
"""How long a request waits for a stream that nobody writes just now."""


class Streams:
    """One for each gateway process. `catch_up(stream)` reads what others wrote; it is called before we write."""

    def __init__(
        self, pool: Pool, live: Live, settings: dict[str, Any], peers: Peers, catch_up: Callable[[int], Awaitable[None]]
    ) -> None:
        self.pool = pool
        self.live = live
        self.settings = settings
        self.peers = peers
        self.catch_up = catch_up
        self.mine: dict[int, Writer] = {}
        self.line: Any = None
        self.task: asyncio.Task[None] | None = None
        self.told: Callable[[int, int], None] | None = None
        self.others = 0  # gateways that live beside this one

    @property
    def all(self) -> range:
        """The numbers of all streams."""
        return range(len(self.live.positions))

    async def start(self) -> None:
        """Take what is free and our share, then go on looking."""
        await self._open()
        await self._look()
        self.task = tend(self._keep_looking, "streams")

    async def stop(self) -> None:
        """Write what was taken, then give the streams back."""
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        for shard in list(self.mine):
            await self._give_back(shard)
        with contextlib.suppress(*DATABASE_FAULTS):
            await self.pool.execute("delete from messaging_gatewayprocess where address = $1", self.peers.address)
        if self.line is not None:
            self.line.terminate()

    async def _open(self) -> None:
        self.line = await connect(self.settings)

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self.line is None or self.line.is_closed():
                    await self._lose_all()
                    await self._open()
                await self._look()
            except Exception:
                await self._lose_all()
                raise

    async def _look(self) -> None:
        """Say that we live; take or give back, as our share is."""
        living = await self.line.fetchval(_LIVE, self.peers.address, LIVES_SECONDS)
        self.others = living - 1
        share = -(-len(self.all) // max(1, living))
        for shard, writer in list(self.mine.items()):
            if writer.lost:
                await self._give_back(shard)
        for shard in self.all:
            if shard not in self.mine and len(self.mine) < share:
                await self._take(shard)
        if len(self.mine) > share:
            await self._give_back(next(reversed(self.mine)))

    async def _take(self, shard: int) -> None:
        if not await self.line.fetchval("select pg_try_advisory_lock($1, $2)", LOCK_CLASS, shard):
            return
        writer = Writer(shard, self.pool, self.live)
        await writer.take_over(self.peers.address)
        await self.catch_up(shard)
        writer.begin(self.told)
        self.mine[shard] = writer

    async def _give_back(self, shard: int) -> None:
        writer = self.mine.pop(shard)
        await writer.stop()
        with contextlib.suppress(*DATABASE_FAULTS):
            await self.line.fetchval("select pg_advisory_unlock($1, $2)", LOCK_CLASS, shard)

    async def _lose_all(self) -> None:
        """The line that held the locks is gone: nothing is ours any more."""
        for shard in list(self.mine):
            self.mine.pop(shard).abandon()
        if self.line is not None:
            self.line.terminate()
        self.line = None

    async def ask(self, shard: int, verb: str, values: Any) -> bytes:
        """Have whoever writes the stream do something; what it answers. `Busy` when nobody does, `Moved` when we do."""
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            owner = await self.pool.fetchval("select owner from messaging_shard where number = $1", shard)
            if owner and owner != self.peers.address:
                with contextlib.suppress(OSError, EOFError, TimeoutError, NotMine):
                    return await self.peers.ask(owner, verb, values)
            elif shard in self.mine:
                raise Moved  # it has become ours meanwhile: the next try finds it here
            if asyncio.get_running_loop().time() > until:
                raise Busy
            await asyncio.sleep(0.1)


_LIVE = """
with here as (insert into messaging_gatewayprocess (address, seen_at) values ($1, now())
              on conflict (address) do update set seen_at = now())
select 1 + count(*) from messaging_gatewayprocess
 where address <> $1 and seen_at > now() - make_interval(secs => $2)"""
