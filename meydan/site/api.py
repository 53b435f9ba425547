"""The description of the JSON doors, for programs; `site.pages` shows it to people."""

from functools import cache

from django.http import HttpRequest, HttpResponse, JsonResponse

from meydan import __version__
from meydan.kernel.config import config
from meydan.kernel.http import page
from meydan.kernel.openapi import describe


@cache
def description() -> dict[str, object]:
    """The OpenAPI document; it changes only with the code."""
    return describe("Meydan", __version__, config().base_url)


@page("GET")
def openapi_json(request: HttpRequest) -> HttpResponse:
    """All JSON doors, as OpenAPI 3.1."""
    return JsonResponse(description())
