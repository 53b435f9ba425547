"""Notifications that wait are carried to the push gateways that people named.

Any gateway process carries: it takes a pusher for itself for a while (`busy_until`), so that its notifications go out
one after the other and once. What was not taken is tried again after a pause that grows; a push gateway that does not
answer is left alone by everybody's pushers for a while, and never keeps more than a part of the carriers. A
notification that was taken and whose answer was lost is sent again: at least once, never silently lost.
"""

import asyncio
import logging
import secrets
import time
from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec

from meydan.kernel.config import config
from meydan.messaging.actions.announcing import Announcer
from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.actions.pushers import drop_pushkey
from meydan.messaging.actions.tending import tend
from meydan.messaging.plugins import push_gateway, web_push
from meydan.messaging.plugins.push_gateway import Outcome
from meydan.messaging.queries.pushed import CALLS, about_event, badge_of, find_untold
from meydan.messaging.queries.reading import DATABASE_FAULTS
from meydan.messaging.queries.unread import Counter

CARRIERS = 16
MOST_AT_ONE_GATEWAY = 8
ROUND = 20
"""Notifications of one pusher that are carried before others have their turn."""
PAUSES = (1.0, 5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)
"""Seconds until the next try, by how many have failed; each a little different."""
QUIET = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds for which a push gateway that is down is left alone."""
FORGIVEN_SECONDS = 600.0
LOOK_SECONDS = 1.0
QUIET_SECONDS = 5.0
"""The same where, for all that we know, nobody has a pusher."""
LEASE_SECONDS = 30.0
"""For which a pusher is taken, anew with each notification; a try takes a third of it at most."""
LIVES_HOURS = 24
MOST_WAITING = 200
"""Of one pusher; beyond it the oldest are dropped: what counts is that there is something new."""
decode = msgspec.json.Decoder().decode
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """A pusher that is being served."""

    number: int
    person: str
    app_id: str
    pushkey: str
    url: str
    data: dict[str, Any]
    failures: int
    badge: int
    since: int

    @property
    def is_ours(self) -> bool:
        """Whether its push gateway is this very server: a browser."""
        return self.url == own_gateway()

    def device(self, tweaks: dict[str, Any]) -> dict[str, Any]:
        """As the Push Gateway API names it; a gateway needs not be told where it is."""
        data = {key: value for key, value in self.data.items() if key != "url"}
        said: dict[str, Any] = {"app_id": self.app_id, "pushkey": self.pushkey, "pushkey_ts": self.since, "data": data}
        return {**said, "tweaks": tweaks} if tweaks and self.data.get("format") != "event_id_only" else said


def own_gateway() -> str:
    """The address of our own push gateway, which tells browsers."""
    return config().gateway_url + push_gateway.PATH


class Courier:
    """One for each gateway process."""

    def __init__(self, messenger: Messenger, counter: Counter, announcer: Announcer) -> None:
        self.messenger = messenger
        self.counter = counter
        self.news = announcer.made
        self.threads = ThreadPoolExecutor(CARRIERS, thread_name_prefix="push")
        self.going: dict[asyncio.Task[None], str] = {}
        self.down: dict[str, tuple[int, float]] = {}  # by push gateway: its failures, and until when it is left alone
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Carry."""
        self.task = tend(self._run, "courier")

    async def stop(self) -> None:
        """What is not carried is carried by another one, or later."""
        tasks = [*self.going, *([self.task] if self.task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self) -> None:
        while True:
            self.news.clear()
            try:
                await self._take()
            except DATABASE_FAULTS as error:
                log.warning("push: the database does not answer: %s", error)
            try:
                await asyncio.wait_for(self.news.wait(), LOOK_SECONDS if self.messenger.live.pushed else QUIET_SECONDS)
            except TimeoutError:
                continue

    async def _take(self) -> None:
        """Begin to serve those that are due, as far as there are carriers."""
        free = CARRIERS - len(self.going)
        if free <= 0:
            return
        now = time.monotonic()
        crowded = [url for url, count in Tally(self.going.values()).items() if count >= MOST_AT_ONE_GATEWAY]
        self.down = {url: one for url, one in self.down.items() if now - one[1] < FORGIVEN_SECONDS}
        quiet = [url for url, (_failures, until) in self.down.items() if until > now]
        for row in await self.messenger.pool.fetch(_TAKE, free, LEASE_SECONDS, crowded + quiet, MOST_AT_ONE_GATEWAY):
            number, person, app_id, pushkey, url, body, failures, badge, since = row
            one = Address(number, person, app_id, pushkey, url, decode(body)["data"], failures, badge, since)
            task = asyncio.create_task(self._serve(one), name=f"push {number}")
            self.going[task] = url
            task.add_done_callback(self._end)

    def _end(self, task: "asyncio.Task[None]") -> None:
        self.going.pop(task, None)
        self.news.set()  # there is a free carrier
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("push: a pusher could not be served", exc_info=error)

    async def _serve(self, one: Address) -> None:
        """Carry what waits for one pusher, in order, until there is nothing or something fails."""
        pool = self.messenger.pool
        if not await pool.fetchval(_MAY, one.number):
            await pool.execute("delete from messaging_pusher where id = $1", one.number)
            return
        await pool.execute(_PRUNE, one.number, LIVES_HOURS, MOST_WAITING)
        badge, pause = one.badge, 0.0
        for row, event_id, tweaks in await pool.fetch(_WAITING, one.number, ROUND):
            said, count = await self._compose(one, event_id, decode(tweaks), badge)
            outcome = await self._carry(one, said) if said is not None else push_gateway.DONE
            if outcome.rejected:
                await drop_pushkey(self.messenger, one.app_id, one.pushkey)
                return
            if not outcome.done:
                pause = self._pause(one, outcome)
                break
            badge = count
            self.down.pop(one.url, None)
            await pool.execute(_DONE, row, one.number, badge, LEASE_SECONDS)
        async with pool.acquire() as line, line.transaction():
            await line.execute("select from messaging_pusher where id = $1 for update", one.number)
            await line.execute(_LEAVE, one.number, pause)

    async def _compose(
        self, one: Address, event_id: str, tweaks: dict[str, Any], told: int
    ) -> tuple[dict[str, Any] | None, int]:
        """What to say, and the badge that is known then; None when there is nothing to say any more."""
        reader = self.messenger.reader
        found = await find_untold(reader, one.person, event_id) if event_id else None
        if event_id and found is None:
            return None, told
        badge = await badge_of(reader, self.counter, await reader.person(one.person))
        is_silent = one.is_ours and found is None and web_push.must_show(one.data["endpoint"])
        if found is None and (badge == told or is_silent):
            return None, told
        id_only = one.data.get("format") == "event_id_only"
        about = about_event(*found, one.person, tweaks, id_only=id_only) if found is not None else {}
        if one.is_ours and found is not None and found[1].event.type in CALLS:
            about["type"] = found[1].event.type  # the browser rings; its words are sealed for it alone
        return {**about, "counts": {"unread": badge}, "devices": [one.device(tweaks)]}, badge

    async def _carry(self, one: Address, said: dict[str, Any]) -> Outcome:
        """One try, in a thread."""
        loop = asyncio.get_running_loop()
        if one.is_ours:
            return await loop.run_in_executor(self.threads, web_push.push, one.pushkey, one.data, said)
        return await loop.run_in_executor(self.threads, push_gateway.notify, one.url, said)

    def _pause(self, one: Address, outcome: Outcome) -> float:
        """The seconds until the next try."""
        if outcome.host and not one.is_ours:
            failures, until = self.down.get(one.url, (0, 0.0))
            if until <= time.monotonic():
                quiet = max(outcome.wait, QUIET[min(failures, len(QUIET) - 1)])
                self.down[one.url] = (failures + 1, time.monotonic() + quiet)
        return max(outcome.wait, PAUSES[min(one.failures, len(PAUSES) - 1)]) * (0.8 + secrets.randbelow(400) / 1000)


_TAKE = """
with due as (
  select id, row_number() over (partition by url order by due_at) as place from (
    select id, url, due_at from messaging_pusher
     where due_at <= now() and (busy_until is null or busy_until < now()) and url <> all($3::text[])
     order by due_at limit 1000) first
), free as (
  select pusher.id from messaging_pusher pusher join due on due.id = pusher.id
   where due.place <= $4 and (pusher.busy_until is null or pusher.busy_until < now())
   order by pusher.due_at limit $1 for update of pusher skip locked
)
update messaging_pusher pusher set busy_until = now() + make_interval(secs => $2) from free
 where pusher.id = free.id
returning pusher.id, pusher.person, pusher.app_id, pusher.pushkey, pusher.url, pusher.body, pusher.failures,
          pusher.badge, extract(epoch from pusher.made_at)::bigint"""
_MAY = """
select exists (select from messaging_pusher pusher
                 join messaging_device device on device.id = pusher.device and device.ended_at is null
                 join accounts_person person on person.id = device.account_id and person.is_active
                where pusher.id = $1)"""
_PRUNE = """
delete from messaging_pushwaiting where pusher_id = $1
   and (made_at < now() - make_interval(hours => $2)
        or id <= (select id from messaging_pushwaiting where pusher_id = $1 order by id desc offset $3 limit 1))"""
_WAITING = """
select id, event_id, tweaks from messaging_pushwaiting where pusher_id = $1 order by id limit $2"""
_DONE = """
with gone as (delete from messaging_pushwaiting where id = $1)
update messaging_pusher
   set failures = 0, badge = $3, busy_until = now() + make_interval(secs => $4) where id = $2"""
_LEAVE = """
update messaging_pusher
   set busy_until = null,
       failures = failures + ($2 > 0)::int,
       due_at = case when $2 > 0 then now() + make_interval(secs => $2)
                     when exists (select from messaging_pushwaiting where pusher_id = $1) then now() end
 where id = $1"""
