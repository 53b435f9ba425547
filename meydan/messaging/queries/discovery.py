"""Where clients find the messenger, and what carries the calls of more than two."""

from typing import Any

from meydan.kernel.config import config


def well_known() -> dict[str, Any]:
    """What `/.well-known/matrix/client` says (client-server API, "Well-known URIs"); of calls, as the clients before
    MSC4143's door read it."""
    said: dict[str, Any] = {"m.homeserver": {"base_url": config().gateway_url}}
    if foci := rtc_transports():
        said["org.matrix.msc4143.rtc_foci"] = foci
    return said


def rtc_transports() -> list[dict[str, str]]:
    """What carries the sound and picture of a call of many, the first preferred (MSC4143): the city's LiveKit, known by
    the service that gives its tokens."""
    return [{"type": "livekit", "livekit_service_url": url} for url in config().livekit_urls]
