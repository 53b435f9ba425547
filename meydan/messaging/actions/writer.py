"""The writer of a stream: the only one who gives out its positions.

What is submitted while a batch is being committed goes into the next one: one commit for many events. A position is
given out when the batch is made, so there is never a hole: a batch that fails gives its positions back. Each batch
moves `messaging_shard.pos` under the epoch that this process holds; when another one has taken the stream over, nothing
is written and everything in the queue is refused.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec

from meydan.messaging.actions.peers import pack
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.live import Entry, Item, Live, Note
from meydan.messaging.queries.reading import DATABASE_FAULTS, Pool

MOST_IN_A_BATCH = 250
MOST_WAITING = 20_000
STOP_SECONDS = 10.0
"""For so long a writer that ends waits for the database."""
INPUT_FAULTS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""What the database says of what it was given. The transaction is undone, and its line is whole."""
log = logging.getLogger(__name__)

Statement = tuple[str, Sequence[Any]]
_STAND = "select epoch, pos from messaging_shard where number = $1"
_MOVE = "update messaging_shard set pos = $1 where number = $2 and epoch = $3"
_INSERT = """
with mine as (update messaging_shard set pos = $1 where number = $2 and epoch = $3 returning 1)
insert into messaging_event
      (shard, pos, room, event_id, type, state_key, sender, at, body, rel_type, relates_to, redacts, device, txn)
select $2, e.* from mine, unnest($4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
       $10::bigint[], $11::bytea[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::text[]) e"""


_INSERT_NOTES = """
with mine as (update messaging_shard set pos = $1 where number = $2 and epoch = $3 returning 1)
insert into messaging_peoplenote (pos, note) select n.* from mine, unnest($4::bigint[], $5::bytea[]) n"""


_MOVED_NOTES = """
with mine as (update messaging_shard set pos = ${} where number = ${} and epoch = ${} returning 1), noted as (
     insert into messaging_peoplenote (pos, note) select n.* from mine, unnest(${}::bigint[], ${}::bytea[]) n)"""
_UNMOVED = "with mine as (select 1)"


@dataclass(frozen=True)
class _Joint:
    """What a statement of `joint` is given for each in a batch, made into what it is given once; and the same statement
    with the batch's notes in front of it, their values last."""

    fold: Callable[[list[Sequence[Any]]], Sequence[Any]]
    with_notes: str


_JOINT: dict[str, _Joint] = {}


def joint(rest: str, values: int, fold: Callable[[list[Sequence[Any]]], Sequence[Any]]) -> str:
    """A statement that does for a whole batch what it does for one, and where nothing else goes with the batch's notes,
    together with them: one way to the database instead of four.

    `rest`: what follows a first `with` query, "mine", which has a row if the stream is ours; it takes as many values,
    writes nothing without that row, and ends by selecting how many rows "mine" has.
    """
    statement = _UNMOVED + rest
    _JOINT[statement] = _Joint(fold, _MOVED_NOTES.format(*range(values + 1, values + 6)) + rest)
    return statement


class Busy(MatrixError):
    """The stream takes nothing now; the client tries again."""

    def __init__(self) -> None:
        super().__init__(503, "M_UNKNOWN", "The server is busy or starting; try again.", retry_after_ms=1000)


class Moved(Busy):
    """The same, and nothing was written: the stream has gone to another gateway, or come to this one."""


@dataclass(slots=True, eq=False)
class Pending:
    """Something that waits to be written: `make` gets the position and says what it is; `also` are the statements that
    go with it, in the same transaction, made with the position too; `before` is called once it is written, before
    anybody is told."""

    make: Callable[[int], Item]
    also: Callable[[int], Sequence[Statement]] | None
    before: Callable[[], None] | None
    done: "asyncio.Future[Item]" = field(repr=False)


class Writer:
    """Writes one stream. `start` it in the loop that it shall run in."""

    def __init__(self, shard: int, pool: Pool, live: Live) -> None:
        self.shard = shard
        self.pool = pool
        self.live = live
        self.epoch = 0
        self.pos = 0
        self.queue: list[Pending] = []
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.told: Callable[[int, int], None] | None = None
        self.lost = False
        self.writing = False

    async def take_over(self, owner: str) -> None:
        """Make the stream ours: whoever wrote it before is refused from now on. `begin` when memory has caught up."""
        self.epoch, self.pos = await self.pool.fetchrow(
            """insert into messaging_shard (number, epoch, pos, owner) values ($1, 1, 0, $2)
               on conflict (number) do update set epoch = messaging_shard.epoch + 1, owner = $2 returning epoch, pos""",
            self.shard,
            owner,
        )

    def begin(self, told: Callable[[int, int], None] | None = None) -> None:
        """Write what is submitted. `told` hears after each commit how far the stream has come."""
        self.told = told
        self.task = asyncio.create_task(self._run(), name=f"writer {self.shard}")

    def abandon(self) -> None:
        """The stream is somebody else's: refuse what waits, of which nothing is written."""
        self.lost = True
        if self.task:
            self.task.cancel()
        batch, self.queue = self.queue, []
        _refuse(batch, Moved())

    async def stop(self) -> None:
        """Write what is there and what is being written, then end."""
        until = asyncio.get_running_loop().time() + STOP_SECONDS
        while (self.queue or self.writing) and self.task and not self.task.done():
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(0.01)
        self.abandon()

    def submit(
        self,
        make: Callable[[int], Item],
        also: Callable[[int], Sequence[Statement]] | None = None,
        before: Callable[[], None] | None = None,
    ) -> "asyncio.Future[Item]":
        """Put something into the stream; the future ends once it is committed and everybody here knows it."""
        if self.lost:
            raise Moved
        if len(self.queue) >= MOST_WAITING:
            raise Busy
        pending = Pending(make, also, before, asyncio.get_running_loop().create_future())
        self.queue.append(pending)
        self.news.set()
        return pending.done

    async def _run(self) -> None:
        while True:
            await self.news.wait()
            await asyncio.sleep(0)  # whatever else came in this turn of the loop goes along
            batch, self.writing = self._take(), True
            try:
                # What came during a commit is written at once, and on the same line: to give a line back takes three
                # turns of the loop, each with all that everybody asked meanwhile, and the database would wait for it.
                async with self.pool.acquire() as line:
                    while batch:
                        await self._write_each(line, batch)
                        batch = self._take()
            except Moved:
                _refuse(batch, Moved())
                self.abandon()
            except asyncio.CancelledError:
                _refuse(batch, Busy())
                raise
            except DATABASE_FAULTS as error:
                log.warning("stream %s: %s pieces could not be written: %s", self.shard, len(batch), error)
                await self._recover(batch, Busy())
            except Exception:
                log.exception("stream %s: a batch could not be written", self.shard)
                await self._recover(batch, MatrixError(500, "M_UNKNOWN", "This could not be written."))
            finally:
                self.writing = False

    def _take(self) -> list[Pending]:
        """The next batch; nothing while nothing waits."""
        batch, self.queue = self.queue[:MOST_IN_A_BATCH], self.queue[MOST_IN_A_BATCH:]
        if not self.queue:
            self.news.clear()
        return batch

    async def _write_each(self, line: Any, batch: Sequence[Pending]) -> None:
        """Write them together; when the database cannot hold one of them, one by one: the others must not suffer."""
        try:
            await self._write(line, batch)
        except INPUT_FAULTS as error:
            if len(batch) == 1:
                log.warning("stream %s: the database refuses a piece: %s", self.shard, error)
                _refuse(batch, MatrixError(400, "M_UNKNOWN", "The database cannot hold this."))
            else:
                for one in batch:
                    await self._write_each(line, [one])

    async def _recover(self, batch: Sequence[Pending], refusal: MatrixError) -> None:
        """Nobody knows whether the batch was committed before the line broke: ask, and forget what memory says."""
        try:
            epoch, self.pos = await self._stand()
            self.live.reset(self.shard, self.pos)
            if epoch != self.epoch:
                self.abandon()
        finally:
            _refuse(batch, refusal)

    async def _stand(self) -> tuple[int, int]:
        """The stream's epoch and position, once the database says them."""
        while True:
            try:
                epoch, pos = await self.pool.fetchrow(_STAND, self.shard)
            except Exception as error:  # whatever it is: a writer that ends here takes pieces that nobody will write
                log.warning("stream %s: where it stands is not known yet: %s", self.shard, error)
                await asyncio.sleep(0.2)
            else:
                return epoch, pos

    async def _write(self, line: Any, batch: Sequence[Pending]) -> None:
        items = [one.make(self.pos + number) for number, one in enumerate(batch, 1)]
        last = self.pos + len(batch)
        also = [
            statement
            for number, one in enumerate(batch, 1)
            if one.also is not None
            for statement in one.also(self.pos + number)
        ]
        await self._commit(line, last, items, also)
        self.pos = last
        for one in batch:
            if one.before is not None:
                one.before()
        self.live.apply(self.shard, last, items)
        for one, item in zip(batch, items, strict=True):
            if not one.done.done():
                one.done.set_result(item)
        if self.told is not None:
            self.told(self.shard, last)

    async def _commit(self, line: Any, last: int, items: Sequence[Item], also: Sequence[Statement]) -> None:
        if not also:
            await self._move(line, last, items)
        elif (shared := _shared(items, also)) is not None:
            values = shared.fold([one[1] for one in also])
            if not await line.fetchval(shared.with_notes, *values, *self._stands(last), *_notes(items)):
                raise Moved
        else:
            async with line.transaction():
                await self._move(line, last, items)
                for statement, each in groupby(also, key=itemgetter(0)):
                    await _execute(line, statement, [one[1] for one in each])

    def _stands(self, last: int) -> tuple[int, int, int]:
        return last, self.shard, self.epoch

    async def _move(self, line: Any, last: int, items: Sequence[Item]) -> None:
        """Give the positions out, and write what has a row of its own: events and notes."""
        stands = self._stands(last)
        if entries := [item for item in items if isinstance(item, Entry)]:
            said = await line.execute(_INSERT, *stands, *_columns(entries))
        elif notes := [item for item in items if isinstance(item, Note)]:
            said = await line.execute(_INSERT_NOTES, *stands, *_notes(notes))
        else:
            said = await line.execute(_MOVE, *stands)
        if said.endswith(" 0"):
            raise Moved  # the stream is somebody else's now


def _shared(items: Sequence[Item], also: Sequence[Statement]) -> _Joint | None:
    """The statement that all in a batch of notes bring, and nothing else."""
    statement = also[0][0]
    is_alone = all(one[0] == statement for one in also) and all(isinstance(item, Note) for item in items)
    return _JOINT.get(statement) if is_alone else None


async def _execute(line: Any, statement: str, values: list[Sequence[Any]]) -> None:
    if (joined := _JOINT.get(statement)) is not None:
        await line.execute(statement, *joined.fold(values))
    elif len(values) == 1:
        await line.execute(statement, *values[0])
    else:
        await line.executemany(statement, values)


def _notes(notes: Sequence[Item]) -> tuple[list[int], list[bytes]]:
    """Who is there is not written down with them: it has a table that forgets."""
    bare = (msgspec.structs.replace(one, shown=()) if isinstance(one, Note) and one.shown else one for one in notes)
    return [one.pos for one in notes], [pack(one) for one in bare]


def _columns(entries: Sequence[Entry]) -> list[list[Any]]:
    events = [entry.event for entry in entries]
    return [
        [event.pos for event in events],
        [entry.room for entry in entries],
        [event.event_id for event in events],
        [event.type for event in events],
        [event.state_key for event in events],
        [event.sender for event in events],
        [event.origin_server_ts for event in events],
        [entry.body for entry in entries],
        [entry.rel_type for entry in entries],
        [entry.relates_to for entry in entries],
        [event.redacts for event in events],
        [entry.device for entry in entries],
        [entry.txn for entry in entries],
    ]


def _refuse(batch: Sequence[Pending], error: Exception) -> None:
    for one in batch:
        if not one.done.done():
            one.done.set_exception(error)
