"""Sliding sync against a naive model: whatever a few people do, everybody's client comes to see what the model says."""

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meydan.messaging.tests.clients import Api, Gateway
from meydan.messaging.tests.sliding import Slider, read, room_list, say

NAMES = ("alice", "bob", "carol")
PRESET = ["create", "member alice join", "power_levels", "join_rules", "history_visibility", "guest_access"]
_txns = count(1)


@dataclass
class Room:
    """A room as plainly as can be: its events as words, who is in since which of them, and who has read how far."""

    room_id: str
    bump: int
    events: list[str] = field(default_factory=lambda: list(PRESET))
    ids: dict[int, str] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=lambda: {"alice": 2})
    read: dict[str, int] = field(default_factory=dict)

    def unread(self, name: str) -> int:
        start = max(self.since[name], self.read.get(name, 0))
        return sum(one.startswith("said") and one.split()[1] != name for one in self.events[start:])


class Town:
    """The model, and the clients beside it."""

    def __init__(self, gateway: Gateway) -> None:
        self.people = {name: gateway.register(name) for name in NAMES}
        self.names = {api.user_id: name for name, api in self.people.items()}
        self.clients = {name: Slider(api, room_list(0)) for name, api in self.people.items()}
        self.rooms: list[Room] = []
        self.clock = count(1)

    def do(self, verb: str, name: str, number: int, size: int) -> None:
        api = self.people[name]
        time.sleep(0.002)  # what happens in one millisecond has no order in the list, which goes by time (MSC4186)
        if verb == "make":
            self.make()
        elif verb == "look":
            self.look(name, size)
        elif self.rooms:
            getattr(self, verb)(api, name, self.rooms[number % len(self.rooms)])

    def make(self) -> None:
        if len(self.rooms) < 5:
            self.rooms.append(Room(self.people["alice"].make_room(), next(self.clock)))

    def join(self, api: Api, name: str, room: Room) -> None:
        if name not in room.since:
            api.join(room.room_id)
            room.events.append(f"member {name} join")
            room.since[name] = len(room.events)

    def leave(self, api: Api, name: str, room: Room) -> None:
        if name in room.since:
            api.leave(room.room_id)
            room.events.append(f"member {name} leave")
            del room.since[name]

    def say(self, api: Api, name: str, room: Room) -> None:
        if name in room.since:
            body = str(len(room.events))
            room.ids[len(room.events)] = say(api, room.room_id, body, str(next(_txns)))
            room.events.append(f"said {name} {body}")
            room.bump = next(self.clock)

    def read(self, api: Api, name: str, room: Room) -> None:
        if name in room.since and room.ids:
            last = max(room.ids)
            read(api, room.room_id, room.ids[last])
            room.read[name] = max(room.read.get(name, 0), last + 1)

    def look(self, name: str, size: int) -> None:
        """Ask until nothing is new; then the client must see the first rooms of the list as they are."""
        client, limit = self.clients[name], 1 + size % 3
        body = room_list(size, limit)["lists"]
        for _try in range(3):
            if not client.ask(lists=body)["rooms"]:
                break
        mine = sorted((room for room in self.rooms if name in room.since), key=lambda room: -room.bump)
        assert client.count == len(mine)
        for room in mine[: size + 1]:
            self.compare(name, room, client.rooms[room.room_id], limit)
        stamps = [client.rooms[room.room_id]["bump_stamp"] for room in mine[: size + 1]]
        assert stamps == sorted(stamps, reverse=True)
        assert len(set(stamps)) == len(stamps)

    def compare(self, name: str, room: Room, seen: dict[str, Any], limit: int) -> None:
        words = [self.word(event) for event in seen["timeline"]]
        assert words == room.events[-len(words) :]
        assert len(words) >= limit
        assert seen["notification_count"] == room.unread(name)
        assert seen["joined_count"] == len(room.since)
        own = seen["state"]["m.room.member", self.people[name].user_id]
        assert own["content"]["membership"] == "join"

    def word(self, event: dict[str, Any]) -> str:
        kind = event["type"].removeprefix("m.room.")
        if kind == "message":
            return f"said {self.names[event['sender']]} {event['content']['body']}"
        if kind == "member":
            return f"member {self.names[event['state_key']]} {event['content']['membership']}"
        return str(kind)

    def compare_sync(self, name: str) -> None:
        """The plain `/sync` counts the same."""
        joined = self.people[name].sync().get("rooms", {}).get("join", {})
        counts = {room_id: part["unread_notifications"]["notification_count"] for room_id, part in joined.items()}
        assert counts == {room.room_id: room.unread(name) for room in self.rooms if name in room.since}


DEED = st.tuples(
    st.sampled_from(["make", "join", "join", "leave", "say", "say", "say", "read", "look", "look"]),
    st.sampled_from(NAMES),
    st.integers(0, 4),
    st.integers(0, 5),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEED, min_size=5, max_size=40))
def test_everybody_sees_what_is_so(gateway: Gateway, deeds: list[tuple[str, str, int, int]]) -> None:
    town = Town(gateway)
    for number in range(3):
        town.do("make", "alice", 0, 0)
        town.do("join", "bob", number, 0)
    for deed in deeds:
        town.do(*deed)
    for name in NAMES:
        town.look(name, 5)
        town.compare_sync(name)
