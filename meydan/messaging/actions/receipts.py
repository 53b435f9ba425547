"""Receipts: how far somebody has read (client-server API, "Receipts", "Read and unread markers")."""

from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.queries.live import Read, Room
from meydan.messaging.queries.reading import milliseconds

KINDS = ("m.read", "m.read.private", "m.fully_read")


async def send_receipt(messenger: Messenger, room: Room, who: Who, kind: str, event_id: str, thread: str) -> None:
    """Take a receipt, unless the person has read further already."""
    if kind not in KINDS:
        raise bad_param("There is no such kind of receipt.")
    if len(thread) > 64:
        raise bad_param("thread_id is an event id or main.")
    pos = await _position(messenger, room, event_id)
    known = room.reads.get((who.user_id, kind, thread))
    if known is not None and known.event_pos >= pos:
        return
    read = Read(room.shard, 0, room.number, who.user_id, kind, thread, event_id, pos, milliseconds())
    await messenger.put_read(read)


async def _position(messenger: Messenger, room: Room, event_id: str) -> int:
    for entry in reversed(room.tail):
        if entry.event.event_id == event_id:
            return entry.pos
    found = await messenger.reader.entry(event_id[:64])
    if found is None or found.room != room.number:
        raise MatrixError(404, "M_NOT_FOUND", "There is no such event in this room.")
    return found.pos
