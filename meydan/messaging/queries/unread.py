"""How many events somebody has not read (client-server API, "Receipts", "Notifications" of `/sync`).

No row is written for them: they are counted from what one has read, by one's own push rules, when one asks; what was
counted is held with the room and moved forward by what came since. What was weighed stays weighed: a new display name
changes only what comes after it.
"""

from collections import deque
from collections.abc import Callable, Iterable

import msgspec

from meydan.messaging.models.events import Event
from meydan.messaging.models.push import Outcome, Rules
from meydan.messaging.policies.reading import power_of
from meydan.messaging.queries.live import JOINED, TAIL, Entry, Person, Room
from meydan.messaging.queries.mine import Settings, Tally, Unread
from meydan.messaging.queries.personal import settings_of
from meydan.messaging.queries.reading import Reader

MOST = 1_000
"""Of what is not read, the newest events that are looked at."""
CROWD = 100
"""Members of a room for whom its past is held together."""
PASTS_HELD = 8
"""Rooms; each past is a megabyte."""
MAIN = "main"
POWER_LEVELS = ("m.room.power_levels", "")
_decode = msgspec.json.Decoder().decode


class Counter:
    """Counts for the people of one process."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.crowded: dict[Room, None] = {}  # the rooms whose past is held

    async def count(self, person: Person, room: Room) -> Unread:
        """What this member has not read of the room."""
        settings = person.settings
        if settings is None or person.settings_at != person.last_setting:
            settings = await settings_of(self.reader, person)
        held = room.unread.get(person.user_id)
        if (
            held is None
            or held.rules is not settings.rules
            or held.ignored != settings.ignored
            or held.upto < room.floor
        ):
            return await self._afresh(person, room, settings)
        if held.upto < room.last_event:
            _add(room, held, person.user_id, room.since(held.upto), check=False)
            held.upto = room.last_event
        return held

    async def _afresh(self, person: Person, room: Room, settings: Settings) -> Unread:
        while True:
            read = read_to(room, person.user_id, "")
            start = max(read, await self._joined_at(person, room, read))
            if start < room.floor and room.past is None and len(room.joined) >= CROWD:
                await self._recall(room)
            counted = Unread(room.last_event, settings.rules, settings.ignored)
            if start < room.floor and room.past is not None:
                entries = [*(one for one in room.past if one.pos > start), *room.since(start)]
            else:
                entries = await self.reader.newest(room, start, counted.upto, MOST)
            if read_to(room, person.user_id, "") == read:
                break
        _add(room, counted, person.user_id, entries, check=True)
        if person.user_id in room.joined:
            room.unread[person.user_id] = counted
        return counted

    async def _recall(self, room: Room) -> None:
        """Hold the events before the room's tail: the next of its many people count them too."""
        while room.past is None:
            floor, redone = room.floor, room.redone
            entries = await self.reader.newest(room, 0, floor, MOST - TAIL)
            if (room.floor, room.redone) == (floor, redone):
                room.past = deque(entries, MOST - TAIL)
        self.crowded.pop(room, None)
        self.crowded[room] = None
        while len(self.crowded) > PASTS_HELD:
            oldest = next(iter(self.crowded))
            oldest.past = None
            del self.crowded[oldest]

    async def _joined_at(self, person: Person, room: Room, read: int) -> int:
        """Where they came in, unless they have read further: a new name is no new beginning."""
        key = ("m.room.member", person.user_id)
        event = room.state.get(key)
        if event is None or event.pos <= read or not _was_in_before(room.bodies[key]):
            return event.pos if event is not None else 0
        start = event.pos
        for entry in reversed(await self.reader.history(room, *key)):
            if entry.event.content.get("membership") != JOINED:
                break
            start = entry.pos
        return start


def _was_in_before(body: bytes) -> bool:
    before = _decode(body).get("unsigned", {}).get("prev_content", {})
    return bool(before.get("membership") == JOINED)


def read_to(room: Room, user_id: str, thread: str) -> int:
    """The position to which somebody has read a thread; "" for a receipt that is for all of the room."""
    found = [room.reads.get((user_id, kind, thread)) for kind in ("m.read", "m.read.private")]
    return max((read.event_pos for read in found if read is not None), default=0)


def thread_of(entry: Entry) -> str:
    """The root of the thread that the event is in, or `main` (spec, "Threaded read receipts")."""
    return entry.relates_to or MAIN if entry.rel_type == "m.thread" else MAIN


def weigher(room: Room, user_id: str, rules: Rules) -> Callable[[Event], Outcome]:
    """What events of the room, as it is now, mean for somebody by their rules."""
    member = room.state.get(("m.room.member", user_id))
    name = member.content.get("displayname") if member is not None else None
    name = name if isinstance(name, str) else ""
    levels = room.state.get(POWER_LEVELS)
    needed = levels.content.get("notifications") if levels is not None else None
    needed = needed if isinstance(needed, dict) else {}
    members = len(room.joined)

    def weigh(event: Event) -> Outcome:
        return rules.weigh(
            event,
            display_name=name,
            members=members,
            sender_power=power_of(room.state, event.sender),
            notification_power=needed,
            room_version=room.version,
        )

    return weigh


def _add(room: Room, counted: Unread, user_id: str, entries: Iterable[Entry], *, check: bool) -> None:
    """Weigh these events. `check`: they may have been read, each in its thread."""
    weigh = weigher(room, user_id, counted.rules)
    comings = not counted.rules.are_comings_quiet
    for entry in entries:
        event = entry.event
        if event.type == "m.room.member" and event.state_key != user_id and not comings:
            continue
        if event.sender == user_id or event.sender in counted.ignored or is_redacted(event):
            continue
        outcome = weigh(event)
        if outcome.notify and not (check and is_read(room, user_id, entry)):
            _note(counted, thread_of(entry), outcome.highlight)


def is_read(room: Room, user_id: str, entry: Entry) -> bool:
    """Whether somebody has read this event, in its thread or by a receipt for all of the room."""
    return entry.pos <= max(read_to(room, user_id, thread_of(entry)), read_to(room, user_id, ""))


def is_redacted(event: Event) -> bool:
    """A message of which nothing is left."""
    return not event.content and event.state_key is None


def _note(counted: Unread, thread: str, highlight: bool) -> None:
    tally = counted.main if thread == MAIN else counted.threads.setdefault(thread, Tally())
    tally.notify += 1
    tally.highlight += highlight
