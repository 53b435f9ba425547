"""Leaving an errand for the gateways. Django's side: for pages and reactions, in their own transaction."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection, transaction

from meydan.messaging.models.cases import ERRANDS, Errand
from meydan.messaging.models.drafts import Draft
from meydan.messaging.models.tables import Room

PEOPLE = 0


def post_events(key: str, room: Room, drafts: Sequence[Draft]) -> bool:
    """Have events written into a room, once for each key. False when that was asked before."""
    body = {"drafts": [msgspec.to_builtins(one) for one in drafts]}
    return post_errand(key, "append", body, shard=room.shard, room=room.pk)


def post_errand(key: str, verb: str, body: dict[str, Any], *, shard: int = PEOPLE, room: int | None = None) -> bool:
    """Have a gateway do something once the running transaction is committed; `models.Errand` knows the verbs. False
    when that was asked before."""
    wanted = {"shard": shard, "room": room, "verb": verb, "body": body}
    _errand, is_new = Errand.objects.get_or_create(key=key, defaults=wanted)
    if is_new:
        transaction.on_commit(_wake, robust=True)
    return is_new


def is_posted(key: str) -> bool:
    """Whether this was asked before."""
    return Errand.objects.filter(key=key).exists()


def _wake() -> None:
    """After the commit: a transaction that notifies makes all others that do so wait for it. A gateway that hears
    nothing looks by itself every second."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", [ERRANDS])
