"""What can happen to an account. Facts are kept for ever, so they hold references and never a name or an address."""

from dataclasses import dataclass

from meydan.kernel.facts import Fact, fact


@fact("accounts.person_signed_up")
@dataclass(frozen=True, kw_only=True)
class PersonSignedUp(Fact):
    """Somebody opened an account. `way`: form, provider's name, console or seed."""

    way: str


@fact("accounts.signed_in")
@dataclass(frozen=True, kw_only=True)
class SignedIn(Fact):
    """`methods`: how the person proved who they are, in order: password, code, socialaccount, mfa, device."""

    methods: list[str]


@fact("accounts.session_ended")
@dataclass(frozen=True, kw_only=True)
class SessionEnded(Fact):
    """`how`: signed_out, ended_elsewhere (by the person from another device), revoked (password changed, deleted)."""

    how: str
    count: int = 1


@fact("accounts.password_changed")
@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Fact):
    """`how`: set, changed, reset, or console."""

    how: str


@fact("accounts.passkey_added")
@dataclass(frozen=True, kw_only=True)
class PasskeyAdded(Fact):
    """A passkey may open this account from now on."""


@fact("accounts.security_changed")
@dataclass(frozen=True, kw_only=True)
class SecurityChanged(Fact):
    """Another change of how the account is guarded. `what` is a word of `SECURITY_CHANGES` in actions."""

    what: str


@fact("accounts.assurance_changed")
@dataclass(frozen=True, kw_only=True)
class AssuranceChanged(Fact):
    """How surely the person is who they say has changed; `level` is the value of `kernel.actor.Assurance` it is now."""

    level: int


@fact("accounts.profile_changed")
@dataclass(frozen=True, kw_only=True)
class ProfileChanged(Fact):
    """`fields`: which of name, language, email changed; not to what."""

    fields: list[str]


@fact("accounts.role_granted")
@dataclass(frozen=True, kw_only=True)
class RoleGranted(Fact):
    """The person may act in `role`, an officer for `department` (its code)."""

    role: str
    department: str | None = None


@fact("accounts.role_revoked")
@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Fact):
    """The person may no longer act in `role`."""

    role: str
    department: str | None = None


@fact("accounts.charter_published")
@dataclass(frozen=True, kw_only=True)
class CharterPublished(Fact):
    """A version of the charter of use is in force."""

    version: str


@fact("accounts.charter_accepted")
@dataclass(frozen=True, kw_only=True)
class CharterAccepted(Fact):
    """The person accepted this version, having read it in `language`."""

    version: str
    language: str


@fact("accounts.department_kept")
@dataclass(frozen=True, kw_only=True)
class DepartmentKept(Fact):
    """A department was added, or its name, address or place in the city changed."""


@fact("accounts.data_exported")
@dataclass(frozen=True, kw_only=True)
class DataExported(Fact):
    """The person took a copy of all that is theirs. `size` in bytes."""

    size: int


@fact("accounts.person_deleted")
@dataclass(frozen=True, kw_only=True)
class PersonDeleted(Fact):
    """The account was emptied of everything that says who it was."""


@fact("accounts.client_registered")
@dataclass(frozen=True, kw_only=True)
class ClientRegistered(Fact):
    """A program introduced itself; nobody has let it in yet. `site` is the host that it says it comes from."""

    site: str


@fact("accounts.browser_let_in")
@dataclass(frozen=True, kw_only=True)
class BrowserLetIn(Fact):
    """The person signed a browser in from a device on which they were; the subject is "person:<id>"."""


@fact("accounts.browser_turned_away")
@dataclass(frozen=True, kw_only=True)
class BrowserTurnedAway(Fact):
    """The person said no to a browser that asked by a code to be signed in; the subject is "person:<id>"."""


@fact("accounts.client_let_in")
@dataclass(frozen=True, kw_only=True)
class ClientLetIn(Fact):
    """The person let a program (its id) into their account; `site` as it says itself."""

    client: str
    site: str


@fact("accounts.client_turned_away")
@dataclass(frozen=True, kw_only=True)
class ClientTurnedAway(Fact):
    """The person said no to a program that asked by a code to be let in; `site` as it says itself."""

    client: str
    site: str
