"""The door of the roll-out: for the domains in which something begins at a place.

They call `refuse_closed` in their action, with the district that they found. What was begun there before goes on.
"""

from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid
from meydan.kernel.models import District
from meydan.rollout.actions import set_opening
from meydan.rollout.models import RolloutRules
from meydan.rollout.queries import Standing, find_closed, list_closed, list_districts, list_following, say_closed

__all__ = [
    "RolloutRules",
    "Standing",
    "find_closed",
    "list_closed",
    "list_districts",
    "list_following",
    "refuse_closed",
    "say_closed",
    "set_opening",
]


def refuse_closed(actor: Actor, district: District | None, *, field: str) -> None:
    """Raises `Invalid`, at this field, where the district is not open yet."""
    if standing := find_closed(actor, district):
        raise Invalid(fields={field: say_closed(standing)}, code="not_open_yet")
