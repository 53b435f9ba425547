"""The doors, by what they are about. Each module adds its own to `ROUTES`."""

from meydan.messaging.gateway.doors import (
    backup,
    discovery,
    keys,
    pushing,
    reading,
    rooms,
    sending,
    sessions,
    settings,
    sliding,
    syncing,
    to_device,
)
from meydan.messaging.gateway.doors.table import ROUTES

__all__ = [
    "ROUTES",
    "backup",
    "discovery",
    "keys",
    "pushing",
    "reading",
    "rooms",
    "sending",
    "sessions",
    "settings",
    "sliding",
    "syncing",
    "to_device",
]
