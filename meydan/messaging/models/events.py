"""Events as the rules see them, without a database. Terms: Matrix spec, client-server API."""

from collections.abc import Mapping
from typing import Any

import msgspec

Content = dict[str, Any]


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event of a room. `state_key` is None unless it is a state event; `pos` is where it stands in its shard's
    stream (0: not written yet); `origin_server_ts` in milliseconds since 1970."""

    event_id: str
    room_id: str
    type: str
    sender: str
    content: Content
    origin_server_ts: int
    state_key: str | None = None
    redacts: str | None = None
    pos: int = 0


State = Mapping[tuple[str, str], Event]
"""A room's state: the event of each (type, state key)."""
