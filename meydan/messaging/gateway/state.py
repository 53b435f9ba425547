"""What a gateway process holds beside the messenger: who is behind which token."""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import close_old_connections

from meydan.messaging.actions.announcing import Announcer
from meydan.messaging.actions.couriers import Courier
from meydan.messaging.actions.delaying import Delayer
from meydan.messaging.actions.errands import Runner
from meydan.messaging.actions.leaving import Undertaker, ended_of
from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.actions.presence import PresenceKeeper
from meydan.messaging.actions.settings import CHORES
from meydan.messaging.actions.tending import tend
from meydan.messaging.gateway.http import Request
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.devicelists import DeviceLists
from meydan.messaging.queries.inbox import Inbox
from meydan.messaging.queries.sliding import Slider
from meydan.messaging.queries.sliding_more import Extender
from meydan.messaging.queries.sync import Syncer, Wish

T = TypeVar("T")
TRUST_SECONDS = 45.0
"""After which a token is looked up again, should the word that its session has ended have been lost."""
TOKENS_HELD = 50_000
RENEW_SECONDS = 5.0
AT_ONCE = 500
THUMBNAILS_AT_ONCE = 2


@dataclass(slots=True, eq=False)
class Trust:
    """A token that was looked up, and until when (seconds of the monotonic clock) that counts. `used`: since it was
    looked up last. `wish`: the filter that came with it last, as it was written, and what it means."""

    who: Who
    until: float
    used: bool = True
    wish: tuple[str, Wish] | None = None


class Gateway:
    """One process: its messenger, and the tokens it has seen lately."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        messenger.chores = CHORES
        self.syncer = Syncer(messenger.live, messenger.reader)
        self.inbox = Inbox(messenger.pool, messenger.live)
        self.device_lists = DeviceLists(messenger.reader)
        extender = Extender(messenger.reader, self.inbox, self.device_lists)
        self.slider = Slider(messenger.live, messenger.reader, self.syncer.counter, extender)
        self.announcer = Announcer(messenger)
        self.courier = Courier(messenger, self.syncer.counter, self.announcer)
        self.known: dict[bytes, Trust] = {}
        self.renewing: asyncio.Task[None] | None = None
        self.endings = 0
        self.thumbnails = asyncio.Semaphore(THUMBNAILS_AT_ONCE)
        self.undertaker = Undertaker(messenger)
        self.runner = Runner(messenger)
        self.delayer = Delayer(messenger)
        self.presence = PresenceKeeper(messenger)
        messenger.tail.ended = self._hear_ended

    async def start(self) -> None:
        """Begin to do what others have left for us, and to tell people whose clients sleep."""
        self.renewing = tend(self._keep_trust, "trust")
        self.undertaker.start()
        self.runner.start()
        self.delayer.start()
        await self.presence.start()
        await self.announcer.start()
        await self.courier.start()

    async def stop(self) -> None:
        """Write what was taken."""
        await self.courier.stop()
        await self.announcer.stop()
        await self.presence.stop()
        await self.delayer.stop()
        await self.runner.stop()
        await self.undertaker.stop()
        if self.renewing:
            self.renewing.cancel()
            await asyncio.gather(self.renewing, return_exceptions=True)
        await self.messenger.stop()

    def _hear_ended(self, payload: str) -> None:
        """Devices were signed out elsewhere: in another gateway, or on Meydan's pages."""
        devices = frozenset(ended_of(payload).ended)
        self.endings += 1
        self.known = {digest: held for digest, held in self.known.items() if held.who.device not in devices}
        self.undertaker.look()

    async def who(self, request: Request) -> Who:
        """Whose token this is. `M_MISSING_TOKEN`, `M_UNKNOWN_TOKEN`."""
        if not (token := request.token):
            raise MatrixError(401, "M_MISSING_TOKEN", "Send an access token.")
        if (held := self.trusted(token)) is not None:
            return held.who
        return await self._look_up(hashlib.sha256(token.encode()).digest())

    def trusted(self, token: str) -> Trust | None:
        """What memory knows of a token; None when it must be looked up."""
        held = self.known.get(hashlib.sha256(token.encode()).digest())
        if held is None or time.monotonic() >= held.until:
            return None
        held.used = True
        return held

    async def _look_up(self, digest: bytes) -> Who:
        """Asked of the database; not held when sessions have ended meanwhile, for this may be one of them."""
        now, endings = time.monotonic(), self.endings
        row = await self.messenger.pool.fetchrow(_WHO, digest)
        if row is None or row[4] <= 0:
            self.known.pop(digest, None)
            said = "This token is not valid any more." if row is None else "This token is too old: renew it."
            raise MatrixError(401, "M_UNKNOWN_TOKEN", said, soft_logout=row is not None)
        if row[5] is not None:
            await self.messenger.pool.execute(_ARRIVED, digest, row[5])
        who, before = Who(str(row[0]), row[1], row[2], row[3]), self.known.get(digest)
        if len(self.known) >= TOKENS_HELD:
            self.known.clear()
        if endings == self.endings:
            self.known[digest] = Trust(who, now + min(TRUST_SECONDS, row[4]), wish=before.wish if before else None)
        return who

    async def _keep_trust(self) -> None:
        """Look tokens that are in use up again before their time, many at once: one by one would cost a city whose
        polls wait more than these polls. While the database is gone they are looked up one by one."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            soon = time.monotonic() + 3 * RENEW_SECONDS
            due = {digest: held for digest, held in self.known.items() if held.used and held.until < soon}
            digests = list(due)
            for at in range(0, len(digests), AT_ONCE):
                await self._renew(digests[at : at + AT_ONCE], due)

    async def _renew(self, digests: list[bytes], due: dict[bytes, Trust]) -> None:
        """Whatever is not valid any more stays as it is, and so is looked up when its time is over."""
        now = time.monotonic()
        for digest, left in await self.messenger.pool.fetch(_VALID, digests):
            held = due[digest]
            held.until, held.used = now + min(TRUST_SECONDS, left), False

    def forget_tokens(self, device: int) -> None:
        """A device has signed out."""
        self.endings += 1
        for digest in [digest for digest, held in self.known.items() if held.who.device == device]:
            del self.known[digest]


_WHO = """
select person.id, device.person, device.device_id, device.id,
       coalesce(extract(epoch from token.expires_at - now())::float8, 1e9), token.proves
  from messaging_accesstoken token
  join messaging_device device on device.id = token.device_id and device.ended_at is null
  join accounts_person person on person.id = device.account_id and person.is_active
 where token.digest = $1"""
_VALID = """
select token.digest, coalesce(extract(epoch from token.expires_at - now())::float8, 1e9)
  from messaging_accesstoken token
  join messaging_device device on device.id = token.device_id and device.ended_at is null
  join accounts_person person on person.id = device.account_id and person.is_active
 where token.digest = any($1::bytea[])"""
_ARRIVED = """
with proven as (update messaging_accesstoken set proves = null where digest = $1 returning device_id)
update messaging_refreshtoken token set previous = null from proven
 where token.device_id = proven.device_id and token.current = $2"""


async def in_thread(work: Callable[..., T], *values: Any) -> T:
    """Run what speaks to Django's side of the house; the loop goes on meanwhile."""
    return await asyncio.to_thread(_with_fresh_connection, work, *values)


def _with_fresh_connection(work: Callable[..., T], *values: Any) -> T:
    close_old_connections()
    return work(*values)
