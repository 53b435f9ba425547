"""Sign in with Meydan: what the programs of relying parties call."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from meydan.identity.actions.connect import (
    Call,
    Reply,
    answer_introspection,
    answer_push,
    answer_revocation,
    answer_token,
)
from meydan.identity.actions.once import use_proof
from meydan.identity.api.doors import Door, dpop_of, read_bearer, read_form, standard_door
from meydan.identity.queries.sign_ins import sign_in_of, user_info
from meydan.kernel.actor import Actor
from meydan.kernel.http import actor_of


def _door(name: str, answer: Callable[[Actor, Call], Reply]) -> Door:
    """A door whose answer oauthlib writes, from a form in which each field stands once."""

    @standard_door("connect", "POST")
    def view(request: HttpRequest) -> HttpResponse:
        read_form(request)
        authorization, dpop = request.headers.get("Authorization"), dpop_of(request)
        headers = {"Authorization": authorization} if authorization else {}
        headers |= {"DPoP": request.headers["DPoP"]} if dpop else {}
        call = Call(name, request.body.decode("utf-8", "replace"), headers, dpop)
        status, said, body = answer(actor_of(request), call)
        return HttpResponse(body, status=status, headers={"Content-Type": "application/json", **said})

    return view


push = _door("par", answer_push)
token = _door("token", answer_token)
revoke = _door("revoke", answer_revocation)
introspect = _door("introspect", answer_introspection)


@standard_door("connect", "GET", "POST")
def userinfo(request: HttpRequest) -> HttpResponse:
    """What a relying party may learn of whoever signed in there (OpenID Connect Core, 5.3)."""
    bearer, dpop = read_bearer(request)
    row = sign_in_of(bearer)
    use_proof(dpop)
    return JsonResponse(user_info(row))
