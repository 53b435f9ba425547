"""`/sync`: what is new, or waiting for it (client-server API, "Syncing")."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from itertools import count
from operator import le
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Who
from meydan.messaging.actions.presence import Here
from meydan.messaging.gateway.doors.settings import find_filter
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, encode, read_object
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import bad_param
from meydan.messaging.models.presence import ONLINE, RANK
from meydan.messaging.queries.boxes import Counts
from meydan.messaging.queries.live import Person, Room, Waiter
from meydan.messaging.queries.personal import account_events, settings_of
from meydan.messaging.queries.presence_news import presence_events, presence_news
from meydan.messaging.queries.reading import milliseconds
from meydan.messaging.queries.sync import Token, Wish, are_still, read_filter

MOST_WAIT_MS = 120_000
JITTER = 0.1
"""The part of its timeout by which a poll ends early: a thousand that began together do not end together."""
GOLDEN = (5**0.5 - 1) / 2
"""The parts that are left of its multiples lie evenly between 0 and 1, however many there are."""
MOST_REMEMBERED = 1000
"""Letters of a filter that are held with the token it came with."""
_polls = count()
raw = msgspec.Raw
PLAIN = Wish()
STATE_AFTER = {
    "use_state_after": "state_after",
    "org.matrix.msc4222.use_state_after": "org.matrix.msc4222.state_after",
}
"""The parameter by which a client asks for the state after the timeline, and how the answer calls it (MSC4222)."""


@door("GET", "sync")
async def sync(gateway: Gateway, request: Request) -> Any:
    """Everything since `since`; without it, all there is."""
    who = await gateway.who(request)
    since = gateway.syncer.read(request.one("since")) if request.one("since") else None
    state = state_name(request.one)
    wish = await _wish(gateway, who, request.one("filter"), state)
    timeout = request.number("timeout", 0, most=MOST_WAIT_MS) / 1000
    presence = asked_presence(request)
    if (trust := gateway.trusted(request.token)) is not None and len(request.one("filter")) <= MOST_REMEMBERED:
        trust.wish = (request.one("filter"), wish)
    if since is not None:
        poll = Poll(gateway, who, since, wish, timeout, presence)
        await poll.arrive()
        if request.one("full_state") != "true":
            return await poll.wait()
    gateway.presence.pass_by(who, presence)
    await gateway.messenger.come_up()
    person = await gateway.messenger.reader.person(who.user_id)
    said = await _answer(gateway, who, person, None, wish, None)
    return _with_counts(said, await gateway.inbox.counts(who.device))


def asked_presence(request: Request) -> str:
    """As what the client wants its person to be seen; `M_INVALID_PARAM`."""
    said = request.one("set_presence", ONLINE)
    if said not in RANK:
        raise bad_param(f"set_presence is one of {', '.join(RANK)}.")
    return said


def state_name(one: Callable[[str], str | None]) -> str:
    """How the answer to these parameters calls the state."""
    return next((name for param, name in STATE_AFTER.items() if one(param) == "true"), PLAIN.state)


async def _wish(gateway: Gateway, who: Who, said: str, state: str) -> Wish:
    if not said:
        return PLAIN if state == PLAIN.state else replace(PLAIN, state=state)
    if said.startswith("{"):
        return _read_wish(said.encode(), state)
    return _read_wish(await find_filter(gateway, who.user_id, said), state)


@lru_cache(256)
def _read_wish(said: bytes, state: str) -> Wish:
    """The same for all whose filter is the same, as that of one client's program is."""
    return replace(read_filter(read_object(said)), state=state)


def ends_after(timeout: float) -> float:
    """When a poll ends that may wait so many seconds, by the monotonic clock: those that begin together end apart."""
    return time.monotonic() + timeout * (1 - JITTER * (next(_polls) * GOLDEN % 1))


class Poll(Waiter):
    """A /sync that says since when. It looks, and again whenever it is woken, also while it looks, until there is
    something to tell or its time is over."""

    __slots__ = ("ends", "gateway", "here", "presence", "since", "who", "wish")

    def __init__(self, gateway: Gateway, who: Who, since: Token, wish: Wish, timeout: float, presence: str) -> None:
        super().__init__(who.user_id)
        self.gateway, self.who, self.since, self.wish = gateway, who, since, wish
        self.presence = presence
        self.here: Here | None = None
        self.personal = True  # the first look is at everything
        self.ends = ends_after(timeout)

    def enter(self) -> None:
        """Begin to be woken, and to be there. End it with `leave`."""
        self.gateway.messenger.live.enter(self)
        self.here = self.gateway.presence.arrive(self.who, self.presence)

    def leave(self) -> None:
        """The poll has its answer, or is gone."""
        self.gateway.messenger.live.leave(self)
        if self.here is not None:
            self.here.leave()

    async def arrive(self) -> None:
        """Come as far as the token says, and forget what it proves to have been told."""
        await self.gateway.messenger.reach(self.since.positions)
        await self.gateway.messenger.reader.person(self.person)
        await self.gateway.inbox.forget_seen(self.who.device, self.since.positions[0])

    async def wait(self) -> dict[str, Any]:
        """The answer, when there is one."""
        self.enter()
        try:
            while (said := await self.look()) is None:
                await pause(self, self.ends - time.monotonic())
            return said
        finally:
            self.leave()

    async def look(self) -> dict[str, Any] | None:
        """The answer; None while there is nothing to tell and time is left."""
        gateway, live = self.gateway, self.gateway.messenger.live
        only = None if self.personal else self.changed
        self.changed, self.personal, self.woken = set(), False, False
        person = await gateway.messenger.reader.person(self.person)
        said = await _answer(gateway, self.who, person, self.since, self.wish, only)
        if len(said) == 1 and time.monotonic() < self.ends and not live.closing:
            return None
        return _with_counts(said, await gateway.inbox.counts(self.who.device))

    def knows_arrival(self) -> bool:
        """Whether `arrive` would have nothing to do."""
        live = self.gateway.messenger.live
        box = live.boxes.held.get(self.who.device)
        return box is not None and not box.told and all(map(le, self.since.positions, live.positions))

    def is_quiet(self) -> bool:
        """Whether memory alone knows that there is nothing to tell; where it does not, somebody must look."""
        live, before = self.gateway.messenger.live, self.since.positions[0]
        box, person = live.boxes.held.get(self.who.device), live.people.get(self.person)
        if box is None or person is None:
            return False
        if max(box.newest, person.last_note, person.last_list, person.last_presence) > before:
            return False
        if not self.personal:
            return not self.changed
        return self.since is self.gateway.syncer.now() or are_still(live, person, self.since)

    def nothing(self) -> bytes | None:
        """The answer that there is nothing, where memory alone knows that."""
        counts = self.gateway.inbox.held_counts(self.who.device)
        if counts is None or not self.is_quiet():
            return None
        return encode(_with_counts({"next_batch": self.gateway.syncer.now_as_text()}, counts))


def _with_counts(said: dict[str, Any], counts: Counts) -> dict[str, Any]:
    return {**said, "device_one_time_keys_count": counts[0], "device_unused_fallback_key_types": counts[1]}


async def pause(waiter: Waiter, seconds: float) -> None:
    """Until it is woken, or so long."""
    if waiter.woken:
        return
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    waiter.on_wake = partial(future.set_result, None)
    handle = loop.call_later(seconds, waiter.wake)
    try:
        await future
    finally:
        waiter.on_wake = None
        handle.cancel()


async def _answer(
    gateway: Gateway, who: Who, person: Person, since: Token | None, wish: Wish, only: set[Room] | None
) -> dict[str, Any]:
    """The parts of the answer that have something to say, and the token."""
    now = gateway.syncer.now()
    before = since.positions[0] if since else 0
    messages, upto = await gateway.inbox.waiting(who.device, before, now.positions[0])
    now = now.cut(upto)
    said: dict[str, Any] = {"next_batch": str(now)}
    if messages:
        said["to_device"] = {"events": [raw(body) for body in messages]}
    if rooms := await gateway.syncer.changes(person, since, now, wish, who.device, only):
        said["rooms"] = rooms
    if since is not None and (lists := await gateway.device_lists.changes(person, since, now, only)):
        said["device_lists"] = lists
    if news := presence_news(gateway.messenger.live, person, since, wish, only):
        ignored = (await settings_of(gateway.messenger.reader, person)).ignored
        if events := presence_events((one for one in news if one.person not in ignored), milliseconds()):
            said["presence"] = {"events": events}
    if since is None or (before < now.positions[0] and person.last_note > before):
        await _add_account_data(gateway, person, since, now, said)
    return said


async def _add_account_data(
    gateway: Gateway, person: Person, since: Token | None, now: Token, said: dict[str, Any]
) -> None:
    rows = await gateway.messenger.pool.fetch(
        "select room_id, type, content from messaging_accountdata where person = $1 and pos > $2 and pos <= $3",
        person.user_id,
        since.positions[0] if since else 0,
        now.positions[0],
    )
    own = [(kind, content) for room_id, kind, content in rows if not room_id]
    if events := account_events(person.user_id, own, first=since is None):
        said["account_data"] = {"events": events}
    for room_id, kind, content in rows:
        if room_id:
            part = said.setdefault("rooms", {}).setdefault("join", {}).setdefault(room_id, {})
            event = {"type": kind, "content": raw(content)}
            part.setdefault("account_data", {"events": []})["events"].append(event)
