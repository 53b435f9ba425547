"""A person's own data in the messenger: account data, tags, push rules (client-server API, "Client Config", "Room
Tagging", "Push Rules: API").

What is changed in part is changed by whoever writes the people's stream, one change of a person after the other: two
clients at two gateways lose nothing of each other.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.models import push
from meydan.messaging.models.errors import MatrixError, bad_param
from meydan.messaging.models.push import BadRule
from meydan.messaging.queries.live import Note
from meydan.messaging.queries.personal import PUSH_RULES

Content = dict[str, Any]
MOST_TAGS = 100
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def keep_account_data(messenger: Messenger, person: str, room_id: str, kind: str, content: bytes) -> None:
    """Keep a piece of data, and tell the person's devices."""
    await messenger.note(Note(0, "account_data", person), (_KEEP, (person, room_id, kind, content)))


_KEEP = """
insert into messaging_accountdata (pos, person, room_id, type, content) values ($1, $2, $3, $4, $5)
on conflict (person, room_id, type) do update set content = excluded.content, pos = excluded.pos"""


def _set_tag(content: Content, tag: str, said: Content) -> Content:
    tags = {**content.get("tags", {}), tag: said}
    if len(tags) > MOST_TAGS or len(tag.encode()) > 255:
        raise bad_param("That are too many tags, or the tag is too long.")
    return {"tags": tags}


def _remove_tag(content: Content, tag: str) -> Content:
    return {"tags": {name: said for name, said in content.get("tags", {}).items() if name != tag}}


CHANGES: Mapping[str, Callable[..., Content]] = {
    "set_tag": _set_tag,
    "remove_tag": _remove_tag,
    "put_rule": push.put_rule,
    "delete_rule": push.delete_rule,
    "set_enabled": push.set_enabled,
    "set_actions": push.set_actions,
}


async def change_rules(messenger: Messenger, person: str, how: str, *values: Any) -> None:
    """Change a person's push rules by one of `CHANGES`; their devices are told. MatrixError for what it refuses."""
    await messenger.people_do(change_data, person, "", PUSH_RULES, how, values)


async def change_tags(messenger: Messenger, person: str, room_id: str, how: str, *values: Any) -> None:
    """The same of a room's tags."""
    await messenger.people_do(change_data, person, room_id, "m.tag", how, values)


async def change_data(messenger: Messenger, person: str, room_id: str, kind: str, how: str, values: list[Any]) -> None:
    """Where the people's stream is written: put what the change makes of a piece of data in its place."""
    turn = _turns.get(person) or _turns.setdefault(person, asyncio.Lock())
    async with turn:
        content = await messenger.pool.fetchval(_CONTENT, person, room_id, kind)
        before = msgspec.json.decode(content) if content is not None else {}
        try:
            after = CHANGES[how](before, *values)
        except BadRule as refusal:
            raise MatrixError(refusal.status, refusal.errcode, refusal.message) from refusal
        if after != before:
            await keep_account_data(messenger, person, room_id, kind, msgspec.json.encode(after))


_CONTENT = "select content from messaging_accountdata where person = $1 and room_id = $2 and type = $3"
CHORES = {change_data.__name__: change_data}
"""What the gateway that writes the people's stream does for the others (`Messenger.people_do`)."""
