"""What the messenger keeps."""

from meydan.messaging.models.media import EventWords, Media, Profile, SearchMark, Thumbnail
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
    "EventWords",
    "Media",
    "Member",
    "Profile",
    "Receipt",
    "Room",
    "RoomAlias",
    "RoomEvent",
    "SearchMark",
    "Shard",
    "SyncFilter",
    "Thumbnail",
]
