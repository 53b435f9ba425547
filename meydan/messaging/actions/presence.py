"""Keeping whether people are there: counting their polls here, and telling the others when it changes.

A poll writes a few fields in memory and nothing else. What has changed is looked at each second, and told as one note
of the people's stream, so that all gateways have the same at the same position; the note says only that there is
something, and the rest is a row in a table that may forget. Of each person there is one row. A gateway raises it when
its own devices are more there than it says, and lowers it where it was the one that raised it; what a gateway that has
died leaves behind is taken over by those where its people are now, and after a while lowered.
"""

import asyncio
import contextlib
import logging
import time

from meydan.kernel.config import config
from meydan.messaging.actions.messenger import PEOPLE, Messenger, Who
from meydan.messaging.actions.tending import tend
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.presence import (
    GRACE_SECONDS,
    IDLE_SECONDS,
    MOST_ROOMS,
    OFFLINE,
    ONLINE,
    RANK,
    SPACING_SECONDS,
    UNAVAILABLE,
    Shown,
)
from meydan.messaging.queries.live import JOINED, Note
from meydan.messaging.queries.presence import read_presence
from meydan.messaging.queries.presence_news import is_close
from meydan.messaging.queries.reading import DATABASE_FAULTS, milliseconds

TICK_SECONDS = 1.0
SWEEP_SECONDS = 10.0
AT_ONCE = 200
NEVER = float("-inf")
NOBODY = Shown("")
log = logging.getLogger(__name__)


class Here:
    """A device that polls here: as what it wants to be seen, how many polls it has, and until when (seconds of the
    monotonic clock) it counts without one."""

    __slots__ = ("polls", "said", "until")

    def __init__(self) -> None:
        self.polls, self.said, self.until = 0, OFFLINE, NEVER

    def leave(self) -> None:
        """One of its polls has ended."""
        self.polls -= 1
        self.until = time.monotonic() + GRACE_SECONDS


class Local:
    """Somebody who is at this gateway: their devices, when they last did something and when the others last heard of
    them (both of the monotonic clock), and what they say that is not told yet."""

    __slots__ = ("active", "devices", "status", "told")

    def __init__(self) -> None:
        self.devices: dict[int, Here] = {}
        self.active, self.told = time.monotonic(), NEVER
        self.status: str | None = None

    def state(self, now: float) -> str:
        """As what they are to be seen."""
        said = {here.said for here in self.devices.values() if here.polls > 0 or here.until > now}
        if ONLINE in said and now - self.active < IDLE_SECONDS:
            return ONLINE
        return UNAVAILABLE if said & {ONLINE, UNAVAILABLE} else OFFLINE


class PresenceKeeper:
    """One for each gateway."""

    def __init__(self, messenger: Messenger) -> None:
        self.messenger = messenger
        self.is_on = config().presence
        self.people: dict[str, Local] = {}
        self.news: set[str] = set()  # of whom there may be something to tell
        self.stirred = asyncio.Event()
        self.dead: dict[str, float] = {}  # gateways at which people are said to be, and since when they do not live
        self.swept = NEVER
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Learn what is known, and begin."""
        if self.is_on:
            for shown in await read_presence(self.messenger.pool, -1, self.messenger.live.positions[PEOPLE]):
                self.messenger.live.presence.put(shown)
            self.task = tend(self._work, "presence")

    async def stop(self) -> None:
        """End. Whoever is here is not told to be gone: they come to another process, or are after a while."""
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def arrive(self, who: Who, said: str) -> Here | None:
        """A poll begins, of somebody who wants to be seen so; its end is `Here.leave`. None where it says nothing."""
        if said == OFFLINE or not self.is_on:
            return None
        here = self._device(who)
        if here.said != said:
            here.said = said
            self._stir(who.user_id)
        here.polls += 1
        return here

    def pass_by(self, who: Who, said: str) -> None:
        """A poll that does not wait."""
        if (here := self.arrive(who, said)) is not None:
            here.leave()

    def _device(self, who: Who) -> Here:
        if (local := self.people.get(who.user_id)) is None:
            local = self.people[who.user_id] = Local()
        if (here := local.devices.get(who.device)) is None:
            here = local.devices[who.device] = Here()
            local.active = time.monotonic()
        return here

    def _stir(self, person: str) -> None:
        """There may be something to tell of somebody."""
        self.news.add(person)
        self.stirred.set()

    def act(self, who: Who) -> None:
        """Somebody who is here has done something."""
        if (local := self.people.get(who.user_id)) is not None:
            now = time.monotonic()
            if now - local.active >= IDLE_SECONDS:
                self._stir(who.user_id)
            local.active = now

    def say(self, who: Who, state: str, status: str) -> None:
        """Somebody says themselves as what they want to be seen, and something with it ("": nothing)."""
        if self.is_on:
            here, local = self._device(who), self.people[who.user_id]
            here.said, here.until = state, time.monotonic() + GRACE_SECONDS
            local.active, local.status = time.monotonic(), status
            self._stir(who.user_id)

    def seen(self, person: str) -> Shown:
        """As what somebody is seen just now."""
        local = self.people.get(person)
        return self._merged(person, local, time.monotonic()) if local else self.messenger.live.presence.of(person)

    def _merged(self, person: str, local: Local, now: float) -> Shown:
        """What is true of somebody by what others know and what is known here."""
        known, state = self.messenger.live.presence.of(person), local.state(now)
        is_elsewhere = known.gateway != self.messenger.peers.address and known.gateway not in self.dead
        status = known.status if local.status is None else local.status
        if is_elsewhere and RANK[state] < RANK[known.state]:
            return Shown(person, known.state, known.active_at, status, known.gateway)
        active_at = milliseconds() - int((now - local.active) * 1000)
        gateway = self.messenger.peers.address if state != OFFLINE else ""
        return Shown(person, state, max(active_at, known.active_at), status, gateway)

    async def _work(self) -> None:
        while True:
            if not self.news:  # a quiet gateway need not wake each second
                self.stirred.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stirred.wait(), SWEEP_SECONDS)
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self._look(time.monotonic())
            except (*DATABASE_FAULTS, MatrixError) as error:
                log.warning("who is there waits: %s", error)

    async def _look(self, now: float) -> None:
        if now - self.swept >= SWEEP_SECONDS:
            self.swept = now
            await self._find_dead(now)
            self._sweep(now)
            if self.messenger.writes(PEOPLE):
                await self._lower_orphans(now)
        if self.news:
            await self._tell(now)

    def _sweep(self, now: float) -> None:
        """Find those of whom the others know something else by now, and forget those who have gone."""
        held = self.messenger.live.presence.held
        for person, local in list(self.people.items()):
            known, state = held.get(person, NOBODY), local.state(now)
            is_told = state == known.state and local.status is None and known.gateway not in self.dead
            if not is_told and self._is_news(self._merged(person, local, now)):
                self._stir(person)
            elif state == OFFLINE and person not in self.news:
                del self.people[person]

    def _is_news(self, shown: Shown) -> bool:
        known = self.messenger.live.presence.of(shown.person)
        is_taken_over = known.gateway in self.dead and shown.gateway != known.gateway
        return is_taken_over or (shown.state, shown.status) != (known.state, known.status)

    async def _tell(self, now: float) -> None:
        """Tell what has changed, each not too soon after the last time."""
        due: list[Shown] = []
        for person in list(self.news):
            local = self.people.get(person)
            if local is not None and now - local.told < SPACING_SECONDS:
                continue
            self.news.discard(person)
            if local is not None and self._is_news(shown := self._merged(person, local, now)):
                due.append(shown)
        for at in range(0, len(due), AT_ONCE):
            await self._write(due[at : at + AT_ONCE], now)

    async def _write(self, batch: list[Shown], now: float) -> None:
        """What cannot be written is tried again; what is written is known to all who poll from then on."""
        try:
            await self._put(batch)
        except BaseException:
            self.news.update(shown.person for shown in batch)
            raise
        for shown in batch:
            if (local := self.people.get(shown.person)) is not None:
                local.told = now
                local.status = None if local.status == shown.status else local.status

    async def _put(self, batch: list[Shown]) -> None:
        rows, said = [], []
        for one in batch:
            rooms = await self._rooms(one.person)
            said.append(Shown(one.person, one.state, one.active_at, one.status, one.gateway, rooms))
            rows.append((_KEEP, (one.person, one.state, one.active_at, one.status, one.gateway, list(rooms))))
        await self.messenger.note(Note(0, "presence", "", shown=tuple(said)), *rows)

    async def _rooms(self, person: str) -> tuple[int, ...]:
        """The rooms whose people hear of somebody."""
        reader = self.messenger.reader
        known = await reader.person(person)
        joined = sorted((pos, number) for number, (membership, pos) in known.rooms.items() if membership == JOINED)
        found = [number for _pos, number in joined[-MOST_ROOMS:]]
        rooms = [await reader.room_number(number) for number in found]
        return tuple(room.number for room in rooms if room is not None and is_close(room))

    async def _find_dead(self, now: float) -> None:
        """Look which gateways, at which people are said to be, do not live any more."""
        said = {one.gateway for one in self.messenger.live.presence.held.values() if one.state != OFFLINE}
        said.discard(self.messenger.peers.address)
        rows = await self.messenger.pool.fetch(_LIVING, GRACE_SECONDS) if said else []
        gone = said - {address for (address,) in rows}
        self.dead = {address: self.dead.get(address, now) for address in gone}

    async def _lower_orphans(self, now: float) -> None:
        """Those who were at a gateway that has died, and have come to no other one since."""
        late = {address for address, since in self.dead.items() if now - since >= GRACE_SECONDS}
        if late:
            held = self.messenger.live.presence.held.values()
            left = [one for one in held if one.gateway in late and one.person not in self.people]
            gone = [Shown(one.person, OFFLINE, one.active_at, one.status) for one in left]
            for at in range(0, len(gone), AT_ONCE):
                await self._put(gone[at : at + AT_ONCE])


_KEEP = """
insert into messaging_presence (pos, person, state, active_at, status, gateway, rooms)
select $1::bigint, $2::text, $3::text, $4::bigint, $5::text, $6::text, $7::bigint[] where exists (
       select from accounts_person where username = split_part(substr($2::text, 2), ':', 1) and is_active)
on conflict (person) do update
   set pos = excluded.pos, state = excluded.state, active_at = excluded.active_at, status = excluded.status,
       gateway = excluded.gateway, rooms = excluded.rooms"""
_LIVING = "select address from messaging_gatewayprocess where seen_at > now() - make_interval(secs => $1)"
