"""What the gateway holds in memory: rooms, who is in them, their newest events, and who waits for something to happen.

All of it follows the streams: `Live.apply` takes what was committed, in the order of positions, and wakes who waits. It
can be forgotten at any time and read again (`queries.reading`).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from meydan.messaging.models.events import Event
from meydan.messaging.models.presence import Shown
from meydan.messaging.queries.boxes import Addresses, Boxes, ListChanges
from meydan.messaging.queries.mine import Settings, Unread
from meydan.messaging.queries.presence import Presences
from meydan.messaging.queries.rounds import Rounds

TAIL = 64
"""Events of a room that are held; what is older is read from the database."""
BUMPS = frozenset(
    (
        *("m.room.create", "m.room.message", "m.room.encrypted", "m.sticker", "m.call.invite", "m.poll.start"),
        *("org.matrix.msc3381.poll.start", "m.beacon_info", "org.matrix.msc3672.beacon_info"),
    )
)
"""The events that bring a room to the top of the list (MSC4186, bump_stamp)."""
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
    """Something in the people's stream: `kind` is account_data, to_device, device_list, signature, keys, forgotten,
    pushers or presence; `person` is whom it is for, or of whom it tells. Of messages to devices: `devices` and `people`
    are whom they are for. Of a signature that only its signer sees: `about` is whose key was signed. Of keys that
    became more or fewer: `devices` are those whose they are. Of pushers: `about` is "" when there are none any more. Of
    presence: `shown` is what is new of whom; it is not written with the note."""

    pos: int
    kind: str
    person: str
    device_id: str = ""
    devices: tuple[int, ...] = ()
    people: tuple[str, ...] = ()
    about: str = ""
    shown: tuple[Shown, ...] = ()


Item = Entry | Read | Note


@dataclass(frozen=True, slots=True)
class Plain:
    """What is new in a room, as bytes up to what is each reader's own; `senders` are the devices that sent it, which
    are told a little more (0: nobody's), `heroes` the people after whom it calls the room, who are told of others."""

    body: bytes
    senders: frozenset[int]
    heroes: frozenset[str]


@dataclass(slots=True, eq=False)
class Room:
    """A room, as of the newest position of its shard."""

    number: int
    room_id: str
    shard: int
    version: str
    state: dict[StateKey, Event] = field(default_factory=dict)  # the newest at the end
    bodies: dict[StateKey, bytes] = field(default_factory=dict)  # of the state's events
    members: dict[str, str] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    invited: set[str] = field(default_factory=set)
    keys: dict[str, set[str]] = field(default_factory=dict)  # the state's keys by type, without members
    tail: deque[Entry] = field(default_factory=deque)
    floor: int = 0  # all events above this position are in `tail`
    past: deque[Entry] | None = None  # those before the tail, where many count what they have not read
    redone: int = 0  # how often an event became another one, or was forgotten
    reads: dict[tuple[str, str, str], Read] = field(default_factory=dict)  # the newest at the end
    unread: dict[str, Unread] = field(default_factory=dict)  # by person; see `queries.unread`
    bump: int = 0  # when the newest event that bumps was sent, in milliseconds
    typing: dict[str, float] = field(default_factory=dict)
    typing_serial: int = 0
    last: int = 0  # the position of the newest event or receipt
    last_event: int = 0
    plain: dict[Any, Plain] = field(default_factory=dict)  # what was told to somebody and may be told to others
    last_member: int = 0
    first: list[str] | None = None  # of `members`, the first who are in or invited, once somebody asked
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while the state changes

    def apply(self, entry: Entry) -> None:
        """Take an event in; it is newer than all that the room knows."""
        event = entry.event
        self.last = self.last_event = event.pos
        self.tail.append(entry)
        if event.type in BUMPS:
            self.bump = max(self.bump, event.origin_server_ts)
        if len(self.tail) > TAIL:
            oldest = self.tail.popleft()
            self.floor = oldest.pos
            if self.past is not None:
                self.past.append(oldest)
        if event.state_key is not None:
            self.set_state(entry)

    def set_state(self, entry: Entry) -> None:
        """This is the state event of its kind now."""
        event, key = entry.event, (entry.event.type, entry.event.state_key or "")
        self.state.pop(key, None)
        self.state[key], self.bodies[key] = event, entry.body
        if event.type == "m.room.member":
            self.last_member = max(self.last_member, event.pos)
            self._set_member(key[1], str(event.content.get("membership")))
        else:
            self.keys.setdefault(event.type, set()).add(key[1])

    def state_since(self, pos: int) -> Iterator[StateKey]:
        """The pieces of state that were set after a position, the newest first."""
        for key, event in reversed(self.state.items()):
            if event.pos <= pos:
                return
            yield key

    def pieces(self, members: Iterable[str]) -> list[StateKey]:
        """The pieces of state, of members only these."""
        found = [(kind, key) for kind, keys in self.keys.items() for key in keys]
        return found + [("m.room.member", name) for name in members if name in self.members]

    def _set_member(self, person: str, membership: str) -> None:
        self.first = None
        self.members[person] = membership
        (self.joined.add if membership == JOINED else self.joined.discard)(person)
        (self.invited.add if membership == INVITED else self.invited.discard)(person)
        if membership != JOINED:
            self.unread.pop(person, None)

    def set_read(self, read: Read) -> None:
        """Take a receipt in; it is newer than all that the room knows."""
        key = (read.person, read.type, read.thread)
        self.reads.pop(key, None)
        self.reads[key] = read
        self.last = max(self.last, read.pos)
        if read.type != "m.fully_read":
            self.unread.pop(read.person, None)

    def reads_since(self, pos: int) -> Iterator[Read]:
        """The receipts after a position, newest first."""
        for read in reversed(self.reads.values()):
            if read.pos <= pos:
                return
            yield read

    def replace(self, entry: Entry) -> None:
        """An event that was written is another one now: it was redacted."""
        self._redo()
        for at, one in enumerate(self.tail):
            if one.pos == entry.pos:
                self.tail[at] = entry
        event = entry.event
        key = (event.type, event.state_key or "")
        if event.state_key is not None and self.state.get(key, event).event_id == event.event_id:
            self.state[key], self.bodies[key] = event, entry.body

    def expire(self, before: int) -> None:
        """Forget what was said before a time (milliseconds since 1970); the state stays."""
        if any(entry.event.origin_server_ts < before and entry.event.state_key is None for entry in self.tail):
            kept = (one for one in self.tail if one.event.origin_server_ts >= before or one.event.state_key is not None)
            self.tail = deque(kept)
            self._redo()

    def _redo(self) -> None:
        """What was made of the events is not true any more."""
        self.redone += 1
        self.past = None
        self.unread.clear()
        self.plain.clear()

    def since(self, pos: int) -> list[Entry]:
        """The held events after a position, oldest first."""
        found: list[Entry] = []
        for entry in reversed(self.tail):
            if entry.event.pos <= pos:
                break
            found.append(entry)
        found.reverse()
        return found

    def newest(self, after: int, upto: int, limit: int) -> list[Entry]:
        """The newest held events after one position and up to another, at most so many, oldest first."""
        found: list[Entry] = []
        for entry in reversed(self.tail):
            pos = entry.event.pos
            if pos <= after or len(found) >= limit:
                break
            if pos <= upto:
                found.append(entry)
        found.reverse()
        return found


class Waiter:
    """Somebody's poll: `changed` are the rooms in which something happened since it last looked; `personal`: something
    that is theirs, so that all must be looked at."""

    __slots__ = ("changed", "on_wake", "person", "personal", "woken")

    def __init__(self, person: str) -> None:
        self.person = person
        self.changed: set[Room] = set()
        self.personal = False
        self.woken = False
        self.on_wake: Callable[[], object] | None = None

    def wake(self) -> None:
        """End the wait; what happens before the poll goes on is still noted. Nobody is answered from here: this is
        called in the midst of what is being taken in."""
        self.woken = True
        if (call := self.on_wake) is not None:
            self.on_wake = None
            call()


@dataclass(slots=True, eq=False)
class Person:
    """What somebody is to which room: the membership and the position since when."""

    user_id: str
    rooms: dict[int, tuple[str, int]]
    last_note: int = 0  # the position of the newest entry for them in the people's stream
    last_setting: int = 0  # the same, of account data alone
    settings: Settings | None = None
    settings_at: int = -1  # what `last_setting` was when they were read
    last_list: int = 0  # that of the newest change of a device list that they see
    last_presence: int = 0  # that of the newest word of somebody who is there, or is not any more


class Watcher(Protocol):
    """Somebody who follows everything that is committed."""

    def gather(self, shard: int, items: Iterable[Item]) -> None:
        """Take what memory has just taken in."""

    def forget(self, shard: int) -> None:
        """Memory may have missed something."""


class Live:
    """Everything in memory, and the doors to it. One for each gateway process; one thread."""

    def __init__(self, shards: int) -> None:
        self.positions = [0] * (shards + 1)
        self.rooms: dict[int, Room] = {}
        self.by_id: dict[str, Room] = {}
        self.people: dict[str, Person] = {}
        self.waiters: dict[str, set[Waiter]] = {}
        self.rounds = Rounds()
        self.closing = False
        self.loads: dict[int | str, int] = {}  # what is being read just now: how often it has changed meanwhile
        self.typing_serial = int(time.time())  # grows from one process to the next as well
        self.sent: dict[int, dict[str, str]] = {}  # by device: the event of each transaction id
        self.boxes = Boxes()
        self.addresses = Addresses()
        self.lists = ListChanges()
        self.pushed: set[str] = set()  # people who have pushers
        self.presence = Presences()
        self.watcher: Watcher | None = None

    def begin(self, key: int | str) -> int:
        """Begin to read a room (its number) or a person from the database. Give `is_unmoved` what this returns."""
        return self.loads.setdefault(key, 0)

    def is_unmoved(self, key: int | str, before: int) -> bool:
        """Whether nothing of it was applied since, so that what was read is whole; else read again."""
        if self.loads.get(key) != before:
            return False
        del self.loads[key]
        return True

    def _move(self, key: int | str) -> None:
        """Something is new of what somebody may be reading just now."""
        if key in self.loads:
            self.loads[key] += 1

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
        waiter = Waiter(person)
        self.enter(waiter)
        return waiter

    def enter(self, waiter: Waiter) -> None:
        """Begin to wake somebody. End it with `leave`."""
        self.waiters.setdefault(waiter.person, set()).add(waiter)

    def leave(self, waiter: Waiter) -> None:
        """The poll has its answer, or is gone."""
        waiting = self.waiters.get(waiter.person)
        if waiting is not None:
            waiting.discard(waiter)
            if not waiting:
                del self.waiters[waiter.person]

    def apply(self, shard: int, pos: int, items: Iterable[Item]) -> None:
        """Take in what was committed up to a position of a shard, and wake whom it concerns."""
        items = list(items)
        for item in items:
            if isinstance(item, Entry):
                self._apply_event(item)
            elif isinstance(item, Read):
                self._apply_read(item)
            else:
                self._apply_note(item)
        self.positions[shard] = max(pos, self.positions[shard])
        if self.watcher is not None:
            self.watcher.gather(shard, items)

    def _apply_event(self, entry: Entry) -> None:
        room, event = self.rooms.get(entry.room), entry.event
        if entry.device is not None and entry.txn is not None and entry.device in self.sent:
            self.sent[entry.device][entry.txn] = event.event_id  # another gateway's work, which may become ours
        is_member = event.type == "m.room.member" and event.state_key is not None
        if is_member:
            self._apply_membership(event, entry.room)
        if room is None:
            self._move(entry.room)
            return
        gone = {event.state_key} if is_member else set()
        room.apply(entry)
        self._wake(room, gone)

    def _apply_membership(self, event: Event, room: int) -> None:
        name = event.state_key or ""
        if (person := self.people.get(name)) is not None:
            person.rooms[room] = (str(event.content.get("membership")), event.pos)
        self._move(name)

    def _apply_read(self, read: Read) -> None:
        room = self.rooms.get(read.room)
        if room is None:
            self._move(read.room)
            return
        room.set_read(read)
        if read.type == "m.read":
            self._wake(room, ())
        else:
            self._wake_one(read.person, room)

    def _apply_note(self, note: Note) -> None:
        if note.kind == "device_list":
            self.addresses.forget(note.person)
            self.lists.note("", note.person, note.pos)
            for name in self.neighbours(note.person):
                self._note_list(name, note.pos)
        elif note.kind == "signature":
            self.lists.note(note.person, note.about, note.pos)
            self._note_list(note.person, note.pos)
        elif note.kind == "to_device":
            self.boxes.put(note.devices, note.pos)
            self.addresses.put(note.devices)
            for name in note.people:
                self._wake_person(name)
        elif note.kind == "keys":
            self.boxes.recount(note.devices)
        elif note.kind == "forgotten":
            self.people.pop(note.person, None)
            self._move(note.person)
            self._note(note.person, note.pos)
        elif note.kind == "presence":
            self._apply_presence(note)
        elif note.kind == "pushers":
            (self.pushed.add if note.about else self.pushed.discard)(note.person)
        else:
            self._note_setting(note.person, note.pos)

    def _apply_presence(self, note: Note) -> None:
        """Nobody is woken: it is told with the next answer."""
        for shown in note.shown:
            self.presence.put(msgspec.structs.replace(shown, pos=note.pos))
            for room in filter(None, map(self.rooms.get, shown.rooms)):
                for name in room.joined:
                    if (person := self.people.get(name)) is not None:
                        person.last_presence = note.pos

    def _note(self, name: str, pos: int) -> None:
        if person := self.people.get(name):
            person.last_note = pos
        for waiter in self.waiters.get(name, ()):
            waiter.personal = True
            waiter.wake()

    def _note_setting(self, name: str, pos: int) -> None:
        if person := self.people.get(name):
            person.last_setting = pos
        self._note(name, pos)

    def _note_list(self, name: str, pos: int) -> None:
        if person := self.people.get(name):
            person.last_list = pos
        self._wake_person(name)

    def _wake_person(self, name: str) -> None:
        for waiter in self.waiters.get(name, ()):
            waiter.wake()

    def neighbours(self, name: str) -> set[str]:
        """Who shares a held room with somebody, and they themselves."""
        person = self.people.get(name)
        if person is None:  # another gateway has their polls
            return {name}.union(*(room.joined for room in self.rooms.values() if name in room.joined))
        rooms = (self.rooms.get(number) for number in person.rooms)
        return {name}.union(*(room.joined for room in rooms if room is not None and name in room.joined))

    def end_polls(self) -> None:
        """The process ends: nobody waits any longer."""
        self.closing = True
        self.rounds.end()
        for waiter in [one for several in self.waiters.values() for one in several]:
            waiter.wake()

    def reset(self, shard: int, pos: int) -> None:
        """Forget what is known of a stream, and have every poll look for itself: memory may have missed something."""
        for room in [room for room in self.rooms.values() if room.shard == shard]:
            self.forget(room)
        self.people.clear()
        self.sent.clear()
        for key in self.loads:
            self._move(key)
        self.boxes, self.addresses, self.lists = Boxes(), Addresses(), ListChanges()
        self.positions[shard] = pos
        if self.watcher is not None:
            self.watcher.forget(shard)
        for waiter in [one for several in self.waiters.values() for one in several]:
            waiter.personal = True
            waiter.wake()

    def set_typing(self, room: Room, person: str, seconds: float) -> None:
        """Somebody types for so long, or (0) has stopped. The people of the room hear of it when it changes."""
        now = time.monotonic()
        before = set(room.typing)
        room.typing[person] = now + seconds
        room.typing = {name: ends for name, ends in room.typing.items() if ends > now}
        if seconds:
            asyncio.get_running_loop().call_later(seconds + 0.1, self._end_typing, room, person)
        if set(room.typing) != before:
            self._touch(room)

    def _end_typing(self, room: Room, person: str) -> None:
        """Their time is over, unless they have gone on."""
        if room.typing.get(person, 0) and room.typing[person] <= time.monotonic():
            del room.typing[person]
            self._touch(room)

    def _touch(self, room: Room) -> None:
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
            self.rounds.call(waiter)
