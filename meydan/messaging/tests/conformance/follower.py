"""A client that follows its rooms by `/sync`, as clients do: it keeps what it is told, fills gaps through `/messages`,
and strips what is redacted."""

import copy
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from meydan.messaging.tests.clients import Api

Event = dict[str, Any]
STATE_AFTER = "org.matrix.msc4222.state_after"


@dataclass
class View:
    """What a client knows of a room."""

    section: str = ""
    timeline: dict[str, Event] = field(default_factory=dict)  # by id, oldest first
    state: dict[tuple[str, str], Event] = field(default_factory=dict)

    def redact(self, event: Event) -> None:
        """Strip what a redaction names."""
        for known in (*self.timeline.values(), *self.state.values()):
            if known["event_id"] == event["content"].get("redacts"):
                kept = ("membership", "history_visibility", "join_rule")
                known["content"] = {key: known["content"][key] for key in kept if key in known["content"]}


@dataclass
class Follower:
    """One client; `apis` are its ways to the city, one for each gateway."""

    apis: list[Api]
    limit: int = 5
    after: bool = False
    since: str = ""
    rooms: dict[str, View] = field(default_factory=dict)
    untold: dict[str, int] = field(default_factory=dict)
    """Rooms of which they were not told all until they left, and how much had happened there when they asked: they had
    left or forgotten them when they first asked, or were outside and only invited by then."""

    def copied(self) -> "Follower":
        """As it is now."""
        return Follower(self.apis, self.limit, self.after, self.since, copy.deepcopy(self.rooms), dict(self.untold))

    def sync(self, by: int) -> Any:
        """Ask for what is new and take it in."""
        api = self.apis[by]
        wish = {"room": {"timeline": {"limit": self.limit}}}
        more: dict[str, Any] = {"org.matrix.msc4222.use_state_after": "true"} if self.after else {}
        said = api.sync(self.since, filter=json.dumps(wish), **more)
        before, self.since = self.since, said["next_batch"]
        for section, parts in said.get("rooms", {}).items():
            for room_id, part in parts.items():
                view = self.rooms.setdefault(room_id, View())
                view.section = section
                if section in ("join", "leave"):
                    self._take(api, room_id, view, part, before)
        return said

    def _take(self, api: Api, room_id: str, view: View, part: Any, before: str) -> None:
        events: list[Event] = part.get("timeline", {}).get("events", [])
        if part.get("timeline", {}).get("limited"):
            older = self._fill(api, room_id, part["timeline"]["prev_batch"], set(view.timeline))
            events = [*older, *events]
        for event in (*part.get("state", {}).get("events", ()), *part.get(STATE_AFTER, {}).get("events", ())):
            view.state[event["type"], event["state_key"]] = copy.deepcopy(event)
        told = {one["event_id"] for one in part.get("timeline", {}).get("events", [])}
        for event in events:
            view.timeline.pop(event["event_id"], None)
            view.timeline[event["event_id"]] = event
            if "state_key" in event and event["event_id"] in told and not self.after:
                view.state[event["type"], event["state_key"]] = copy.deepcopy(event)
            if event["type"] == "m.room.redaction":
                view.redact(event)

    def _fill(self, api: Api, room_id: str, start: str, known: set[str]) -> list[Event]:
        """What is between what is known and the newest, oldest first."""
        found: list[Event] = []
        while start:
            said = api.get(f"rooms/{quote(room_id)}/messages", dir="b", limit=7, **{"from": start})
            found += said["chunk"]
            start = said.get("end", "")
            if known & {one["event_id"] for one in said["chunk"]}:
                break
        return found[::-1]
