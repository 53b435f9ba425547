"""What moderators see of messages, rooms and people of the messenger that were reported to them. Django's side: for
threads and pages. Others than moderators learn nothing here that they did not bring."""

from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _

from meydan.accounts.public import Person, find_active_person
from meydan.kernel.actor import Actor, Role
from meydan.kernel.config import config
from meydan.messaging.models import Member, Room, RoomEvent
from meydan.messaging.queries.reading import event_of
from meydan.moderation.public import Thing, moderates

MOST_TEXT = 2_000
KNOWN = ("join", "leave", "ban")


def look_at_message(actor: Actor, reference: str) -> Thing | None:
    """ "message:$event": its words for moderators; that it is there for who is or was in the room. What is encrypted
    nobody here can read."""
    row = RoomEvent.objects.filter(event_id=reference.partition(":")[2][:64]).first()
    if row is None or not _may_know(actor, row.room):
        return None
    author = _account_of(row.sender)
    if not actor.has(Role.MODERATOR):
        return Thing(str(NAMES["message"]), "", "", person=author)
    body = event_of(bytes(row.body), row.pos).content.get("body")
    text = body[:MOST_TEXT] if isinstance(body, str) else f"({row.type})"
    return Thing(f"{row.sender} · {_name_of(row.room)}", text, "", person=author, final=True)


def look_at_room(actor: Actor, reference: str) -> Thing | None:
    """ "room:12", by its number here: its name and topic for moderators."""
    number = reference.partition(":")[2]
    if not (number.isascii() and number.isdigit() and len(number) < 19) or not _may_know(actor, int(number)):
        return None
    room = Room.objects.filter(pk=int(number)).first()
    if room is None:
        return None
    author = _account_of(room.creator)
    if not actor.has(Role.MODERATOR):
        return Thing(str(NAMES["room"]), "", "", person=author)
    return Thing(f"{_name_of(room.pk)} · {room.room_id}", _said(room.pk, "m.room.topic", "topic"), "", person=author)


def look_at_member(actor: Actor, reference: str) -> Thing | None:
    """ "member:<account>": somebody, by their name."""
    try:
        person = find_active_person(UUID(reference.partition(":")[2]))
    except ValueError:
        return None
    if person is None:
        return None
    return Thing(f"{person.name or person.username} · @{person.username}:{config().server_name}", "", "", (), person.pk)


def _may_know(actor: Actor, room: int) -> bool:
    """Moderators; and who is or was in the room, or anybody where it is in the directory."""
    if actor.has(Role.MODERATOR):
        return True
    person = find_active_person(actor.person_id) if actor.person_id else None
    if person is None:
        return False
    name = f"@{person.username}:{config().server_name}"
    was_in = Member.objects.filter(room=room, person=name, membership__in=KNOWN).exists()
    return was_in or Room.objects.filter(pk=room, public=True).exists()


def _account_of(user_id: str) -> UUID | None:
    localpart = user_id[1:].partition(":")[0]
    return Person.objects.filter(username=localpart).values_list("pk", flat=True).first()


def _name_of(room: int) -> str:
    return _said(room, "m.room.name", "name")


def _said(room: int, kind: str, key: str) -> str:
    """What the room's state of this kind says now."""
    row = RoomEvent.objects.filter(room=room, type=kind, state_key="").order_by("-pos").first()
    content = msgspec.json.decode(bytes(row.body)).get("content", {}) if row else {}
    value = content.get(key) if isinstance(content, dict) else None
    return value[:MOST_TEXT] if isinstance(value, str) else ""


KINDS = {"message": look_at_message, "room": look_at_room, "member": look_at_member}
NAMES = {"message": _("A message"), "room": _("A room"), "member": _("A person in the messenger")}
for kind, look in KINDS.items():
    moderates(kind, look, name=NAMES[kind])
