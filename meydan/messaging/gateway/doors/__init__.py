"""The doors, by what they are about. Each module adds its own to `ROUTES`."""

from meydan.messaging.gateway.doors import discovery, reading, rooms, sending, sessions, settings, syncing
from meydan.messaging.gateway.doors.table import ROUTES

__all__ = ["ROUTES", "discovery", "reading", "rooms", "sending", "sessions", "settings", "syncing"]
