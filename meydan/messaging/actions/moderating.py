"""Carrying out what moderators have decided (`meydan/moderation`): they decide there, and say why."""

from uuid import UUID

from meydan.kernel.action import action
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.facts import record
from meydan.messaging.actions.posting import post_errand, post_events
from meydan.messaging.facts import MessageTakenOff
from meydan.messaging.models import Profile, Room, RoomEvent
from meydan.messaging.models.departments import user_id_of
from meydan.messaging.models.drafts import Draft
from meydan.messaging.policies.cases import may_open_cases
from meydan.messaging.queries.cases import names_in_messenger

MODERATORS = "moderators"
"""In whose name a message is taken off: "@_moderators:city.example"."""


@action(policy=may_open_cases)
def carry_out_decision(actor: Actor, *, subject: str, words: str) -> None:
    """A message ("message:$event") is redacted for good, with the moderator's words as the reason; a room ("room:12")
    goes off the directory; somebody ("member:<id>") loses their picture. `NotFound` when there is no such thing."""
    kind, _colon, name = subject.partition(":")
    {"message": _redact, "room": _unlist, "member": _take_picture_off}[kind](name, words)
    record(MessageTakenOff(subject=subject))


def _redact(event_id: str, words: str) -> None:
    row = RoomEvent.objects.filter(event_id=event_id).first()
    room = Room.objects.filter(pk=row.room).first() if row is not None else None
    if room is None:
        raise NotFound
    by = user_id_of(MODERATORS, config().server_name)
    content = {"redacts": event_id, "reason": words}
    draft = Draft("m.room.redaction", content, redacts=event_id, by=by, official=True)
    post_events(f"take-off/{event_id}", room, [draft])


def _unlist(number: str, _words: str) -> None:
    if not Room.objects.filter(pk=int(number)).update(public=False):
        raise NotFound


def _take_picture_off(account: str, _words: str) -> None:
    for user_id in names_in_messenger([UUID(account)]):
        Profile.objects.filter(pk=user_id).delete()
        post_errand(f"take-off/{account}/{now().timestamp()}", "renew", {"person": user_id})
