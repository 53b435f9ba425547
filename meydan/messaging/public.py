"""The door of messaging. With it come what moderators see of messages, rooms and people that were reported; and the
messenger's sessions and tokens, for those of accounts."""

from meydan.messaging.actions.letting_in import Devices
from meydan.messaging.queries.reported import KINDS

__all__ = ["KINDS", "Devices"]
