"""Messages from device to device, which the server keeps until they are seen (client-server API, "Send-to-Device
messaging")."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Messenger, Who
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
"""One sending of so many takes old transaction ids away."""
EVERY = "*"
encode = msgspec.json.Encoder().encode


async def send_to_devices(
    messenger: Messenger, who: Who, kind: str, txn: str, messages: Mapping[str, Mapping[str, Any]]
) -> None:
    """Send contents to devices, by person and device; "*" are all of a person's. The same `txn` of the same device
    sends nothing more. What is addressed to nobody is passed over."""
    bodies = _bodies(who, kind, messages)
    found: list[tuple[int, str, bytes]] = []
    for number, person, device_id in await messenger.pool.fetch(_DEVICES, list(messages), MOST_WAITING - 1):
        body = bodies[person].get(device_id) or bodies[person].get(EVERY)
        if body is not None:
            found.append((number, person, body))
    if len(found) > MOST_MESSAGES:
        raise _too_many()
    numbers, contents = [one[0] for one in found], [one[2] for one in found]
    if sum(map(len, contents)) > MOST_BYTES:
        raise MatrixError(
            413, "M_TOO_LARGE", f"One sending takes at most {MOST_BYTES} bytes, for all devices together."
        )
    note = Note(0, "to_device", who.user_id, devices=tuple(numbers), people=tuple({one[1] for one in found}))
    await messenger.note(note, (_KEEP, (who.device, txn, numbers, contents)))
    if not secrets.randbelow(SWEEP_EACH):
        await messenger.pool.execute(_SWEEP, KEEP_TXN_DAYS)


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


_DEVICES = """
select id, person, device_id from messaging_device device where person = any($1::text[])
   and not exists (select 1 from messaging_todevicemessage where device_id = device.id offset $2)"""
_KEEP = """
with once as (
     insert into messaging_todevicesending (device_id, txn, at) values ($2, $3, now())
     on conflict do nothing returning 1)
insert into messaging_todevicemessage (device_id, pos, body)
select device.id, $1, said.body from once, unnest($4::bigint[], $5::bytea[]) said (device, body)
  join messaging_device device on device.id = said.device"""
_SWEEP = "delete from messaging_todevicesending where at < now() - make_interval(days => $1)"
