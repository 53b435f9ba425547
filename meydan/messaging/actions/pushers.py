"""People name the push gateways that wake their devices (client-server API, "Push Notifications")."""

import msgspec

from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.models.errors import bad_param
from meydan.messaging.queries.live import Note

MOST_PUSHERS = 50
"""Of one person."""


class Pusher(msgspec.Struct, frozen=True):
    """A pusher as its client names it; `body` are the bytes of what is shown of it."""

    app_id: str
    pushkey: str
    url: str
    body: bytes


async def keep_pusher(messenger: Messenger, who: Who, pusher: Pusher, *, append: bool) -> None:
    """Keep a pusher; the same app and pushkey again are the same one. Without `append` nobody else keeps it: the device
    is somebody else's now. `M_INVALID_PARAM` for one too many."""
    async with messenger.pool.acquire() as line, line.transaction():
        await line.execute(_TURN, who.user_id)
        others = [] if append else await line.fetch(_DROP_OTHERS, pusher.app_id, pusher.pushkey, who.user_id)
        values = (who.user_id, who.device, pusher.app_id, pusher.pushkey, pusher.url, pusher.body)
        await line.execute(_KEEP, *values)
        count = await line.fetchval("select count(*) from messaging_pusher where person = $1", who.user_id)
        if count > MOST_PUSHERS:
            raise bad_param(f"At most {MOST_PUSHERS} pushers for one person; remove one first.")
    for person in {who.user_id, *(row[0] for row in others)}:
        await tell_of_pushers(messenger, person)


async def drop_pusher(messenger: Messenger, who: Who, app_id: str, pushkey: str) -> None:
    """Take one of one's own pushers away; none is none."""
    await messenger.pool.execute(
        "delete from messaging_pusher where app_id = $1 and pushkey = $2 and person = $3", app_id, pushkey, who.user_id
    )
    await tell_of_pushers(messenger, who.user_id)


async def drop_pushkey(messenger: Messenger, app_id: str, pushkey: str) -> None:
    """A push gateway says that a pushkey is worth nothing any more: it is nobody's."""
    for row in await messenger.pool.fetch(_DROP_OTHERS, app_id, pushkey, ""):
        await tell_of_pushers(messenger, row[0])


async def tell_of_pushers(messenger: Messenger, person: str) -> None:
    """Somebody has a pusher now, or none any more: every gateway hears whether they are to be told of anything."""
    some = await messenger.pool.fetchval("select exists (select from messaging_pusher where person = $1)", person)
    if some != (person in messenger.live.pushed) or messenger.streams.others:
        await messenger.note(Note(0, "pushers", person, about="some" if some else ""))


_TURN = "select pg_advisory_xact_lock(hashtextextended('messaging.pushers ' || $1::text, 0))"
_DROP_OTHERS = """
delete from messaging_pusher where app_id = $1 and pushkey = $2 and person <> $3 returning person"""
_KEEP = """
insert into messaging_pusher (person, device, app_id, pushkey, url, body, made_at, failures, badge)
values ($1, $2, $3, $4, $5, $6, now(), 0, -1)
on conflict (app_id, pushkey, person) do update
   set device = excluded.device, url = excluded.url, body = excluded.body, failures = 0, badge = -1"""
