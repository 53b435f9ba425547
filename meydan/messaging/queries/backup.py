"""Reading backups of room keys (client-server API, "Server-side key backups")."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from meydan.messaging.queries.reading import Pool

raw = msgspec.Raw
_VERSION = """
select version, algorithm, auth_data, etag, count from messaging_backupversion
 where person = $1 and not deleted and ($2::bigint is null or version = $2) order by version desc limit 1"""
PAGE = 200
_KEYS = """
select room_id, session_id, first_message_index, forwarded_count, is_verified, session_data from messaging_backupkey
 where person = $1 and version = $2"""
_KEY = f"{_KEYS} and room_id = $3 and session_id = $4"
_PAGE = f"""{_KEYS} and ($3::text is null or room_id = $3) and (room_id, session_id) > ($4, $5)
 order by room_id, session_id limit $6"""
encode = msgspec.json.Encoder().encode


async def find_version(pool: Pool, person: str, version: int | None) -> dict[str, Any] | None:
    """A backup, with None the current one, as the spec writes it."""
    row = await pool.fetchrow(_VERSION, person, version)
    if row is None:
        return None
    number, algorithm, auth_data, etag, count = row
    said = {"version": str(number), "algorithm": algorithm, "auth_data": raw(auth_data)}
    return {**said, "etag": str(etag), "count": count}


async def find_key(pool: Pool, person: str, version: int, room_id: str, session_id: str) -> dict[str, Any] | None:
    """One key of a backup."""
    row = await pool.fetchrow(_KEY, person, version, room_id, session_id)
    return None if row is None else _key(row)


def _key(row: Any) -> dict[str, Any]:
    _room, _session, first, forwarded, verified, data = row
    said = {"first_message_index": first, "forwarded_count": forwarded, "is_verified": verified}
    return {**said, "session_data": raw(data)}


async def write_keys(pool: Pool, person: str, version: int, room_id: str | None) -> AsyncGenerator[bytes, None]:
    """The keys of a backup, or of one of its rooms, as the spec writes them: a piece at a time, for all of them may be
    more than the memory holds."""
    yield b'{"rooms":{' if room_id is None else b'{"sessions":{'
    last = ("", "")
    while rows := await pool.fetch(_PAGE, person, version, room_id, *last, PAGE):
        parts = []
        for row in rows:
            parts.append(_joint(last[0], row[0], whole=room_id is None))
            parts.append(encode(row[1]) + b":" + encode(_key(row)))
            last = (row[0], row[1])
        yield b"".join(parts)
    yield b"}}" if room_id is not None or last == ("", "") else b"}}}}"


def _joint(before: str, room: str, *, whole: bool) -> bytes:
    """What stands between a key of the room `before` ("" for the beginning) and one of this room."""
    if not whole or before == room:
        return b"," if before else b""
    return (b"}}," if before else b"") + encode(room) + b':{"sessions":{'
