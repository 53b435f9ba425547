"""OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), rotating refresh tokens and revocation (RFC 7009), for public clients.

oauthlib knows the protocol; `Rules` tells it what we keep and whom we trust. What the tokens open is a neighbour's
(`queries.elsewhere.TokenGiver`): it makes, keeps and checks them.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from oauthlib.common import Request
from oauthlib.oauth2 import (
    AccessDeniedError,
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    FatalClientError,
    InvalidRequestError,
    OAuth2Error,
    RefreshTokenGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc8628.endpoints import DeviceAuthorizationEndpoint
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from meydan.accounts.actions import sign_in
from meydan.accounts.facts import ClientLetIn, ClientTurnedAway
from meydan.accounts.models import POLL_SECONDS, SCOPE_LENGTH, URL_LENGTH, DeviceCode, OAuthClient, OAuthCode
from meydan.accounts.policies import may_use_own_account
from meydan.accounts.queries import actor_for
from meydan.accounts.queries.clients import (
    digest_of_user_code,
    find_client,
    find_device_request,
    host_of,
    leads_back,
)
from meydan.accounts.queries.elsewhere import Opening, TokenGiver, giver_for, giver_of
from meydan.kernel.action import action
from meydan.kernel.actor import Actor, Channel
from meydan.kernel.clock import now
from meydan.kernel.config import config
from meydan.kernel.errors import Invalid, NotFound, Refused
from meydan.kernel.facts import record

CODE_SECONDS = 60
MOST_STATE = 500
REMEMBER_DAYS = 1
"""How long a used code is remembered, to close what it opened should it come again."""
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
ENDPOINT = "/oauth/token"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE_SECONDS = 900
SLOWER_SECONDS, MOST_INTERVAL = 5, 300
"""By so much the wait between two questions grows (RFC 8628, 3.5), and no further."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Reply = tuple[int, Mapping[str, str], str]


class Rules(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """What oauthlib asks. `address`: who calls, for the list of sessions."""

    def __init__(self, address: str = "") -> None:
        super().__init__()
        self.address = address

    # Who asks: every client is public, and known by its id alone
    def client_authentication_required(self, request: Request, *_more: Any, **_named: Any) -> bool:
        return False

    def authenticate_client_id(self, client_id: Any, request: Request, *_more: Any, **_named: Any) -> bool:
        return self.validate_client_id(client_id, request)

    def validate_client_id(self, client_id: Any, request: Request, *_more: Any, **_named: Any) -> bool:
        request.client = find_client(client_id) if isinstance(client_id, str) else None
        return request.client is not None

    # What it asks for
    def validate_redirect_uri(self, _id: str, uri: str, request: Request, *_more: Any, **_named: Any) -> bool:
        return leads_back(request.client, uri)

    def get_default_redirect_uri(self, _id: str, _request: Request, *_more: Any, **_named: Any) -> None:
        return None

    def validate_response_type(self, _id: str, kind: str, *_more: Any, **_named: Any) -> bool:
        return kind == "code"

    def validate_grant_type(self, _id: str, kind: str, *_more: Any, **_named: Any) -> bool:
        return kind in ("authorization_code", "refresh_token", DEVICE_GRANT)

    def get_default_scopes(self, _id: str, _request: Request, *_more: Any, **_named: Any) -> list[str]:
        return []

    def validate_scopes(self, _id: str, scopes: list[str], _client: Any, request: Request, *_more: Any) -> bool:
        """Scopes that nobody gives are passed over, as RFC 6749 allows (3.3): the answer says which were given."""
        giver = giver_for(scopes)
        if giver is None or len(" ".join(scopes)) > SCOPE_LENGTH:
            return False
        request.scopes = giver.grantable(scopes)
        return True

    def is_pkce_required(self, _id: str, _request: Request) -> bool:
        return True

    # The code
    def save_authorization_code(self, _id: str, code: Mapping[str, str], request: Request, *_more: Any) -> None:
        OAuthCode.objects.filter(expires_at__lt=now() - timedelta(days=REMEMBER_DAYS)).delete()
        OAuthCode.objects.create(
            digest=_digest(code["code"]),
            client=request.client,
            person_id=request.user,
            redirect=request.redirect_uri,
            scope=" ".join(request.scopes),
            challenge=request.code_challenge,
            expires_at=now() + timedelta(seconds=CODE_SECONDS),
        )

    def validate_code(self, client_id: str, code: str, _client: Any, request: Request, *_more: Any) -> bool:
        """The code, which is used up by being asked for: whoever tries it with a wrong verifier tries once."""
        row = OAuthCode.objects.select_for_update().filter(digest=_digest(code), client_id=client_id).first()
        if row is None:
            return False
        if row.used_at is not None:
            _close(row)
            return False
        row.used_at = now()
        row.save(update_fields=["used_at"])
        request.kept, request.user, request.scopes = row, row.person, row.scope.split()
        return row.expires_at > row.used_at and row.person.is_active

    def get_code_challenge(self, _code: str, request: Request) -> str:
        return str(request.kept.challenge)

    def get_code_challenge_method(self, _code: str, _request: Request) -> str:
        return "S256"

    def confirm_redirect_uri(self, _id: str, _code: str, uri: str, _client: Any, request: Request, *_more: Any) -> bool:
        return bool(request.kept.redirect == uri)

    def invalidate_authorization_code(self, *_what: Any, **_named: Any) -> None:
        """`validate_code` has used it up."""

    # The code of a device without a browser (RFC 8628)
    def validate_device_code(self, client_id: str, code: str, request: Request, *_more: Any) -> str | None:
        """How it stands with it; where its person has said yes it is used up."""
        rows = DeviceCode.objects.select_for_update(of=["self"])
        row = rows.filter(digest=_digest(code), client_id=client_id).first()
        if row is None or row.used_at is not None:
            return None
        state = _state_of(row)
        if state == DeviceCodeGrant.DEVICE_CODE_AUTHORIZED and row.person is not None and row.person.is_active:
            row.used_at = now()
            request.kept, request.user, request.scopes = row, row.person, row.scope.split()
        row.save(update_fields=["asked_at", "interval", "used_at"])
        return state

    # The tokens
    def validate_refresh_token(self, token: str, client: OAuthClient, request: Request, *_more: Any) -> bool:
        giver = giver_of(token)
        request.kept = giver.scope_of(token, client.pk) if giver else None
        return request.kept is not None

    def get_original_scopes(self, _token: str, request: Request, *_more: Any, **_named: Any) -> str:
        return str(request.kept)

    def rotate_refresh_token(self, _request: Request) -> bool:
        return True

    def save_bearer_token(self, token: Mapping[str, Any], request: Request, *_more: Any, **_named: Any) -> None:
        giver, access, refresh = _giver(request), token["access_token"], token["refresh_token"]
        if request.grant_type == "refresh_token":
            giver.renew(request.refresh_token, access)
            return
        sign_in(actor_for(request.user, channel=Channel.API), methods=["client"])
        opening = Opening(request.user, request.client, request.scopes, self.address)
        request.kept.opened = giver.open(opening, access, refresh)
        request.kept.save(update_fields=["opened"])

    def revoke_token(self, token: str, _hint: str, request: Request, *_more: Any, **_named: Any) -> None:
        if giver := giver_of(token):
            giver.revoke(token, request.client_id)


def _giver(request: Request) -> TokenGiver:
    giver = giver_for(request.scopes)
    if giver is None:
        raise Refused
    return giver


def _state_of(row: DeviceCode) -> str:
    """In the words of RFC 8628 (3.5). Who asks too soon is told to wait longer each time."""
    before, row.asked_at = row.asked_at, now()
    if row.expires_at <= row.asked_at:
        return str(DeviceCodeGrant.DEVICE_CODE_EXPIRED)
    if row.answer == "no":
        return str(DeviceCodeGrant.DEVICE_CODE_DENIED)
    if row.answer == "yes":
        return str(DeviceCodeGrant.DEVICE_CODE_AUTHORIZED)
    if before is not None and row.asked_at - before < timedelta(seconds=row.interval):
        row.interval = min(row.interval + SLOWER_SECONDS, MOST_INTERVAL)
        return str(DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN)
    return str(DeviceCodeGrant.DEVICE_CODE_PENDING)


def _close(row: OAuthCode) -> None:
    giver = giver_for(row.scope.split())
    if giver and row.opened:
        giver.close(row.opened)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _tokens(rules: Rules) -> BearerToken:
    return BearerToken(
        rules,
        token_generator=lambda request: _giver(request).make_access(),
        refresh_token_generator=lambda request: _giver(request).make_refresh(request.refresh_token),
        expires_in=lambda request: _giver(request).seconds,
    )


def _check_bounds(request: Request) -> dict[str, Any]:
    """What oauthlib leaves to us: that everything has a bound."""
    challenge = request.code_challenge
    if challenge is not None and not CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("code_challenge is 43 letters of base64url.", request=request)
    if len(request.redirect_uri) > URL_LENGTH or len(request.state or "") > MOST_STATE:
        raise InvalidRequestError(f"state has at most {MOST_STATE} letters.", request=request)
    return {}


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # oauthlib has no types
    """With the one kind of PKCE that hides the verifier, and a bound for everything."""

    _code_challenge_methods: ClassVar = {"S256": AuthorizationCodeGrant._code_challenge_methods["S256"]}

    def __init__(self, rules: RequestValidator) -> None:
        super().__init__(rules, pre_auth=[_check_bounds])


def _authorizing(rules: Rules) -> AuthorizationEndpoint:
    return AuthorizationEndpoint("code", _tokens(rules), {"code": CodeGrant(rules)})


@dataclass(frozen=True)
class Asked:
    """A client's request to be let in. `leave`: where the browser is led when there is a `fault` or the person says no;
    both tell the client why."""

    client: OAuthClient
    redirect: str
    scopes: Sequence[str]
    leave: str
    fault: bool


def read_request(address: str) -> Asked:
    """What an authorization request asks for (RFC 6749, 4.1.1), from its address with the query. `Invalid` where there
    is nobody to whom the browser could be led back."""
    request = Request(address)
    scopes: Sequence[str] = ()
    error: OAuth2Error | None = None
    try:
        scopes, _info = _authorizing(Rules()).validate_authorization_request(address)
    except FatalClientError as fatal:
        raise Invalid(_("The app that sent you here is not known, or wants you led to another place.")) from fatal
    except OAuth2Error as found:
        error = found
    client = find_client(request.client_id)
    if client is None:
        raise NotFound
    leave = (error or AccessDeniedError(request=request)).in_uri(request.redirect_uri)
    return Asked(client, request.redirect_uri, scopes, leave, error is not None)


@action(policy=may_use_own_account)
def let_in(actor: Actor, *, address: str) -> str:
    """Let a client in whose request `read_request` has found in order. Where to lead the browser, with the code."""
    asked = read_request(address)
    headers, _body, _status = _authorizing(Rules()).create_authorization_response(
        address, credentials={"user": actor.person_id}
    )
    OAuthClient.objects.filter(pk=asked.client.pk).update(used_at=now())
    record(
        ClientLetIn(
            subject=f"client:{asked.client.pk}",
            persons=(actor.person_id,) if actor.person_id else (),
            client=asked.client.pk,
            site=host_of(asked.client.site),
        )
    )
    return str(headers["Location"])


def answer_token(body: str, address: str) -> Reply:
    """The token endpoint (RFC 6749, 3.2), from a body in application/x-www-form-urlencoded: status, headers, body.

    One transaction, and a refusal keeps what it has written: a code is used up, a stolen token's session is closed.
    """
    rules = Rules(address)
    grants = {
        "authorization_code": CodeGrant(rules),
        "refresh_token": RefreshTokenGrant(rules),
        DEVICE_GRANT: DeviceCodeGrant(rules),
    }
    endpoint = TokenEndpoint("authorization_code", _tokens(rules), grants)
    return _answer(endpoint.create_token_response, body)


def answer_device(body: str) -> Reply:
    """The device authorization endpoint (RFC 8628, 3.1), in the same way."""
    return _answer(_open_device, body)


def _open_device(uri: str, method: str, body: str, _headers: Mapping[str, str]) -> tuple[Mapping[str, str], str, int]:
    page = f"{config().base_url}/link"
    endpoint = DeviceAuthorizationEndpoint(
        Rules(),
        page,
        expires_in=DEVICE_SECONDS,
        interval=POLL_SECONDS,
        verification_uri_complete=lambda code: f"{page}?user_code={code}",
        user_code_generator=free_user_code,
    )
    headers, said, status = endpoint.create_device_authorization_response(uri, method, body, FORM)
    asked = Request(uri, method, body, FORM)
    DeviceCode.objects.create(
        digest=_digest(said["device_code"]),
        user_digest=digest_of_user_code(said["user_code"]),
        client_id=asked.client_id,
        scope=said.pop("scope", ""),
        expires_at=now() + timedelta(seconds=DEVICE_SECONDS),
    )
    return headers, json.dumps(said), status


def free_user_code() -> str:
    """Nine digits that no other device is shown, for they are typed on every keyboard; old ones are forgotten."""
    DeviceCode.objects.filter(expires_at__lt=now() - timedelta(days=REMEMBER_DAYS)).delete()
    while True:
        code = f"{secrets.randbelow(10**9):09}"
        if not DeviceCode.objects.filter(user_digest=digest_of_user_code(code)).exists():
            return f"{code[:3]}-{code[3:6]}-{code[6:]}"


@action(policy=may_use_own_account)
def answer_device_request(actor: Actor, *, user_code: str, yes: bool) -> None:
    """Let the device in that shows this code, or turn it away. `Invalid` where none does."""
    row = find_device_request(actor, user_code, locked=True)
    row.answer, row.person_id = "yes" if yes else "no", actor.person_id
    row.save(update_fields=["answer", "person"])
    client = row.client
    if yes:
        OAuthClient.objects.filter(pk=client.pk).update(used_at=now())
    happened = ClientLetIn if yes else ClientTurnedAway
    persons = (actor.person_id,) if actor.person_id else ()
    record(happened(subject=f"client:{client.pk}", persons=persons, client=client.pk, site=host_of(client.site)))


def answer_revocation(body: str) -> Reply:
    """The revocation endpoint (RFC 7009), in the same way."""
    return _answer(RevocationEndpoint(Rules()).create_revocation_response, body)


def _answer(work: Callable[..., Any], body: str) -> Reply:
    try:
        with transaction.atomic():
            headers, said, status = work(ENDPOINT, "POST", body, {})
    except OAuth2Error as error:
        return error.status_code, {}, error.json
    except ValueError:  # oauthlib's word for a body that is no form
        return 400, {}, InvalidRequestError().json
    return status, headers, said or ""
