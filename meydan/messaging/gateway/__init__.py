"""The Matrix client-server API, as raw ASGI."""

from meydan.messaging.gateway.app import make_app

__all__ = ["make_app"]
