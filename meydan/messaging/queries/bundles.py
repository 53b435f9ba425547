"""What later events say of earlier ones, served with them: the newest edit, the thread's summary, the references
(client-server API, "Aggregations of child events"). One query for a page of events."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from meydan.messaging.models.shapes import is_redacted
from meydan.messaging.queries.live import Entry, Room
from meydan.messaging.queries.reading import Reader, Record, entry_of
from meydan.messaging.queries.seeing import list_visible, reads_upto

EDIT, THREAD, REFERENCE = "m.replace", "m.thread", "m.reference"
MOST_REFERENCES = 50
Bundles = Mapping[str, Mapping[str, Any]]
"""By event id: what stands under `m.relations`."""
encode = msgspec.json.Encoder().encode
raw = msgspec.Raw

_COLUMNS = "e.shard, e.pos, e.room, e.body, e.device, e.txn, e.rel_type, e.relates_to"
_BUNDLES = """
with counted as (
  select relates_to, count(*) as n, bool_or(sender = $4) as mine, max(pos) as newest from messaging_event
   where relates_to = any($2::text[]) and room = $1 and rel_type = 'm.thread' and pos <= $3 group by relates_to
), threads as (
  select e.*, counted.n, counted.mine from counted
    join messaging_event e on e.relates_to = counted.relates_to and e.pos = counted.newest and e.room = $1
), editable as (
  select event_id, sender, type from messaging_event
   where event_id = any($2::text[]) and room = $1 and state_key is null and rel_type is distinct from 'm.replace'
   union
  select event_id, sender, type from threads
), edits as (
  select distinct on (e.relates_to) e.*, 0::bigint as n, false as mine
    from editable o
    join messaging_event e on e.relates_to = o.event_id and e.sender = o.sender and e.type = o.type
   where e.room = $1 and e.rel_type = 'm.replace' and e.pos <= $3 and e.state_key is null
     and (e.type = 'm.room.encrypted' or position('"m.new_content"'::bytea in e.body) > 0)
   order by e.relates_to, e.at desc, e.event_id desc
), referred as (
  select e.*, 0::bigint as n, false as mine
    from unnest($2::text[]) asked (event_id) cross join lateral (
      select * from messaging_event
       where relates_to = asked.event_id and room = $1 and rel_type = 'm.reference' and pos <= $3
       order by pos limit $5) e
)
select COLUMNS, e.n, e.mine
  from (select * from threads union all select * from edits union all select * from referred) e
 order by e.pos""".replace("COLUMNS", _COLUMNS)


async def bundles_of(reader: Reader, room: Room, user_id: str, entries: Sequence[Entry]) -> Bundles:
    """What is to be said under `m.relations` of these events, of which this person may see the later ones too."""
    ids = [entry.event.event_id for entry in entries if entry.event.state_key is None]
    if not ids or _are_alone(room, entries, ids):
        return {}
    upto = await reads_upto(reader, room, user_id) or 0
    rows = await reader.pool.fetch(_BUNDLES, room.number, ids, upto, user_id, MOST_REFERENCES)
    if not rows:
        return {}
    found = {row[1]: (entry_of(row[:8]), row) for row in rows}
    seen = await list_visible(reader, room, user_id, [entry for entry, _row in found.values()])
    own = {entry.event.event_id for entry in entries if entry.event.sender == user_id}
    gone = {entry.event.event_id for entry in (*entries, *seen) if is_redacted(entry.body)}
    return _sorted_out([(entry, found[entry.pos][1]) for entry in seen], own, gone)


def _are_alone(room: Room, entries: Sequence[Entry], ids: Sequence[str]) -> bool:
    """Whether memory holds all that came after these events, and nothing of it relates to them."""
    if min(entry.pos for entry in entries) < room.floor:
        return False
    wanted = set(ids)
    return not any(entry.relates_to in wanted for entry in room.tail)


def _sorted_out(found: Sequence[tuple[Entry, Record]], own: set[str], gone: set[str]) -> Bundles:
    """Edits first: a thread's latest event is served with its own. What was redacted has none any more."""
    said: dict[str, dict[str, Any]] = {}
    for entry, _row in found:
        if entry.rel_type == EDIT and entry.relates_to not in gone:
            said.setdefault(entry.relates_to or "", {})[EDIT] = raw(entry.body)
    for entry, row in found:
        about = said.setdefault(entry.relates_to or "", {})
        if entry.rel_type == THREAD:
            about[THREAD] = {
                "latest_event": raw(with_relations(entry.body, said.get(entry.event.event_id))),
                "count": row[8],
                "current_user_participated": row[9] or entry.relates_to in own,
            }
        elif entry.rel_type == REFERENCE:
            about.setdefault(REFERENCE, {"chunk": []})["chunk"].append({"event_id": entry.event.event_id})
    return {event_id: about for event_id, about in said.items() if about}


def with_relations(body: bytes, relations: Mapping[str, Any] | None) -> bytes:
    """The event's bytes with this under `unsigned.m.relations`."""
    if not relations:
        return body
    event = msgspec.json.decode(body)
    event["unsigned"] = {**event.get("unsigned", {}), "m.relations": relations}
    return encode(event)
