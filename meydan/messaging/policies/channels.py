"""Channels: rooms in which few write and many read, and whose readers learn of no other reader (docs/decisions).

A room is a channel by the `type` of its `m.room.create`, for good. Its members are told to nobody in passing, to its
moderators neither: events, state and receipts speak only of those who may write there, and to each of themselves. Who
may send others out has the list of all, when they ask for it.
"""

from meydan.messaging.models.events import State
from meydan.messaging.policies.reading import CREATE, power_needed, power_of, power_to

CHANNEL = "org.meydan.channel"
MEMBER = "m.room.member"


def is_channel(state: State) -> bool:
    """Whether the room hides its readers from each other."""
    create = state.get(CREATE)
    return create is not None and create.content.get("type") == CHANNEL


def speaks(state: State, user: str) -> bool:
    """Whether somebody may write there, and so is known to all."""
    return power_of(state, user) >= power_needed(state, "m.room.message", False)


def hides(state: State, kind: str, key: str | None, user: str) -> bool:
    """Whether this event, or piece of state, is not told to somebody: what a reader is to the channel is told to that
    reader alone."""
    return kind == MEMBER and key != user and is_channel(state) and not speaks(state, key or "")


def may_list(state: State, user: str) -> bool:
    """Whether somebody may have the list of all who are in a room: everybody who is in it, but of a channel only who
    may send others out."""
    return not is_channel(state) or power_of(state, user) >= power_to(state, "kick")
