"""What several actions of events do alike."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from meydan.events.models import ALLOWED, Event, State, Version
from meydan.kernel.errors import Conflict


def about(event: Event, version: int, *more: UUID) -> dict[str, Any]:
    """The fields that every fact about an event has; `more` are persons beside its organiser."""
    own = (event.organiser_id,) if event.organiser_id else ()
    return {"subject": event.reference, "persons": tuple(dict.fromkeys((*own, *more))), "version": version}


def step(version: Version, state: State) -> None:
    """From one state to the next, as the table allows it."""
    if state not in ALLOWED[State(version.state)]:
        raise decided_already()
    version.state = state
    version.save(update_fields=["state"])


def decided_already() -> Conflict:
    """Somebody was quicker."""
    return Conflict(_("This has been decided already."))
