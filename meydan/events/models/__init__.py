"""Tables of events, and the rules by which they come again."""

from meydan.events.models.event import (
    ALLOWED,
    EDITABLE,
    MAX_PLACE,
    MAX_SEATS,
    MAX_TEXT,
    MAX_TITLE,
    TONES,
    Event,
    Occurrence,
    Plan,
    Seat,
    State,
    Version,
)
from meydan.events.models.rules import DAYS, FARTHEST, LONGEST, MOST_TIMES, EventRules, Repeats, Timing, city_rules

__all__ = [
    "ALLOWED",
    "DAYS",
    "EDITABLE",
    "FARTHEST",
    "LONGEST",
    "MAX_PLACE",
    "MAX_SEATS",
    "MAX_TEXT",
    "MAX_TITLE",
    "MOST_TIMES",
    "TONES",
    "Event",
    "EventRules",
    "Occurrence",
    "Plan",
    "Repeats",
    "Seat",
    "State",
    "Timing",
    "Version",
    "city_rules",
]
