"""Whether people are there (client-server API, "Presence"): the words, the bounds, and what is known of one person."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

ONLINE, UNAVAILABLE, OFFLINE = "online", "unavailable", "offline"
RANK: Mapping[str, int] = MappingProxyType({OFFLINE: 0, UNAVAILABLE: 1, ONLINE: 2})
"""Of several devices the one that is most there counts."""
IDLE_SECONDS = 300.0
"""Without an action of theirs, after which somebody is there and yet unavailable."""
GRACE_SECONDS = 30.0
"""After a device's last poll, until it counts as gone."""
SPACING_SECONDS = 20.0
"""Between two changes of one person that others are told of."""
MOST_STATUS = 255
MOST_PEOPLE = 50
"""People in a room, beyond which they do not hear of each other."""
MOST_ROOMS = 200
"""Rooms of one person whose people hear of them, the newest."""
KEPT_DAYS = 30
"""After which nobody is told any more when somebody was last there."""


class Shown(msgspec.Struct, frozen=True):
    """What others are told of somebody: `active_at` is when they last did something (milliseconds since 1970), `status`
    what they say of themselves, `gateway` the process that they are at, `rooms` whose people hear of it, `pos` where it
    stands in the people's stream."""

    person: str
    state: str = OFFLINE
    active_at: int = 0
    status: str = ""
    gateway: str = ""
    rooms: tuple[int, ...] = ()
    pos: int = 0


def content_of(shown: Shown, now: int) -> dict[str, Any]:
    """As `m.presence` and `GET presence` say it; `now` in milliseconds since 1970. Who is online was active a moment
    ago, so nothing is said of when."""
    said: dict[str, Any] = {"presence": shown.state, "currently_active": shown.state == ONLINE}
    if shown.active_at and shown.state != ONLINE:
        said["last_active_ago"] = max(0, now - shown.active_at)
    if shown.status:
        said["status_msg"] = shown.status
    return said
