"""Events that belong together (client-server API, "Relationships API", "Querying threads")."""

from typing import Any

from meydan.messaging.gateway.doors.reading import position_of, readable_room, served, visible_event
from meydan.messaging.gateway.doors.table import door_v1
from meydan.messaging.gateway.http import Request
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import bad_param
from meydan.messaging.queries.relations import DEPTH, Related, list_related, list_threads
from meydan.messaging.queries.seeing import list_visible

MOST = 100


@door_v1(
    "GET",
    "rooms/{room}/relations/{event}",
    "rooms/{room}/relations/{event}/{rel}",
    "rooms/{room}/relations/{event}/{rel}/{type}",
)
async def relations(gateway: Gateway, request: Request) -> Any:
    """The events that relate to one, a page at a time."""
    who, room, upto = await readable_room(gateway, request)
    entry = await visible_event(gateway, room, who, request.path["event"])
    limit = request.number("limit", 10, most=MOST) or 1
    if request.one("dir", "b") not in ("b", "f"):
        raise bad_param("dir is b or f.")
    backwards = request.one("dir", "b") == "b"
    start = position_of(gateway, room, request.one("from")) if request.one("from") else None
    end = position_of(gateway, room, request.one("to")) if request.one("to") else None
    first, last = (end or 0, start) if backwards else (start or 0, end)
    wish = Related(
        entry.event.event_id,
        request.path.get("rel", "")[:100],
        request.path.get("type", "")[:255],
        first,
        upto if last is None else min(last, upto),
        backwards,
        DEPTH if request.one("recurse") == "true" else 1,
    )
    found = await list_related(gateway.messenger.pool, room, wish, limit + 1)
    page = found[:limit]
    kept = await list_visible(gateway.messenger.reader, room, who.user_id, page)
    said: dict[str, Any] = {"chunk": await served(gateway, room, who, kept)}
    if len(found) > limit:
        said["next_batch"] = f"t{page[-1].pos - 1}" if backwards else f"t{page[-1].pos}"
    if request.one("from"):
        said["prev_batch"] = request.one("from")
    return said | ({"recursion_depth": wish.depth} if wish.depth > 1 else {})


@door_v1("GET", "rooms/{room}/threads")
async def threads(gateway: Gateway, request: Request) -> Any:
    """The first events of the room's threads; the thread with the newest event comes first."""
    who, room, upto = await readable_room(gateway, request)
    limit = request.number("limit", 10, most=MOST) or 1
    if request.one("include", "all") not in ("all", "participated"):
        raise bad_param("include is all or participated.")
    below = position_of(gateway, room, request.one("from")) if request.one("from") else upto + 1
    mine = request.one("include") == "participated"
    pool = gateway.messenger.pool
    found = await list_threads(pool, room, who.user_id, upto=upto, below=below, limit=limit + 1, mine=mine)
    page = found[:limit]
    kept = await list_visible(gateway.messenger.reader, room, who.user_id, [entry for entry, _newest in page])
    said: dict[str, Any] = {"chunk": await served(gateway, room, who, kept)}
    return said | ({"next_batch": f"t{page[-1][1]}"} if len(found) > limit else {})
