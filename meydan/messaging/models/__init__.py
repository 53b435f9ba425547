"""What the messenger keeps."""

from meydan.messaging.models.tables import (
    ROOM_SHARDS,
    AccessToken,
    AccountData,
    Device,
    Member,
    Receipt,
    Room,
    RoomAlias,
    RoomEvent,
    Shard,
    SyncFilter,
)

__all__ = [
    "ROOM_SHARDS",
    "AccessToken",
    "AccountData",
    "Device",
    "Member",
    "Receipt",
    "Room",
    "RoomAlias",
    "RoomEvent",
    "Shard",
    "SyncFilter",
]
