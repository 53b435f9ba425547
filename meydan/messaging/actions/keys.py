"""Devices' keys: uploaded by the device, claimed by who begins a session (client-server API, "Key management")."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.actions.writer import Statement
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.models.key_shapes import MOST_ALGORITHM
from meydan.messaging.queries.live import Note

MOST_KEYS = 1_000
"""One-time keys that a device may have waiting."""
TAKEN_DAYS = 7
"""How long the id of a claimed key is remembered, against an upload that is repeated."""
KeyName = tuple[str, str]  # its algorithm and its id

LIST_CHANGED = """
insert into messaging_devicelistchange (pos, viewer, person) values ($1, '', $2)
on conflict (viewer, person) do update set pos = excluded.pos"""


async def note_list(messenger: Messenger, person: str, *also: Statement) -> None:
    """Tell everybody who shares a room with somebody that their keys changed, once the statements are written, which
    get the position as their first value."""
    await messenger.note(Note(0, "device_list", person), *also, (LIST_CHANGED, (person,)))


async def recount(messenger: Messenger, devices: Iterable[int]) -> None:
    """Devices' keys have become more or fewer: forget what is held of them, here and in the other gateways."""
    numbers = tuple(devices)
    messenger.live.boxes.recount(numbers)
    if numbers and messenger.streams.others:
        await messenger.note(Note(0, "keys", "", devices=numbers))


async def keep_device_keys(messenger: Messenger, who: Who, body: bytes) -> None:
    """Keep a device's identity keys; the same ones again are no news."""
    known = await messenger.pool.fetchval("select body from messaging_devicekeys where device_id = $1", who.device)
    if known != body:
        await note_list(messenger, who.user_id, (_KEEP_DEVICE, (who.device, body)))


_KEEP_DEVICE = """
insert into messaging_devicekeys (device_id, body) select id, $3 from messaging_device where id = $2 and $1::bigint > 0
on conflict (device_id) do update set body = excluded.body"""


async def keep_one_time_keys(messenger: Messenger, who: Who, keys: Mapping[KeyName, bytes]) -> None:
    """Keep one-time keys. One that was uploaded before changes nothing, even when it was claimed since; another key
    under the same id is refused with `M_INVALID_PARAM`."""
    columns = [[key[0] for key in keys], [key[1] for key in keys], list(keys.values())]
    async with messenger.pool.acquire() as line, line.transaction():
        await line.execute("select pg_advisory_xact_lock(hashtextextended('messaging.keys', $1))", who.device)
        await line.execute(_FORGET_TAKEN, who.device, TAKEN_DAYS)
        if await line.fetchval(_OTHER, who.device, *columns):
            raise bad_param("There is another key under this id.")
        await line.execute(_KEEP_KEYS, who.device, *columns)
        count = await line.fetchval(
            "select count(*) from messaging_onetimekey where device_id = $1 and taken_at is null", who.device
        )
        if count > MOST_KEYS:
            raise MatrixError(400, "M_LIMIT_EXCEEDED", f"At most {MOST_KEYS} one-time keys for a device.")
    await recount(messenger, [who.device])


_FORGET_TAKEN = """
delete from messaging_onetimekey where device_id = $1 and taken_at < now() - make_interval(days => $2)"""
_OTHER = """
select 1 from messaging_onetimekey known
  join unnest($2::text[], $3::text[], $4::bytea[]) said (algorithm, key_id, body)
    on said.algorithm = known.algorithm and said.key_id = known.key_id
 where known.device_id = $1 and known.taken_at is null and known.body <> said.body limit 1"""
_KEEP_KEYS = """
insert into messaging_onetimekey (device_id, algorithm, key_id, body)
select $1, said.* from unnest($2::text[], $3::text[], $4::bytea[]) said
on conflict (device_id, algorithm, key_id) do nothing"""


async def keep_fallback_keys(messenger: Messenger, who: Who, keys: Mapping[KeyName, bytes]) -> None:
    """Keep the key of each algorithm that serves when there are no one-time keys (spec, "Fallback keys")."""
    for (algorithm, key_id), body in keys.items():
        await messenger.pool.execute(_KEEP_FALLBACK, who.device, algorithm, key_id, body)
    await recount(messenger, [who.device])


_KEEP_FALLBACK = """
insert into messaging_fallbackkey as known (device_id, algorithm, key_id, body, used) values ($1, $2, $3, $4, false)
on conflict (device_id, algorithm) do update
   set key_id = excluded.key_id, body = excluded.body, used = known.used and known.key_id = excluded.key_id"""


async def claim_keys(messenger: Messenger, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """One key of each named device and algorithm: a one-time key, which nobody gets a second time, else the fallback
    key. Devices without any are left out."""
    names = [(person, device) for person, devices in wanted.items() for device in devices]
    rows = await messenger.pool.fetch(_NUMBERS, [one for one, _device in names], [device for _person, device in names])
    devices = {number: (person, device_id) for number, person, device_id in rows}
    asked = {number: wanted[person][device_id][:MOST_ALGORITHM] for number, (person, device_id) in devices.items()}
    found = await messenger.pool.fetch(_CLAIM, list(asked), list(asked.values()))
    missing = [number for number in asked if number not in {row[0] for row in found}]
    if missing:
        found += await messenger.pool.fetch(_FALL_BACK, missing, [asked[number] for number in missing])
    await recount(messenger, (row[0] for row in found))
    return _claimed(devices, found)


def _claimed(devices: Mapping[int, tuple[str, str]], found: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for number, algorithm, key_id, body in found:
        person, device_id = devices[number]
        said.setdefault(person, {})[device_id] = {f"{algorithm}:{key_id}": msgspec.Raw(body)}
    return said


_NUMBERS = """
select device.id, device.person, device.device_id from messaging_device device
  join unnest($1::text[], $2::text[]) asked (person, device_id)
    on asked.person = device.person and asked.device_id = device.device_id"""
_CLAIM = """
with picked as materialized (
     select key.* from unnest($1::bigint[], $2::text[]) asked (device_id, algorithm), lateral (
            select id, device_id, algorithm, key_id, body from messaging_onetimekey
             where device_id = asked.device_id and algorithm = asked.algorithm and taken_at is null
             order by id limit 1 for update skip locked) key)
update messaging_onetimekey kept set taken_at = now(), body = '' from picked where kept.id = picked.id
returning picked.device_id, picked.algorithm, picked.key_id, picked.body"""
_FALL_BACK = """
with picked as materialized (
     select key.device_id, key.algorithm, key.key_id, key.body from messaging_fallbackkey key
       join unnest($1::bigint[], $2::text[]) asked (device_id, algorithm)
         on asked.device_id = key.device_id and asked.algorithm = key.algorithm
      order by key.device_id for update of key)
update messaging_fallbackkey kept set used = true from picked
 where kept.device_id = picked.device_id and kept.algorithm = picked.algorithm
returning picked.device_id, picked.algorithm, picked.key_id, picked.body"""
