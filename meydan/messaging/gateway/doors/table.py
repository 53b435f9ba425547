"""The table of all doors, and how their addresses begin."""

from collections.abc import Callable

from meydan.messaging.gateway.http import Door, Routes

ROUTES = Routes()
BASE = "/_matrix/client"


def door(method: str, *paths: str) -> Callable[[Door], Door]:
    """A door under `/_matrix/client/v3`, and under `r0`, which old clients still ask for."""
    return ROUTES.add(method, *(f"{BASE}/{version}/{path}" for path in paths for version in ("v3", "r0")))


def door_v1(method: str, *paths: str) -> Callable[[Door], Door]:
    """A door under `/_matrix/client/v1`."""
    return ROUTES.add(method, *(f"{BASE}/v1/{path}" for path in paths))


def unstable(method: str, *paths: str) -> Callable[[Door], Door]:
    """A door under `/_matrix/client/unstable`."""
    return ROUTES.add(method, *(f"{BASE}/unstable/{path}" for path in paths))


def media(method: str, *paths: str) -> Callable[[Door], Door]:
    """A door under `/_matrix/media`, with the version in the path."""
    return ROUTES.add(method, *(f"/_matrix/media/{path}" for path in paths))
