"""What the standards' doors have in common: any origin, no cookie, a small body, counted by address, faults as OAuth
writes them (RFC 6749, 5.2)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt

from meydan.identity.queries.keys import address
from meydan.identity.queries.proofs import Dpop, read_dpop
from meydan.identity.queries.wallets import Bearer, token_of
from meydan.identity.tokens.faults import Broken, Fault, Unauthorized
from meydan.identity.tokens.jose import read_json
from meydan.kernel.errors import MeydanError, NotFound, TooLarge, TooMany, WrongMethod
from meydan.kernel.http import actor_of
from meydan.kernel.limits import check

MOST_BYTES = 128 * 1024
MOST_FIELDS = 40
MAX_SECRET = 200
"""Letters of a code or token; ours have 43."""
RATES: dict[str, dict[str, int]] = {
    "push": {"limit": 600, "seconds": 60},
    "token": {"limit": 600, "seconds": 60},
    "nonce": {"limit": 1200, "seconds": 60},
    "credential": {"limit": 600, "seconds": 60},
    "deferred": {"limit": 1200, "seconds": 60},
    "notification": {"limit": 600, "seconds": 60},
    "offer": {"limit": 300, "seconds": 60},
    "request": {"limit": 600, "seconds": 60},
    "answer": {"limit": 600, "seconds": 60},
    "connect": {"limit": 1200, "seconds": 60},
}
"""For each address: a phone network brings a whole quarter by one. What can be guessed (the six digits) has a count of
its own."""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Cache-Control": "no-store",
}
Door = Callable[..., HttpResponse]


def standard_door(name: str, *methods: str) -> Callable[[Door], Door]:
    """A door for programs, by these methods; `name` is one of RATES."""

    def decorate(view: Door) -> Door:
        @csrf_exempt
        def serve(request: HttpRequest, **path: Any) -> HttpResponse:
            try:
                response = _served(request, view, path, name, methods)
            except MeydanError as error:
                response = refuse(request, error)
            for header, value in CORS.items():
                response[header] = value
            return response

        serve.refuse = refuse  # type: ignore[attr-defined]  # site's guard asks for it
        return serve

    return decorate


def _served(
    request: HttpRequest, view: Door, path: Mapping[str, Any], name: str, methods: tuple[str, ...]
) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    if request.method not in methods:
        raise WrongMethod
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise TooLarge
    check(f"identity.{name}:{actor_of(request).address}", **RATES[name])
    return view(request, **path)


def refuse(_request: HttpRequest, error: MeydanError) -> HttpResponse:
    """A refusal for a program."""
    code = error.code if isinstance(error, Fault) else _code_of(error)
    response = JsonResponse({"error": code, "error_description": str(error.message)}, status=error.status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        response["WWW-Authenticate"] = f'Bearer error="{code}", DPoP error="{code}" algs="ES256"'
    return response


def _code_of(error: MeydanError) -> str:
    if isinstance(error, TooMany):
        return "slow_down"
    return "not_found" if isinstance(error, NotFound) else "invalid_request"


def read_form(request: HttpRequest) -> dict[str, str]:
    """The fields of a form, each given once (RFC 6749, 3.2). Raises `Fault`: `invalid_request`."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Fault("invalid_request", "Send application/x-www-form-urlencoded.")
    try:
        fields = QueryDict(request.body, encoding="utf-8")
    except (UnicodeDecodeError, MeydanError, ValueError) as error:
        raise Fault("invalid_request", "The form cannot be read.") from error
    if len(fields) > MOST_FIELDS or any(len(values) != 1 for _name, values in fields.lists()):
        raise Fault("invalid_request", "Each field may stand once.")
    if any("\0" in value for value in fields.values()):
        raise Fault("invalid_request", "A field holds an invisible character.")
    return {name: str(value) for name, value in fields.items()}


def read_body(request: HttpRequest, *, code: str) -> dict[str, Any]:
    """The JSON object of a body. Raises `Fault` with this code."""
    if request.content_type != "application/json":
        raise Fault(code, "Send application/json.")
    try:
        said = read_json(request.body)
    except Broken as error:
        raise Fault(code, f"The body was refused: {error}.") from error
    if not isinstance(said, dict):
        raise Fault(code, "Send a JSON object.")
    return said


def dpop_of(request: HttpRequest, token: str = "") -> Dpop | None:
    """The DPoP proof of a request. Raises `Fault`: `invalid_dpop_proof`."""
    header = request.headers.get("DPoP")
    proofs = [header] if header is not None else []
    return read_dpop(proofs, method=request.method or "", address=address(request.path), token=token)


def bearer_of(request: HttpRequest) -> tuple[Bearer, Dpop | None]:
    """The access token of a wallet, with its proof where it has one. Raises `Unauthorized`: `invalid_token`."""
    bearer, dpop = read_bearer(request)
    token_of(bearer)
    return bearer, dpop


def read_bearer(request: HttpRequest) -> tuple[Bearer, Dpop | None]:
    """The access token of a request as it came, whatever it opens. Raises `Unauthorized`: `invalid_token`."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "dpop") or not token or len(token) > MAX_SECRET or not token.isascii():
        raise Unauthorized("invalid_token", "Send the access token in the header Authorization.")
    dpop = dpop_of(request, token)
    if (scheme.lower() == "dpop") != (dpop is not None):
        raise Unauthorized("invalid_token", "A token that is bound to a key comes with DPoP, and no other does.")
    return Bearer(token, dpop.jkt if dpop else ""), dpop
