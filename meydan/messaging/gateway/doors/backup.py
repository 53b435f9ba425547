"""Backups of room keys (client-server API, "Server-side key backups")."""

from collections.abc import Mapping
from typing import Any

from meydan.messaging.actions.backup import (
    RoomKey,
    change_version,
    delete_keys,
    delete_version,
    make_version,
    no_backup,
    put_keys,
)
from meydan.messaging.actions.limits import spend
from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.doors.table import door
from meydan.messaging.gateway.http import JSON_HEADERS, Request, Streamed, encode, need
from meydan.messaging.gateway.names import need_name
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError, bad_param, not_found
from meydan.messaging.models.shapes import LARGEST, is_whole
from meydan.messaging.queries.backup import find_key, find_version, write_keys

MAX_BACKUP_BODY = 4 * 1024 * 1024
MOST_AT_ONCE = 5_000
MOST_AUTH_BYTES = 65_536
MOST_DATA_BYTES = 16_384
KEYS = ("room_keys/keys", "room_keys/keys/{room}", "room_keys/keys/{room}/{session}")


async def _writer(gateway: Gateway, request: Request) -> Who:
    """Who changes their backup, which costs something."""
    who = await gateway.who(request)
    await spend("backup", who)
    return who


@door("POST", "room_keys/version")
async def make(gateway: Gateway, request: Request) -> Any:
    """Begin a new backup."""
    who = await _writer(gateway, request)
    algorithm, auth_data = _backup_of(await request.json())
    return {"version": str(await make_version(gateway.messenger, who.user_id, algorithm, auth_data))}


def _backup_of(body: Mapping[str, Any]) -> tuple[str, bytes]:
    return need_name(need(body, "algorithm", str)), _bounded(need(body, "auth_data", dict), MOST_AUTH_BYTES)


def _bounded(value: Any, most: int) -> bytes:
    data: bytes = encode(value)
    if len(data) > most:
        raise MatrixError(413, "M_TOO_LARGE", f"At most {most} bytes.")
    return data


@door("GET", "room_keys/version", "room_keys/version/{version}")
async def show(gateway: Gateway, request: Request) -> Any:
    """The current backup, or the named one."""
    who = await gateway.who(request)
    version = _number(request.path["version"]) if "version" in request.path else None
    found = await find_version(gateway.messenger.pool, who.user_id, version)
    if found is None:
        raise no_backup()
    return found


@door("PUT", "room_keys/version/{version}")
async def change(gateway: Gateway, request: Request) -> Any:
    """Change what says how the backup is locked."""
    who = await _writer(gateway, request)
    body = await request.json()
    version = _number(request.path["version"])
    if body.get("version", request.path["version"]) != request.path["version"]:
        raise bad_param("version is not that of the address.")
    await change_version(gateway.messenger, who.user_id, version, *_backup_of(body))
    return {}


@door("DELETE", "room_keys/version/{version}")
async def delete(gateway: Gateway, request: Request) -> Any:
    """Delete a backup, with its keys."""
    who = await _writer(gateway, request)
    await delete_version(gateway.messenger, who.user_id, _number(request.path["version"]))
    return {}


def _number(text: str) -> int:
    """The number of a backup; what is no number is no backup of ours."""
    if not is_whole(text):
        raise no_backup()
    return int(text)


def _version(request: Request) -> int:
    if not request.one("version"):
        raise MatrixError(400, "M_MISSING_PARAM", "version is missing.")
    return _number(request.one("version"))


def _place(request: Request) -> tuple[str | None, str | None]:
    """The room and the session that the address names."""
    room, session = request.path.get("room"), request.path.get("session")
    return need_name(room) if room is not None else None, need_name(session) if session is not None else None


@door("PUT", *KEYS)
async def put(gateway: Gateway, request: Request) -> Any:
    """Keep room keys in the current backup; the answer is its new etag and count."""
    who = await _writer(gateway, request)
    version = _version(request)
    keys = _keys_of(_place(request), await request.json(MAX_BACKUP_BODY))
    return await put_keys(gateway.messenger, who.user_id, version, keys)


def _keys_of(place: tuple[str | None, str | None], body: Mapping[str, Any]) -> list[RoomKey]:
    room, session = place
    if room is not None and session is not None:
        return [_key(room, session, body)]
    rooms = {room: body} if room is not None else need(body, "rooms", dict)
    keys = [_key(name, one, said) for name, kept in rooms.items() for one, said in _sessions(kept).items()]
    if len(keys) > MOST_AT_ONCE:
        raise MatrixError(413, "M_TOO_LARGE", f"At most {MOST_AT_ONCE} keys at once.")
    return keys


def _sessions(room: Any) -> dict[str, Any]:
    if not isinstance(room, dict):
        raise bad_param("Each room is an object with its sessions.")
    return need(room, "sessions", dict)


def _key(room: str, session: str, said: Any) -> RoomKey:
    if not isinstance(said, dict):
        raise bad_param("Each session is an object.")
    return RoomKey(
        need_name(room),
        need_name(session),
        _index(said, "first_message_index"),
        _index(said, "forwarded_count"),
        need(said, "is_verified", bool),
        _bounded(need(said, "session_data", dict), MOST_DATA_BYTES),
    )


def _index(said: Mapping[str, Any], name: str) -> int:
    value = need(said, name, int)
    if not 0 <= value <= LARGEST:
        raise bad_param(f"{name} is not negative.")
    return value


@door("GET", *KEYS)
async def get(gateway: Gateway, request: Request) -> Any:
    """The keys of a backup: all, those of a room, or one."""
    who = await gateway.who(request)
    version, (room, session) = _version(request), _place(request)
    pool = gateway.messenger.pool
    if await find_version(pool, who.user_id, version) is None:
        raise no_backup()
    if room is None or session is None:
        return Streamed(200, JSON_HEADERS, write_keys(pool, who.user_id, version, room))
    found = await find_key(pool, who.user_id, version, room, session)
    if found is None:
        raise not_found("There is no such key in this backup.")
    return found


@door("DELETE", *KEYS)
async def remove(gateway: Gateway, request: Request) -> Any:
    """Take keys out of a backup: all, those of a room, or one."""
    who = await _writer(gateway, request)
    return await delete_keys(gateway.messenger, who.user_id, _version(request), *_place(request))
