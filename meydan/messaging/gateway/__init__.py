"""The Matrix client-server API, as raw ASGI."""

from meydan.messaging.gateway.app import make_app
from meydan.messaging.gateway.protocol import Protocol

__all__ = ["Protocol", "make_app"]
