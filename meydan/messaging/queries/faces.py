"""What is shown of a room to who is not in it (client-server API, "Listing rooms", "Spaces", "Room previews")."""

from collections.abc import Mapping, Sequence
from typing import Any

from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.folding import fold
from meydan.messaging.models.shapes import is_whole
from meydan.messaging.policies.joining import joined_rooms_needed, may_join_by_allow
from meydan.messaging.policies.reading import CREATE, history_visibility, join_rule_of
from meydan.messaging.queries.live import INVITED, JOINED, KNOCKED, Person, Room
from meydan.messaging.queries.reading import Pool, Reader, event_of

MOST_LISTED = 5_000
"""Rooms of the directory among which a filter looks."""
OPEN = "world_readable"
OPEN_RULES = ("public", "knock", "knock_restricted")
INTEREST = "org.meydan.interest"
"""What a public room is about, of a list that clients know: a state event of ours, `{"interest": "sport"}`."""
_FACES = ("m.room.name", "m.room.topic", "m.room.canonical_alias")


def face_of(room: Room) -> dict[str, Any]:
    """The room as lists show it (spec, PublicRoomsChunk)."""
    said: dict[str, Any] = {
        "room_id": room.room_id,
        "num_joined_members": len(room.joined),
        "world_readable": history_visibility(room.state) == OPEN,
        "guest_can_join": _text(room, "m.room.guest_access", "guest_access") == "can_join",
        "join_rule": join_rule_of(room.state),
    }
    kind = room.state[CREATE].content.get("type") if CREATE in room.state else None
    shown = {
        "name": _text(room, "m.room.name", "name"),
        "topic": _text(room, "m.room.topic", "topic"),
        "canonical_alias": _text(room, "m.room.canonical_alias", "alias"),
        "avatar_url": _text(room, "m.room.avatar", "url"),
        "room_type": kind if isinstance(kind, str) else "",
        INTEREST: _text(room, INTEREST, "interest"),
    }
    return said | {key: value for key, value in shown.items() if value}


def _text(room: Room, kind: str, key: str) -> str:
    event = room.state.get((kind, ""))
    value = event.content.get(key) if event is not None else None
    return value if isinstance(value, str) else ""


def summary_for(room: Room, user_id: str) -> dict[str, Any]:
    """The room as its summary shows it (spec, "Room previews")."""
    said = {**face_of(room), "room_version": room.version}
    if algorithm := _text(room, "m.room.encryption", "algorithm"):
        said |= {"encryption": algorithm, "im.nheko.summary.encryption": algorithm}
    if needed := joined_rooms_needed(room.state):
        said["allowed_room_ids"] = sorted(needed)
    return said | ({"membership": room.members.get(user_id, "leave")} if user_id else {})


async def may_see_face(reader: Reader, room: Room, person: Person | None) -> bool:
    """Whether somebody may know of the room: they are in it, invited, or could join or read it by themselves."""
    if join_rule_of(room.state) in OPEN_RULES or history_visibility(room.state) == OPEN:
        return True
    if person is None:
        return False
    if room.members.get(person.user_id) in (JOINED, INVITED, KNOCKED):
        return True
    needed = [await reader.room(room_id) for room_id in joined_rooms_needed(room.state)]
    own = {one.room_id for one in needed if one is not None and person.user_id in one.joined}
    return may_join_by_allow(room.state, own)


async def list_public(
    reader: Reader, *, words: str, kinds: Sequence[str | None] | None, interest: str, start: int, limit: int
) -> tuple[list[Room], int, bool]:
    """A page of the directory, those with most people first; how many rooms it holds; and whether there are more. A
    filter by words looks into names, topics and addresses; by kinds, at the rooms' types (None: of no type); by
    `interest`, at what they say they are about ("" for all)."""
    numbers = [row[0] for row in await reader.pool.fetch(_PUBLIC, MOST_LISTED)]
    total = len(numbers)
    if words:
        numbers = await _matching(reader.pool, numbers, fold(words))
    if kinds is not None:
        numbers = await _of_kinds(reader.pool, numbers, kinds)
    if interest:
        numbers = await _about(reader.pool, numbers, interest)
    page = [await reader.room_number(number) for number in numbers[start : start + limit]]
    return [room for room in page if room is not None], total, len(numbers) > start + limit


_PUBLIC = """
select room.id from messaging_room room
  left join messaging_member member on member.room = room.id and member.membership = 'join'
 where room.public group by room.id order by count(member.person) desc, room.id limit $1"""
_STATE = """
select distinct on (room, type) room, body, pos from messaging_event
 where room = any($1::bigint[]) and type = any($2::text[]) and state_key = '' order by room, type, pos desc"""


async def _matching(pool: Pool, numbers: Sequence[int], words: str) -> list[int]:
    found = set()
    for number, body, pos in await pool.fetch(_STATE, numbers, _FACES):
        content = event_of(body, pos).content
        texts = (content.get(key) for key in ("name", "topic", "alias"))
        if any(isinstance(text, str) and words in fold(text) for text in texts):
            found.add(number)
    return [number for number in numbers if number in found]


async def _of_kinds(pool: Pool, numbers: Sequence[int], kinds: Sequence[str | None]) -> list[int]:
    rows = await pool.fetch(_STATE, numbers, ["m.room.create"])
    types = {number: event_of(body, pos).content.get("type") for number, body, pos in rows}
    return [number for number in numbers if types.get(number) in kinds]


async def _about(pool: Pool, numbers: Sequence[int], interest: str) -> list[int]:
    rows = await pool.fetch(_STATE, numbers, [INTEREST])
    found = {number for number, body, pos in rows if event_of(body, pos).content.get("interest") == interest}
    return [number for number in numbers if number in found]


def children_of(room: Room, *, suggested: bool) -> list[dict[str, Any]]:
    """The `m.space.child` events of a space as its hierarchy says them, in the space's order (spec, "Ordering of
    children within a space")."""
    events = [event for (kind, _key), event in room.state.items() if kind == "m.space.child"]
    kept = [one for one in events if _leads_somewhere(one.content) and (not suggested or one.content.get("suggested"))]
    kept.sort(key=lambda one: (*_order(one.content), one.origin_server_ts, one.state_key))
    return [
        {
            "type": one.type,
            "state_key": one.state_key,
            "content": one.content,
            "sender": one.sender,
            "origin_server_ts": one.origin_server_ts,
        }
        for one in kept
    ]


def _leads_somewhere(content: Mapping[str, Any]) -> bool:
    via = content.get("via")
    return isinstance(via, list) and bool(via)


def _order(content: Mapping[str, Any]) -> tuple[bool, str]:
    order = content.get("order")
    valid = isinstance(order, str) and len(order) <= 50 and all(" " <= char <= "~" for char in order)
    return (not valid, order if valid and isinstance(order, str) else "")


MOST_IN_TREE = 1_000


async def walk_tree(reader: Reader, top: Room, person: Person, *, depth: int, suggested: bool) -> list[dict[str, Any]]:
    """The rooms of a space that somebody may know of, each once, parents first, at most `MOST_IN_TREE`."""
    found: list[dict[str, Any]] = []
    waiting, known = [(top, 0)], {top.room_id}
    while waiting and len(found) < MOST_IN_TREE:
        room, level = waiting.pop(0)
        if not await may_see_face(reader, room, person):
            continue
        face = summary_for(room, "")
        is_space = face.get("room_type") == "m.space"
        children = children_of(room, suggested=suggested) if is_space and level < depth else []
        found.append({**face, "children_state": children})
        waiting[:0] = [(child, level + 1) for child in await _rooms(reader, children, known)]
    return found


async def _rooms(reader: Reader, children: Sequence[Mapping[str, Any]], known: set[str]) -> list[Room]:
    """Those of the rooms that were not met yet."""
    fresh = [child["state_key"] for child in children if child["state_key"] not in known][:MOST_IN_TREE]
    known.update(fresh)
    rooms = [await reader.room(room_id) for room_id in fresh]
    return [room for room in rooms if room is not None]


def read_offset(text: str) -> int:
    """Where a page of a list begins. `M_INVALID_PARAM` for what is no token of ours."""
    if not text:
        return 0
    if not (text[:1] == "o" and is_whole(text[1:]) and len(text) < 10):
        raise MatrixError(400, "M_INVALID_PARAM", "This is not a token of this server.")
    return int(text[1:])
