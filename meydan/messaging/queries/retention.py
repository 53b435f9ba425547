"""Which messages have lived long enough, in a gateway's memory. The database's are deleted by the worker
(`actions/forgetting.py`)."""

from meydan.messaging.models.cases import CASE_TYPE
from meydan.messaging.models.retention import city_lifetime, lifetime_in
from meydan.messaging.policies.reading import CREATE
from meydan.messaging.queries.live import Live, Room

RETENTION = ("m.room.retention", "")


def lifetime_of(room: Room) -> int | None:
    """For how long a room keeps what is said in it, in milliseconds; None for ever."""
    said = room.state.get(RETENTION)
    if said is None:
        return city_lifetime()
    created = room.state.get(CREATE)
    is_case = created is not None and created.content.get("type") == CASE_TYPE
    own = lifetime_in(said.content, at_once=is_case)
    return city_lifetime() if own is None else own


def forget_expired(live: Live, now: int) -> None:
    """Forget what has expired by now (milliseconds since 1970)."""
    for room in live.rooms.values():
        lifetime = lifetime_of(room)
        if lifetime is not None:
            room.expire(now - lifetime)
