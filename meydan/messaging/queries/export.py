"""What of the messenger is a person's own, for the export of their data: JSON and CSV, and the files that they sent.

Of what others wrote only the city's words in the person's own cases are theirs. Encrypted messages are exported as they
lie here: only their own devices can read them.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
from django.db import connection

from meydan.accounts.public import ExportedFile, as_csv, as_json, contributes_to_export
from meydan.kernel.actor import Actor
from meydan.kernel.files import open_file
from meydan.messaging.models import (
    AccountData,
    Case,
    DelayedEvent,
    Device,
    Findable,
    JoinLink,
    Media,
    Member,
    Profile,
    ProfileField,
    Pusher,
    Room,
    RoomEvent,
)
from meydan.messaging.queries.cases import names_in_messenger

MOST_EVENTS = 100_000
"""The newest of each kind."""
MOST_FILES = 10_000
PRESENCE_COLUMNS = ("person", "state", "active_at", "status")
_PRESENCE = "select person, state, active_at, status from messaging_presence where person = any(%s)"
COLUMNS = ("room_id", "at", "sender", "type", "body")


def export_messenger(actor: Actor) -> Iterator[ExportedFile]:
    """All that is the actor's."""
    if actor.person_id is None:
        return
    names = names_in_messenger([actor.person_id])
    rooms = {
        room.pk: room for room in Room.objects.filter(pk__in=Member.objects.filter(person__in=names).values("room"))
    }
    yield as_json("profile.json", _profile(actor, names))
    yield as_json("rooms.json", list(_rooms(names, rooms)))
    yield as_json("settings.json", list(_settings(names)))
    own = _newest(RoomEvent.objects.filter(sender__in=names))
    yield as_json("messages.json", [msgspec.json.decode(bytes(row.body)) for row in own])
    yield as_csv("messages.csv", [_line(row) for row in own if row.type == "m.room.message"])
    yield as_json("delayed.json", list(_delayed(names, rooms)))
    cases = {case.room: case for case in Case.objects.filter(person=actor.person_id)}
    for room, case in cases.items():
        events = [msgspec.json.decode(bytes(row.body)) for row in _newest(RoomEvent.objects.filter(room=room))]
        yield as_json(f"cases/{case.key.replace(':', '-')}.json", events)
    yield from _files(names)


def _newest(events: Any) -> list[RoomEvent]:
    """In the order in which they were sent."""
    return list(events.order_by("-at", "-pos")[:MOST_EVENTS])[::-1]


def _profile(actor: Actor, names: Sequence[str]) -> dict[str, Any]:
    columns = ("device_id", "name", "made_at", "seen_at", "seen_from")
    devices = Device.objects.filter(account=actor.person_id).order_by("made_at")
    said = ProfileField.objects.filter(person__in=names).values_list("name", "value")
    pushers = Pusher.objects.filter(person__in=names).order_by("made_at")
    return {
        "names": list(names),
        "name": actor.name,
        "pictures": dict(Profile.objects.filter(pk__in=names).values_list("person", "avatar_url")),
        "fields": {name: msgspec.json.decode(bytes(value)) for name, value in said},
        "devices": list(devices.values(*columns)),
        "pushers": list(pushers.values("app_id", "url", "made_at")),
        "presence": _presence(names),
        "found_by": list(Findable.objects.filter(pk=actor.person_id).values("by_name", "by_address")),
        "links": list(JoinLink.objects.filter(maker__in=names).values("made_at", "expires_at", "uses")),
    }


def _presence(names: Sequence[str]) -> list[dict[str, Any]]:
    """What others are told of whether they are there; `active_at` in milliseconds since 1970."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESENCE, [list(names)])
        return [dict(zip(PRESENCE_COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def _rooms(names: Sequence[str], rooms: dict[int, Room]) -> Iterable[dict[str, Any]]:
    for member in Member.objects.filter(person__in=names).order_by("room"):
        room = rooms.get(member.room)
        if room is not None:
            yield {"room_id": room.room_id, "membership": member.membership, "created_at": room.created_at}


def _settings(names: Sequence[str]) -> Iterable[dict[str, Any]]:
    for row in AccountData.objects.filter(person__in=names):
        yield {"room_id": row.room_id, "type": row.type, "content": msgspec.json.decode(bytes(row.content))}


def _delayed(names: Sequence[str], rooms: dict[int, Room]) -> Iterable[dict[str, Any]]:
    """What they have left to be sent later."""
    for row in DelayedEvent.objects.filter(person__in=names).order_by("send_at"):
        content = msgspec.json.decode(bytes(row.content))
        room_id = rooms[row.room].room_id if row.room in rooms else ""
        yield {"room_id": room_id, "type": row.type, "send_at": row.send_at, "content": content}


def _line(row: RoomEvent) -> dict[str, Any]:
    said = msgspec.json.decode(bytes(row.body))
    content = said.get("content") or {}
    values = (said["room_id"], row.at, row.sender, row.type, str(content.get("body", "")))
    return dict(zip(COLUMNS, values, strict=True))


def _files(names: Sequence[str]) -> Iterator[ExportedFile]:
    for one in Media.objects.filter(owner__in=names, file__isnull=False).order_by("made_at")[:MOST_FILES]:
        plain = "".join(letter for letter in one.filename if letter.isalnum() or letter in "._- ").strip(". ")[:100]
        yield ExportedFile(f"files/{one.media_id}-{plain or 'file'}", partial(open_file, str(one.file_id)))


contributes_to_export("messenger", export_messenger)
