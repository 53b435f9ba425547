"""The load that `bench messenger` puts on a server, in processes of its own, and what these saw.

Each piece of work prepares, passes a gate, does what is measured, and passes the gate again. Whoever measures the
server (`measure`) passes the same gate: so what came before and comes after is counted nowhere.
"""

import asyncio
import multiprocessing
import resource
import threading
import time
from array import array
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Generic, TypeVar

import msgspec
import uvloop

from bench.harness import BenchError
from bench.messenger_client import (
    Asker,
    Line,
    Person,
    Place,
    Sliding,
    Sync,
    create_room,
    in_lanes,
    join,
    register,
    request_number,
    sliding_request,
    sync_request,
    write_messages,
    written_at,
)

T = TypeVar("T")
CONTEXT = multiprocessing.get_context("fork")
LANES = 16
POLL_MS = 30_000
QUIET_SECONDS = 5.0
LONGEST_SECONDS = 900.0
FULL = 0.85
GATE_NS = 1_000_000_000
HERD_LEAD = 10.0
HERD_TAIL = 5.0
CONNECTIONS = 4


def open_many_files() -> None:
    """As many connections as the system lets us have, for us and for the servers that we start."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass(frozen=True)
class Part:
    """The share of one load process. `hearers`: how many listeners hear one message, 0 where this process cannot know.
    `rooms`: in how many rooms each listener is."""

    place: Place
    seconds: float = 0.0
    askers: tuple[Asker, ...] = ()
    listeners: tuple[Person, ...] = ()
    hearers: int = 0
    rooms: int = 0

    def split(self, processes: int) -> list["Part"]:
        """The same in so many processes."""
        if processes == 1:
            return [self]
        shares = [(self.askers[each::processes], self.listeners[each::processes]) for each in range(processes)]
        return [replace(self, askers=askers, listeners=listeners, hearers=0) for askers, listeners in shares]


@dataclass
class Tally:
    """What load processes saw: seconds that each request waited, seconds from writing to hearing each message. `gaps`:
    rooms in answers that left messages out."""

    seconds: float = 0.0
    cpu: float = 0.0
    waited: "array[float]" = field(default_factory=lambda: array("d"))
    heard: "array[float]" = field(default_factory=lambda: array("d"))
    polls: int = 0
    gaps: int = 0
    uneven: int = 0
    bytes: int = 0

    def add(self, other: "Tally") -> "Tally":
        """With what another process saw at the same time."""
        self.seconds, self.cpu = max(self.seconds, other.seconds), max(self.cpu, other.cpu)
        self.waited.extend(other.waited)
        self.heard.extend(other.heard)
        self.polls += other.polls
        self.gaps += other.gaps
        self.uneven += other.uneven
        self.bytes = max(self.bytes, other.bytes)
        return self

    @property
    def busy(self) -> float:
        """The share of its time that the busiest load process was at work."""
        return self.cpu / self.seconds if self.seconds else 0.0


class Gate:
    """Where all load processes and the one that measures wait for each other."""

    def __init__(self, barrier: Barrier) -> None:
        self.barrier = barrier

    async def passed(self) -> None:
        """Wait for all; meanwhile this process goes on with whatever else it does."""
        await asyncio.to_thread(self.barrier.wait)


Work = Callable[[Part, Gate], Coroutine[Any, Any, Tally]]


class Window:
    """The measured time of a load process, its wall clock and its CPU."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    def __enter__(self) -> None:
        self.began, self.cpu = time.monotonic(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.tally.seconds = time.monotonic() - self.began
        self.tally.cpu = time.process_time() - self.cpu


read_sync = msgspec.json.Decoder(Sync).decode


class Listener:
    """A person's client that always has a /sync waiting."""

    def __init__(self, place: Place, person: Person, wish: str = "") -> None:
        self.line, self.person, self.wish = Line(place), person, wish
        self.since = ""
        self.task: asyncio.Task[None] | None = None
        self.count_into(Tally())

    def count_into(self, tally: Tally) -> None:
        """From now on, and only what is written from now on, or by another process a little earlier: what was written
        before the gate has been heard by now."""
        self.tally, self.from_ns, self.heard = tally, time.monotonic_ns() - GATE_NS, 0

    async def poll(self, wait_ms: int) -> None:
        """One /sync, counted."""
        answer = await self.line.ask(sync_request(self.person, self.since, wait_ms, self.wish))
        now, said = time.monotonic_ns(), read_sync(answer)
        self.since = said.next_batch
        self.tally.polls += 1
        for room in said.rooms.join.values():
            self.tally.gaps += room.timeline.limited
            for event in room.timeline.events:
                if (written := written_at(event)) >= self.from_ns:
                    self.heard += 1
                    self.tally.heard.append((now - written) / 1e9)

    async def begin(self) -> None:
        """The first /sync, then leave a poll waiting."""
        await self.poll(0)
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            await self.poll(POLL_MS)

    async def end(self) -> None:
        """Hang up. Whatever went wrong while listening is raised here."""
        if self.task is not None:
            if self.task.done():
                self.task.result()
            self.task.cancel()
            await asyncio.wait([self.task])
        self.line.close()


async def in_turn(listeners: Sequence[Listener], act: Callable[[Listener], Coroutine[Any, Any, None]]) -> None:
    """What is dear, some at a time."""
    waiting = iter(listeners)

    async def work() -> None:
        for one in waiting:
            await act(one)

    async with asyncio.TaskGroup() as group:
        for _lane in range(LANES):
            group.create_task(work())


async def talk(part: Part, gate: Gate) -> Tally:
    """Some ask (mostly: write), others listen; it ends when everything that was written was heard."""
    ears = [Listener(part.place, person) for person in part.listeners]
    lines = [Line(part.place) for _asker in part.askers]
    await in_turn(ears, Listener.begin)
    await asyncio.sleep(1)
    await _round(part, lines, ears, min(3.0, part.seconds / 2))
    await gate.passed()
    tally = await _round(part, lines, ears, part.seconds)
    await gate.passed()
    for ear in ears:
        await ear.end()
    return tally


async def _round(part: Part, lines: Sequence[Line], ears: Sequence[Listener], seconds: float) -> Tally:
    tally = Tally()
    for ear in ears:
        ear.count_into(tally)
    with Window(tally):
        await _ask_all(part.askers, lines, seconds, tally)
    await hear_out(tally, bool(ears), part.hearers * len(tally.waited))
    return tally


async def _ask_all(askers: Sequence[Asker], lines: Sequence[Line], seconds: float, tally: Tally) -> None:
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for asker, line in zip(askers, lines, strict=True):
            group.create_task(_ask(asker, line, until, tally))


async def _ask(asker: Asker, line: Line, until: float, tally: Tally) -> None:
    while (began := time.monotonic()) < until:
        await line.ask(asker.request(request_number()))
        tally.waited.append(time.monotonic() - began)
        if asker.gap:
            await asyncio.sleep(began + asker.gap - time.monotonic())


async def hear_out(tally: Tally, listening: bool, expected: int, patience: float = QUIET_SECONDS) -> None:
    """Wait until so many were heard; or, where that is unknown or will never be, until nothing comes any more."""
    count, since = -1, time.monotonic()
    while listening and (not expected or len(tally.heard) < expected):
        if len(tally.heard) != count:
            count, since = len(tally.heard), time.monotonic()
        elif time.monotonic() - since > patience:
            break
        await asyncio.sleep(0.02)


async def idle(part: Part, gate: Gate) -> Tally:
    """Many listen, and nothing is written."""
    tally = Tally()
    ears = [Listener(part.place, person) for person in part.listeners]
    await in_turn(ears, Listener.begin)
    await asyncio.sleep(3)
    for ear in ears:
        ear.count_into(tally)
    await gate.passed()
    with Window(tally):
        await asyncio.sleep(part.seconds)
    await gate.passed()
    for ear in ears:
        await ear.end()
    return tally


async def herd(part: Part, gate: Gate) -> Tally:
    """The polls of many end at the same moment, and each of them polls again at once. `heard`: how late each was."""
    tally = Tally()
    ears = [Listener(part.place, person) for person in part.listeners]
    await in_turn(ears, partial(Listener.poll, wait_ms=0))
    await gate.passed()
    end = time.monotonic() + HERD_LEAD
    spread = HERD_LEAD / 2 / max(1, len(ears))
    tasks = [asyncio.create_task(_stay(ear, number * spread, end, tally)) for number, ear in enumerate(ears)]
    with Window(tally):
        await asyncio.sleep(HERD_LEAD + HERD_TAIL)
    await gate.passed()
    for task, ear in zip(tasks, ears, strict=True):
        ear.task = task
        await ear.end()
    return tally


async def _stay(ear: Listener, delay: float, end: float, tally: Tally) -> None:
    await asyncio.sleep(delay)
    while (left := end - time.monotonic()) > 0:
        await ear.poll(round(1000 * left))
    tally.heard.append(-left)
    while True:
        await ear.poll(POLL_MS)


async def stand_by(part: Part, gate: Gate) -> Tally:
    """While the herd's polls end, a few ask for little things."""
    lines, tally = [Line(part.place) for _asker in part.askers], Tally()
    await _ask_all(part.askers, lines, 1.0, Tally())
    await gate.passed()
    await asyncio.sleep(HERD_LEAD - 1)
    with Window(tally):
        await _ask_all(part.askers, lines, 1 + HERD_TAIL, tally)
    await gate.passed()
    return tally


async def first_syncs(part: Part, gate: Gate) -> Tally:
    """The first /sync of each listener, one after the other."""
    line, tally = Line(part.place), Tally()
    await gate.passed()
    with Window(tally):
        for person in part.listeners:
            answer = await _time(line, sync_request(person, "", 0), tally)
            _demand_rooms(len(msgspec.json.decode(answer, type=Sync).rooms.join), part.rooms)
    await gate.passed()
    return tally


async def slide(part: Part, gate: Gate) -> Tally:
    """The first sliding sync of each listener's room list, on some connections, one after the other."""
    line, tally = Line(part.place), Tally()
    await gate.passed()
    with Window(tally):
        for connection in range(CONNECTIONS):
            for person in part.listeners:
                answer = await _time(line, sliding_request(person, f"list-{connection}"), tally)
                _demand_rooms(len(msgspec.json.decode(answer, type=Sliding).rooms), min(20, part.rooms))
    await gate.passed()
    return tally


async def _time(line: Line, request: bytes, tally: Tally) -> bytes:
    began = time.monotonic()
    answer = await line.ask(request)
    tally.waited.append(time.monotonic() - began)
    tally.bytes = max(tally.bytes, len(answer))
    return answer


def _demand_rooms(found: int, wanted: int) -> None:
    if found != wanted:
        raise BenchError(f"a /sync showed {found} rooms, and the person is in {wanted}")


async def make_people(place: Place, prefix: str, count: int) -> list[Person]:
    """New accounts."""
    people: list[Person] = []

    async def make(number: int, line: Line) -> None:
        people.append(await register(line, f"{prefix}{number}"))

    await in_lanes(place, LANES, (partial(make, number) for number in range(count)))
    return people


async def make_rooms(place: Place, groups: Sequence[Sequence[Person]], messages: int = 0) -> list[str]:
    """A room for each group, with so many messages in it, written by turns; their ids in the groups' order."""
    rooms = [""] * len(groups)

    async def make(number: int, line: Line) -> None:
        owner, *others = groups[number]
        rooms[number] = await create_room(line, owner, f"room {number}")
        for person in others:
            await join(line, person, rooms[number])
        await write_messages(line, groups[number], rooms[number], messages)

    await in_lanes(place, LANES // 2, (partial(make, number) for number in range(len(groups))))
    return rooms


class Hand(Generic[T]):
    """A process that does one piece of work in a loop of its own."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]], barrier: Barrier | None = None) -> None:
        self.answer, sending = CONTEXT.Pipe(duplex=False)
        self.process = CONTEXT.Process(target=_do, args=(work, sending, barrier), daemon=True)
        self.process.start()
        sending.close()

    def result(self) -> T:
        """What came of it; BenchError when it failed."""
        try:
            value, fault = self.answer.recv()
        except EOFError:
            value, fault = None, "a load process ended without a word"
        self.process.join()
        if fault:
            raise BenchError(fault)
        return value  # type: ignore[no-any-return]  # a pipe carries anything


def _do(work: Callable[[], Coroutine[Any, Any, Any]], sending: Connection, barrier: Barrier | None) -> None:
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sending.send((runner.run(work()), ""))
    except BaseException as error:
        if barrier is not None:
            barrier.abort()
        sending.send((None, _words(error)))


def _words(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, threading.BrokenBarrierError):
        return "another load process failed"
    return str(error) if isinstance(error, BenchError) else f"{type(error).__name__}: {error}"


def apart(work: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
    """Do something in a load process, where nothing is measured: this process never has an event loop."""
    return Hand(partial(work, *arguments)).result()


def measure(work: Sequence[tuple[Work, Part]], watch: Callable[[], T]) -> tuple[list[Tally], tuple[T, T, T]]:
    """Do work in as many processes; what they saw, and what `watch` said before they began, and at both gates."""
    barrier = CONTEXT.Barrier(len(work) + 1, timeout=LONGEST_SECONDS)
    before = watch()
    hands = [Hand(partial(one, part, Gate(barrier)), barrier) for one, part in work]
    try:
        barrier.wait()
        opened = watch()
        barrier.wait()
        closed = watch()
        return [hand.result() for hand in hands], (before, opened, closed)
    except threading.BrokenBarrierError:
        faults = [_fault_of(hand) for hand in hands]
        raise BenchError(next((one for one in faults if "another" not in one), faults[0])) from None


def _fault_of(hand: Hand[Tally]) -> str:
    try:
        hand.result()
    except BenchError as error:
        return str(error)
    return "another load process failed"
