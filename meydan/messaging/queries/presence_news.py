"""What a poll is told of whether people are there (client-server API, "Presence").

Only people hear of each other who are in a room together that is closed and small: in a room that everybody may enter
strangers would, and in a large one each who comes or goes would cost all the others an answer. Nobody is woken by it:
it comes with the next answer, which a client that waits has within half a minute anyway.
"""

from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter
from typing import Any

from meydan.messaging.models.presence import MOST_PEOPLE, OFFLINE, Shown, content_of
from meydan.messaging.policies.channels import is_channel
from meydan.messaging.queries.live import Live, Person, Room
from meydan.messaging.queries.sync import Token, Wish

MOST_TOLD = 1_000
JOIN_RULES = ("m.room.join_rules", "")
_position = attrgetter("pos")


def is_close(room: Room) -> bool:
    """Whether the people of a room hear of each other."""
    if not 1 < len(room.joined) <= MOST_PEOPLE or is_channel(room.state):
        return False
    rules = room.state.get(JOIN_RULES)
    return rules is None or rules.content.get("join_rule") != "public"


def hears_of(live: Live, person: Person, other: str) -> bool:
    """Whether somebody may know whether another is there."""
    return person.user_id == other or any(other in room.joined for room in _close_rooms(live, person, None))


def _close_rooms(live: Live, person: Person, only: Collection[Room] | None) -> Iterator[Room]:
    rooms: Iterable[Room | None] = map(live.rooms.get, person.rooms) if only is None else only
    return (room for room in rooms if room is not None and person.user_id in room.joined and is_close(room))


def presence_news(
    live: Live, person: Person, since: Token | None, wish: Wish, only: Collection[Room] | None
) -> list[Shown]:
    """What somebody is told since a token: of those who changed, and of those who have come into a room together with
    them. Without one, of all who are there or say something. `only`: in the other rooms nothing happened. At most
    `MOST_TOLD`, the newest."""
    if not wish.presence:
        return []
    before = since.positions[0] if since else 0
    moved = since is None or person.last_presence > before
    found: dict[str, Shown] = {}
    for room in _close_rooms(live, person, None if moved else only):
        start = since.positions[room.shard] if since else 0
        if moved or room.last_member > start:
            met = _met(person, room, start)
            for shown in filter(None, map(live.presence.held.get, room.joined)):
                if (moved and shown.pos > before) if shown.person not in met else _says_something(shown):
                    found[shown.person] = shown
    told = [shown for shown in found.values() if shown.person != person.user_id and wish.hears_of(shown.person)]
    return sorted(told, key=_position)[-MOST_TOLD:]


def _met(person: Person, room: Room, start: int) -> Collection[str]:
    """The people of a room of whom somebody has heard nothing in it up to a position."""
    if person.rooms.get(room.number, ("", 0))[1] > start:
        return room.joined
    return {key for kind, key in room.state_since(start) if kind == "m.room.member"}


def _says_something(shown: Shown) -> bool:
    return shown.state != OFFLINE or bool(shown.status)


def presence_events(news: Iterable[Shown], now: int) -> list[dict[str, Any]]:
    """As `/sync` says them; `now` in milliseconds since 1970."""
    return [{"type": "m.presence", "sender": one.person, "content": content_of(one, now)} for one in news]
