"""Where polls wait: a /sync of which memory knows all, without an ASGI scope and, until something happens, without a
task.

A city's clients wait nearly always, and half of what a poll that ends empty cost was the way to the door and back, most
of what it held the frames in between. So `Protocol` asks here first. What is not plainly an ordinary poll goes to the
door `doors.syncing`, whose rules (`Poll`) are the same (docs/decisions/0031).
"""

import asyncio
import math
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from meydan.messaging.gateway.doors.syncing import MOST_WAIT_MS, Poll, state_name
from meydan.messaging.gateway.doors.table import BASE
from meydan.messaging.gateway.exchange import HEADERS_ELSEWHERE, Headers, on_the_line
from meydan.messaging.gateway.http import Answer, answer, answer_to
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.presence import ONLINE, RANK

PARKING = "parking"
"""Its name in the lifespan's state."""
ADDRESS = f"{BASE}/v3/sync?".encode()
MOST_PARAMETERS = 20
MOST_URL = 2000
TICK, LONG_TICK = 1 / 64, 1 / 8
"""Seconds. Polls end together in ticks, so that a thousand need no thousand timers."""
LONG = 5.0
"""Seconds from which on a poll's end is rounded to a long tick, which is within its jitter."""
AT_ONCE = 100
"""Polls that are ended before others' requests are looked after."""


class Parked(Poll):
    """A poll on a connection, in the place of uvicorn's `RequestResponseCycle`: uvicorn tells it by its attributes
    that the connection is lost or shall end, and keeps a next request until `response_complete`."""

    __slots__ = ("disconnected", "is_parked", "keep_alive", "more_body", "owner", "parking", "response_complete")

    def __init__(self, parking: "Parking", owner: Any, *poll: Any) -> None:
        super().__init__(parking.gateway, *poll)
        self.parking, self.owner = parking, owner
        self.keep_alive = True
        self.is_parked = self.disconnected = self.response_complete = self.more_body = False

    @property
    def message_event(self) -> "Parked":
        """What uvicorn sets when something has happened to the connection."""
        return self

    def set(self) -> None:
        """Nobody is there any more, perhaps."""
        if self.disconnected and self.is_parked:
            self._finish(None)
        elif self.disconnected:
            self.ends = 0.0

    def start(self) -> None:
        """Wait, or find out what there is to tell."""
        self.enter()
        if not (self.knows_arrival() and self.is_quiet()):
            self._work(arrives=True)
        elif self.ends > time.monotonic() and not self.gateway.messenger.live.closing:
            self.since, self.personal = self.gateway.syncer.now(), False
            self.parking.keep(self)
        else:
            self._end_or_look()

    def wake(self) -> None:
        """There may be something to tell."""
        self.woken = True
        if self.is_parked:
            self._work(arrives=False)

    def expire(self) -> None:
        """Its time is over."""
        self.ends = 0.0
        if self.is_parked:
            self._end_or_look()

    def _end_or_look(self) -> None:
        if (said := self.nothing()) is None:
            self._work(arrives=False)
        else:
            self._finish(answer(said))

    def _work(self, *, arrives: bool) -> None:
        self.is_parked = False
        tasks = self.owner.tasks
        task = self.owner.loop.create_task(self._look(arrives))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _look(self, arrives: bool) -> None:
        given: Answer | None = None
        try:
            if arrives:
                await self.arrive()
            while (said := await self.look()) is None:
                if not self.woken:
                    self.parking.keep(self)
                    return
            given = answer(said)
        except Exception as error:
            given = answer_to(error, "GET /sync")
        finally:
            if not self.is_parked:
                self._finish(given)

    def _finish(self, given: Answer | None) -> None:
        """Answer, unless nobody is there."""
        self.parking.leave(self)
        self.is_parked, self.response_complete = False, True
        owner, self.owner = self.owner, None
        if given is None or self.disconnected or owner.transport.is_closing():
            return
        owner.transport.write(on_the_line(given, keep_alive=self.keep_alive))
        if not self.keep_alive:
            owner.transport.close()
        owner.on_response_complete()


class Parking:
    """All polls that wait in this process, by the tick at which they end."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.due: dict[float, set[Parked]] = {}

    def find(self, owner: Any, url: bytes, headers: Headers) -> Parked | None:
        """The poll that is asked for. None for what is not plainly an ordinary one, or of which memory does not know
        whose it is and what it wishes."""
        token = read_headers(headers) if len(url) <= MOST_URL else None
        if token is None or (trust := self.gateway.trusted(token)) is None or trust.wish is None:
            return None
        if (said := read_query(url[len(ADDRESS) :])) is None:
            return None
        wish, timeout = trust.wish[1], said.get("timeout", "0")
        is_same = trust.wish[0] == said.get("filter", "") and wish.state == state_name(said.get)
        is_whole = timeout.isascii() and timeout.isdecimal() and len(timeout) < 10
        presence = said.get("set_presence", ONLINE)
        if not is_same or not is_whole or said.get("full_state") == "true" or presence not in RANK:
            return None
        try:
            since = self.gateway.syncer.read(said.get("since", ""))
        except MatrixError:
            return None
        return Parked(self, owner, trust.who, since, wish, min(int(timeout), MOST_WAIT_MS) / 1000, presence)

    def keep(self, poll: Parked) -> None:
        """Let it wait for its end, or until it is woken."""
        poll.is_parked = True
        now = time.monotonic()
        poll.ends = at = tick_of(poll.ends, poll.ends - now)
        if (polls := self.due.get(at)) is None:
            polls = self.due[at] = set()
            asyncio.get_running_loop().call_later(max(0.0, at - now), self._ring, at)
        polls.add(poll)

    def leave(self, poll: Parked) -> None:
        """It waits no longer."""
        poll.leave()
        self.due.get(poll.ends, set()).discard(poll)

    def _ring(self, at: float) -> None:
        self._end(list(self.due.pop(at)))

    def _end(self, polls: list[Parked]) -> None:
        for poll in polls[:AT_ONCE]:
            poll.expire()
        if rest := polls[AT_ONCE:]:
            asyncio.get_running_loop().call_soon(self._end, rest)


def tick_of(ends: float, left: float) -> float:
    """The tick at which a poll ends that has so many seconds left: a little early, or for short ones hardly late."""
    if left >= LONG:
        return math.floor(ends / LONG_TICK) * LONG_TICK
    return math.ceil(ends / TICK) * TICK


@lru_cache(1024)
def read_query(query: bytes) -> Mapping[str, str] | None:
    """The parameters; None where they are such that `parse_qs` might see others. Who waits for the same since the same
    moment, as all whom a message has woken, says the same."""
    said: dict[str, str] = {}
    parts = query.decode("latin-1").split("&", MOST_PARAMETERS)
    for part in parts:
        name, equals, value = part.partition("=")
        if not equals or name in said or "%" in name or "+" in name:
            return None
        said[name] = unquote_plus(value) if "%" in value or "+" in value else value
    is_plain = len(parts) <= MOST_PARAMETERS and b"%00" not in query and b"#" not in query
    return said if is_plain else None


def read_headers(headers: Headers) -> str | None:
    """The token; None without one, and where the headers tell of a body or want something else than an answer."""
    token = b""
    for name, value in headers:
        if name == b"authorization":
            token = value
        elif name in HEADERS_ELSEWHERE or (name == b"content-length" and value != b"0"):
            return None
    return token[7:].decode("latin-1").strip() if token[:7].lower() == b"bearer " else None
