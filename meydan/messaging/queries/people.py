"""Finding people by their names, and events by their time (client-server API, "User directory", "Jump to date")."""

import re
from typing import Any

from meydan.messaging.models.events import Event
from meydan.messaging.models.folding import FOLDED, fold
from meydan.messaging.queries.live import Room
from meydan.messaging.queries.reading import Pool, Reader
from meydan.messaging.queries.seeing import list_visible, reads_upto

_FROM = "".join(chr(code) for code, letter in FOLDED.items() if letter) + "ـ\u200c\u200d"
_FROM += "".join(map(chr, range(0x064B, 0x0653))) + "\u0670"  # vowel signs: taken away
_TO = "".join(letter for letter in FOLDED.values() if letter)
"""What `fold` does to Arabic and Persian, for `translate` of SQL: letters beyond `_TO` go."""
LOOKED_AT = 20
BATCHES = 5


async def find_people(pool: Pool, user_id: str, term: str, limit: int) -> list[dict[str, Any]]:
    """People whose name or user name holds the term, those first whose name begins with it: as far as they want to be
    found (`models.Findable`). A whole e-mail address finds whose it is, and who wants that."""
    if _ADDRESS.fullmatch(term.strip()):
        rows = await pool.fetch(_BY_ADDRESS, term.strip().lower())
    else:
        words = fold(term.strip()).removeprefix("@").partition(":")[0]
        rows = await pool.fetch(_PEOPLE, user_id, words, _FROM, _TO, limit, user_id.partition(":")[2]) if words else []
    return [
        {"user_id": person, "display_name": name or username} | ({"avatar_url": url} if url else {})
        for person, username, name, url in rows
    ]


_PEOPLE = """
with near as (
  select other.person from messaging_member other
   where other.membership = 'join' and other.room in (
         select member.room from messaging_member member
           join messaging_room room on room.id = member.room and not room.hides_members
          where member.person = $1 and member.membership = 'join'
          union select id from messaging_room where public and not hides_members)
   union select '@' || p.username || ':' || $6::text from messaging_findable wish
           join accounts_person p on p.id = wish.person_id where wish.by_name = 'city'
), named as (
  select near.person, p.username, p.name, translate(lower(p.name), $3, $4) as folded
    from near join accounts_person p on p.username = split_part(substr(near.person, 2), ':', 1) and p.is_active
   where not exists (select from messaging_findable wish where wish.person_id = p.id and wish.by_name = 'nobody')
)
select named.person, named.username, named.name, profile.avatar_url
  from named left join messaging_profile profile on profile.person = named.person
 where strpos(named.folded, $2) > 0 or strpos(named.username, $2) > 0
 order by not starts_with(named.folded, $2), not starts_with(named.username, $2), named.username limit $5"""


_ADDRESS = re.compile(r"[^@\s:]{1,64}@[^@\s:]{1,190}\.[^@\s:.]{1,60}")
_BY_ADDRESS = """
select '@' || p.username || ':' || (select name from messaging_server limit 1), p.username, p.name, profile.avatar_url
  from accounts_person p
  join messaging_findable wish on wish.person_id = p.id and wish.by_address
  join account_emailaddress mail on mail.user_id = p.id and mail.verified and lower(mail.email) = p.email
  left join messaging_profile profile on split_part(substr(profile.person, 2), ':', 1) = p.username
 where p.email = $1 and p.is_active"""


async def find_event_at(reader: Reader, room: Room, user_id: str, time: int, *, backwards: bool) -> Event | None:
    """The nearest event to a time (milliseconds since 1970) that somebody may see: at it or after it, or before it.

    Events stand nearly in the order of their times, so the place is found by halving."""
    upto = await reads_upto(reader, room, user_id) or 0
    pos = await _first_at(reader.pool, room, time + backwards, upto)
    for _batch in range(BATCHES):
        if backwards:
            found = (await reader.newest(room, 0, pos - 1, LOOKED_AT))[::-1]
        else:
            found = await reader.forward(room, pos, upto, LOOKED_AT)
        for entry in await list_visible(reader, room, user_id, found):
            if backwards or entry.event.origin_server_ts >= time:
                return entry.event
        if not found:
            return None
        pos = found[-1].pos + (0 if backwards else 1)
    return None


async def _first_at(pool: Pool, room: Room, time: int, upto: int) -> int:
    """The position of the first event at a time or after it; that after the last where there is none."""
    low, high = 0, upto + 1
    while low < high:
        middle = (low + high) // 2
        row = await pool.fetchrow(_NEXT, room.number, middle, upto)
        if row is None or row[1] >= time:
            high = middle
        else:
            low = row[0] + 1
    return low


_NEXT = "select pos, at from messaging_event where room = $1 and pos >= $2 and pos <= $3 order by pos limit 1"
