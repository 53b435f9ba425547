"""An event before it is written."""

from dataclasses import dataclass

from meydan.messaging.models.events import Content


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it is one. `by`: whose it is, where that is not who sends the others. `official`: the city itself
    wants it, whatever the room's rules say. Only errands have these two."""

    type: str
    content: Content
    state_key: str | None = None
    redacts: str | None = None
    vouched: bool = False
    by: str = ""
    official: bool = False
