"""`POST org.matrix.simplified_msc3575/sync`: sliding sync as Synapse and Element X speak it (MSC4186)."""

import hashlib
import time
from typing import Any

import msgspec

from meydan.messaging.actions.messenger import Who
from meydan.messaging.gateway.doors.syncing import MOST_WAIT_MS, asked_presence, ends_after, pause
from meydan.messaging.gateway.doors.table import unstable
from meydan.messaging.gateway.http import Request, encode, squeezed
from meydan.messaging.gateway.state import Gateway
from meydan.messaging.models.errors import MatrixError
from meydan.messaging.queries.sliding_asks import Ask, read_ask
from meydan.messaging.queries.sliding_memory import Connection, Step


@unstable("POST", "org.matrix.simplified_msc3575/sync")
async def sliding_sync(gateway: Gateway, request: Request) -> Any:
    """What is new in the rooms that the client looks at, or waiting for it; `M_UNKNOWN_POS` (400) for a position that
    is not the last or the last but one of its connection. The same request again has the same answer."""
    who = await gateway.who(request)
    data = await request.body()
    ask = read_ask(data, who.user_id)
    timeout = request.number("timeout", min(ask.timeout, MOST_WAIT_MS), most=MOST_WAIT_MS) / 1000
    presence = asked_presence(request)
    pos = request.one("pos", ask.pos)
    if len(pos) > 100:
        raise MatrixError(400, "M_UNKNOWN_POS", "This is no position of this server.")
    if not pos:
        await gateway.messenger.come_up()
    connection = gateway.slider.connections.open(who.device, ask.conn_id, pos)
    turn = connection.enter(pos)
    digest = hashlib.blake2b(data, digest_size=16).digest()
    if again := connection.again(digest):
        return squeezed(request, again)
    here = gateway.presence.arrive(who, presence)
    try:
        step = await _poll(gateway, who, ask, connection, turn, timeout if pos else 0)
    finally:
        if here is not None:
            here.leave()
    return squeezed(request, _give(connection, ask, step, turn, digest))


async def _poll(gateway: Gateway, who: Who, ask: Ask, connection: Connection, turn: int, timeout: float) -> Step:
    """The answer when there is something new, or in the end."""
    ends = ends_after(timeout)
    live = gateway.messenger.live
    if timeout:
        await live.rounds.turn()
    while True:
        waiter = live.wait(who.user_id)
        try:
            person = await gateway.messenger.reader.person(who.user_id)
            step = await gateway.slider.answer(person, who.device, ask, connection.stand)
            left = ends - time.monotonic()
            if step.news or left <= 0 or live.closing or turn != connection.turn:
                return step
            await pause(waiter, left)
        finally:
            live.leave(waiter)


def _give(connection: Connection, ask: Ask, step: Step, turn: int, digest: bytes) -> bytes:
    """The bytes. A request that a later one has overtaken leaves the client where it is."""
    said = {"txn_id": ask.txn_id} if ask.txn_id is not None else {}
    if turn != connection.turn:
        return encode({**said, "pos": connection.pos, "lists": step.said["lists"], "rooms": {}, "extensions": {}})
    rooms = step.said["rooms"]
    told = {name: _lean(room) for name, room in rooms.items()} if ask.lean else rooms
    answer: bytes = encode({**said, "pos": connection.give(step), **step.said, "rooms": told})
    connection.keep(digest, answer)
    return answer


class _Piece(msgspec.Struct):
    """Of a piece of state, what a list of rooms shows."""

    type: str
    state_key: str
    sender: str
    content: msgspec.Raw


_read_piece = msgspec.json.Decoder(_Piece).decode


def _lean(room: dict[str, Any]) -> dict[str, Any]:
    state = room.get("required_state")
    return {**room, "required_state": [_read_piece(one) for one in state]} if state else room
