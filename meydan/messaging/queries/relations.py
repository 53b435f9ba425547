"""Events that relate to another one, and a room's threads (client-server API, "Relationships API", "Threading")."""

from dataclasses import dataclass

from meydan.messaging.queries.live import Entry, Room
from meydan.messaging.queries.reading import Pool, entry_of

DEPTH = 3
"""How far `recurse` goes."""
_COLUMNS = "e.shard, e.pos, e.room, e.body, e.device, e.txn, e.rel_type, e.relates_to"


@dataclass(frozen=True, slots=True)
class Related:
    """Which events are asked for. `rel_type`, `kind`: "" for any; positions: after one, and up to another."""

    event_id: str
    rel_type: str
    kind: str
    after: int
    upto: int
    backwards: bool
    depth: int


async def list_related(pool: Pool, room: Room, wish: Related, limit: int) -> list[Entry]:
    """The next `limit` events that relate to one, or to such a one, in the order of their positions."""
    statement = _BACKWARDS if wish.backwards else _FORWARDS
    values = (wish.event_id, wish.rel_type, wish.kind, wish.after, wish.upto, wish.depth, limit)
    return [entry_of(row) for row in await pool.fetch(statement, room.number, *values)]


_RELATED = """
with recursive tree (event_id, shard, pos, depth) as (
  select event_id, shard, pos, 1 from messaging_event where relates_to = $2 and room = $1
   union
  select e.event_id, e.shard, e.pos, tree.depth + 1
    from tree join messaging_event e on e.relates_to = tree.event_id and e.room = $1
   where tree.depth < $7
), once as (select distinct shard, pos from tree where pos > $5 and pos <= $6)
select COLUMNS from once join messaging_event e using (shard, pos)
 where ($3 = '' or e.rel_type = $3) and ($4 = '' or e.type = $4)
 order by e.pos ORDER limit $8"""
_BACKWARDS = _RELATED.replace("COLUMNS", _COLUMNS).replace("ORDER", "desc")
_FORWARDS = _RELATED.replace("COLUMNS", _COLUMNS).replace("ORDER", "asc")


async def list_threads(
    pool: Pool, room: Room, user_id: str, *, upto: int, below: int, limit: int, mine: bool
) -> list[tuple[Entry, int]]:
    """The first events of threads whose newest event (up to `upto`) stands below a position, and the position of that
    one; the thread that was spoken in last comes first. `mine`: only those in which this person spoke."""
    rows = await pool.fetch(_THREADS, room.number, below, limit, user_id, mine, upto)
    return [(entry_of(row[:8]), row[8]) for row in rows]


_THREADS = """
with threads as (
  select relates_to, max(pos) as newest, bool_or(sender = $4) as mine from messaging_event
   where room = $1 and rel_type = 'm.thread' and pos <= $6 group by relates_to having max(pos) < $2
)
select COLUMNS, threads.newest
  from threads join messaging_event e on e.event_id = threads.relates_to and e.room = $1
 where not $5 or threads.mine or e.sender = $4
 order by threads.newest desc limit $3""".replace("COLUMNS", _COLUMNS)
