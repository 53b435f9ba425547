"""Cases, as the domains and the people see them. Django's side: for pages and reactions."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from meydan.accounts.public import Person
from meydan.kernel.actor import Actor
from meydan.kernel.config import config
from meydan.kernel.errors import NotFound
from meydan.kernel.policy import demand
from meydan.messaging.models import Case, CaseSilence, Device, Findable, Media, RoomEvent
from meydan.messaging.models.events import Content
from meydan.messaging.models.shapes import media_in
from meydan.messaging.policies.cases import may_open_cases, may_switch
from meydan.messaging.queries.reading import event_of

MOST_FILES = 5
MOST_TEXT = 65_536


@dataclass(frozen=True)
class CaseMessage:
    """What a person wrote in their case: the words, the pictures (sha256s of the kernel's files, as they came: make
    them safe), and the names of files that are no pictures."""

    text: str
    pictures: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def find_case(actor: Actor, key: str) -> Case | None:
    """The case of this key."""
    demand(may_open_cases(actor), actor)
    return Case.objects.filter(key=key).first()


def lock_case(actor: Actor, key: str) -> Case:
    """The same, locked until the transaction ends. `NotFound`."""
    demand(may_open_cases(actor), actor)
    case = Case.objects.select_for_update(of=("self",)).filter(key=key).first()
    if case is None:
        raise NotFound
    return case


def wants_cases(person: UUID) -> bool:
    """Whether somebody wants rooms for their cases: yes, unless they have said no."""
    return not CaseSilence.objects.filter(pk=person).exists()


def own_wish(actor: Actor) -> bool:
    """The same, of the actor. `SignInFirst`."""
    demand(may_switch(actor), actor)
    return actor.person_id is not None and wants_cases(actor.person_id)


def own_finding(actor: Actor) -> Findable:
    """What the actor has said about being found; not kept yet where they have said nothing. `SignInFirst`."""
    demand(may_switch(actor), actor)
    return Findable.objects.filter(pk=actor.person_id).first() or Findable(pk=actor.person_id)


def read_case_message(event_id: str) -> CaseMessage | None:
    """For the domain whose case it is: what the person wrote; None when it is gone since (redacted, or expired)."""
    row = RoomEvent.objects.filter(event_id=event_id).first()
    content = event_of(bytes(row.body), row.pos).content if row is not None else {}
    if isinstance(content.get("m.new_content"), dict):
        content = content["m.new_content"]
    if not isinstance(content.get("msgtype"), str):
        return None
    found = media_in(content, config().server_name, MOST_FILES)
    media = list(Media.objects.filter(media_id__in=found, file__isnull=False).order_by("made_at"))
    pictures = tuple(str(one.file_id) for one in media if one.content_type.startswith("image/"))
    files = tuple(one.filename or one.media_id for one in media if not one.content_type.startswith("image/"))
    return CaseMessage(_words(content, with_file=bool(found)), pictures, files)


def _words(content: Content, *, with_file: bool) -> str:
    """Its words; of a file only its caption, for else the body is its name (spec, "Media captions")."""
    body, filename = content.get("body"), content.get("filename")
    if not isinstance(body, str) or (with_file and (not isinstance(filename, str) or filename == body)):
        return ""
    return body.strip()[:MOST_TEXT]


def names_in_messenger(persons: Iterable[UUID]) -> list[str]:
    """What people are called in the messenger, of deleted ones what they were called, as far as anything of them is
    there."""
    accounts = list(persons)
    names = set(Device.objects.filter(account__in=accounts).values_list("person", flat=True))
    names |= set(Case.objects.filter(person__in=accounts).values_list("user_id", flat=True))
    active = Person.objects.filter(pk__in=accounts, is_active=True).values_list("username", flat=True)
    return sorted(names | {f"@{name}:{config().server_name}" for name in active})
