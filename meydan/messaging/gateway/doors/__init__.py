"""The doors, by what they are about. Each module adds its own to `ROUTES`."""

from meydan.messaging.gateway.doors import (
    directory,
    discovery,
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
    upgrading,
)
from meydan.messaging.gateway.doors.table import ROUTES

__all__ = [
    "ROUTES",
    "directory",
    "discovery",
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
    "upgrading",
]
