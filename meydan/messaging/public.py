"""The door of messaging. With it comes what moderators see of messages, rooms and people that were reported."""

from meydan.messaging.queries.reported import KINDS

__all__ = ["KINDS"]
