"""Messages from device to device, which the server keeps until they are seen (client-server API, "Send-to-Device
messaging")."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import PEOPLE, Messenger, Who
from meydan.messaging.actions.writer import joint
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.queries.live import Note

MOST_MESSAGES = 1_000
"""In one sending."""
MOST_MESSAGE_BYTES = 65_536
MOST_BYTES = 8 * 1024 * 1024
"""Of one sending, as it is kept: what goes to all devices of somebody is kept for each."""
MOST_WAITING = 10_000
"""For a device: what comes when so many wait is lost."""
KEEP_TXN_DAYS = 2
SWEEP_EACH = 500
"""Who sends at every so manyth position of the stream takes old transaction ids away."""
EVERY = "*"
encode = msgspec.json.Encoder().encode


async def send_to_devices(
    messenger: Messenger, who: Who, kind: str, txn: str, messages: Mapping[str, Mapping[str, Any]]
) -> None:
    """Send contents to devices, by person and device; "*" are all of a person's. The same `txn` of the same device
    sends nothing more. What is addressed to nobody is passed over."""
    addresses = messenger.live.addresses
    found = await _addressed(messenger, _bodies(who, kind, messages))
    if len(found) > MOST_MESSAGES:
        raise _too_many()
    if any(addresses.is_full(number, MOST_WAITING) for number, _person, _body in found):
        await addresses.count([one[0] for one in found], MOST_WAITING, partial(_count, messenger))
        found = [one for one in found if not addresses.is_full(one[0], MOST_WAITING)]
    numbers, contents = [one[0] for one in found], [one[2] for one in found]
    if sum(map(len, contents)) > MOST_BYTES:
        raise MatrixError(
            413, "M_TOO_LARGE", f"One sending takes at most {MOST_BYTES} bytes, for all devices together."
        )
    note = Note(0, "to_device", who.user_id, devices=tuple(numbers), people=tuple({one[1] for one in found}))
    said = await messenger.note(note, (_KEEP, (who.device, txn, numbers, contents)))
    if said.pos % SWEEP_EACH == 0:
        await messenger.pool.execute(_SWEEP, KEEP_TXN_DAYS)


async def _addressed(messenger: Messenger, bodies: Mapping[str, Mapping[str, bytes]]) -> list[tuple[int, str, bytes]]:
    """The devices that these are for: our number, whose it is, and what is for it."""
    addresses, found, unknown = messenger.live.addresses, list[tuple[int, str, bytes]](), list[str]()
    for person, said in bodies.items():
        numbers = addresses.find(person, said) if messenger.writes(PEOPLE) and EVERY not in said else None
        if numbers is None:
            unknown.append(person)
        else:
            found += zip(numbers, repeat(person), said.values())
    if unknown:
        serial = addresses.serial
        rows = await messenger.pool.fetch(_DEVICES, unknown)
        for number, person, device_id in rows:
            if addresses.serial == serial:
                addresses.hold(person, device_id, number)
            body = bodies[person].get(device_id) or bodies[person].get(EVERY)
            if body is not None:
                found.append((number, person, body))
    return found


async def _count(messenger: Messenger, devices: list[int]) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = await messenger.pool.fetch(_COUNT, devices, MOST_WAITING)
    return rows


def _bodies(who: Who, kind: str, messages: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, bytes]]:
    """Each message as its device will get it."""
    if sum(map(len, messages.values())) > MOST_MESSAGES:
        raise _too_many()
    return {
        person: {device: _body(who, kind, content) for device, content in devices.items()}
        for person, devices in messages.items()
    }


def _body(who: Who, kind: str, content: Any) -> bytes:
    if not isinstance(content, dict):
        raise bad_param("A message is an object.")
    body = encode({"type": kind, "sender": who.user_id, "content": content})
    if len(body) > MOST_MESSAGE_BYTES:
        raise MatrixError(413, "M_TOO_LARGE", f"A message takes at most {MOST_MESSAGE_BYTES} bytes.")
    return body


def _too_many() -> MatrixError:
    return MatrixError(413, "M_TOO_LARGE", f"At most {MOST_MESSAGES} messages at once.")


_DEVICES = "select id, person, device_id from messaging_device where person = any($1::text[])"
_COUNT = """
select one, (select count(*) from (select 1 from messaging_todevicemessage where device_id = one limit $2) waiting)
  from unnest($1::bigint[]) one"""
# Whether each device is still there is not asked, which would take a sixth of the statement: what was being written
# while one ended, `forgetting.forget_to_device` takes away.
_KEEP_REST = """, given as (
     select distinct on (device, txn) device, txn, pos
       from unnest($1::bigint[], $2::bigint[], $3::text[]) given (pos, device, txn) order by device, txn, pos
), once as (
     insert into messaging_todevicesending (device_id, txn, at) select device, txn, now() from mine, given
         on conflict do nothing returning device_id, txn
), kept as (
     insert into messaging_todevicemessage (device_id, pos, body)
     select said.device, said.pos, said.body
       from once
       join given on given.device = once.device_id and given.txn = once.txn
       join unnest($4::bigint[], $5::bigint[], $6::bytea[]) said (pos, device, body) on said.pos = given.pos
)
select count(*) from mine"""


def _together(sendings: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Of each sending its position, device and transaction id; of each message the position, the device that it is for,
    and its bytes."""
    of_each = [[sending[column] for sending in sendings] for column in range(3)]
    positions = [sending[0] for sending in sendings for _device in sending[3]]
    devices = [device for sending in sendings for device in sending[3]]
    return *of_each, positions, devices, [body for sending in sendings for body in sending[4]]


_KEEP = joint(_KEEP_REST, 6, _together)
_SWEEP = "delete from messaging_todevicesending where at < now() - make_interval(days => $1)"
