"""Who acts: built once at the door, passed down to every rule, never a request."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a person may be in this city. A visitor has no role."""

    USER = "user"
    DEVELOPER = "developer"
    MODERATOR = "moderator"
    OFFICER = "officer"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Assurance(IntEnum):
    """How surely the person is who they say; later domains raise it."""

    NONE = 0
    SELF_DECLARED = 1
    LIGHT = 2
    IN_PERSON = 3


class Channel(StrEnum):
    """How the actor came in; facts keep it."""

    WEB = "web"
    API = "api"
    OPEN311 = "open311"
    MAIL = "mail"
    MESSENGER = "messenger"
    CONSOLE = "console"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """A person, or nobody in particular, at one door.

    `departments` holds the codes an officer works for; `case_keys` the references ("report:123") whose secret link a
    visitor holds; `address` is the remote address, and `device` the keyed hash of the browser's own number or of a
    letter's sender ("" where there is none), for rate limits, blocks and "me too" alone: facts never store them.
    """

    person_id: UUID | None = None
    name: str = ""
    roles: frozenset[Role] = frozenset()
    departments: frozenset[str] = frozenset()
    assurance: Assurance = Assurance.NONE
    channel: Channel = Channel.WEB
    language: str = "en"
    case_keys: frozenset[str] = field(default=frozenset())
    address: str = ""
    device: str = ""

    def has(self, *roles: Role) -> bool:
        """Whether the actor has any of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_visitor(self) -> bool:
        """Nobody signed in, and not the system either."""
        return self.person_id is None and self.channel is not Channel.SYSTEM

    @property
    def is_system(self) -> bool:
        """The city's own machinery: reactions, imports, seeds."""
        return self.channel is Channel.SYSTEM


VISITOR = Actor()
SYSTEM = Actor(name="Meydan", channel=Channel.SYSTEM)
