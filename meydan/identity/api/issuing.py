"""OpenID for Verifiable Credential Issuance 1.0: what a wallet calls, from the offer to the notification."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from meydan.identity.actions.authorizing import redeem_code
from meydan.identity.actions.issuing import Issued, deliver_deferred, note_event, request_credentials
from meydan.identity.actions.offering import Tokens, code_of, redeem_offer, renew_tokens
from meydan.identity.actions.once import use_proof
from meydan.identity.api.doors import MAX_SECRET, bearer_of, dpop_of, read_body, read_form, standard_door
from meydan.identity.models.credentials import ACCESS_LIVES, DEFERRED_SECONDS, EVENTS
from meydan.identity.queries.authorizing import keep_ask
from meydan.identity.queries.cards import CONFIGURATION
from meydan.identity.queries.metadata import (
    AUTHORIZATION_CODE,
    DATASET,
    PRE_AUTHORIZED,
    granted_details,
    offer_document,
)
from meydan.identity.queries.nonces import make_nonce
from meydan.identity.queries.proofs import Dpop, read_proofs
from meydan.identity.queries.pushing import pushed
from meydan.identity.queries.wallets import is_live, issuer_state_of, offer_by_code
from meydan.identity.tokens.faults import Fault
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of


@standard_door("offer", "GET")
def offer(_request: HttpRequest, reference: str) -> HttpResponse:
    """The offer that a QR points to (OpenID4VCI 1.0, 4.1.3), until it is taken up or over."""
    code = code_of(reference)
    found = offer_by_code(code)
    if found is None or not is_live(found):
        raise NotFound
    return JsonResponse(offer_document(code, issuer_state_of(found)))


@standard_door("push", "POST")
def push(request: HttpRequest) -> HttpResponse:
    """A wallet's request to be let in (OpenID4VCI 1.0, 5.1.4; RFC 9126), from any wallet."""
    form, dpop = read_form(request), dpop_of(request)
    uri = keep_ask(form, dpop)
    use_proof(dpop)
    return JsonResponse(pushed(uri), status=201)


@standard_door("token", "POST")
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for a code or a refresh token (OpenID4VCI 1.0, 6; RFC 6749, 5)."""
    form = read_form(request)
    if any(len(form.get(name, "")) > MAX_SECRET for name in READ):
        raise Fault("invalid_request", "A field is too long.")
    given = GRANTS.get(form.get("grant_type", ""))
    if given is None:
        raise Fault("unsupported_grant_type" if "grant_type" in form else "invalid_request", "Which grant?")
    tokens = given(request, form, dpop_of(request))
    if isinstance(tokens, Fault):
        raise tokens
    return JsonResponse(
        {
            "access_token": tokens.access,
            "token_type": "DPoP" if tokens.is_bound else "Bearer",
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "refresh_token": tokens.refresh,
            **({"authorization_details": granted_details()} if tokens.identified else {"scope": CONFIGURATION}),
        }
    )


def _by_offer(request: HttpRequest, form: dict[str, str], dpop: Dpop | None) -> Tokens | Fault:
    if not form.get("pre-authorized_code"):
        raise Fault("invalid_request", "Send pre-authorized_code.")
    return redeem_offer(actor_of(request), code=form["pre-authorized_code"], tx_code=form.get("tx_code", ""), dpop=dpop)


def _by_code(request: HttpRequest, form: dict[str, str], dpop: Dpop | None) -> Tokens | Fault:
    if not form.get("code"):
        raise Fault("invalid_request", "Send code.")
    return redeem_code(actor_of(request), form=form, dpop=dpop)


def _by_refresh(request: HttpRequest, form: dict[str, str], dpop: Dpop | None) -> Tokens | Fault:
    if not form.get("refresh_token"):
        raise Fault("invalid_request", "Send refresh_token.")
    return renew_tokens(actor_of(request), refresh=form["refresh_token"], dpop=dpop)


READ = ("grant_type", "pre-authorized_code", "tx_code", "refresh_token", "code", "client_id", "code_verifier")
"""The fields of the token endpoint that are looked up or digested."""
GRANTS = {AUTHORIZATION_CODE: _by_code, PRE_AUTHORIZED: _by_offer, "refresh_token": _by_refresh}


@standard_door("nonce", "POST")
def nonce(_request: HttpRequest) -> HttpResponse:
    """A nonce for key proofs (OpenID4VCI 1.0, 7), to be used once within minutes."""
    return JsonResponse({"c_nonce": make_nonce()})


@standard_door("credential", "POST")
def credential(request: HttpRequest) -> HttpResponse:
    """One credential for each proof, or a transaction by which to ask again (OpenID4VCI 1.0, 8)."""
    bearer, dpop = bearer_of(request)
    said = read_body(request, code="invalid_credential_request")
    _check_request(said)
    proven = read_proofs(said.get("proofs"))
    use_proof(dpop)
    identified = "credential_identifier" in said
    return _answer(request_credentials(actor_of(request), bearer, proven=proven, identified=identified))


def _check_request(said: dict[str, Any]) -> None:
    """Raises `Fault` with the codes of 8.3.1.2."""
    if "credential_response_encryption" in said:
        raise Fault("invalid_encryption_parameters", "Responses are not encrypted beyond TLS here.")
    if "credential_identifier" in said:
        if "credential_configuration_id" in said:
            raise Fault("invalid_credential_request", "Name the credential in one way.")
        if said["credential_identifier"] != DATASET:
            raise Fault("unknown_credential_identifier", "This credential_identifier was not given out.")
    else:
        _check_configuration(said.get("credential_configuration_id"))
    if "proof" in said:
        raise Fault("invalid_credential_request", "Send proofs, as OpenID4VCI 1.0 has it.")


def _check_configuration(wanted: Any) -> None:
    if not isinstance(wanted, str):
        raise Fault("invalid_credential_request", "Send credential_configuration_id.")
    if wanted != CONFIGURATION:
        raise Fault("unknown_credential_configuration", f"There is {CONFIGURATION} alone.")


def _answer(issued: Issued) -> HttpResponse:
    if issued.transaction:
        waiting = {"transaction_id": issued.transaction, "interval": DEFERRED_SECONDS}
        return JsonResponse(waiting, status=202)
    said: dict[str, Any] = {"credentials": [{"credential": one} for one in issued.credentials]}
    return JsonResponse(said | ({"notification_id": issued.notification} if issued.notification else {}))


@standard_door("deferred", "POST")
def deferred(request: HttpRequest) -> HttpResponse:
    """What was deferred (OpenID4VCI 1.0, 9)."""
    bearer, dpop = bearer_of(request)
    number = read_body(request, code="invalid_credential_request").get("transaction_id")
    if not isinstance(number, str) or not 1 <= len(number) <= MAX_SECRET:
        raise Fault("invalid_transaction_id", "Send transaction_id.")
    use_proof(dpop)
    issued = deliver_deferred(actor_of(request), bearer, transaction_id=number)
    return _answer(replace(issued, notification=""))  # @openid4vc 0.4.6 takes no notification_id here; it is optional


@standard_door("notification", "POST")
def notification(request: HttpRequest) -> HttpResponse:
    """What became of what a wallet was given (OpenID4VCI 1.0, 11)."""
    bearer, dpop = bearer_of(request)
    said = read_body(request, code="invalid_notification_request")
    number, event = said.get("notification_id"), said.get("event")
    if not isinstance(number, str) or event not in EVENTS or len(number) > MAX_SECRET:
        raise Fault("invalid_notification_request", f"Send notification_id, and one of {', '.join(EVENTS)} as event.")
    use_proof(dpop)
    note_event(actor_of(request), bearer, notification_id=number, event=event)
    return HttpResponse(status=204)
