"""Sliding sync: what a client is told of the rooms it looks at (MSC4186 as it is deployed: `ranges`, `required_state`
as pairs). One answer is one `Step` beyond what the connection has been told.
"""

from collections.abc import Iterable
from typing import Any

from meydan.messaging.queries.live import Live, Person, Room
from meydan.messaging.queries.mine import Settings
from meydan.messaging.queries.personal import settings_of
from meydan.messaging.queries.reading import Reader
from meydan.messaging.queries.sliding_asks import Ask, Want
from meydan.messaging.queries.sliding_lists import Place, choose, fitting, list_places
from meydan.messaging.queries.sliding_memory import Connections, Stand, Step
from meydan.messaging.queries.sliding_more import Asked, Extender
from meydan.messaging.queries.sliding_rooms import Teller, Whom
from meydan.messaging.queries.unread import Counter


class Slider:
    """Answers the requests of one process."""

    def __init__(self, live: Live, reader: Reader, counter: Counter, extender: Extender) -> None:
        self.live = live
        self.reader = reader
        self.connections = Connections()
        self.teller = Teller(reader, counter)
        self.extender = extender

    async def answer(self, person: Person, device: int, ask: Ask, stand: Stand) -> Step:
        """Everything that is new for who stands there."""
        positions, typing = tuple(self.live.positions), self.live.typing_serial
        settings = await settings_of(self.reader, person)
        step = Step(positions, typing, settings.rules)
        places = await list_places(self.reader, person, stand.rooms, settings.ignored)
        windows, counts = self._windows(person, settings, ask, places)
        subscribed = [place for place in places if place.room.room_id in ask.rooms] if ask.rooms else []
        step.said = {"lists": counts, "rooms": {}}
        weighs_anew = stand.rules is not settings.rules
        whom = Whom(person, device, stand.positions, settings.direct, weighs_anew, settings.ignored)
        await self._tell(whom, _wants(ask, windows, subscribed), stand, step)
        asked = Asked(person, device, ask, windows, subscribed)
        await self.extender.extend(asked, stand, step)
        return step

    def _windows(
        self, person: Person, settings: Settings, ask: Ask, places: Iterable[Place]
    ) -> tuple[dict[str, list[Place]], dict[str, Any]]:
        windows, counts = {}, {}
        for name, one in ask.lists.items():
            count, windows[name] = choose(places, one, fitting(self.live, person, settings, one.filters))
            counts[name] = {"count": count}
        return windows, counts

    async def _tell(self, whom: Whom, wants: dict[Room, tuple[Place, Want]], stand: Stand, step: Step) -> None:
        rooms = step.said["rooms"]
        for room, (place, want) in wants.items():
            said, known = await self.teller.tell(whom, place, want, stand.rooms.get(room.room_id))
            if known is not None:
                step.rooms[room.room_id] = known
            if said is not None:
                rooms[room.room_id] = said
                step.news = True


def _wants(ask: Ask, windows: dict[str, list[Place]], subscribed: Iterable[Place]) -> dict[Room, tuple[Place, Want]]:
    """What is wanted of each room by the lists that show it and by its subscription together."""
    wants: dict[Room, tuple[Place, Want]] = {}
    named = [(place, ask.lists[name].want) for name, places in windows.items() for place in places]
    for place, want in (*named, *((place, ask.rooms[place.room.room_id]) for place in subscribed)):
        before = wants.get(place.room)
        wants[place.room] = (place, want if before is None else before[1] | want)
    return wants
