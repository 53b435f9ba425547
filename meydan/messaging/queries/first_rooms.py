"""The first rooms of somebody's list, for the page itself: their names stand there while its scripts are on the way.
Django's side; the gateway tells the same by sliding sync (`queries.sliding_lists`), and all the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from meydan.accounts.public import find_active_person
from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.errors import SignInFirst
from meydan.messaging.models.cases import CASE_TYPE
from meydan.messaging.models.plain import clean
from meydan.messaging.policies.channels import CHANNEL
from meydan.messaging.queries.live import BUMPS, INVITED

MOST = 12
"""As many as the page's first request to the gateway asks for (`chat/early.js`)."""
MOST_WEIGHED = 500
"""Of somebody who has more rooms none is told here: finding the newest of them would hold the page up."""
ARCHIVED, FAVOURITE = "u.archive", "m.favourite"
_decode = msgspec.json.Decoder().decode
_PLACES = """
select r.id, r.room_id, m.membership, (
       select e.at from messaging_event e where e.room = m.room and
              case m.membership when 'join' then e.type = any(%s)
                   else e.type = 'm.room.member' and e.state_key = m.person end order by e.pos desc limit 1)
  from messaging_member m join messaging_room r on r.id = m.room
 where m.person = %s and m.membership in ('join', 'invite') and not m.forgotten limit %s"""
_SETTINGS = """
select room_id, content from messaging_accountdata
 where person = %s and (type = 'm.tag' or room_id = '' and type = 'm.ignored_user_list')"""
_STATE = """
select distinct on (room, type, state_key) room, type, sender, body from messaging_event
 where room = any(%s) and (state_key = '' and type in ('m.room.name', 'm.room.create')
                           or state_key = %s and type = 'm.room.member')
 order by room, type, state_key, pos desc"""
_PEOPLE = """
select asked.room, m.person, m.membership in ('join', 'invite'), (
       select e.body from messaging_event e where e.room = m.room and e.type = 'm.room.member'
          and e.state_key = m.person order by e.pos desc limit 1)
  from unnest(%s::bigint[]) asked (room) cross join lateral (
       select * from messaging_member o where o.room = asked.room and o.person <> %s
        order by o.membership in ('join', 'invite') desc, o.pos limit 5) m"""


@dataclass(frozen=True)
class FirstRoom:
    """A room as a row shows it; `name` is "" for one that has none and nobody else in it. `official`: it is a case's,
    opened by an office of the city."""

    room_id: str
    name: str
    official: bool


@dataclass(frozen=True)
class _Place:
    number: int
    room_id: str
    membership: str
    bump: int


def list_first_rooms(actor: Actor) -> list[FirstRoom]:
    """The actor's own newest rooms in the order of their list, invitations and favourites first. `SignInFirst`."""
    person = find_active_person(actor.person_id) if actor.person_id else None
    if person is None:
        raise SignInFirst
    me = f"@{person.username}:{config().server_name}"
    places = [
        _Place(number, name, kind, at or 0) for number, name, kind, at in _ask(_PLACES, [*BUMPS], me, MOST_WEIGHED + 1)
    ]
    if len(places) > MOST_WEIGHED:
        return []
    return _tell(me, _chosen(me, places))


def _ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())


def _chosen(me: str, places: Iterable[_Place]) -> list[_Place]:
    """Those that the list shows first."""
    said = {room_id: _decode(bytes(content)) for room_id, content in _ask(_SETTINGS, me)}
    tags = {room_id: content.get("tags") or {} for room_id, content in said.items() if room_id}

    def rank(place: _Place) -> tuple[int, int, int]:
        first = 2 if place.membership == INVITED else FAVOURITE in tags.get(place.room_id, ())
        return (-first, -place.bump, -place.number)  # of one moment: as sliding sync orders them

    shown = [one for one in places if one.membership == INVITED or ARCHIVED not in tags.get(one.room_id, ())]
    ignored = said.get("", {}).get("ignored_users") or {}
    refused = _invited_by(me, shown, ignored) if ignored else frozenset()
    return sorted((one for one in shown if one.number not in refused), key=rank)[:MOST]


def _invited_by(me: str, places: Iterable[_Place], people: Mapping[str, Any]) -> frozenset[int]:
    """The rooms that somebody of these people invites to."""
    invited = [place.number for place in places if place.membership == INVITED]
    return frozenset(
        room for room, kind, by, _body in _ask(_STATE, invited, me) if kind == "m.room.member" and by in people
    )


def _tell(me: str, places: list[_Place]) -> list[FirstRoom]:
    numbers = [place.number for place in places]
    state = {(room, kind): (by, _content(body)) for room, kind, by, body in _ask(_STATE, numbers, me)}
    named = {
        room: clean(content.get("name")) for (room, kind), (_by, content) in state.items() if kind == "m.room.name"
    }
    created = {
        room: (content.get("type"), by) for (room, kind), (by, content) in state.items() if kind == "m.room.create"
    }
    inviters = {one.number: state[one.number, "m.room.member"][0] for one in places if one.membership == INVITED}
    people = _people([one for one in numbers if not named.get(one) and created[one][0] != CHANNEL], me)
    return [
        FirstRoom(
            one.room_id,
            named.get(one.number) or _called_after(people.get(one.number, {}), inviters.get(one.number)),
            official=created[one.number][0] == CASE_TYPE and created[one.number][1].startswith("@_"),
        )
        for one in places
    ]


def _people(rooms: list[int], me: str) -> dict[int, dict[str, str]]:
    """The first others of these rooms and what they are called; of an empty room those who were there."""
    found: dict[int, dict[str, str]] = {}
    there: set[int] = set()
    for room, person, is_there, body in _ask(_PEOPLE, rooms, me) if rooms else ():
        if is_there:
            there.add(room)
        elif room in there:
            continue
        name = clean(_content(body).get("displayname")) if body else ""
        found.setdefault(room, {})[person] = name or _short(person)
    return found


def _called_after(people: Mapping[str, str], inviter: str | None) -> str:
    if inviter is None:
        return ", ".join(people.values())
    name = people.get(inviter, _short(inviter))
    return name.removesuffix("✓").rstrip() if inviter.startswith("@_") else name


def _short(person: str) -> str:
    return clean(person[1:].partition(":")[0])


def _content(body: Any) -> dict[str, Any]:
    content: dict[str, Any] = _decode(bytes(body)).get("content") or {}
    return content
