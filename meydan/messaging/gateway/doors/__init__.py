"""The doors, by what they are about. Each module adds its own to `ROUTES`."""

from meydan.messaging.gateway.doors import (
    backup,
    directory,
    discovery,
    keys,
    media,
    profiles,
    reading,
    relations,
    reporting,
    rooms,
    search,
    sending,
    sessions,
    settings,
    syncing,
    to_device,
    upgrading,
)
from meydan.messaging.gateway.doors.table import ROUTES

__all__ = [
    "ROUTES",
    "backup",
    "directory",
    "discovery",
    "keys",
    "media",
    "profiles",
    "reading",
    "relations",
    "reporting",
    "rooms",
    "search",
    "sending",
    "sessions",
    "settings",
    "syncing",
    "to_device",
    "upgrading",
]
