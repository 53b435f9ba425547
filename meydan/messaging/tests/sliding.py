"""A client of sliding sync for the tests: it asks, and keeps what it is told as Element X does."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from meydan.messaging.tests.clients import Api

PATH = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync"
ELEMENT_X_STATE = [
    *(["m.room.name", ""], ["m.room.encryption", ""], ["m.room.member", "$LAZY"], ["m.room.member", "$ME"]),
    *(["m.room.topic", ""], ["m.room.avatar", ""], ["m.room.canonical_alias", ""], ["m.room.power_levels", ""]),
    *(["org.matrix.msc3401.call.member", "*"], ["m.room.join_rules", ""], ["m.room.tombstone", ""]),
    *(["m.room.create", ""], ["m.room.history_visibility", ""], ["io.element.functional_members", ""]),
    *(["m.space.parent", "*"], ["m.space.child", "*"], ["org.matrix.msc3672.beacon_info", "*"]),
]
"""What matrix-rust-sdk's room list asks for (room_list_service/mod.rs, DEFAULT_REQUIRED_STATE)."""


def room_list(last: int = 19, limit: int = 1, **more: Any) -> dict[str, Any]:
    """The body of Element X's first connection."""
    return {
        "conn_id": "room-list",
        "lists": {
            "all_rooms": {
                "ranges": [[0, last]],
                "required_state": ELEMENT_X_STATE,
                "timeline_limit": limit,
                "filters": {},
            }
        },
        "extensions": {
            "account_data": {"enabled": True},
            "receipts": {"enabled": True, "rooms": ["*"]},
            "typing": {"enabled": True},
        },
        **more,
    }


def ask(api: Api, body: Any, pos: str = "", timeout: int = 0) -> tuple[int, Any]:
    """One request: the status and the JSON."""
    query = {**({"pos": pos} if pos else {}), "timeout": timeout}
    answer = api.pool.request(
        "POST",
        f"{api.url}{PATH}?{urlencode(query)}",
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {api.token}"},
        timeout=60,
    )
    return answer.status, json.loads(answer.data)


@dataclass
class Slider:
    """A connection, and all that it was told."""

    api: Api
    body: dict[str, Any] = field(default_factory=room_list)
    pos: str = ""
    rooms: dict[str, dict[str, Any]] = field(default_factory=dict)
    count: int = 0

    def ask(self, timeout: int = 0, **body: Any) -> Any:
        """The next answer; parts of the body may be changed for good."""
        self.body = {**self.body, **body}
        status, said = ask(self.api, self.body, self.pos, timeout)
        assert status == 200, (status, said)
        self.pos = said["pos"]
        self.count = next((one["count"] for one in said["lists"].values()), 0)
        for room_id, part in said["rooms"].items():
            self._take(room_id, part)
        return said

    def _take(self, room_id: str, part: dict[str, Any]) -> None:
        known = {} if part.get("initial") else self.rooms.get(room_id, {})
        anew = part.get("limited") or part.get("initial") or part.get("unstable_expanded_timeline")
        before = [] if anew else known.get("timeline", [])
        state = {(one["type"], one["state_key"]): one for one in part.get("required_state", ())}
        self.rooms[room_id] = {
            **known,
            **part,
            "timeline": [*before, *part.get("timeline", ())],
            "state": {**known.get("state", {}), **state},
        }


def say(api: Api, room: str, body: str, txn: str, **more: Any) -> str:
    """Send a message."""
    content = {"msgtype": "m.text", "body": body, **more}
    event_id: str = api.put(f"rooms/{quote(room)}/send/m.room.message/{txn}", content)["event_id"]
    return event_id


def read(api: Api, room: str, event_id: str, kind: str = "m.read", **body: Any) -> None:
    """Send a receipt."""
    api.post(f"rooms/{quote(room)}/receipt/{kind}/{quote(event_id)}", body)
