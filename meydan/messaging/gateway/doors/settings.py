"""A person's own settings: account data, tags, filters (client-server API, "Client Config", "Filtering")."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any

from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.settings import change_tags, keep_account_data
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, decode, encode
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found
from meydan.messaging.models.push import ruleset_of
from meydan.messaging.models.stickers import PACK
from meydan.messaging.queries.personal import PUSH_RULES, changes_of, stickers_for

MOST_FILTER = 64 * 1024
MOST_FILTERS = 1_000
"""Of a person; the same one again is the same."""
MOST_TAG = 4 * 1024
MOST_DATA = 16 * 1024 * 1024
"""Bytes that a person keeps as account data, in all rooms together; each first sync brings them."""
RESERVED = ("m.fully_read", PUSH_RULES)


async def _own(gateway: Gateway, request: Request) -> str:
    """The person, who may ask for themselves alone."""
    who = await gateway.who(request)
    if request.path["user"] != who.user_id:
        raise forbidden("These are somebody else's settings.")
    if request.method not in ("GET", "HEAD"):
        await spend("settings", who)
    return who.user_id


@door("GET", "user/{user}/account_data/{type}", "user/{user}/rooms/{room}/account_data/{type}")
async def account_data(gateway: Gateway, request: Request) -> Any:
    """A piece of one's own data."""
    person = await _own(gateway, request)
    if request.path["type"] == PUSH_RULES and not request.path.get("room"):
        return ruleset_of(await changes_of(gateway.messenger.pool, person), person)
    body = await gateway.messenger.pool.fetchval(
        "select content from messaging_accountdata where person = $1 and room_id = $2 and type = $3",
        person,
        request.path.get("room", ""),
        request.path["type"],
    )
    if body is None and request.path["type"] == PACK and not request.path.get("room"):
        return stickers_for(person)
    if body is None:
        raise not_found("You have no such data.")
    return bytes(body)


@door("PUT", "user/{user}/account_data/{type}", "user/{user}/rooms/{room}/account_data/{type}")
async def set_account_data(gateway: Gateway, request: Request) -> Any:
    """Keep a piece of one's own data."""
    person = await _own(gateway, request)
    kind = request.path["type"]
    if kind in RESERVED:
        raise MatrixError(405, "M_BAD_JSON", f"{kind} is set at an address of its own.")
    if len(kind) > 255 or len(request.path.get("room", "")) > 255:
        raise bad_param("The type is too long.")
    content = encode(await request.json())
    await _demand_room(gateway, person, request.path.get("room", ""), kind, len(content))
    await keep_account_data(gateway.messenger, person, request.path.get("room", ""), kind, content)
    return {}


async def _demand_room(gateway: Gateway, person: str, room_id: str, kind: str, size: int) -> None:
    """`M_TOO_LARGE` where somebody keeps enough already, beside what this takes the place of."""
    if size + await gateway.messenger.pool.fetchval(_KEPT_BESIDE, person, room_id, kind) > MOST_DATA:
        raise MatrixError(413, "M_TOO_LARGE", f"At most {MOST_DATA} bytes of account data, of all kinds together.")


_KEPT_BESIDE = """
select coalesce(sum(octet_length(content)), 0)::bigint from messaging_accountdata
 where person = $1 and not (room_id = $2 and type = $3)"""


@door("GET", "user/{user}/rooms/{room}/tags")
async def tags(gateway: Gateway, request: Request) -> Any:
    """The tags of a room."""
    person = await _own(gateway, request)
    body = await gateway.messenger.pool.fetchval(
        "select content from messaging_accountdata where person = $1 and room_id = $2 and type = 'm.tag'",
        person,
        request.path["room"],
    )
    return {"tags": decode(body).get("tags", {}) if body else {}}


@door("PUT", "user/{user}/rooms/{room}/tags/{tag}")
async def set_tag(gateway: Gateway, request: Request) -> Any:
    """Tag a room."""
    person = await _own(gateway, request)
    said = await request.json(MOST_TAG)
    await _demand_room(gateway, person, request.path["room"], "", MOST_TAG)
    await change_tags(gateway.messenger, person, request.path["room"], "set_tag", request.path["tag"], said)
    return {}


@door("DELETE", "user/{user}/rooms/{room}/tags/{tag}")
async def remove_tag(gateway: Gateway, request: Request) -> Any:
    """Take a tag away."""
    person = await _own(gateway, request)
    await change_tags(gateway.messenger, person, request.path["room"], "remove_tag", request.path["tag"])
    return {}


@door("POST", "user/{user}/filter")
async def keep_filter(gateway: Gateway, request: Request) -> Any:
    """Leave a filter here; the same one again has the same id."""
    person = await _own(gateway, request)
    body = encode(await request.json(MOST_FILTER))
    digest = urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")
    if not await gateway.messenger.pool.fetchval(_KEEP_FILTER, person, digest, body, MOST_FILTERS):
        raise MatrixError(400, "M_LIMIT_EXCEEDED", f"At most {MOST_FILTERS} filters.")
    return {"filter_id": digest}


_KEEP_FILTER = """
with kept as (
     insert into messaging_syncfilter (person, digest, body)
     select $1::text, $2::text, $3 where (select count(*) from messaging_syncfilter where person = $1::text) < $4
     on conflict do nothing returning 1)
select exists (select from kept)
    or exists (select from messaging_syncfilter where person = $1::text and digest = $2::text)"""


@door("GET", "user/{user}/filter/{filter}")
async def show_filter(gateway: Gateway, request: Request) -> Any:
    """A filter that was left here."""
    return await find_filter(gateway, await _own(gateway, request), request.path["filter"])


async def find_filter(gateway: Gateway, person: str, digest: str) -> bytes:
    """Its bytes. `M_NOT_FOUND`."""
    body = await gateway.messenger.pool.fetchval(
        "select body from messaging_syncfilter where person = $1 and digest = $2", person, digest[:43]
    )
    if body is None:
        raise not_found("There is no such filter.")
    return bytes(body)
