"""Links by which people come into a room: made and withdrawn by who may invite there.

Whoever comes by a link is invited by its maker, and enters: the room's own rules decide, as if the maker stood at the
door. A maker who has left, or may invite no more, has links that lead nowhere.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from meydan.kernel.clock import now
from meydan.messaging.actions.messenger import Messenger, Who
from meydan.messaging.actions.rooming import change_membership
from meydan.messaging.models.errors import MatrixError, bad_param, forbidden, not_found
from meydan.messaging.policies.reading import join_rule_of, power_of, power_to
from meydan.messaging.queries.live import BANNED, INVITED, JOINED, Room

MOST_DAYS = 90
MOST_LINKS = 50
"""Of one room, that have not ended."""
BYTES = 24


@dataclass(frozen=True, slots=True)
class Link:
    """A link as those see it who may invite. `token` is "" but at once after it was made: nobody can read it again."""

    number: int
    maker: str
    expires_at: datetime
    uses: int
    token: str = ""


def digest_of(token: str) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).digest()


def may_invite(room: Room, user_id: str) -> bool:
    """Whether somebody who is in a room may invite others."""
    return user_id in room.joined and power_of(room.state, user_id) >= power_to(room.state, "invite")


def demand_inviting(room: Room, user_id: str) -> None:
    """`M_FORBIDDEN`."""
    if not may_invite(room, user_id):
        raise forbidden("You may not invite anybody here.")


async def make_link(messenger: Messenger, who: Who, room: Room, days: int) -> Link:
    """A new link, good for so many days. `M_FORBIDDEN`, `M_LIMIT_EXCEEDED`."""
    demand_inviting(room, who.user_id)
    if not 1 <= days <= MOST_DAYS:
        raise bad_param(f"days is from 1 to {MOST_DAYS}.")
    token, expires_at = secrets.token_urlsafe(BYTES), now() + timedelta(days=days)
    async with messenger.pool.acquire() as line, line.transaction():
        await line.execute("select pg_advisory_xact_lock(hashtextextended('messaging.links', $1::bigint))", room.number)
        there = await line.fetchval(_COUNT, room.number)
        if there >= MOST_LINKS:
            raise MatrixError(400, "M_LIMIT_EXCEEDED", f"At most {MOST_LINKS} links into one room; withdraw one first.")
        number = await line.fetchval(_MAKE, digest_of(token), room.number, who.user_id, expires_at)
    return Link(number, who.user_id, expires_at, 0, token)


async def list_links(messenger: Messenger, who: Who, room: Room) -> list[Link]:
    """Those that have not ended, the newest first. `M_FORBIDDEN`."""
    demand_inviting(room, who.user_id)
    return [Link(*row) for row in await messenger.pool.fetch(_LIST, room.number, MOST_LINKS)]


async def withdraw_link(messenger: Messenger, who: Who, room: Room, number: int) -> None:
    """Nobody comes in by it from now on: its maker may, and who has the power to send people out. `M_FORBIDDEN`,
    `M_NOT_FOUND`."""
    demand_inviting(room, who.user_id)
    maker = await messenger.pool.fetchval(
        "select maker from messaging_joinlink where id = $1 and room = $2", number, room.number
    )
    if maker is None:
        raise not_found("There is no such link.")
    if maker != who.user_id and power_of(room.state, who.user_id) < power_to(room.state, "kick"):
        raise forbidden("This link is somebody else's.")
    await messenger.pool.execute("delete from messaging_joinlink where id = $1", number)


async def find_link(messenger: Messenger, token: str) -> tuple[Room, Link]:
    """Where a link leads. `M_NOT_FOUND` for one that was never made, has ended, or whose maker may invite no more."""
    row: Mapping[str, Any] | None = await messenger.pool.fetchrow(_FIND, digest_of(token))
    room = await messenger.reader.room_number(row["room"]) if row is not None else None
    if row is None or room is None or not may_invite(room, row["maker"]):
        raise not_found("This link has ended.")
    return room, Link(row["id"], row["maker"], row["expires_at"], row["uses"])


async def enter_by_link(messenger: Messenger, who: Who, token: str) -> Room:
    """Come in. Twice is once. `M_NOT_FOUND`; `M_FORBIDDEN` for who was sent out for good."""
    room, link = await find_link(messenger, token)
    standing = room.members.get(who.user_id)
    if standing == JOINED:
        return room
    if standing == BANNED:
        raise forbidden("You were sent out of this room.")
    if standing != INVITED and join_rule_of(room.state) != "public":
        await change_membership(messenger, room, link.maker, who.user_id, INVITED)
    await change_membership(messenger, room, who.user_id, who.user_id, JOINED)
    await messenger.pool.execute("update messaging_joinlink set uses = uses + 1 where id = $1", link.number)
    return room


_COUNT = "select count(*) from messaging_joinlink where room = $1 and expires_at > now()"
_MAKE = """
insert into messaging_joinlink (digest, room, maker, expires_at, uses) values ($1, $2, $3, $4, 0) returning id"""
_LIST = """
select id, maker, expires_at, uses from messaging_joinlink
 where room = $1 and expires_at > now() order by id desc limit $2"""
_FIND = """
select id, room, maker, expires_at, uses from messaging_joinlink where digest = $1 and expires_at > now()"""
