"""Keys of devices and people (client-server API, "End-to-End Encryption")."""

from typing import Any

from meydan.messaging.actions.cross_signing import (
    MOST_SIGNATURES,
    SignatureUpload,
    check_signed_by_master,
    keep_cross_keys,
    needs_proof,
    read_cross_keys,
)
from meydan.messaging.actions.keys import (
    MOST_KEYS,
    claim_keys,
    keep_device_keys,
    keep_fallback_keys,
    keep_one_time_keys,
)
from meydan.messaging.actions.limits import spend
from meydan.messaging.gateway.confirming import need_reset
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import Request, need
from meydan.messaging.gateway.names import is_name, read_nested
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.models.key_shapes import check_device_keys, read_named_keys
from meydan.messaging.queries.keys import cross_keys, query_keys
from meydan.messaging.queries.sync import Token

MAX_KEYS_BODY = 1024 * 1024
MOST_ASKED = 5_000
"""People, or devices, in one question."""
MOST_FALLBACK = 10


@door("POST", "keys/upload")
async def upload(gateway: Gateway, request: Request) -> Any:
    """A device leaves its keys: its own, one-time keys, fallback keys. The answer counts the one-time keys."""
    who = await gateway.who(request)
    await spend("keys", who)
    body = await request.json(MAX_KEYS_BODY)
    own = need(body, "device_keys", dict, {})
    one_time = read_named_keys(need(body, "one_time_keys", dict, {}), MOST_KEYS)
    fallback = read_named_keys(need(body, "fallback_keys", dict, {}), MOST_FALLBACK)
    if own:
        await keep_device_keys(gateway.messenger, who, check_device_keys(who.user_id, who.device_id, own))
    if one_time:
        await keep_one_time_keys(gateway.messenger, who, one_time)
    if fallback:
        await keep_fallback_keys(gateway.messenger, who, fallback)
    counts, _unused = await gateway.inbox.counts(who.device)
    return {"one_time_key_counts": counts}


@door("POST", "keys/query")
async def query(gateway: Gateway, request: Request) -> Any:
    """The keys of people's devices, and their cross-signing keys."""
    who = await gateway.who(request)
    await spend("query", who)
    asked = need(await request.json(MAX_KEYS_BODY), "device_keys", dict)
    if len(asked) > MOST_ASKED:
        raise MatrixError(413, "M_TOO_LARGE", f"At most {MOST_ASKED} people at once.")
    wanted: dict[str, frozenset[str]] = {}
    for person, devices in asked.items():
        if not isinstance(devices, list) or not all(map(is_name, (person, *devices))):
            raise bad_param("device_keys names, for each person, a list of devices.")
        wanted[person] = frozenset(devices)
    return await query_keys(gateway.messenger.pool, who.user_id, wanted)


@door("POST", "keys/claim")
async def claim(gateway: Gateway, request: Request) -> Any:
    """A one-time key of each of these devices; nobody else gets the same."""
    await spend("claim", await gateway.who(request))
    asked = read_nested(need(await request.json(MAX_KEYS_BODY), "one_time_keys", dict), MOST_ASKED)
    if not all(is_name(algorithm) for devices in asked.values() for algorithm in devices.values()):
        raise bad_param("one_time_keys names an algorithm for each device.")
    return {"one_time_keys": await claim_keys(gateway.messenger, asked), "failures": {}}


@door("GET", "keys/changes")
async def changes(gateway: Gateway, request: Request) -> Any:
    """Whose keys changed between two tokens of `/sync`."""
    who = await gateway.who(request)
    streams = len(gateway.messenger.live.positions)
    if not request.one("from") or not request.one("to"):
        raise MatrixError(400, "M_MISSING_PARAM", "from and to are tokens of /sync.")
    since = Token.read(request.one("from"), streams)
    Token.read(request.one("to"), streams)
    person = await gateway.messenger.reader.person(who.user_id)
    await gateway.syncer.rooms_of(person)
    # What is newer than `to` is told as well, as `to` is the client's newest token: it learns it twice, never not.
    found = await gateway.device_lists.changes(person, since, gateway.syncer.now())
    return {"changed": [], "left": []} | found


@door("POST", "keys/device_signing/upload")
async def device_signing(gateway: Gateway, request: Request) -> Any:
    """A person's cross-signing keys. To replace them takes the password, or a word on Meydan's
    pages."""
    who = await gateway.who(request)
    await spend("keys", who)
    body = await request.json()
    said = read_cross_keys(who.user_id, body)
    known = await cross_keys(gateway.messenger.pool, who.user_id)
    check_signed_by_master(who.user_id, known, said)
    if needs_proof(known, said):
        await need_reset(gateway, request, who, body)
    await keep_cross_keys(gateway.messenger, who, known, said)
    return {}


@door("POST", "keys/signatures/upload")
async def signatures(gateway: Gateway, request: Request) -> Any:
    """Signatures for one's own devices and master key, and for other people's master keys."""
    who = await gateway.who(request)
    await spend("keys", who)
    said = read_nested(await request.json(MAX_KEYS_BODY), MOST_SIGNATURES)
    return {"failures": await SignatureUpload(gateway.messenger, who).take(said)}
