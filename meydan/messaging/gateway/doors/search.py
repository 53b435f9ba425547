"""Finding messages by their words (client-server API, "Server Side Search")."""

from collections.abc import Mapping
from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.doors.reading import served
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.models.folding import words_of
from meydan.messaging.models.tables import ROOM_SHARDS
from meydan.messaging.queries.faces import read_offset
from meydan.messaging.queries.live import Entry, Room
from meydan.messaging.queries.search import (
    KEYS,
    Question,
    catch_up,
    find_messages,
    highlights_of,
    rooms_searched,
)
from meydan.messaging.queries.seeing import list_visible

MOST = 50
MOST_CONTEXT = 10


@door("POST", "search")
async def search(gateway: Gateway, request: Request) -> Any:
    """Messages that hold all the words, in the rooms that the asker is in; encrypted ones the server cannot read."""
    who = await gateway.who(request)
    asked = need(need(await request.json(), "search_categories", dict), "room_events", dict, {})
    if not asked:
        return {"search_categories": {}}
    question = await _question(gateway, who, asked, read_offset(request.one("next_batch")))
    if not question.words or not question.rooms:
        return _said([], 0, [], None)
    await spend("search", who)
    await catch_up(gateway.messenger.pool, ROOM_SHARDS)
    found, more = await find_messages(gateway.messenger.reader, who.user_id, question)
    results = [await _result(gateway, who, one, asked) for one in found]
    highlights = highlights_of([entry for entry, _room, _rank in found], question.words)
    after = f"o{question.start + question.limit}" if more else None
    return _said(results, question.start + len(results) + more, highlights, after)


async def _question(gateway: Gateway, who: Who, asked: Mapping[str, Any], start: int) -> Question:
    keys = need(asked, "keys", list, list(KEYS))
    types = {KEYS[key] for key in keys if isinstance(key, str) and key in KEYS}
    order = need(asked, "order_by", str, "rank")
    if order not in ("rank", "recent"):
        raise bad_param("order_by is rank or recent.")
    wanted = need(asked, "filter", dict, {})
    limit = wanted.get("limit", 10)
    rooms = wanted.get("rooms")
    only = {one for one in rooms if isinstance(one, str)} if isinstance(rooms, list) else None
    person = await gateway.messenger.reader.person(who.user_id)
    return Question(
        words=words_of(need(asked, "search_term", str)[:500]),
        types=types,
        rooms=await rooms_searched(gateway.messenger.reader, person, only),
        by_rank=order == "rank",
        start=start,
        limit=max(1, min(limit, MOST)) if type(limit) is int else 10,
    )


def _said(results: list[Any], count: int, highlights: list[str], after: str | None) -> dict[str, Any]:
    events: dict[str, Any] = {"results": results, "count": count, "highlights": highlights, "state": {}, "groups": {}}
    return {"search_categories": {"room_events": events | ({"next_batch": after} if after else {})}}


async def _result(
    gateway: Gateway, who: Who, found: tuple[Entry, Room, float], asked: Mapping[str, Any]
) -> dict[str, Any]:
    entry, room, rank = found
    said: dict[str, Any] = {"rank": rank, "result": (await served(gateway, room, who, [entry]))[0]}
    around = asked.get("event_context")
    return (
        said if not isinstance(around, dict) else said | {"context": await _context(gateway, who, entry, room, around)}
    )


async def _context(gateway: Gateway, who: Who, entry: Entry, room: Room, around: Mapping[str, Any]) -> dict[str, Any]:
    """What stands around a message, as far as the asker may see it."""
    reader = gateway.messenger.reader
    before = await reader.newest(room, 0, entry.pos - 1, _count(around, "before_limit"))
    after = await reader.forward(room, entry.pos + 1, room.last_event, _count(around, "after_limit"))
    before = (await list_visible(reader, room, who.user_id, before))[::-1]
    after = await list_visible(reader, room, who.user_id, after)
    return {
        "start": f"t{(before[-1].pos if before else entry.pos) - 1}",
        "end": f"t{after[-1].pos if after else entry.pos}",
        "events_before": await served(gateway, room, who, before),
        "events_after": await served(gateway, room, who, after),
        "profile_info": _profiles(room, [entry, *before, *after]) if around.get("include_profile") is True else {},
    }


def _count(around: Mapping[str, Any], name: str) -> int:
    value = around.get(name, 5)
    if type(value) is not int:
        raise MatrixError(400, "M_BAD_JSON", f"{name} is a whole number.")
    return max(1, min(value, MOST_CONTEXT))


def _profiles(room: Room, entries: list[Entry]) -> dict[str, Any]:
    said = {}
    for sender in {entry.event.sender for entry in entries}:
        content = room.state["m.room.member", sender].content if ("m.room.member", sender) in room.state else {}
        said[sender] = {key: content[key] for key in ("displayname", "avatar_url") if key in content}
    return said
