"""What the gateway holds in memory: rooms, who is in them, their newest events, and who waits for something to happen.

All of it follows the streams: `Live.apply` takes what was committed, in the order of positions, and wakes who waits. It
can be forgotten at any time and read again (`queries.reading`).
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from meydan.messaging.models.events import Event

TAIL = 64
"""Events of a room that are held; what is older is read from the database."""
JOINED, INVITED, LEFT, BANNED, KNOCKED = "join", "invite", "leave", "ban", "knock"
StateKey = tuple[str, str]


class Entry(msgspec.Struct, frozen=True):
    """An event as it was written: `body` are the bytes that clients get; `device` and `txn` whose sending it was."""

    shard: int
    room: int
    event: Event
    body: bytes
    device: int | None = None
    txn: str | None = None
    rel_type: str | None = None
    relates_to: str | None = None

    @property
    def pos(self) -> int:
        return self.event.pos


class Read(msgspec.Struct, frozen=True):
    """A receipt: this person has read as far as the event at `event_pos`. Others see only those of type m.read."""

    shard: int
    pos: int
    room: int
    person: str
    type: str
    thread: str
    event_id: str
    event_pos: int
    at: int


class Note(msgspec.Struct, frozen=True):
    """Something in the people's stream: `kind` is account_data, to_device or device_list; `person` is whom it is for,
    or of whom it tells."""

    pos: int
    kind: str
    person: str
    device_id: str = ""


Item = Entry | Read | Note


@dataclass(slots=True, eq=False)
class Room:
    """A room, as of the newest position of its shard."""

    number: int
    room_id: str
    shard: int
    version: str
    state: dict[StateKey, Event] = field(default_factory=dict)
    bodies: dict[StateKey, bytes] = field(default_factory=dict)  # of the state's events
    members: dict[str, str] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    tail: deque[Entry] = field(default_factory=deque)
    floor: int = 0  # all events above this position are in `tail`
    reads: dict[tuple[str, str, str], Read] = field(default_factory=dict)
    typing: dict[str, float] = field(default_factory=dict)
    typing_serial: int = 0
    last: int = 0  # the position of the newest event or receipt
    last_event: int = 0
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while the state changes

    def apply(self, entry: Entry) -> None:
        """Take an event in; it is newer than all that the room knows."""
        event = entry.event
        self.last = self.last_event = event.pos
        self.tail.append(entry)
        if len(self.tail) > TAIL:
            self.floor = self.tail.popleft().pos
        if event.state_key is not None:
            self.set_state(entry)

    def set_state(self, entry: Entry) -> None:
        """This is the state event of its kind now."""
        event, key = entry.event, (entry.event.type, entry.event.state_key or "")
        self.state[key], self.bodies[key] = event, entry.body
        if event.type == "m.room.member":
            self._set_member(key[1], str(event.content.get("membership")))

    def _set_member(self, person: str, membership: str) -> None:
        self.members[person] = membership
        (self.joined.add if membership == JOINED else self.joined.discard)(person)

    def replace(self, entry: Entry) -> None:
        """An event that was written is another one now: it was redacted."""
        for at, one in enumerate(self.tail):
            if one.pos == entry.pos:
                self.tail[at] = entry
        event = entry.event
        key = (event.type, event.state_key or "")
        if event.state_key is not None and self.state.get(key, event).event_id == event.event_id:
            self.state[key], self.bodies[key] = event, entry.body

    def since(self, pos: int) -> list[Entry]:
        """The held events after a position, oldest first."""
        found: list[Entry] = []
        for entry in reversed(self.tail):
            if entry.pos <= pos:
                break
            found.append(entry)
        found.reverse()
        return found


class Waiter:
    """Somebody's poll: `changed` are the rooms in which something happened since it began to wait."""

    __slots__ = ("changed", "future", "person", "personal")

    def __init__(self, person: str, loop: asyncio.AbstractEventLoop) -> None:
        self.person = person
        self.future: asyncio.Future[None] = loop.create_future()
        self.changed: set[Room] = set()
        self.personal = False

    def wake(self) -> None:
        """End the wait; what happens before the poll goes on is still noted."""
        if not self.future.done():
            self.future.set_result(None)


@dataclass(slots=True, eq=False)
class Person:
    """What somebody is to which room: the membership and the position since when."""

    user_id: str
    rooms: dict[int, tuple[str, int]]
    last_note: int = 0  # the position of the newest entry for them in the people's stream


class Live:
    """Everything in memory, and the doors to it. One for each gateway process; one thread."""

    def __init__(self, shards: int) -> None:
        self.positions = [0] * (shards + 1)
        self.rooms: dict[int, Room] = {}
        self.by_id: dict[str, Room] = {}
        self.people: dict[str, Person] = {}
        self.waiters: dict[str, set[Waiter]] = {}
        self.typing_serial = int(time.time())  # grows from one process to the next as well
        self.sent: dict[int, dict[str, str]] = {}  # by device: the event of each transaction id

    def hold(self, room: Room) -> Room:
        """Keep a room that was read."""
        self.rooms[room.number] = room
        self.by_id[room.room_id] = room
        return room

    def forget(self, room: Room) -> None:
        """Read it anew when it is asked for again."""
        self.rooms.pop(room.number, None)
        self.by_id.pop(room.room_id, None)

    def wait(self, person: str) -> Waiter:
        """Begin to wait. End it with `leave`."""
        waiter = Waiter(person, asyncio.get_running_loop())
        self.waiters.setdefault(person, set()).add(waiter)
        return waiter

    def leave(self, waiter: Waiter) -> None:
        """The poll has its answer, or is gone."""
        waiting = self.waiters.get(waiter.person)
        if waiting is not None:
            waiting.discard(waiter)
            if not waiting:
                del self.waiters[waiter.person]

    def apply(self, shard: int, pos: int, items: Iterable[Item]) -> None:
        """Take in what was committed up to a position of a shard, and wake whom it concerns."""
        for item in items:
            if isinstance(item, Entry):
                self._apply_event(item)
            elif isinstance(item, Read):
                self._apply_read(item)
            else:
                self._apply_note(item)
        self.positions[shard] = max(pos, self.positions[shard])

    def _apply_event(self, entry: Entry) -> None:
        room, event = self.rooms.get(entry.room), entry.event
        is_member = event.type == "m.room.member" and event.state_key is not None
        if is_member and (person := self.people.get(event.state_key or "")):
            person.rooms[entry.room] = (str(event.content.get("membership")), event.pos)
        if room is None:
            return
        gone = {event.state_key} if is_member else set()
        room.apply(entry)
        self._wake(room, gone)

    def _apply_read(self, read: Read) -> None:
        room = self.rooms.get(read.room)
        if room is None:
            return
        room.reads[read.person, read.type, read.thread] = read
        room.last = read.pos
        if read.type == "m.read":
            self._wake(room, ())
        else:
            self._wake_one(read.person, room)

    def _apply_note(self, note: Note) -> None:
        if note.kind == "device_list":
            for person in self.neighbours(note.person):
                self._note(person, note.pos)
        else:
            self._note(note.person, note.pos)

    def _note(self, name: str, pos: int) -> None:
        if person := self.people.get(name):
            person.last_note = pos
        for waiter in self.waiters.get(name, ()):
            waiter.personal = True
            waiter.wake()

    def neighbours(self, name: str) -> set[str]:
        """Who shares a held room with somebody, and they themselves."""
        person = self.people.get(name)
        numbers = person.rooms if person else ()
        rooms = (self.rooms.get(number) for number in numbers)
        return {name}.union(*(room.joined for room in rooms if room is not None and name in room.joined))

    def reset(self, shard: int, pos: int) -> None:
        """Forget what is known of a stream, and have every poll look for itself: memory may have missed something."""
        for room in [room for room in self.rooms.values() if room.shard == shard]:
            self.forget(room)
        self.people.clear()
        self.sent.clear()
        self.positions[shard] = pos
        for waiter in [one for several in self.waiters.values() for one in several]:
            waiter.personal = True
            waiter.wake()

    def touch(self, room: Room) -> None:
        """Somebody begins or ends to type: wake the people of the room."""
        self.typing_serial += 1
        room.typing_serial = self.typing_serial
        self._wake(room, ())

    def _wake(self, room: Room, others: Iterable[str | None]) -> None:
        """Those who are in the room, or were until now; the smaller of both sets is walked."""
        waiting = self.waiters
        names: Iterator[str | None]
        if len(room.joined) < len(waiting):
            names = iter(room.joined)
        else:
            names = (name for name in list(waiting) if name in room.joined)
        for name in [*names, *others]:
            if name in waiting:
                self._wake_one(name, room)

    def _wake_one(self, name: str | None, room: Room) -> None:
        for waiter in self.waiters.get(name or "", ()):
            waiter.changed.add(room)
            waiter.wake()
