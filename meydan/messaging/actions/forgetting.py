"""Deletion that deletes: messages whose time is over, and files that nothing shows any more.

The worker does it. What a gateway holds in memory of it goes within a minute (`queries/retention.py`). Encrypted
events are deleted like others; which files they show, nobody here can know, so those files stay.
"""

from datetime import timedelta

import msgspec
from django.db import connection, transaction

from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.files import delete_file
from meydan.messaging.models import Errand, JoinLink, Media, RoomEvent, Thumbnail
from meydan.messaging.models.cases import CASE_TYPE
from meydan.messaging.models.presence import KEPT_DAYS
from meydan.messaging.models.retention import city_lifetime, lifetime_in

AT_ONCE = 2_000
MOST_BATCHES = 500
MEDIA_AT_ONCE = 500
UNUSED = timedelta(hours=1)
ERRAND_DAYS = 90
_POLICIES = """
select distinct on (event.room) event.room, event.body,
       exists (select from messaging_case where room = event.room)
    or not exists (select from messaging_member where room = event.room and membership = 'join')
  from messaging_event event
 where event.type = 'm.room.retention' and event.state_key = '' order by event.room, event.pos desc"""
_EXPIRE = """
with old as (
  select shard, pos from messaging_event
   where state_key is null and at < %s and {} limit %s
), gone as (
  delete from messaging_event using old where messaging_event.shard = old.shard and messaging_event.pos = old.pos
  returning messaging_event.shard, messaging_event.pos
), words as (
  delete from messaging_eventwords word using gone where word.shard = gone.shard and word.pos = gone.pos
), used as (
  delete from messaging_mediause used using gone where used.shard = gone.shard and used.pos = gone.pos
  returning used.media
), unused as (
  update messaging_media set unused_at = now() where media_id in (select media from used)
)
select count(*) from gone"""
_IN_ROOM = _EXPIRE.format("room = %s")
_ELSEWHERE = _EXPIRE.format("not room = any(%s)")


def forget_messages() -> int:
    """Delete what was said longer ago than its room keeps it, or, where a room says nothing, than the city does; how
    many events."""
    moment = int(now().timestamp() * 1000)
    policies = _policies()
    count = 0
    for room, lifetime in policies.items():
        count += _expire(_IN_ROOM, moment - lifetime, room)
        if lifetime == 0:
            _blank_state(room)
    if (city := city_lifetime()) is not None:
        count += _expire(_ELSEWHERE, moment - city, list(policies))
    return count


def _policies() -> dict[int, int]:
    """The rooms that say for how long they keep messages, in milliseconds."""
    with connection.cursor() as cursor:
        cursor.execute(_POLICIES)
        rows = cursor.fetchall()
    said = {room: lifetime_in(_content(body), at_once=at_once) for room, body, at_once in rows}
    return {room: lifetime for room, lifetime in said.items() if lifetime is not None}


def _content(body: bytes) -> object:
    return msgspec.json.decode(bytes(body)).get("content")


def _expire(statement: str, before: int, rooms: int | list[int]) -> int:
    count = 0
    for _batch in range(MOST_BATCHES):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [before, rooms, AT_ONCE])
            (gone,) = cursor.fetchone()
        count += gone
        if gone < AT_ONCE:
            break
    return count


def _blank_state(room: int) -> None:
    """Of a case that was forgotten: what its room was called."""
    for row in RoomEvent.objects.filter(room=room, type__in=("m.room.name", CASE_TYPE)):
        said = msgspec.json.decode(bytes(row.body))
        if said.get("content") or "unsigned" in said:
            said.pop("unsigned", None)
            blank = msgspec.json.encode({**said, "content": {}})
            RoomEvent.objects.filter(shard=row.shard, pos=row.pos).update(body=blank)


_UNUSED = """
select media_id from messaging_media media
 where (unused_at < %s or (file_id is null and expires_at < %s))
   and not exists (select from messaging_mediause used where used.media = media.media_id)
   and owner <> ''
   and not exists (select from messaging_profile where avatar_url = %s || media.media_id)
 limit %s"""


def forget_media() -> int:
    """Delete files that were shown, and are shown no more, for an hour; and addresses that were never used. Returns how
    many."""
    here = f"mxc://{config().server_name}/"
    with connection.cursor() as cursor:
        cursor.execute(_UNUSED, [now() - UNUSED, now() - timedelta(days=1), here, MEDIA_AT_ONCE])
        found = [media_id for (media_id,) in cursor.fetchall()]
    for media_id in found:
        _delete_media(media_id)
    return len(found)


def _delete_media(media_id: str) -> None:
    with transaction.atomic():
        files = set(Thumbnail.objects.filter(media=media_id).values_list("file_id", flat=True))
        files |= set(Media.objects.filter(pk=media_id, file__isnull=False).values_list("file_id", flat=True))
        Media.objects.filter(pk=media_id).delete()
        for sha256 in files:
            delete_file(str(sha256))


def forget_errands() -> int:
    """Delete errands that were done `ERRAND_DAYS` ago; whoever asks for one again later gets it again."""
    return Errand.objects.filter(done_at__lt=now() - timedelta(days=ERRAND_DAYS)).delete()[0]


_ENDED = """
with recursive addressed (device) as (
  (select device_id from messaging_todevicemessage order by device_id limit 1)
   union all
  select (select device_id from messaging_todevicemessage where device_id > device order by device_id limit 1)
    from addressed where device is not null
)
delete from messaging_todevicemessage where device_id in (
  select device from addressed
   where device is not null and not exists (select from messaging_device where id = device))"""


def forget_to_device() -> None:
    """Delete messages to devices that have ended: those that were being written while the device ended, which took all
    others with it."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED)


def forget_presence() -> None:
    """Delete when people were last there, `KEPT_DAYS` after it."""
    moment = now() - timedelta(days=KEPT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("delete from messaging_presence where active_at < %s", [int(moment.timestamp() * 1000)])


def forget_links() -> int:
    """Delete links into rooms that have ended. Returns how many."""
    return JoinLink.objects.filter(expires_at__lt=now()).delete()[0]
