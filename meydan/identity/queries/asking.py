"""What a relying party asks for when somebody is to sign in there (OpenID Connect Core, 3.1.2.1 and 5.5), and what is
still missing before it may be answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from oauthlib.common import Request
from oauthlib.oauth2 import InvalidRequestError, OAuth2Error
from oauthlib.openid.connect.core.exceptions import (
    ConsentRequired,
    InteractionRequired,
    InvalidRequestURI,
    LoginRequired,
    OpenIDClientError,
    RegistrationNotSupported,
    RequestNotSupported,
)

from meydan.identity.models import NO_LEVEL, RANKS, RelyingParty
from meydan.identity.models.presenting import CARD_CLAIMS
from meydan.identity.models.signing_in import MOST_NONCE, SCOPES
from meydan.identity.queries.sign_ins import read_hint, subject_for
from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import read_json
from meydan.kernel.clock import now

PROMPTS = {"none", "login", "consent", "select_account", "create"}
MOST_HINT, MOST_AGE = 3000, 10 * 365 * 24 * 3600
KNOWN_CLAIMS = {*CARD_CLAIMS, "email"}


class UnmetRequirements(OpenIDClientError):  # type: ignore[misc]  # oauthlib has no types
    """OpenID Connect Core Error Code unmet_authentication_requirements 1.0."""

    error = "unmet_authentication_requirements"
    description = "The account has not the level that was asked for."


@dataclass(frozen=True)
class Wanted:
    """A request in order. `claims` may be learned, `told` are those that are to stand in the ID token. `needs`: the
    least level without which there is no answer; `wishes`: those that it would rather have, the best first. `subject`:
    whom the request is about."""

    party: RelyingParty
    redirect: str
    state: str | None
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    told: tuple[str, ...]
    needs: str
    wishes: tuple[str, ...]
    max_age: int | None
    prompts: frozenset[str]
    hint: str
    subject: str
    locales: tuple[str, ...]

    def refused(self, kind: type[OAuth2Error]) -> str:
        """Where the browser is led when there is no answer, with the reason."""
        return str(kind(state=self.state).in_uri(self.redirect))


def read_claims(request: Request) -> dict[str, Any]:
    """The parameter `claims` becomes an object, read as strictly as all JSON here. Raises `OAuth2Error`."""
    if request.claims:
        try:
            said = read_json(request.claims)
        except Broken:
            said = None
        if not isinstance(said, dict):
            raise InvalidRequestError("claims is a JSON object.", request=request)
        request.claims = said
    return {}


def read_wanted(request: Request) -> Wanted:
    """What an authorization request asks for, after oauthlib has found it in order; `request.scopes` are those that may
    be given. Raises `OAuth2Error`."""
    said: dict[str, str] = dict(request.uri_query_params)
    _refuse_unsupported(said, request)
    party: RelyingParty = request.client
    asked = _members(request.claims, "id_token", request), _members(request.claims, "userinfo", request)
    scoped = [name for scope in request.scopes for name in SCOPES[scope]]
    told = [name for name in asked[0] if name in KNOWN_CLAIMS]
    allowed = {*party.claims, *(["email"] if party.learns_email else [])}
    wanted = dict.fromkeys(name for name in (*scoped, *told, *asked[1]) if name in allowed & KNOWN_CLAIMS)
    essential, level_wishes = _levels(asked[0].get("acr"), said.get("acr_values", ""), request)
    return Wanted(
        party=party,
        redirect=request.redirect_uri,
        state=request.state,
        scopes=tuple(request.scopes),
        claims=tuple(wanted),
        told=tuple(name for name in told if name in wanted),
        needs=max(party.sign_in_level, essential, key=lambda level: RANKS[level]),
        wishes=level_wishes,
        max_age=_age(said.get("max_age"), request),
        prompts=_prompts(said.get("prompt", ""), request),
        hint=_bounded(said, "id_token_hint", MOST_HINT, request),
        subject=_subject(asked[0].get("sub"), request),
        locales=tuple(said.get("ui_locales", "").split()),
    )


def _refuse_unsupported(said: Mapping[str, str], request: Request) -> None:
    for name, kind in (
        ("request", RequestNotSupported),
        ("request_uri", InvalidRequestURI),
        ("registration", RegistrationNotSupported),
    ):
        if name in said:
            raise kind(request=request)
    _bounded(said, "nonce", MOST_NONCE, request)
    _bounded(said, "login_hint", 254, request)
    if said.get("response_mode", "query") != "query":
        raise InvalidRequestError("response_mode is query.", request=request)


def _bounded(said: Mapping[str, str], name: str, most: int, request: Request) -> str:
    if len(said.get(name, "")) > most:
        raise InvalidRequestError(f"{name} has at most {most} letters.", request=request)
    return said.get(name, "")


def _members(claims: Any, where: str, request: Request) -> dict[str, Any]:
    found = claims.get(where, {}) if claims else {}
    if not isinstance(found, dict):
        raise InvalidRequestError("claims is an object with id_token and userinfo.", request=request)
    return found


def _levels(acr: Any, values: str, request: Request) -> tuple[str, tuple[str, ...]]:
    """The least level that is essential, and those that are wished for."""
    wishes = tuple(level for level in values.split() if level in RANKS)
    if not isinstance(acr, dict):
        return NO_LEVEL, wishes
    said = acr.get("values", [acr["value"]] if "value" in acr else [])
    if not isinstance(said, list):
        raise InvalidRequestError("acr has a list of values.", request=request)
    known = [level for level in said if isinstance(level, str) and level in RANKS]
    if acr.get("essential") is not True:
        return NO_LEVEL, (*known, *wishes)
    if said and not known:
        raise UnmetRequirements(request=request)
    return min(known, key=lambda level: RANKS[level], default=NO_LEVEL), (*known, *wishes)


def _age(said: str | None, request: Request) -> int | None:
    if said is None:
        return None
    if not said.isascii() or not said.isdigit() or len(said) > 10:
        raise InvalidRequestError("max_age is a number of seconds.", request=request)
    return min(int(said), MOST_AGE)


def _prompts(said: str, request: Request) -> frozenset[str]:
    found = frozenset(said.split())
    if found - PROMPTS or ("none" in found and len(found) > 1):
        raise InvalidRequestError("prompt is none, or some of login, consent and create.", request=request)
    return found


def _subject(said: Any, request: Request) -> str:
    value = said.get("value", "") if isinstance(said, dict) else ""
    if not isinstance(value, str):
        raise InvalidRequestError("sub has a value.", request=request)
    return value


@dataclass(frozen=True)
class Standing:
    """How the person stands in this browser: what their account is worth at most (`level`), whether they have given a
    second proof lately or could, when they last proved who they are, and by what."""

    person: UUID
    session: str
    level: str
    proven: bool
    can_prove: bool
    at: datetime
    methods: tuple[str, ...]

    @property
    def acr(self) -> str:
        """What may be said of them now: a level counts with a second proof alone."""
        return self.level if self.proven else NO_LEVEL


def learnable(wanted: Wanted, standing: Standing) -> list[str]:
    """The claims that would be learned now: without a level nothing of an identity is told. What the person is shown,
    allows, and finds in their log is this, and no more."""
    return [name for name in wanted.claims if name not in CARD_CLAIMS or standing.acr != NO_LEVEL]


@dataclass(frozen=True)
class Step:
    """What is missing; `refusal`: the error where the person must not be asked (prompt=none)."""

    name: str
    refusal: type[OAuth2Error]


class Steps:
    """All there are."""

    LOGIN: ClassVar = Step("login", LoginRequired)
    OTHER: ClassVar = Step("other", LoginRequired)
    AGAIN: ClassVar = Step("again", LoginRequired)
    LEVEL: ClassVar = Step("level", UnmetRequirements)
    PROOF: ClassVar = Step("proof", InteractionRequired)
    CONSENT: ClassVar = Step("consent", ConsentRequired)


def find_step(wanted: Wanted, standing: Standing, *, since: datetime, allowed: bool) -> Step | None:
    """The next that is missing, None when the answer may go out. `since`: when the request came; `allowed`: whether the
    person has allowed all of this before."""
    if _is_other(wanted, standing):
        return Steps.OTHER
    if _is_stale(wanted, standing, since):
        return Steps.AGAIN
    if RANKS[standing.level] < RANKS[wanted.needs]:
        return Steps.LEVEL
    if not standing.proven and _needs_proof(wanted, standing):
        return Steps.PROOF
    return Steps.CONSENT if not allowed or "consent" in wanted.prompts else None


def _is_other(wanted: Wanted, standing: Standing) -> bool:
    """Whether the request is about somebody else than who is here."""
    hint = read_hint(wanted.hint) if wanted.hint else None
    subjects = {wanted.subject, hint.subject if hint else ""} - {""}
    return bool(subjects - {subject_for(wanted.party, standing.person)})


def _is_stale(wanted: Wanted, standing: Standing, since: datetime) -> bool:
    if standing.at >= since:
        return False
    if {"login", "select_account"} & wanted.prompts:
        return True
    return wanted.max_age is not None and now() - standing.at > timedelta(seconds=wanted.max_age)


def _needs_proof(wanted: Wanted, standing: Standing) -> bool:
    """Whatever is said of an identity needs a second proof; a wish alone does not make anybody set one up."""
    if wanted.needs != NO_LEVEL:
        return True
    if standing.level == NO_LEVEL or not standing.can_prove:
        return False
    wish = next((level for level in wanted.wishes if RANKS[level] <= RANKS[standing.level]), NO_LEVEL)
    return wish != NO_LEVEL or bool(set(wanted.claims) & set(CARD_CLAIMS))
