"""The door of messaging. With it comes what moderators see of messages, rooms and people that were reported."""

from meydan.messaging.queries.reported import look_at_member, look_at_message, look_at_room

__all__ = ["look_at_member", "look_at_message", "look_at_room"]
