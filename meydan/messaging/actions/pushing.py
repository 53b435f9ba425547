"""A person changes their push rules (client-server API, "Push Rules: API")."""

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from meydan.messaging.actions.messenger import Messenger
from meydan.messaging.actions.settings import keep_account_data
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.models.push import BadRule, Changes
from meydan.messaging.queries.personal import PUSH_RULES, changes_of

Change = Callable[[Changes], dict[str, Any]]
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def change_rules(messenger: Messenger, person: str, change: Change) -> None:
    """Put what `change` returns in place of what it is given; one change of a person after the other. Their devices
    are told. MatrixError for what `BadRule` refuses."""
    turn = _turns.get(person) or _turns.setdefault(person, asyncio.Lock())
    async with turn:
        before = await changes_of(messenger.pool, person)
        try:
            after = change(before)
        except BadRule as refusal:
            raise MatrixError(refusal.status, refusal.errcode, refusal.message) from refusal
        if after != before:
            await keep_account_data(messenger, person, "", PUSH_RULES, msgspec.json.encode(after))
