"""What anybody may read: metadata, keys, certificates, the type of the credential, the status lists."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control

from meydan.identity.queries.cards import type_metadata
from meydan.identity.queries.keys import issuer_keys, jwt_vc_issuer, root_pem
from meydan.identity.queries.metadata import issuer_metadata, provider_metadata, server_metadata
from meydan.identity.queries.statuslists import BUILT_EVERY, status_list_token
from meydan.identity.tokens.statuslist import MEDIA_TYPE
from meydan.kernel.errors import NotFound
from meydan.kernel.http import View, page

KEPT = cache_control(public=True, max_age=300)
MOST_LISTS = 10**9


def _document(make: Callable[[], Mapping[str, Any]]) -> View:
    """A public JSON document, for scripts of every site."""

    @page("GET")
    @KEPT
    def view(_request: HttpRequest) -> HttpResponse:
        return _open(JsonResponse(make()))

    return view


def _open(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    return response


credential_issuer = _document(issuer_metadata)
authorization_server = _document(server_metadata)
vc_issuer = _document(jwt_vc_issuer)
keys = _document(issuer_keys)
provider = _document(provider_metadata)
provider_keys = _document(lambda: issuer_keys("sign_in"))
credential_type = _document(type_metadata)


@page("GET")
@KEPT
def root_certificate(_request: HttpRequest) -> HttpResponse:
    """The city's root, under which credentials and requests are signed."""
    return _open(HttpResponse(root_pem(), content_type="application/x-pem-file"))


@page("GET")
@cache_control(public=True, max_age=BUILT_EVERY)
def status_list(request: HttpRequest, number: int) -> HttpResponse:
    """A status list, signed (Token Status List, 8). Nobody is asked who they are."""
    if not 1 <= number < MOST_LISTS:
        raise NotFound
    token = status_list_token(number)
    tag = f'"{hashlib.sha256(token.encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(token, content_type=MEDIA_TYPE)
    response["ETag"] = tag
    return _open(response)
