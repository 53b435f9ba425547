"""The rooms of a few people as plainly as the spec can be read, without a line of ours: a list of events for each room,
and who may see which of them (client-server API, "Room history visibility")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MEMBER, VISIBILITY, RULE, TOPIC, MESSAGE, REDACTION = (
    *("m.room.member", "m.room.history_visibility", "m.room.join_rules", "m.room.topic", "m.room.message"),
    "m.room.redaction",
)
OPEN = "world_readable"
Key = tuple[str, str]


@dataclass
class Happening:
    """An event. `name` says which it is: its id, or the number in its reason, for nobody is told the id of a
    membership; `secret` is what its redaction takes away."""

    name: str
    type: str
    sender: str
    content: dict[str, Any]
    key: str | None = None
    secret: str = ""
    is_redacted: bool = False


@dataclass
class Room:
    """A room: what happened in it, oldest first. A place is an index in `events`; -1 is before all of them."""

    room_id: str
    events: list[Happening] = field(default_factory=list)
    forgotten: dict[str, int] = field(default_factory=dict)  # by whom, at which of their own memberships

    def state(self, place: int | None = None) -> dict[Key, Happening]:
        """The state after the event at a place; without one, now."""
        upto = len(self.events) if place is None else place + 1
        return {(one.type, one.key): one for one in self.events[:upto] if one.key is not None}

    def said(self, key: Key, what: str, default: str, place: int | None = None) -> str:
        """One value of the state."""
        event = self.state(place).get(key)
        return default if event is None else str(event.content[what])

    def visibility(self, place: int | None = None) -> str:
        return self.said((VISIBILITY, ""), "history_visibility", "shared", place)

    def rule(self) -> str:
        return self.said((RULE, ""), "join_rule", "invite")

    def membership(self, person: str, place: int | None = None) -> str:
        return self.said((MEMBER, person), "membership", "leave", place)

    def own(self, person: str) -> Iterator[int]:
        """The places of somebody's own memberships."""
        return (at for at, one in enumerate(self.events) if (one.type, one.key) == (MEMBER, person))

    def was_in(self, person: str, since: int = 0) -> bool:
        """Whether somebody came in, at a place or after it."""
        return any(at >= since and self.events[at].content["membership"] == "join" for at in self.own(person))

    def left_at(self, person: str) -> int:
        """Where somebody who was in stopped to be in."""
        stays = [at for at in range(len(self.events)) if self.membership(person, at) == "join"]
        return stays[-1] + 1

    def may_read(self, person: str) -> bool:
        """Whether reading is open to somebody at all."""
        return self.visibility() == OPEN or (self.was_in(person) and not self.has_forgotten(person))

    def has_forgotten(self, person: str) -> bool:
        """Until they become something else to it."""
        return self.forgotten.get(person) == max(self.own(person), default=-1)

    def before(self, event: Happening) -> Happening | None:
        """The piece of state that this one took the place of."""
        return (
            self.state(self.events.index(event) - 1).get((event.type, event.key or ""))
            if event.key is not None
            else None
        )

    def reads_upto(self, person: str) -> int:
        """The last place of what somebody may read: now, or when they left."""
        if self.membership(person) == "join" or self.visibility() == OPEN:
            return len(self.events) - 1
        return self.left_at(person)

    def sees(self, person: str, place: int) -> bool:
        """The spec's rules, one by one."""
        event = self.events[place]
        about = (event.type, event.key)
        if about == (MEMBER, person) and event.content["membership"] in ("leave", "ban"):
            return True  # or nobody would see that they are out
        places = (place - 1, place)
        for visibility in {self.visibility(at) for at in (places if about == (VISIBILITY, "") else places[:1])}:
            for membership in {
                self.membership(person, at) for at in (places if about == (MEMBER, person) else places[:1])
            }:
                if visibility == OPEN or membership == "join":
                    return True
                if visibility == "shared" and self.joined_after(person, place):
                    return True
                if visibility == "invited" and membership == "invite":
                    return True
        return False

    def joined_after(self, person: str, place: int) -> bool:
        return any(at > place and self.events[at].content["membership"] == "join" for at in self.own(person))

    def seen(self, person: str) -> list[Happening]:
        """What somebody may see of it, oldest first."""
        upto = self.reads_upto(person) if self.may_read(person) else len(self.events) - 1
        own = set(self.own(person))
        return [one for at, one in enumerate(self.events) if (at <= upto or at in own) and self.sees(person, at)]

    def readable(self, person: str) -> list[Happening]:
        """What /messages gives, newest first."""
        return [one for one in self.seen(person) if self.events.index(one) <= self.reads_upto(person)][::-1]

    def readable_state(self, person: str) -> dict[Key, Happening]:
        return self.state(self.reads_upto(person))


@dataclass
class Model:
    """All rooms."""

    rooms: dict[str, Room] = field(default_factory=dict)

    def secrets(self, *, redacted: bool) -> Mapping[str, tuple[Room, Happening]]:
        """What is written in the events, redacted ones or others."""
        return {
            one.secret: (room, one)
            for room in self.rooms.values()
            for one in room.events
            if one.secret and one.is_redacted == redacted
        }
