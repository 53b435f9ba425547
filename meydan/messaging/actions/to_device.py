"""Messages from device to device, which the server keeps until they are seen (client-server API, "Send-to-Device
messaging")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, repeat
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


@dataclass(slots=True)
class _Found:
    """Devices: our number of each, what is for it, and whose it is."""

    numbers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


async def send_to_devices(
    messenger: Messenger, who: Who, kind: str, txn: str, messages: Mapping[str, Mapping[str, Any]]
) -> None:
    """Send contents to devices, by person and device; "*" are all of a person's. The same `txn` of the same device
    sends nothing more. What is addressed to nobody is passed over."""
    found = await _addressed(messenger, _bodies(who, kind, messages))
    if len(found.numbers) > MOST_MESSAGES:
        raise _too_many()
    if messenger.live.addresses.any_full(found.numbers, MOST_WAITING):
        await _leave_out_full(messenger, found)
    if sum(map(len, found.bodies)) > MOST_BYTES:
        raise MatrixError(
            413, "M_TOO_LARGE", f"One sending takes at most {MOST_BYTES} bytes, for all devices together."
        )
    note = Note(0, "to_device", who.user_id, devices=tuple(found.numbers), people=tuple(set(found.people)))
    said = await messenger.note(note, (_KEEP, (who.device, txn, found.numbers, found.bodies)))
    if said.pos % SWEEP_EACH == 0:
        await messenger.pool.execute(_SWEEP, KEEP_TXN_DAYS)


async def _addressed(messenger: Messenger, bodies: Mapping[str, Mapping[str, bytes]]) -> _Found:
    """The devices that these are for."""
    addresses, found, unknown = messenger.live.addresses, _Found(), list[str]()
    is_known = messenger.writes(PEOPLE)
    for person, said in bodies.items():
        numbers = addresses.find(person, said) if is_known and EVERY not in said else None
        if numbers is None:
            unknown.append(person)
        else:
            found.numbers += numbers
            found.bodies += said.values()
            found.people += repeat(person, len(numbers))
    if unknown:
        serial = addresses.serial
        rows = await messenger.pool.fetch(_DEVICES, unknown)
        for number, person, device_id in rows:
            if addresses.serial == serial:
                addresses.hold(person, device_id, number)
            body = bodies[person].get(device_id) or bodies[person].get(EVERY)
            if body is not None:
                found.numbers.append(number)
                found.bodies.append(body)
                found.people.append(person)
    return found


async def _leave_out_full(messenger: Messenger, found: _Found) -> None:
    """Forget the devices for which too much waits."""
    addresses = messenger.live.addresses
    await addresses.count(found.numbers, MOST_WAITING, partial(_count, messenger))
    is_free = [not addresses.is_full(number, MOST_WAITING) for number in found.numbers]
    columns: tuple[list[Any], ...] = (found.numbers, found.bodies, found.people)
    for column in columns:
        column[:] = list(compress(column, is_free))


async def _count(messenger: Messenger, devices: list[int]) -> list[tuple[int, int]]:
    rows: list[tuple[int, int]] = await messenger.pool.fetch(_COUNT, devices, MOST_WAITING)
    return rows


def _bodies(who: Who, kind: str, messages: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, bytes]]:
    """Each message as its device will get it."""
    if sum(map(len, messages.values())) > MOST_MESSAGES:
        raise _too_many()
    make = partial(_body, who, kind)
    return {person: dict(zip(said, map(make, said.values()), strict=True)) for person, said in messages.items()}


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
