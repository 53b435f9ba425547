"""A messenger after years, for `bench chat`: one conversation copied ten thousand times, one message a hundred thousand
times. By SQL, as so much would be there by itself only after years; the gateway's own bound (2,000 conversations for
one person) is for what one person begins. The gateway must be started anew afterwards: it holds where its streams are.
"""

from typing import Any

import psycopg

from meydan.site.stamps import connection_arguments

MINUTE_MS = 60_000
_STREAM = "select shard, pos from messaging_shard join messaging_room on shard = number where room_id = %s for update"
_ROOMS = """
with template as (select * from messaging_room where room_id = %(room)s), made as (
     insert into messaging_room (room_id, shard, version, creator, created_at, public, hides_members)
     select overlay(room_id placing lpad(n::text, 8, '0') from 2 for 8), shard, version, creator, created_at, public,
            hides_members from template, generate_series(1, %(count)s) n
  returning id, room_id), events as (
     select e.*, row_number() over (order by e.pos) as k, count(*) over () as many
       from messaging_event e join template on e.room = template.id), named as (
     select made.id, made.room_id, substr(made.room_id, 2, 8)::bigint as n from made), members as (
     insert into messaging_member (person, room, membership, pos, forgotten)
     select state_key, named.id, 'join', %(pos)s + (n - 1) * many + k, false
       from named, events where type = 'm.room.member')
insert into messaging_event (shard, pos, room, event_id, type, state_key, sender, at, body)
select shard, %(pos)s + (n - 1) * many + k, named.id, left(event_id, 36) || lpad(n::text, 8, '0'), type, state_key,
       sender, at - n * %(minute)s,
       convert_to(regexp_replace(replace(replace(replace(convert_from(body, 'UTF8'),
                  event_id, left(event_id, 36) || lpad(n::text, 8, '0')), %(room)s, named.room_id),
                  '"name":"Room 0"', '"name":"Room ' || n || '"'),
                  '"origin_server_ts":[0-9]+', '"origin_server_ts":' || (at - n * %(minute)s)), 'UTF8')
  from named, events"""
_MESSAGES = """
with template as (
     select e.* from messaging_event e join messaging_room r on r.id = e.room and r.room_id = %(room)s
      where e.type = 'm.room.message' order by e.pos limit 1)
insert into messaging_event (shard, pos, room, event_id, type, state_key, sender, at, body)
select shard, %(pos)s + n, room, left(event_id, 36) || lpad(n::text, 8, '0'), type, state_key, sender,
       at - (%(count)s - n) * %(minute)s,
       convert_to(regexp_replace(replace(replace(convert_from(body, 'UTF8'),
                  event_id, left(event_id, 36) || lpad(n::text, 8, '0')),
                  '"body":"words"', '"body":"' || n || repeat(' words of a message', (n %% 7)::int) || '"'),
                  '"origin_server_ts":[0-9]+', '"origin_server_ts":' || (at - (%(count)s - n) * %(minute)s)), 'UTF8')
  from template, generate_series(1, %(count)s::bigint) n"""
_MOVE = """
update messaging_shard set pos = (select max(pos) from messaging_event e where e.shard = number) where number = %s"""


def copy_room(database: dict[str, Any], room: str, count: int) -> None:
    """So many more conversations like this one, which is called "Room 0": "Room 1" to the last, each a minute older
    than the one before."""
    _copy(database, _ROOMS, room, count)


def copy_message(database: dict[str, Any], room: str, count: int) -> None:
    """So many more messages like the first of this room, which says "words": each with its number and up to six times
    some words, a minute after the one before, the last one now."""
    _copy(database, _MESSAGES, room, count)


def _copy(database: dict[str, Any], statement: str, room: str, count: int) -> None:
    with psycopg.connect(**connection_arguments(database)) as session:
        found = session.execute(_STREAM, [room]).fetchone()
        assert found is not None
        shard, pos = found
        session.execute(statement, {"room": room, "count": count, "pos": pos, "minute": MINUTE_MS})
        session.execute(_MOVE, [shard])
