"""Backups of room keys, which the server keeps and cannot read (client-server API, "Server-side key backups")."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.models.errors import MatrixError, bad_param, not_found

MOST_VERSIONS = 50
MOST_KEYS = 200_000
"""Of all of a person's backups."""
TRIES = 5


@dataclass(frozen=True, slots=True)
class RoomKey:
    """A room key, as it is kept: `data` only its person can read."""

    room_id: str
    session_id: str
    first_message_index: int
    forwarded_count: int
    is_verified: bool
    data: bytes


def no_backup() -> MatrixError:
    """404 M_NOT_FOUND."""
    return not_found("There is no such backup.")


async def make_version(messenger: Messenger, person: str, algorithm: str, auth_data: bytes) -> int:
    """Begin a new backup; it is the current one from now on. Its number."""
    living = await messenger.pool.fetchval(
        "select count(*) from messaging_backupversion where person = $1 and not deleted", person
    )
    if living >= MOST_VERSIONS:
        raise MatrixError(400, "M_LIMIT_EXCEEDED", f"At most {MOST_VERSIONS} backups: delete one first.")
    for _try in range(TRIES):
        try:
            number: int = await messenger.pool.fetchval(_MAKE, person, algorithm, auth_data)
        except asyncpg.UniqueViolationError:
            continue  # another device was faster
        return number
    raise MatrixError(503, "M_UNKNOWN", "The backup could not be made; try again.", retry_after_ms=1000)


_MAKE = """
insert into messaging_backupversion (person, version, algorithm, auth_data, etag, count, deleted)
select $1::text, coalesce(max(version), 0) + 1, $2, $3, 0, 0, false
  from messaging_backupversion where person = $1::text
returning version"""


async def change_version(messenger: Messenger, person: str, version: int, algorithm: str, auth_data: bytes) -> None:
    """Change a backup's `auth_data`. `M_NOT_FOUND`, `M_INVALID_PARAM`."""
    known = await messenger.pool.fetchval(
        "select algorithm from messaging_backupversion where person = $1 and version = $2 and not deleted",
        person,
        version,
    )
    if known is None:
        raise no_backup()
    if known != algorithm:
        raise bad_param("The algorithm of a backup cannot change.")
    await messenger.pool.execute(
        "update messaging_backupversion set auth_data = $3 where person = $1 and version = $2 and not deleted",
        person,
        version,
        auth_data,
    )


async def delete_version(messenger: Messenger, person: str, version: int) -> None:
    """Delete a backup with its keys. Twice is once; `M_NOT_FOUND` for one that never was."""
    async with messenger.pool.acquire() as line, line.transaction():
        said = await line.execute(
            "update messaging_backupversion set deleted = true, auth_data = '', count = 0"
            " where person = $1 and version = $2",
            person,
            version,
        )
        if said.endswith(" 0"):
            raise no_backup()
        await line.execute("delete from messaging_backupkey where person = $1 and version = $2", person, version)


async def put_keys(messenger: Messenger, person: str, version: int, keys: Sequence[RoomKey]) -> dict[str, Any]:
    """Keep keys in the current backup. One that is there is replaced only by a better one. `M_NOT_FOUND`, and
    `M_WRONG_ROOM_KEYS_VERSION` for a backup that is not the current one."""
    async with messenger.pool.acquire() as line, line.transaction():
        newest = await line.fetchrow(_CURRENT, person)
        _demand_current(newest, version)
        changed = await line.fetch(_PUT, person, version, *_columns(keys))
        more = sum(new for (new,) in changed)
        if more and await line.fetchval(_COUNT, person) + more > MOST_KEYS:
            raise MatrixError(400, "M_LIMIT_EXCEEDED", f"Your backups take at most {MOST_KEYS} keys.")
        return await _moved(line, person, version, len(changed), more)


def _demand_current(newest: Any, version: int) -> None:
    if newest is None:
        raise no_backup()
    if newest["version"] != version:
        raise MatrixError(
            403,
            "M_WRONG_ROOM_KEYS_VERSION",
            "This is not the current backup.",
            current_version=str(newest["version"]),
        )


async def delete_keys(
    messenger: Messenger, person: str, version: int, room_id: str | None, session_id: str | None
) -> dict[str, Any]:
    """Take keys out of a backup: all, those of a room, or one."""
    async with messenger.pool.acquire() as line, line.transaction():
        known = await line.fetchval(
            "select 1 from messaging_backupversion where person = $1 and version = $2 and not deleted for update",
            person,
            version,
        )
        if known is None:
            raise no_backup()
        said = await line.execute(_DELETE, person, version, room_id, session_id)
        gone = int(said.rsplit(" ", 1)[1])
        return await _moved(line, person, version, gone, -gone)


async def _moved(line: Any, person: str, version: int, changed: int, more: int) -> dict[str, Any]:
    """What a change answers: the backup's new etag and count."""
    etag, count = await line.fetchrow(_MOVE, person, version, min(changed, 1), more)
    return {"etag": str(etag), "count": count}


def _columns(keys: Sequence[RoomKey]) -> list[list[Any]]:
    return [
        [key.room_id for key in keys],
        [key.session_id for key in keys],
        [key.first_message_index for key in keys],
        [key.forwarded_count for key in keys],
        [key.is_verified for key in keys],
        [key.data for key in keys],
    ]


_COUNT = "select coalesce(sum(count), 0)::bigint from messaging_backupversion where person = $1"
_CURRENT = """
select version from messaging_backupversion where person = $1 and not deleted
 order by version desc limit 1 for update"""
# Better (spec, "PUT room_keys/keys"): verified, then with the lower first index, then forwarded less often.
_PUT = """
insert into messaging_backupkey as known
      (person, version, room_id, session_id, first_message_index, forwarded_count, is_verified, session_data)
select $1, $2, said.* from unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bool[], $8::bytea[]) said
on conflict (person, version, room_id, session_id) do update
   set first_message_index = excluded.first_message_index, forwarded_count = excluded.forwarded_count,
       is_verified = excluded.is_verified, session_data = excluded.session_data
 where (not excluded.is_verified, excluded.first_message_index, excluded.forwarded_count)
     < (not known.is_verified, known.first_message_index, known.forwarded_count)
returning (xmax = 0)::int"""
_DELETE = """
delete from messaging_backupkey where person = $1 and version = $2
   and ($3::text is null or room_id = $3) and ($4::text is null or session_id = $4)"""
_MOVE = """
update messaging_backupversion set etag = etag + $3, count = count + $4 where person = $1 and version = $2
returning etag, count"""
