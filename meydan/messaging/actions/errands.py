"""What other processes have written into the streams: the gateway that writes a stream does its errands.

Docs: docs/decisions/0030. An errand of the verb "append" is done in the transaction that writes its events, under the
stream's epoch: however often it is begun, by whomever, it is done once. Errands of one room are done in their order,
one after the other; one that the rules refuse is put aside with the reason, so that it holds nothing up.
"""

import asyncio
import logging
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from meydan.kernel.city import this_city
from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.actions.profiles import renew_members
from meydan.messaging.actions.tending import tend
from meydan.messaging.actions.writer import Busy, Statement
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.reading import DATABASE_FAULTS, milliseconds
from meydan.messaging.queries.retention import forget_expired

LOOK_SECONDS = 1.0
QUIET_SECONDS = 5.0
"""After which errands are looked for though nobody has told of one."""
AT_ONCE = 200
NAMES_SECONDS = 60.0
MOST_TRIES = 50
"""Of an errand that fails for no reason we know; after that it is put aside."""
log = logging.getLogger(__name__)
decode = msgspec.json.decode
Row = tuple[int, int | None, str, str]
"""An errand's id, room, verb, and body as JSON."""

_WAITING = """
select id, room, verb, body::text from messaging_errand
 where shard = any($1::smallint[]) and done_at is null order by room, id limit $2"""
_DONE = "update messaging_errand set done_at = now(), body = '{}' where id = $1"
_WRONG = "update messaging_errand set done_at = now(), wrong = $2 where id = $1"
_TRIED = "update messaging_errand set tries = tries + 1 where id = $1 returning tries"
_NAMES = "select each.value from accounts_department department, jsonb_each_text(department.name) each"


class Runner:
    """Does the errands of the streams that this process writes, and what has to be done now and then in its memory."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        self.task: asyncio.Task[None] | None = None
        self.named_at = self.looked_at = 0.0
        self.shards: tuple[int, ...] = ()
        self.found = 0

    def start(self) -> None:
        """Begin, in the running loop."""
        self.task = tend(self._run, "errands")

    async def stop(self) -> None:
        """End; what is half done is done by whoever writes the stream next."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        news = self.messenger.teller.errands
        while True:
            try:
                await self._keep_house()
                while self._may_find() and await self._do_some() == AT_ONCE:
                    pass
            except (*DATABASE_FAULTS, Busy) as error:
                log.warning("errands: %s", error)
            except Exception:
                log.exception("errands")
            try:
                await asyncio.wait_for(news.wait(), self._pause())
            except TimeoutError:
                continue

    async def _keep_house(self) -> None:
        """Each minute: the names that are the city's own, and what has expired in memory."""
        if (moment := asyncio.get_running_loop().time()) - self.named_at < NAMES_SECONDS and self.named_at:
            return
        self.messenger.officials = [row[0] for row in await self.messenger.pool.fetch(_NAMES)]
        self.messenger.officials += this_city().name.values()
        forget_expired(self.messenger.live, milliseconds())
        self.named_at = moment

    def _pause(self) -> float:
        """Until the next look without a word. Alone, with nothing left over, a gateway is told of all there is."""
        is_alone = self.shards and not self.found and not self.messenger.streams.others
        return QUIET_SECONDS if is_alone else LOOK_SECONDS

    def _may_find(self) -> bool:
        """Whether there may be errands: some were told of, or left; a stream has become ours; or it is time to look."""
        late = asyncio.get_running_loop().time() - self.looked_at > QUIET_SECONDS
        return bool(
            late
            or self.found
            or self.messenger.teller.errands.is_set()
            or self.shards != (*self.messenger.streams.mine,)
        )

    async def _do_some(self) -> int:
        """Do what waits, room by room; how many errands were found."""
        self.messenger.teller.errands.clear()
        self.looked_at, self.shards = asyncio.get_running_loop().time(), (*self.messenger.streams.mine,)
        rows: list[Row] = await self.messenger.pool.fetch(_WAITING, list(self.shards), AT_ONCE)
        self.found = len(rows)
        rooms = [list(of_room) for _room, of_room in groupby(rows, itemgetter(1))]
        await asyncio.gather(*map(self._do_in_turn, rooms))
        return len(rows)

    async def _do_in_turn(self, rows: Sequence[Row]) -> None:
        """One room's; the first that cannot be done now ends it for this time."""
        for number, room, verb, body in rows:
            try:
                await self._do(number, room, verb, body)
            except MatrixError as error:
                if error.status >= 500:
                    return
                await self._put_aside(number, f"{error.errcode}: {error.message}")
            except DATABASE_FAULTS:
                return
            except Exception as error:
                log.exception("errand %s", number)
                if await self.messenger.pool.fetchval(_TRIED, number) < MOST_TRIES:
                    return
                await self._put_aside(number, repr(error))

    async def _put_aside(self, number: int, reason: str) -> None:
        log.error("errand %s cannot be done: %s", number, reason)
        await self.messenger.pool.execute(_WRONG, number, reason[:500])

    async def _do(self, number: int, room: int | None, verb: str, body: str) -> None:
        done: Statement = (_DONE, (number,))
        if verb == "append":
            if not await self._append(room or 0, body, done):
                await self.messenger.pool.execute(_DONE, number)
            return
        await renew_members(self.messenger, str(decode(body)["person"]))
        await self.messenger.pool.execute(_DONE, number)

    async def _append(self, number: int, body: str, done: Statement) -> bool:
        room = await self.messenger.reader.room_number(number)
        if room is None:
            raise MatrixError(404, "M_NOT_FOUND", "There is no such room.")
        drafts: Any = decode(body)["drafts"]
        return await self.messenger.carry_out(room, msgspec.convert(drafts, list[Draft]), done)
