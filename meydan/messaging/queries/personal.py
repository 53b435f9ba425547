"""A person's settings are read into memory, and push rules are told as account data (client-server API, "Client
Config", "Push Rules").

Push rules are kept as account data of the reserved type `m.push_rules`: what the person changed, in the form of
`models.push_rules`. Whoever reads it is given the ruleset that follows from it. Who has no stickers of their own is
told the city's (`models.stickers`).
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from meydan.messaging.models.push import Changes, Rules, compile_rules, ruleset_of
from meydan.messaging.models.stickers import PACK, pack_of
from meydan.messaging.queries.live import Person
from meydan.messaging.queries.mine import Settings
from meydan.messaging.queries.reading import Pool, Reader

PUSH_RULES = "m.push_rules"
MOST_NAMED = 10_000
"""Direct chats, and rooms with tags, that are heeded of one person."""
_SETTINGS = """
select room_id, type, content from messaging_accountdata
 where person = $1 and (room_id = '' and type in ('m.push_rules', 'm.direct', 'm.ignored_user_list') or type = 'm.tag')
 limit 10003"""
_CHANGES = "select content from messaging_accountdata where person = $1 and room_id = '' and type = 'm.push_rules'"
raw = msgspec.Raw
decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


async def settings_of(reader: Reader, person: Person) -> Settings:
    """The person's settings of now."""
    while person.settings is None or person.settings_at != person.last_setting:
        at = person.last_setting
        rows = await reader.pool.fetch(_SETTINGS, person.user_id)
        if person.last_setting == at:
            person.settings, person.settings_at = _read(rows, person), at
    return person.settings


def _read(rows: Iterable[Any], person: Person) -> Settings:
    said = {(room_id, kind): bytes(content) for room_id, kind, content in rows}
    changes = said.pop(("", PUSH_RULES), b"{}")
    direct = _direct(decode(said.pop(("", "m.direct"), b"{}")))
    ignored = _ignored(decode(said.pop(("", "m.ignored_user_list"), b"{}")), person.user_id)
    tags = {room_id: _tags(decode(content)) for (room_id, kind), content in said.items() if kind == "m.tag"}
    return Settings(_rules(person, changes), changes, direct, tags, ignored)


def _rules(person: Person, changes: bytes) -> Rules:
    """The ones that they have, when nothing changed: what was counted by them stays valid."""
    if person.settings is not None and person.settings.changes == changes:
        return person.settings.rules
    return compile_rules(decode(changes), person.user_id)


def _direct(content: Any) -> frozenset[str]:
    lists = [rooms for rooms in content.values() if isinstance(rooms, list)]
    names = [name for rooms in lists for name in rooms[:MOST_NAMED] if isinstance(name, str)]
    return frozenset(names[:MOST_NAMED])


def _ignored(content: Any, user_id: str) -> frozenset[str]:
    """The people whom somebody ignores; nobody ignores themselves (spec, "Ignoring Users")."""
    users = content.get("ignored_users")
    return frozenset(list(users)[:MOST_NAMED]) - {user_id} if isinstance(users, dict) else frozenset()


def _tags(content: Any) -> frozenset[str]:
    tags = content.get("tags")
    return frozenset(tags) if isinstance(tags, dict) else frozenset()


async def changes_of(pool: Pool, user_id: str) -> Changes:
    """What somebody changed about their push rules."""
    content = await pool.fetchval(_CHANGES, user_id)
    changes: Changes = decode(content) if content is not None else {}
    return changes


def account_event(user_id: str, kind: str, content: bytes) -> dict[str, Any]:
    """A piece of account data that is no room's, as clients get it."""
    if kind == PUSH_RULES:
        return {"type": kind, "content": ruleset_of(decode(content), user_id)}
    return {"type": kind, "content": raw(content)}


def account_events(user_id: str, said: Iterable[tuple[str, bytes]], *, first: bool) -> list[dict[str, Any]]:
    """The same of all pieces. Who is told for the first time gets push rules and stickers, also without own ones."""
    pieces = dict(said)
    if first:
        pieces.setdefault(PUSH_RULES, b"{}")
        pieces.setdefault(PACK, stickers_for(user_id))
    return [account_event(user_id, kind, content) for kind, content in pieces.items()]


def stickers_for(user_id: str) -> bytes:
    """The stickers of somebody who has put none of their own together."""
    return encode(pack_of(user_id.partition(":")[2]))
