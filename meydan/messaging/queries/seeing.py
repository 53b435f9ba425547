"""Which of a room's events somebody may see (client-server API, "Room history visibility")."""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import pairwise

from meydan.messaging.policies.channels import hides, is_channel
from meydan.messaging.policies.reading import history_visibility
from meydan.messaging.policies.seeing import may_see_change
from meydan.messaging.queries.live import BANNED, JOINED, LEFT, Entry, Read, Room, StateKey
from meydan.messaging.queries.personal import settings_of
from meydan.messaging.queries.reading import MOST_HISTORY, Reader

OPEN = "world_readable"
MEMBER = "m.room.member"


async def reads_upto(reader: Reader, room: Room, user_id: str) -> int | None:
    """The position to which somebody may read: today's for who is in, that of when they left for who was in, whatever
    they became later; None for who may read nothing."""
    if user_id in room.joined or history_visibility(room.state) == OPEN:
        return room.last_event
    if user_id not in room.members:
        return None
    return left_at(await reader.history(room, MEMBER, user_id))


def left_at(memberships: Sequence[Entry]) -> int | None:
    """Where somebody was in for the last time, by their memberships: the position at which they went out."""
    stays = (
        after.pos for before, after in pairwise(memberships) if _membership(before) == JOINED != _membership(after)
    )
    return max(stays, default=None)


async def list_visible(reader: Reader, room: Room, user_id: str, entries: Sequence[Entry]) -> list[Entry]:
    """Those of these events that somebody may see. The history of visibility and of their own membership decides; most
    rooms have always been `shared`, and then only the membership of today does. And nobody sees what people say whom
    they ignore."""
    if not entries:
        return []
    ignored = (await settings_of(reader, await reader.person(user_id))).ignored
    entries = [entry for entry in entries if not is_hidden(entry, ignored)] if ignored else entries
    entries = told_of(room, entries, user_id)
    visibilities = await reader.history(room, "m.room.history_visibility", "")
    if user_id in room.joined and all(_said(one) in ("shared", OPEN) for one in visibilities):
        return list(entries)
    memberships = await reader.history(room, MEMBER, user_id)
    start = max(_known_from(visibilities), _known_from(memberships))
    return [
        entry
        for entry in entries
        if _is_going(entry, user_id) or (entry.pos >= start and _sees(entry, visibilities, memberships))
    ]


def told_of(room: Room, entries: Sequence[Entry], user_id: str) -> list[Entry]:
    """These events without those that a channel keeps from its readers; "": without all that it keeps from anybody."""
    if not is_channel(room.state):
        return list(entries)
    return [one for one in entries if not hides(room.state, one.event.type, one.event.state_key, user_id)]


def keys_told(room: Room, keys: Iterable[StateKey], user_id: str) -> list[StateKey]:
    """The same of pieces of state."""
    if not is_channel(room.state):
        return list(keys)
    return [key for key in keys if not hides(room.state, *key, user_id)]


def reads_told(room: Room, reads: Iterable[Read], user_id: str) -> Iterable[Read]:
    """The same of receipts: they would say who reads a channel."""
    return (one for one in reads if one.person == user_id) if is_channel(room.state) else reads


def _known_from(history: Sequence[Entry]) -> int:
    """What was before the oldest of so many changes is not known, and is shown to nobody."""
    return history[0].pos if len(history) >= MOST_HISTORY else 0


def _is_going(entry: Entry, user_id: str) -> bool:
    """Whether it says to somebody that they are out: an invitation that is refused would else never be gone."""
    event = entry.event
    return event.type == MEMBER and event.state_key == user_id and _membership(entry) in (LEFT, BANNED)


def is_hidden(entry: Entry, ignored: Collection[str]) -> bool:
    """Whether this is a message of somebody who is ignored; state is told all the same (spec, "Ignoring Users")."""
    return entry.event.sender in ignored and entry.event.state_key is None


def _said(entry: Entry) -> str:
    said = entry.event.content.get("history_visibility")
    return said if said in ("invited", "joined", "shared", OPEN) else "shared"


def _sees(entry: Entry, visibilities: Sequence[Entry], memberships: Sequence[Entry]) -> bool:
    at = entry.pos
    visibility = _around(visibilities, at, _said, "shared")
    membership = _around(memberships, at, _membership, LEFT)
    after = JOINED if any(one.pos > at and _membership(one) == JOINED for one in memberships) else LEFT
    return may_see_change(visibility, membership, after)


def _membership(entry: Entry) -> str:
    return str(entry.event.content.get("membership"))


def _around(history: Sequence[Entry], at: int, said: Callable[[Entry], str], first: str) -> tuple[str, str]:
    """What a piece of state said before an event, and what after it: twice the same unless this event changed it."""
    before = next((said(one) for one in reversed(history) if one.pos < at), first)
    after = next((said(one) for one in reversed(history) if one.pos <= at), first)
    return before, after
