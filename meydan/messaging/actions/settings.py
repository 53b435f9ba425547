"""A person's own data in the messenger."""

from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.queries.live import Note


async def keep_account_data(messenger: Messenger, person: str, room_id: str, kind: str, content: bytes) -> None:
    """Keep a piece of data, and tell the person's devices."""
    await messenger.note(Note(0, "account_data", person), (_KEEP, (person, room_id, kind, content)))


_KEEP = """
insert into messaging_accountdata (pos, person, room_id, type, content) values ($1, $2, $3, $4, $5)
on conflict (person, room_id, type) do update set content = excluded.content, pos = excluded.pos"""
