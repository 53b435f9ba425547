"""Finding messages by their words (client-server API, "Server Side Search"), in rooms that are not encrypted.

The words of events are kept beside them (`EventWords`), and follow them: whoever searches first has what is new read in
(`catch_up`), so that sending costs nothing more. What is found is compared with the event as it is now, so that what
was redacted is not found.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from meydan.messaging.models.events import Event
from meydan.messaging.models.folding import words_of
from meydan.messaging.queries.live import JOINED, Entry, Person, Room
from meydan.messaging.queries.reading import Pool, Reader, entry_of, event_of
from meydan.messaging.queries.seeing import list_visible

KEYS = {"content.body": "m.room.message", "content.name": "m.room.name", "content.topic": "m.room.topic"}
"""Where one may look, and in events of which type."""
MOST_WORDS_OF_EVENT = 2_000
READ_AT_ONCE = 2_000
MOST_BATCHES = 50
LOOKED_AT = 200
TYPES = tuple(KEYS.values())


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched: all of these words, in events of these types, in these rooms, below a place in the list."""

    words: Sequence[str]
    types: Collection[str]
    rooms: Sequence[Room]
    by_rank: bool
    start: int
    limit: int


Hit = tuple[Entry, Room, float]
"""An event, where it stands, and how well it fits."""


async def catch_up(pool: Pool, shards: int) -> None:
    """Read in the words of what was written since. Bounded: what is left is read by the next search."""
    for shard in range(1, shards + 1):
        for _batch in range(MOST_BATCHES):
            if await _read_in(pool, shard) < READ_AT_ONCE:
                break


async def _read_in(pool: Pool, shard: int) -> int:
    """The next events of one stream; how many there were. Two at a time wait for one another."""
    async with pool.acquire() as line, line.transaction():
        mark = await line.fetchval(_MARK, shard)
        rows = await line.fetch(_FRESH, shard, mark, READ_AT_ONCE)
        texts = [(pos, room, _words(event_of(body, pos))) for pos, room, kind, body in rows if kind in TYPES]
        if texts:
            poses, rooms, words = zip(*texts, strict=True)
            await line.execute(_KEEP, shard, list(poses), list(rooms), ["\n".join(one) for one in words])
        if rows:
            await line.execute("update messaging_searchmark set pos = $2 where shard = $1", shard, rows[-1][0])
        return len(rows)


_MARK = """
insert into messaging_searchmark as kept (shard, pos) values ($1, 0)
    on conflict (shard) do update set pos = kept.pos returning pos"""
_FRESH = "select pos, room, type, body from messaging_event where shard = $1 and pos > $2 order by pos limit $3"
_KEEP = """
insert into messaging_eventwords (shard, pos, room, words)
select $1, pos, room, array_to_tsvector(string_to_array(words, E'\\n'))
  from unnest($2::bigint[], $3::bigint[], $4::text[]) as fresh (pos, room, words)
 where words <> '' on conflict do nothing"""


def _words(event: Event) -> list[str]:
    return words_of(text_of(event), MOST_WORDS_OF_EVENT)


def text_of(event: Event) -> str:
    """What of an event is searched; of an edit what it says anew."""
    content: Any = event.content
    if isinstance(content.get("m.new_content"), dict):
        content = content["m.new_content"]
    key = {"m.room.message": "body", "m.room.name": "name", "m.room.topic": "topic"}.get(event.type, "")
    text = content.get(key)
    return text if isinstance(text, str) else ""


async def rooms_searched(reader: Reader, person: Person, wanted: Collection[str] | None) -> list[Room]:
    """The rooms that somebody is in, without the encrypted ones; of these only those that are `wanted`."""
    numbers = [number for number, (membership, _pos) in person.rooms.items() if membership == JOINED]
    rooms = [await reader.room_number(number) for number in numbers]
    return [
        room
        for room in rooms
        if room is not None
        and person.user_id in room.joined
        and ("m.room.encryption", "") not in room.state
        and (wanted is None or room.room_id in wanted)
    ]


async def find_messages(reader: Reader, user_id: str, question: Question) -> tuple[list[Hit], bool]:
    """The next `limit` events that somebody may see, newest or best first, each with its rank; and whether there may
    be more."""
    query = " & ".join(f"'{word}':*" for word in question.words)
    by_number = {room.number: room for room in question.rooms}
    statement = _BEST if question.by_rank else _NEWEST
    most = min(question.limit, LOOKED_AT)
    values = (query, list(by_number), list(question.types), question.start, most + 1)
    rows = await reader.pool.fetch(statement, *values)
    found = [(entry_of(row[:8]), by_number[row[2]], float(row[8])) for row in rows[:most]]
    true = [one for one in found if _still_holds(one[0], question.words)]
    seen: set[str] = set()
    for room in {room for _entry, room, _rank in true}:
        own = [entry for entry, where, _rank in true if where is room]
        seen |= {entry.event.event_id for entry in await list_visible(reader, room, user_id, own)}
    return [one for one in true if one[0].event.event_id in seen], len(rows) > most


_FIND = """
select e.shard, e.pos, e.room, e.body, e.device, e.txn, e.rel_type, e.relates_to,
       ts_rank(w.words, $1::tsquery) as rank
  from messaging_eventwords w join messaging_event e on e.shard = w.shard and e.pos = w.pos
 where w.words @@ $1::tsquery and w.room = any($2::bigint[]) and e.type = any($3::text[])
 order by ORDER offset $4 limit $5"""
_LATER_FIRST = "e.at desc, e.shard, e.pos desc"
"""Of two in one millisecond the stream knows which came later."""
_NEWEST = _FIND.replace("ORDER", _LATER_FIRST)
_BEST = _FIND.replace("ORDER", f"rank desc, {_LATER_FIRST}")


def _still_holds(entry: Entry, words: Sequence[str]) -> bool:
    there = words_of(text_of(entry.event), MOST_WORDS_OF_EVENT)
    return all(any(one.startswith(word) for one in there) for word in words)


def highlights_of(entries: Sequence[Entry], words: Sequence[str]) -> list[str]:
    """The words, as the events hold them, that were found."""
    there = {one for entry in entries for one in words_of(text_of(entry.event), MOST_WORDS_OF_EVENT)}
    return sorted(one for one in there if any(one.startswith(word) for word in words))[:100]
