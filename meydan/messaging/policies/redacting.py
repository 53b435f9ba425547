"""Who may redact which event."""

from meydan.messaging.models.events import Event, State
from meydan.messaging.models.shapes import redacts_of
from meydan.messaging.policies.reading import power_of, power_to
from meydan.messaging.policies.verdict import ALLOW, Verdict, refuse

_ELSEWHERE = refuse("This event is not in this room.")
_FOUNDING = refuse("The event that created the room cannot be redacted.")
_TOO_WEAK = refuse("Your power level is too low to redact what others wrote.")


def may_redact(redaction: Event, original: Event, state: State) -> Verdict:
    """Whether this redaction takes effect: one's own events always, those of others with the redact level (room version
    3, Handling redactions, where "the same domain" stands for one's own; client-server API, Redactions). Whether it may
    be sent at all is for `may_append` to say.
    """
    if redaction.room_id != original.room_id or redacts_of(redaction) != original.event_id:
        return _ELSEWHERE
    if original.type == "m.room.create":
        return _FOUNDING
    if redaction.sender == original.sender or power_of(state, redaction.sender) >= power_to(state, "redact"):
        return ALLOW
    return _TOO_WEAK
