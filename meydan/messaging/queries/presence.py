"""Whether people are there: what memory knows of it, and how it is read from the database."""

from typing import Any

from meydan.messaging.models.presence import Shown

MOST_HELD = 100_000
_BETWEEN = """
select person, state, active_at, status, gateway, rooms, pos from messaging_presence
 where pos > $1 and pos <= $2 order by pos desc limit $3"""


class Presences:
    """What is known of people, who changed last at the end; of all others it is that they are not there."""

    def __init__(self) -> None:
        self.held: dict[str, Shown] = {}

    def put(self, shown: Shown) -> None:
        """Take something in, unless something newer is known."""
        known = self.held.pop(shown.person, shown)
        self.held[shown.person] = shown if shown.pos >= known.pos else known
        while len(self.held) > MOST_HELD:
            del self.held[next(iter(self.held))]

    def of(self, person: str) -> Shown:
        """What is known of somebody."""
        return self.held.get(person) or Shown(person)


async def read_presence(pool: Any, after: int, upto: int) -> list[Shown]:
    """What changed after one position of the people's stream and up to another, oldest first, and has not changed again
    since."""
    rows = await pool.fetch(_BETWEEN, after, upto, MOST_HELD)
    return [
        Shown(person, state, active_at, status, gateway, tuple(rooms), pos)
        for person, state, active_at, status, gateway, rooms, pos in reversed(rows)
    ]
