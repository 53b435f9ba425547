"""What happens in the messenger that others hear of. No fact holds anybody's words."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@dataclass(frozen=True, kw_only=True)
class AboutCase(Fact):
    """The base of a case's facts. `case` is its key in its own domain ("report:123"); the subject is the room
    ("room:12")."""

    case: str


@fact("messaging.case_opened")
@dataclass(frozen=True, kw_only=True)
class CaseOpened(AboutCase):
    """A person and a department (its code) have a room for a case from now on."""

    department: str


@fact("messaging.case_written")
@dataclass(frozen=True, kw_only=True)
class CaseWritten(AboutCase):
    """A domain has something written into a case's room, once for each `once`; in the person's name where they wrote it
    elsewhere (`for_person`)."""

    once: str
    for_person: bool


@fact("messaging.case_handed_over")
@dataclass(frozen=True, kw_only=True)
class CaseHandedOver(AboutCase):
    """Another department (its code) has the case now."""

    department: str


@fact("messaging.case_set")
@dataclass(frozen=True, kw_only=True)
class CaseSet(AboutCase):
    """A case was closed, or opened again."""

    closed: bool


@fact("messaging.case_forgotten")
@dataclass(frozen=True, kw_only=True)
class CaseForgotten(AboutCase):
    """Nothing leads from the case to the person any more: its room was emptied, and left."""


@fact("messaging.case_message_written")
@dataclass(frozen=True, kw_only=True)
class CaseMessageWritten(AboutCase):
    """The person has written in their case's room. `public.read_case_message(event)` gives the words and pictures."""

    event: str


@fact("messaging.cases_switched")
@dataclass(frozen=True, kw_only=True)
class CasesSwitched(Fact):
    """A person wants rooms for their cases, or wants none; the subject is "person:<id>"."""

    wanted: bool


@fact("messaging.finding_set")
@dataclass(frozen=True, kw_only=True)
class FindingSet(Fact):
    """A person has said by whom they are found (models.Found), and whether by their e-mail address; the subject is
    "person:<id>"."""

    by_name: str
    by_address: bool


@fact("messaging.identity_reset_allowed")
@dataclass(frozen=True, kw_only=True)
class IdentityResetAllowed(Fact):
    """A person lets an app of theirs replace the keys by which others know them; the subject is "person:<id>"."""


@fact("messaging.message_taken_off")
@dataclass(frozen=True, kw_only=True)
class MessageTakenOff(Fact):
    """What a moderator decided about the subject ("message:$event", "room:12", "member:<id>") is carried out."""


@fact("messaging.stickers_kept")
@dataclass(frozen=True, kw_only=True)
class StickersKept(Fact):
    """The city's stickers, or more of them, can be sent."""

    count: int
