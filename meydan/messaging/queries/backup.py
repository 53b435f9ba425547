"""Reading backups of room keys (client-server API, "Server-side key backups")."""

from typing import Any

import msgspec

from meydan.messaging.queries.reading import Pool

raw = msgspec.Raw
_VERSION = """
select version, algorithm, auth_data, etag, count from messaging_backupversion
 where person = $1 and not deleted and ($2::bigint is null or version = $2) order by version desc limit 1"""
_KEYS = """
select room_id, session_id, first_message_index, forwarded_count, is_verified, session_data from messaging_backupkey
 where person = $1 and version = $2 and ($3::text is null or room_id = $3) and ($4::text is null or session_id = $4)"""


async def find_version(pool: Pool, person: str, version: int | None) -> dict[str, Any] | None:
    """A backup, with None the current one, as the spec writes it."""
    row = await pool.fetchrow(_VERSION, person, version)
    if row is None:
        return None
    number, algorithm, auth_data, etag, count = row
    said = {"version": str(number), "algorithm": algorithm, "auth_data": raw(auth_data)}
    return {**said, "etag": str(etag), "count": count}


async def find_keys(
    pool: Pool, person: str, version: int, room_id: str | None = None, session_id: str | None = None
) -> dict[str, dict[str, Any]]:
    """The keys of a backup (all, of a room, or one), by room and session."""
    rooms: dict[str, dict[str, Any]] = {}
    for room, session, first, forwarded, verified, data in await pool.fetch(
        _KEYS, person, version, room_id, session_id
    ):
        said = {"first_message_index": first, "forwarded_count": forwarded, "is_verified": verified}
        rooms.setdefault(room, {})[session] = {**said, "session_data": raw(data)}
    return rooms
