"""The OpenID provider's protocol (OpenID Connect Core 1.0, RFC 9126, RFC 7009, RFC 7662), by oauthlib.

oauthlib knows the protocol; `Rules` tells it what we keep and whom we trust. What it lacks is here and in
`queries.asking`: requests that are pushed, client assertions, pairwise subjects, levels.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from oauthlib.common import Request, add_params_to_uri
from oauthlib.oauth2 import (
    AccessDeniedError,
    AuthorizationEndpoint,
    BearerToken,
    FatalClientError,
    IntrospectEndpoint,
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.openid import RequestValidator
from oauthlib.openid.connect.core.exceptions import InvalidRequestURI
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant, RefreshTokenGrant

from meydan.accounts.public import CodeGrant
from meydan.identity.actions.keys import keep_issuer_key
from meydan.identity.actions.once import use_once
from meydan.identity.actions.sign_ins import Pkce, end_sign_in, let_sign_in, open_sign_in, renew_sign_in
from meydan.identity.models import RelyingParty
from meydan.identity.models.credentials import CODE_LIVES, secret_digest
from meydan.identity.models.signing_in import ACCESS_LIVES, SCOPES
from meydan.identity.queries.asking import Standing, Wanted, read_claims, read_wanted
from meydan.identity.queries.keys import address, issuer, signer_for
from meydan.identity.queries.metadata import CONNECT_PATH as PATH
from meydan.identity.queries.proofs import Dpop
from meydan.identity.queries.pushing import CONNECT, MOST_REQUEST, URN, Kept, keep_request, open_request, pushed
from meydan.identity.queries.sign_ins import (
    find_client,
    find_sign_in_token,
    id_token_payload,
    introspected,
    is_live,
    is_open,
    lock_by_code,
    lock_by_token,
)
from meydan.identity.tokens.faults import Broken
from meydan.identity.tokens.jose import Jwk, Jws, read_jws
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.errors import Invalid

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIVES = timedelta(minutes=10)
MOST_BASIC, MOST_JTI = 600, 200
SECRET_BYTES = 32
GRANTS = ("authorization_code", "refresh_token")
FORM = "application/x-www-form-urlencoded"
Reply = tuple[int, Mapping[str, str], str]


class Rules(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """What oauthlib asks. `actor` is who calls, `dpop` the proof that came along."""

    def __init__(self, actor: Actor | None = None, dpop: Dpop | None = None) -> None:
        super().__init__()
        self.actor, self.dpop = actor or Actor(), dpop

    # Who asks
    def client_authentication_required(self, request: Request, *_more: Any, **_named: Any) -> bool:
        party = find_client(request.client_id)
        return party is None or party.proves != "none"

    def authenticate_client(self, request: Request, *_more: Any, **_named: Any) -> bool:
        party = _party_by_secret(request) or _party_by_key(request)
        request.client = party if party and request.client_id in (None, party.code) else None
        return request.client is not None

    def authenticate_client_id(self, client_id: Any, request: Request, *_more: Any, **_named: Any) -> bool:
        request.client = find_client(client_id)
        return request.client is not None

    def validate_client_id(self, client_id: Any, request: Request, *_more: Any, **_named: Any) -> bool:
        return self.authenticate_client_id(client_id, request)

    # What it asks for
    def validate_redirect_uri(self, _id: str, uri: str, request: Request, *_more: Any, **_named: Any) -> bool:
        return uri in request.client.redirects

    def get_default_redirect_uri(self, _id: str, request: Request, *_more: Any, **_named: Any) -> None:
        """There is none; with a code it is the one that it was asked for with (RFC 6749, 4.1.3)."""
        if request.grant_type:
            raise InvalidGrantError(request=request)

    def validate_response_type(self, _id: str, kind: str, *_more: Any, **_named: Any) -> bool:
        return kind == "code"

    def validate_grant_type(self, _id: str, kind: str, *_more: Any, **_named: Any) -> bool:
        return kind in GRANTS

    def get_default_scopes(self, _id: str, _request: Request, *_more: Any, **_named: Any) -> list[str]:
        return []

    def validate_scopes(self, _id: str, scopes: list[str], _client: Any, request: Request, *_more: Any) -> bool:
        """Scopes that nobody gives are passed over, as RFC 6749 allows (3.3): the answer says which were given."""
        request.scopes = [scope for scope in dict.fromkeys(scopes) if scope in SCOPES]
        return "openid" in request.scopes

    def is_pkce_required(self, _id: str, _request: Request) -> bool:
        return True

    # Whether to ask is found out later, when it is known who is there (`queries.asking.find_step`)
    def validate_silent_login(self, _request: Request) -> bool:
        return True

    def validate_silent_authorization(self, _request: Request) -> bool:
        return True

    def validate_user_match(self, *_what: Any) -> bool:
        return True

    # The code
    def save_authorization_code(self, _id: str, code: dict[str, str], request: Request, *_more: Any) -> None:
        """The person's own action makes it (`_answer_with`); oauthlib puts it into the address."""
        code["code"] = request.let_in(pkce=Pkce(request.code_challenge, request.nonce or ""))

    def validate_code(self, _id: str, code: str, client: RelyingParty, request: Request, *_more: Any) -> bool:
        """The code, which is used up by being asked for. A second time ends what it has opened (RFC 6749, 4.1.2)."""
        row = lock_by_code(code, client)
        if row is None:
            return False
        if row.used_at is not None:
            if row.ended_at is None:
                end_sign_in(self.actor, row=row, why="replay")
            return False
        row.used_at = now()
        row.save(update_fields=["used_at"])
        request.kept, request.user, request.scopes = row, row.person, row.scopes
        return row.used_at < row.made_at + CODE_LIVES and is_open(row)

    def get_code_challenge(self, _code: str, request: Request) -> str:
        return str(request.kept.challenge)

    def get_code_challenge_method(self, _code: str, _request: Request) -> str:
        return "S256"

    def confirm_redirect_uri(self, _id: str, _code: str, uri: str, _client: Any, request: Request, *_more: Any) -> bool:
        """oauthlib's own word for another one is of no specification."""
        if request.kept.redirect != uri:
            raise InvalidGrantError(request=request)
        return True

    def invalidate_authorization_code(self, *_what: Any, **_named: Any) -> None:
        """`validate_code` has used it up."""

    def get_authorization_code_nonce(self, *_what: Any) -> None:
        """It stands in the row of which `get_id_token` makes the token."""

    # The tokens
    def validate_refresh_token(self, token: str, client: RelyingParty, request: Request, *_more: Any) -> bool:
        """One that was used before was copied: all that came from the same code ends (RFC 9700, 4.14.2)."""
        found = lock_by_token(token, client)
        if found is None or not found.refreshes:
            return False
        row = found.sign_in
        if found.used_at is not None and row.ended_at is None:
            end_sign_in(self.actor, row=row, why="replay")
        if not is_live(found) or row.jkt != (self.dpop.jkt if self.dpop else ""):
            return False
        request.kept, request.token, request.user = row, found, row.person
        return True

    def get_original_scopes(self, _token: str, request: Request, *_more: Any, **_named: Any) -> list[str]:
        return list(request.kept.scopes)

    def rotate_refresh_token(self, _request: Request) -> bool:
        return True

    def refresh_id_token(self, _request: Request) -> bool:
        return True

    def get_id_token(self, token: Mapping[str, Any], _handler: Any, request: Request) -> str:
        signer = signer_for(keep_issuer_key("sign_in"), "JWT", chain=False)
        renewed = request.grant_type == "refresh_token"
        return signer.sign(id_token_payload(request.kept, access=token["access_token"], renewed=renewed))

    def save_bearer_token(self, token: Mapping[str, Any], request: Request, *_more: Any, **_named: Any) -> None:
        given = {"access": token["access_token"], "refresh": token.get("refresh_token", ""), "dpop": self.dpop}
        if request.grant_type == "refresh_token":
            renew_sign_in(self.actor, token=request.token, **given)
        else:
            open_sign_in(self.actor, row=request.kept, **given)

    def revoke_token(self, token: str, _hint: str, request: Request, *_more: Any, **_named: Any) -> None:
        found = lock_by_token(token, request.client)
        if found is not None and found.sign_in.ended_at is None:
            end_sign_in(self.actor, row=found.sign_in, why="party")

    def introspect_token(self, token: str, _hint: str, request: Request, *_more: Any) -> dict[str, Any] | None:
        found = find_sign_in_token(token, request.client)
        return introspected(found) if found and is_live(found) else None


def _party_by_secret(request: Request) -> RelyingParty | None:
    """client_secret_basic (RFC 6749, 2.3.1)."""
    kind, _space, said = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic" or len(said) > MOST_BASIC:
        return None
    try:
        name, _colon, secret = base64.b64decode(said, validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError):
        return None
    party = find_client(unquote_plus(name))
    if party is None or party.proves != "secret" or party.secret is None:
        return None
    return party if hmac.compare_digest(bytes(party.secret), secret_digest(unquote_plus(secret))) else None


def _party_by_key(request: Request) -> RelyingParty | None:
    """private_key_jwt (OpenID Connect Core, 9; RFC 7523, 3)."""
    said = dict(request.decoded_body or ())
    if said.get("client_assertion_type") != ASSERTION:
        return None
    try:
        jws = read_jws(said.get("client_assertion", ""), typ=None)
        party = find_client(str(jws.payload.get("sub")))
        if party is None or party.proves != "key":
            return None
        _check_assertion(jws, party, request.uri)
    except Broken:
        return None
    return party


def _check_assertion(jws: Jws, party: RelyingParty, uri: str) -> None:
    """Raises `Broken`."""
    said = jws.payload
    until, number, audience = said.get("exp"), said.get("jti"), said.get("aud")
    audiences = {str(one) for one in (audience if isinstance(audience, list) else [audience])}
    if said.get("iss") != party.code or not audiences & {issuer(), address(f"{PATH}/token"), address(uri)}:
        raise Broken("it is by or for somebody else")
    if not isinstance(until, int | float) or isinstance(until, bool) or not isinstance(number, str):
        raise Broken("it has no exp and jti")
    at = now().timestamp()
    if not at < until <= at + ASSERTION_LIVES.total_seconds() + 60 or not 1 <= len(number) <= MOST_JTI:
        raise Broken("it is of another time")
    if not any(jws.is_by(Jwk.read(key).key) for key in party.public_keys):
        raise Broken("it is by another key")
    if not use_once(f"assertion:{party.pk}", number, until=datetime.fromtimestamp(until, UTC)):
        raise Broken("it was used before")


def _tokens(rules: Rules) -> BearerToken:
    return BearerToken(
        rules,
        token_generator=lambda _request: secrets.token_urlsafe(SECRET_BYTES),
        expires_in=int(ACCESS_LIVES.total_seconds()),
    )


class _Code(AuthorizationCodeGrant):  # type: ignore[misc]  # oauthlib has no types
    """OpenID's, over the code grant of the house."""

    def __init__(self, rules: Rules) -> None:
        self.proxy_target = CodeGrant(rules)
        self.custom_validators.post_auth.extend([read_claims, self.openid_authorization_validator, _read])
        self.custom_validators.post_token.append(self._finish)
        self.register_token_modifier(self.add_id_token)

    def _finish(self, request: Request) -> None:
        self.refresh_token = request.kept.stays
        _say_type(request)


class _Refresh(RefreshTokenGrant):  # type: ignore[misc]  # oauthlib has no types
    """OpenID's. What it gives is always for the whole scope, and says so."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self.custom_validators.post_token.append(self._finish)

    def _finish(self, request: Request) -> None:
        request.scopes = list(request.kept.scopes)
        _say_type(request)


def _say_type(request: Request) -> None:
    if "dpop" in {name.lower() for name in request.headers}:
        request.extra_credentials = {"token_type": "DPoP"}


def _read(request: Request) -> dict[str, Any]:
    return {"wanted": read_wanted(request)}


def _authorizing(rules: Rules) -> AuthorizationEndpoint:
    return AuthorizationEndpoint("code", _tokens(rules), {"code": _Code(rules)})


@dataclass(frozen=True)
class Asked:
    """A request that has come with a browser. `leave`: where that is led at once, for what is wrong with it."""

    kept: Kept | None = None
    wanted: Wanted | None = None
    uri: str = ""
    leave: str = ""


def _with_issuer(location: str) -> str:
    """RFC 9207: who answers."""
    return str(add_params_to_uri(location, [("iss", issuer())], fragment="#" in location))


def take_request(query: str) -> Asked:
    """A request that a browser brings, from the query of its address: the one that was kept, or one that is kept now
    (`uri` then stands for it). `Invalid` where there is nobody to whom the browser could be led back."""
    said = dict(parse_qsl(query, keep_blank_values=True))
    if "request_uri" in said and (kept := open_request(said["request_uri"], door=CONNECT)):
        wanted = _validated(kept.query).get("wanted")
        if wanted is None or said.get("client_id") != wanted.party.code:
            raise Invalid(UNKNOWN)
        return Asked(kept, wanted)
    if said.get("request_uri", "").startswith(URN):
        raise Invalid(_("This request has run out. Go back to where you came from and begin again."))
    if len(query) > MOST_REQUEST:
        raise Invalid(UNKNOWN)
    request = Request(f"{PATH}/authorize?{query}")
    try:
        _authorizing(Rules()).validate_authorization_request(request.uri)
    except FatalClientError as fatal:
        raise Invalid(UNKNOWN) from fatal
    except OAuth2Error as error:
        return Asked(leave=_with_issuer(error.in_uri(request.redirect_uri)))
    return Asked(uri=keep_request(query, door=CONNECT))


UNKNOWN = _("Who sent you here is not known, or wants you led to another place.")


def _validated(query: str) -> Mapping[str, Any]:
    """Once more, for the relying party may have been changed meanwhile."""
    try:
        _scopes, found = _authorizing(Rules()).validate_authorization_request(f"{PATH}/authorize?{query}")
    except OAuth2Error as error:
        raise Invalid(UNKNOWN) from error
    return dict(found)


def refuse_request(wanted: Wanted, kind: type[OAuth2Error] = AccessDeniedError) -> str:
    """Where the browser is led with a refusal."""
    return _with_issuer(wanted.refused(kind))


def answer_request(actor: Actor, *, kept: Kept, wanted: Wanted, standing: Standing) -> str:
    """Where the browser is led with the code. Raises `Conflict` when the request was answered before."""
    credentials = {"let_in": partial(let_sign_in, actor, kept=kept, wanted=wanted, standing=standing)}
    uri = f"{PATH}/authorize?{kept.query}"
    headers, _body, _status = _authorizing(Rules()).create_authorization_response(uri, credentials=credentials)
    return _with_issuer(headers["Location"])


@dataclass(frozen=True)
class Call:
    """A request of a program at one of the doors: the end of its path, its form, the headers that matter."""

    door: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    dpop: Dpop | None = None

    @property
    def parts(self) -> tuple[str, str, str, dict[str, str]]:
        """As oauthlib takes them."""
        return f"{PATH}/{self.door}", "POST", self.body, {"Content-Type": FORM, **self.headers}


def answer_token(actor: Actor, call: Call) -> Reply:
    """The token endpoint (OpenID Connect Core, 3.1.3 and 12): status, headers, body.

    One transaction, and a refusal keeps what it has written: a code is used up, a copied token's sign-in is ended.
    """
    rules = Rules(actor, call.dpop)
    grants = {"authorization_code": _Code(rules), "refresh_token": _Refresh(rules)}
    return _answer(TokenEndpoint("authorization_code", _tokens(rules), grants).create_token_response, call)


def answer_revocation(actor: Actor, call: Call) -> Reply:
    """The revocation endpoint (RFC 7009)."""
    return _answer(RevocationEndpoint(Rules(actor)).create_revocation_response, call)


def answer_introspection(actor: Actor, call: Call) -> Reply:
    """The introspection endpoint (RFC 7662): to a relying party, of its own tokens alone."""
    return _answer(IntrospectEndpoint(Rules(actor)).create_introspect_response, call)


def answer_push(actor: Actor, call: Call) -> Reply:
    """The pushed authorization request endpoint (RFC 9126)."""
    return _answer(partial(_push, Rules(actor)), call)


def _push(rules: Rules, uri: str, method: str, body: str, headers: dict[str, str]) -> tuple[dict[str, str], str, int]:
    request = Request(uri, method, body, headers)
    if rules.client_authentication_required(request) and not rules.authenticate_client(request):
        raise InvalidClientError(request=request)
    said = [(name, value) for name, value in request.decoded_body or () if not name.startswith("client_assertion")]
    names = [name for name, _value in said]
    if "request_uri" in names:
        raise InvalidRequestURI(description="A pushed request names no other.", request=request)
    if request.client and dict(said).setdefault("client_id", request.client.code) != request.client.code:
        raise InvalidClientError(request=request)
    query = urlencode(said if "client_id" in names else [("client_id", request.client.code), *said])
    if len(query) > MOST_REQUEST:
        raise InvalidRequestError(f"A request has at most {MOST_REQUEST} letters.", request=request)
    try:
        _authorizing(rules).validate_authorization_request(f"{PATH}/authorize?{query}")
    except FatalClientError as fatal:  # here they can be told: nobody is led anywhere (RFC 9126, 2.3)
        raise InvalidRequestError(fatal.description, request=request) from fatal
    answer = pushed(keep_request(query, door=CONNECT))
    return {"Content-Type": "application/json"}, json.dumps(answer), 201


def _answer(work: Callable[..., Any], call: Call) -> Reply:
    try:
        with transaction.atomic():
            headers, said, status = work(*call.parts)
    except OAuth2Error as error:
        return error.status_code, dict(error.headers), error.json
    except ValueError:  # oauthlib's word for a body that is no form
        return 400, {}, InvalidRequestError().json
    return status, headers, said or ""
