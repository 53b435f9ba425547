"""Which rooms a list of sliding sync holds, in which order, and which of them are in its windows (MSC4186)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from meydan.messaging.queries.live import BANNED, INVITED, JOINED, KNOCKED, LEFT, Live, Person, Room
from meydan.messaging.queries.mine import Settings
from meydan.messaging.queries.reading import Reader
from meydan.messaging.queries.sliding_asks import MEMBER, Filters, ListAsk
from meydan.messaging.queries.sliding_memory import Told


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody is to a room, since the event at `pos`; `bump` is what the room is sorted by. One that they left
    is told once more, wherever in the list it would be, and counts no longer."""

    room: Room
    membership: str
    pos: int
    bump: int
    is_leaving: bool = False


async def list_places(reader: Reader, person: Person, told: Mapping[str, Told]) -> list[Place]:
    """The rooms of somebody, the newest first: those they are in, invited to or ask to enter; those they were sent out
    of; and those they have left, until the connection has been told."""
    found = []
    held = reader.live.rooms
    for number, (membership, pos) in list(person.rooms.items()):
        room = held.get(number) or await reader.room_number(number)
        if room is None:
            continue
        if membership == JOINED:
            found.append((room.bump, number, room, membership, pos))
        elif membership in (INVITED, KNOCKED) or _is_news(room, person.user_id, membership, told):
            event = room.state.get((MEMBER, person.user_id))
            found.append((event.origin_server_ts if event else 0, number, room, membership, pos))
    found.sort(key=lambda one: one[:2], reverse=True)
    return [
        Place(room, membership, pos, bump, membership == LEFT and not _was_sent_out(room, person.user_id))
        for bump, _number, room, membership, pos in found
    ]


def _is_news(room: Room, user_id: str, membership: str, told: Mapping[str, Told]) -> bool:
    """Whether the client must know of a room that its person is not in any more."""
    if membership == BANNED or _was_sent_out(room, user_id):
        return True
    before = told.get(room.room_id)
    return before is not None and before.membership != LEFT


def _was_sent_out(room: Room, user_id: str) -> bool:
    event = room.state.get((MEMBER, user_id))
    return event is not None and event.sender != user_id


def choose(places: Iterable[Place], ask: ListAsk, fits: Callable[[Place], bool] | None) -> tuple[int, list[Place]]:
    """How many rooms the list has, and those in its windows."""
    known = list(places)
    listed = [place for place in known if not place.is_leaving and (fits is None or fits(place))]
    chosen = {place.room.number: place for place in known if place.is_leaving}
    for first, last in ask.ranges:
        for place in listed[first : last + 1]:
            chosen[place.room.number] = place
    return len(listed), list(chosen.values())


def fitting(live: Live, person: Person, settings: Settings, filters: Filters | None) -> Callable[[Place], bool] | None:
    """The test of these filters; None when every room passes."""
    if filters is None or filters == Filters():
        return None
    children = _children(live, person, filters.spaces) if filters.spaces is not None else None

    def fits(place: Place) -> bool:
        room = place.room
        return (
            _is(filters.is_dm, room.room_id in settings.direct)
            and _is(filters.is_invite, place.membership == INVITED)
            and _is(filters.is_encrypted, ("m.room.encryption", "") in room.state)
            and _has_type(room, filters)
            and _has_tags(settings.tags.get(room.room_id, frozenset()), filters)
            and (children is None or room.room_id in children)
        )

    return fits


def _is(wanted: bool | None, real: bool) -> bool:
    return wanted is None or wanted == real


def _has_type(room: Room, filters: Filters) -> bool:
    if filters.room_types is None and filters.not_room_types is None:
        return True
    create = room.state.get(("m.room.create", ""))
    kind = create.content.get("type") if create is not None else None
    if filters.not_room_types is not None and kind in filters.not_room_types:
        return False
    return filters.room_types is None or kind in filters.room_types


def _has_tags(tags: frozenset[str], filters: Filters) -> bool:
    if filters.tags is not None and tags.isdisjoint(filters.tags):
        return False
    return filters.not_tags is None or tags.isdisjoint(filters.not_tags)


def _children(live: Live, person: Person, spaces: Iterable[str]) -> set[str]:
    """The rooms in these spaces, of those that the person is in (spec, "Spaces")."""
    found: set[str] = set()
    for name in spaces:
        space = live.by_id.get(name)
        if space is None or person.user_id not in space.joined:
            continue
        for key in space.keys.get("m.space.child", ()):
            if isinstance(space.state["m.space.child", key].content.get("via"), list):
                found.add(key)
    return found
