"""Events that are left here to be sent later, unless their person says otherwise (MSC4140): so a call knows that
somebody has gone whose telephone can say so no more.

They lie in the database. The gateway that writes a room's stream sends them, and takes each away in the transaction
that writes its event: once, whatever dies when. It sleeps until the first is due, and hears by NOTIFY of a sooner one.
"""

import asyncio
import contextlib
import logging
import secrets
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.actions.tending import tend
from meydan.messaging.actions.writer import Busy
from meydan.messaging.models.delayed import DELAYED, MOST_DELAY_MS, MOST_WAITING
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.errors import MatrixError, not_found
from meydan.messaging.models.events import Event
from meydan.messaging.models.shapes import check_event, make_event_id
from meydan.messaging.queries.live import Room
from meydan.messaging.queries.reading import DATABASE_FAULTS, milliseconds

LOOK_SECONDS = 5.0
"""The longest sleep: a stream may have become ours, or a word may have been lost."""
AT_ONCE = 100
ACTIONS = ("cancel", "restart", "send")
CODE = "org.matrix.msc4140.errcode"
NONE = not_found("No such event waits here any more.")
encode = msgspec.json.Encoder().encode
log = logging.getLogger(__name__)


async def delay_event(
    messenger: Messenger, room: Room, who: Who, draft: Draft, delay: int, txn: str | None = None
) -> str:
    """Leave an event to be sent in `delay` milliseconds; its id. The same transaction again has the same. What the
    room's rules say of it is asked when it is sent."""
    if delay > MOST_DELAY_MS:
        more: dict[str, Any] = {CODE: "M_MAX_DELAY_EXCEEDED", "org.matrix.msc4140.max_delay": MOST_DELAY_MS}
        raise MatrixError(400, "M_UNKNOWN", f"At most {MOST_DELAY_MS} ms.", **more)
    now = milliseconds()
    check_event(Event(make_event_id(), room.room_id, draft.type, who.user_id, draft.content, now, draft.state_key))
    if txn is not None and (known := await messenger.pool.fetchval(_KNOWN, who.device, txn)) is not None:
        return str(known)
    values = (who.user_id, who.device, txn, room.number, room.shard, messenger.live.positions[room.shard])
    what = (draft.type, draft.state_key, encode(draft.content), delay, now)
    delay_id = await messenger.pool.fetchval(_LEAVE, secrets.token_hex(16), *values, *what, MOST_WAITING)
    if delay_id is None:
        more = {CODE: "M_MAX_DELAYED_EVENTS_EXCEEDED"}
        raise MatrixError(400, "M_UNKNOWN", f"At most {MOST_WAITING} events wait for one person.", **more)
    await tell_delayed(messenger)
    return str(delay_id)


async def manage_delayed(messenger: Messenger, delay_id: str, action: str, person: str | None) -> None:
    """Cancel it, let its time begin anew, or send it now; `person`: only if it is theirs. `M_NOT_FOUND` when it does
    not wait any more."""
    if await messenger.pool.fetchval(_MANAGE[action], delay_id[:32], person, milliseconds()) is None:
        raise NONE
    if action == "send":
        await tell_delayed(messenger)


async def tell_delayed(messenger: Messenger) -> None:
    """One may be due before all that the gateways know of."""
    await messenger.pool.execute("select pg_notify($1, '')", DELAYED)


async def list_delayed(messenger: Messenger, person: str) -> list[dict[str, Any]]:
    """Those of a person that wait."""
    found = []
    for delay_id, room_id, kind, key, content, delay, since in await messenger.pool.fetch(_MINE, person):
        said = {"delay_id": delay_id, "room_id": room_id, "type": kind, "delay": delay, "running_since": since}
        found.append({**said, **({"state_key": key} if key is not None else {}), "content": msgspec.Raw(content)})
    return found


class Delayer:
    """Sends what is due in the rooms whose streams this process writes."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        self.task = tend(self._run, "delayed events")

    async def stop(self) -> None:
        """End; what is due is sent by whoever writes the stream next."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        news = self.messenger.teller.delayed
        while True:
            news.clear()
            wait = 1.0
            try:
                wait = await self._send_due()
            except (*DATABASE_FAULTS, Busy) as error:
                log.warning("delayed events: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), wait)

    async def _send_due(self) -> float:
        """Send what is due; in how many seconds to look again."""
        shards = list(self.messenger.streams.mine)
        while rows := await self.messenger.pool.fetch(_CLAIM, shards, milliseconds(), AT_ONCE):
            for row in sorted(rows, key=lambda row: int(row["send_at"])):
                await self._send(row)
        first = await self.messenger.pool.fetchval(_FIRST, shards)
        left = LOOK_SECONDS if first is None else (first - milliseconds()) / 1000
        return float(max(0.02, min(left, LOOK_SECONDS)))

    async def _send(self, row: Any) -> None:
        room = await self.messenger.reader.room_number(row["room"])
        sent = False
        try:
            if room is not None and not _is_overtaken(room, row):
                content = msgspec.json.decode(row["content"])
                draft = Draft(row["type"], content, row["state_key"], by=row["person"])
                sent = await self.messenger.carry_out(room, [draft], (_GONE, (row["id"],)))
        except Busy:
            raise
        except MatrixError as error:
            log.info("delayed event %s is not sent: %s", row["id"], error)
        if not sent:
            await self.messenger.pool.execute(_GONE, row["id"])


def _is_overtaken(room: Room, row: Any) -> bool:
    """Whether somebody else has said something else meanwhile, which a piece of state then keeps to (MSC4140)."""
    known = room.state.get((row["type"], row["state_key"])) if row["state_key"] is not None else None
    return known is not None and known.pos > row["pos"] and known.sender != row["person"]


_KNOWN = "select id from messaging_delayedevent where device = $1 and txn = $2"
_LEAVE = """
insert into messaging_delayedevent
       (id, person, device, txn, room, shard, pos, type, state_key, content, delay, running_since, send_at)
select $1::text, $2::text, $3::bigint, $4::text, $5::bigint, $6::smallint, $7::bigint, $8::text, $9::text, $10::bytea,
       $11::bigint, $12::bigint, $11::bigint + $12::bigint
 where (select count(*) from messaging_delayedevent where person = $2::text) < $13
on conflict (device, txn) where txn is not null do update set txn = excluded.txn returning id"""
_MANAGE = {
    "cancel": """
delete from messaging_delayedevent
 where id = $1 and ($2::text is null or person = $2) and not sending and $3::bigint > 0 returning id""",
    "restart": """
update messaging_delayedevent set running_since = $3, send_at = $3 + delay
 where id = $1 and ($2::text is null or person = $2) and not sending returning id""",
    "send": """
update messaging_delayedevent set sending = true, send_at = $3
 where id = $1 and ($2::text is null or person = $2) and not sending returning id""",
}
_MINE = """
select delayed.id, room.room_id, delayed.type, delayed.state_key, delayed.content, delayed.delay, delayed.running_since
  from messaging_delayedevent delayed join messaging_room room on room.id = delayed.room
 where delayed.person = $1 and not delayed.sending order by delayed.send_at"""
_CLAIM = """
update messaging_delayedevent set sending = true where id in (
       select id from messaging_delayedevent
        where shard = any($1::smallint[]) and send_at <= $2 order by send_at limit $3)
returning id, person, room, pos, type, state_key, content, send_at"""
_FIRST = "select min(send_at) from messaging_delayedevent where shard = any($1::smallint[])"
_GONE = "delete from messaging_delayedevent where id = $1"
