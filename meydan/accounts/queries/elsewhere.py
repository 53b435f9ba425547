"""What neighbours open for people beside the browser's pages: their sessions there, and tokens for programs.

They are upstairs, so accounts knows them by what they say of themselves here: a neighbour registers one object for its
sessions (`keeps_sessions`) and one for the tokens that its doors take (`gives_tokens`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from meydan.accounts.models import OAuthClient, Person
from meydan.accounts.queries import find_own_account
from meydan.kernel.actor import Actor
from meydan.kernel.errors import NotFound, Sentence


@dataclass(frozen=True)
class SessionElsewhere:
    """One session that is not a browser's. `key` names it for its person, `kind` says where it is."""

    key: str
    name: str
    kind: Sentence
    seen_at: datetime | None
    address: str


class SessionKeeper(Protocol):
    """A neighbour with sessions of its own. Each function runs in the caller's transaction."""

    def list_sessions(self, person: UUID) -> list[SessionElsewhere]:
        """Those that are open, the latest seen first."""

    def end_sessions(self, person: UUID, *, keys: Collection[str] | None, but: str = "") -> int:
        """End those with these keys, all with None, never `but`; how many they were. Keys of others are passed over."""

    def keep_browsers(self, person: UUID, sessions: Collection[str]) -> None:
        """Only the browsers with these session keys go on: end what was opened from any other. `end_sessions` with None
        leaves what belongs to a browser to this."""

    def forget(self, person: UUID, username: str) -> None:
        """The account is being deleted: end everything, and take away what only this person can use."""


@dataclass(frozen=True)
class Opening:
    """A person lets a client in, for these scopes; `address` is only for what the person is shown."""

    person: Person
    client: OAuthClient
    scopes: Sequence[str]
    address: str


class TokenGiver(Protocol):
    """A neighbour whose doors take tokens. `seconds`: how long an access token lives. The tokens are its own, and so is
    their table; accounts never keeps one."""

    seconds: int

    def grantable(self, scopes: Sequence[str]) -> list[str]:
        """Those of the scopes that it gives; none when they do not make sense together."""

    def explain(self, scopes: Sequence[str]) -> Mapping[str, str]:
        """What they allow, in words for the page that asks: by heading."""

    def knows(self, token: str) -> bool:
        """Whether a token looks like one of its own."""

    def make_access(self) -> str:
        """A new access token."""

    def make_refresh(self, earlier: str | None) -> str:
        """A refresh token: a first one, or the one that follows after `earlier`."""

    def open(self, opening: Opening, access: str, refresh: str) -> str:
        """Open a session with these tokens; its reference."""

    def scope_of(self, refresh: str, client: str) -> str | None:
        """For which scope a refresh token is; None where it is not valid. One that was used up closes its session."""

    def renew(self, refresh: str, access: str) -> None:
        """Put the token that follows after `refresh` in its place, with a new access token."""

    def revoke(self, token: str, client: str) -> None:
        """End the session of an access or refresh token of this client, if there is one."""

    def close(self, reference: str) -> None:
        """End the session that `open` gave this reference."""


_PLACES: dict[str, str] = {}
_KEEPERS: list[SessionKeeper] = []
_GIVERS: list[TokenGiver] = []


def keeps_sessions(keeper: SessionKeeper) -> None:
    """Have a neighbour's sessions listed and ended with those of the browser."""
    _KEEPERS.append(keeper)


def gives_tokens(giver: TokenGiver) -> None:
    """Have programs ask for a neighbour's tokens by OAuth 2.0."""
    _GIVERS.append(giver)


def manages(action: str, place: str) -> None:
    """Have the account management URL lead to a neighbour's page, by the name of its address, for an action."""
    _PLACES[action] = place


def place_for(action: str) -> str | None:
    """Where a neighbour's page for an action is, if one has it."""
    return _PLACES.get(action)


def session_keepers() -> Sequence[SessionKeeper]:
    """All that registered."""
    return _KEEPERS


def giver_for(scopes: Sequence[str]) -> TokenGiver | None:
    """Who gives tokens for some of these scopes."""
    return next((one for one in _GIVERS if one.grantable(scopes)), None)


def giver_of(token: str) -> TokenGiver | None:
    """Whose a token is, by its looks."""
    return next((one for one in _GIVERS if one.knows(token)), None)


def list_sessions_elsewhere(actor: Actor) -> list[SessionElsewhere]:
    """The actor's sessions with the neighbours."""
    person = find_own_account(actor)
    return [one for keeper in _KEEPERS for one in keeper.list_sessions(person.pk)]


def find_session_elsewhere(actor: Actor, key: str) -> SessionElsewhere:
    """One of them. NotFound for anybody else's, and for one that has ended."""
    found = next((one for one in list_sessions_elsewhere(actor) if one.key == key), None)
    if found is None:
        raise NotFound
    return found
