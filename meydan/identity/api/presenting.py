"""OpenID for Verifiable Presentations 1.0: what a wallet calls, to fetch a request and to answer it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from meydan.identity.actions.presenting import take_answer, take_request
from meydan.identity.api.doors import read_form, standard_door
from meydan.identity.queries.presenting import REQUEST_TYP
from meydan.kernel.http import actor_of


@standard_door("request", "GET", "POST")
def request_object(request: HttpRequest, reference: str) -> HttpResponse:
    """The signed request (5.10), for the one wallet that comes first."""
    signed = take_request(actor_of(request), reference, reference=reference)
    return HttpResponse(signed, content_type=f"application/{REQUEST_TYP}")


@standard_door("answer", "POST")
def answer(request: HttpRequest, key: UUID) -> HttpResponse:
    """The answer of the wallet (8.2, 8.3.1)."""
    fault = take_answer(actor_of(request), key, form=read_form(request))
    if fault is not None:
        raise fault
    return JsonResponse({})
