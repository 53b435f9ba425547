"""Whose keys a client must ask for anew, and whose it may forget (client-server API, "Tracking the device list for a
user")."""

from collections.abc import Collection

import msgspec

from meydan.messaging.policies.channels import is_channel
from meydan.messaging.queries.live import BANNED, JOINED, LEFT, Entry, Person, Room
from meydan.messaging.queries.reading import Reader
from meydan.messaging.queries.sync import Token

MOST_CHANGED = 10_000
_CHANGED = """
select distinct change.person from messaging_devicelistchange change
 where change.viewer in ('', $1) and change.pos > $2 and change.pos <= $3
   and (change.viewer = $1 or change.person = $1 or exists (
        select 1 from messaging_member mine
          join messaging_member theirs on theirs.room = mine.room and theirs.person = change.person
          join messaging_room room on room.id = mine.room and not room.hides_members
         where mine.person = $1 and mine.membership = 'join' and theirs.membership = 'join'))
 limit $4"""


class _Unsigned(msgspec.Struct):
    prev_content: dict[str, object] = {}


class _Body(msgspec.Struct):
    content: dict[str, object] = {}
    unsigned: _Unsigned = msgspec.field(default_factory=_Unsigned)


_decode = msgspec.json.Decoder(_Body).decode


class DeviceLists:
    """Finds out who came, changed and went, between two tokens of one person."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.live = reader.live

    async def changes(
        self, person: Person, since: Token, now: Token, only: Collection[Room] | None = None
    ) -> dict[str, list[str]]:
        """`changed` and `left` of the answer, {} when there is nothing. `only`: the others are known to be quiet."""
        changed, gone = set[str](), set[str]()
        for room in self._busy(person, since, only):
            await self._room(person, room, since.positions[room.shard], now.positions[room.shard], changed, gone)
        before, upto = since.positions[0], now.positions[0]
        if before < upto and person.last_list > before:
            changed |= await self._changed(person, before, upto)
        left = self._strangers(person, gone)
        if not changed and not left:
            return {}
        return {"changed": sorted(changed - left), "left": sorted(left)}

    def shares(self, person: Person, other: str) -> bool:
        """Whether two people are in a room together, or are the same."""
        if person.user_id == other:
            return True
        rooms = (self.live.rooms.get(number) for number, standing in person.rooms.items() if standing[0] == JOINED)
        return any(other in room.joined for room in rooms if room is not None and not is_channel(room.state))

    def _strangers(self, person: Person, names: set[str]) -> set[str]:
        """Those of these people with whom somebody is in no room."""
        left = names - {person.user_id}
        for number, (membership, _pos) in person.rooms.items() if left else ():
            room = self.live.rooms.get(number)
            if membership == JOINED and room is not None and not is_channel(room.state):
                left -= left & room.joined  # the smaller of both is walked
        return left

    def _busy(self, person: Person, since: Token, only: Collection[Room] | None) -> list[Room]:
        """The rooms in which something happened that may concern them: of one they are not in, their own leaving."""
        rooms = only if only is not None else filter(None, map(self.live.rooms.get, list(person.rooms)))
        busy = []
        for room in rooms:
            before = since.positions[room.shard]
            membership, pos = person.rooms.get(room.number, (LEFT, 0))
            if room.last_event > before and (membership == JOINED or pos > before) and not is_channel(room.state):
                busy.append(room)
        return busy

    async def _room(
        self, person: Person, room: Room, before: int, upto: int, changed: set[str], gone: set[str]
    ) -> None:
        """Who came and went while they were in the room themselves; all others are not for them to know."""
        standing, pos = person.rooms.get(room.number, (LEFT, 0))
        inside = standing == JOINED
        entries = await self.reader.member_events(room, before, upto if inside else min(upto, pos))
        if not inside and not (entries and _is_leaving(entries[-1], person.user_id)):
            return
        came, went = set[str](), set[str]()
        for entry in entries:
            name, membership = entry.event.state_key or "", entry.event.content.get("membership")
            enters = membership == JOINED and not _was_in(entry)
            if enters and name == person.user_id:
                came, went = set(room.joined), set()
            elif enters:
                came.add(name)
            elif membership in (LEFT, BANNED):
                went.add(name)
        changed |= came if inside else set()
        gone |= went if inside else went | await self._were_in(room, pos)

    async def _were_in(self, room: Room, pos: int) -> set[str]:
        """Who was in the room then."""
        moved = [key for key in room.state_since(pos) if key[0] == "m.room.member"]
        now = room.joined.difference(name for _kind, name in moved)
        before = await self.reader.state(room, moved, pos)
        return now | {
            name for (_kind, name), body in before.items() if _decode(body).content.get("membership") == JOINED
        }

    async def _changed(self, person: Person, before: int, upto: int) -> set[str]:
        """Of those whom they share a room with, whose keys changed; and whose key they themselves have signed."""
        found = self.live.lists.between(before, upto)
        if found is None:
            rows = await self.reader.pool.fetch(_CHANGED, person.user_id, before, upto, MOST_CHANGED)
            return {name for (name,) in rows}
        own = {name for viewer, name in found if viewer == person.user_id}
        return own | {name for viewer, name in found if not viewer and self.shares(person, name)}


def _is_leaving(entry: Entry, user_id: str) -> bool:
    """Whether by this event somebody, who was in the room, is in it no more."""
    left = entry.event.content.get("membership") in (LEFT, BANNED)
    return left and entry.event.state_key == user_id and _was_in(entry)


def _was_in(entry: Entry) -> bool:
    """Whether the event before this one said that they are in the room."""
    return _decode(entry.body).unsigned.prev_content.get("membership") == JOINED
