"""The doors, by what they are about. Each module adds its own to `ROUTES`."""

from meydan.messaging.gateway.doors import (
    discovery,
    pushing,
    reading,
    rooms,
    sending,
    sessions,
    settings,
    sliding,
    syncing,
)
from meydan.messaging.gateway.doors.table import ROUTES

__all__ = [
    "ROUTES",
    "discovery",
    "pushing",
    "reading",
    "rooms",
    "sending",
    "sessions",
    "settings",
    "sliding",
    "syncing",
]
