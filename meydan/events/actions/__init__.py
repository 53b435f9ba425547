"""Every write of events."""

from meydan.events.actions.announcing import (
    draft_event,
    faults_of,
    hand_in_event,
    limit_announcing,
    save_event,
    suggest_event,
    take_back_event,
    translate_event,
)
from meydan.events.actions.attending import forget_organiser, give_up_seat, remind_guests, take_seat
from meydan.events.actions.publishing import (
    approve_event,
    cancel_event,
    cancel_occurrence,
    hide_event,
    return_event,
    show_event,
)

__all__ = [
    "approve_event",
    "cancel_event",
    "cancel_occurrence",
    "draft_event",
    "faults_of",
    "forget_organiser",
    "give_up_seat",
    "hand_in_event",
    "hide_event",
    "limit_announcing",
    "remind_guests",
    "return_event",
    "save_event",
    "show_event",
    "suggest_event",
    "take_back_event",
    "take_seat",
    "translate_event",
]
