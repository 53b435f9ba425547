"""What the messenger keeps."""

from meydan.messaging.models.tables import (
    ROOM_SHARDS,
    AccessToken,
    AccountData,
    Device,
    GatewayProcess,
    Member,
    PeopleNote,
    Receipt,
    Room,
    RoomAlias,
    RoomEvent,
    Server,
    Shard,
    SyncFilter,
)

__all__ = [
    "ROOM_SHARDS",
    "AccessToken",
    "AccountData",
    "Device",
    "GatewayProcess",
    "Member",
    "PeopleNote",
    "Receipt",
    "Room",
    "RoomAlias",
    "RoomEvent",
    "Server",
    "Shard",
    "SyncFilter",
]
