"""The outermost middleware: bodies are bounded before anything reads them, and every refusal becomes an answer that
helps, as a page or as problem+json."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import Resolver404, resolve

from meydan.kernel.errors import MeydanError, SignInFirst, TooLarge, WrongMethod
from meydan.kernel.http import problem, uses_json
from meydan.site.errors import refusal_page

Next = Callable[[HttpRequest], HttpResponse]
MAX_BODY_BYTES = 64 * 1024 * 1024
"""Five photos of an honest phone, and the form around them."""


class BodyLimit:
    """Refuse a body that says it is too large, unread. One that does not say its length is read as empty by Django."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdecimal()):
            return _closing(answer_refusal(request, MeydanError()))
        if len(length) > 18 or int(length) > MAX_BODY_BYTES:
            return _closing(answer_refusal(request, TooLarge()))
        return self.get_response(request)


class Refusals:
    """A `MeydanError` from a view becomes its answer, and so does a wrong method, which Django refuses in silence."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            allowed = response["Allow"]
            response = answer_refusal(request, WrongMethod())
            response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_refusal(request, error) if isinstance(error, MeydanError) else None


def answer_refusal(request: HttpRequest, error: MeydanError) -> HttpResponse:
    """What the door's own standard says; problem+json at a JSON door; else the error page, or the way to sign in and
    back."""
    refuse = getattr(_view_of(request), "refuse", None)
    if refuse is not None:
        return cast(HttpResponse, refuse(request, error))
    if uses_json(request):
        return problem(error)
    if isinstance(error, SignInFirst) and request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), str(settings.LOGIN_URL))
    return refusal_page(request, error)


def _view_of(request: HttpRequest) -> object:
    """The view at this address, also before Django has looked for it; None when there is none."""
    try:
        return (request.resolver_match or resolve(request.path_info)).func
    except Resolver404:
        return None


def _closing(response: HttpResponse) -> HttpResponse:
    """The rest of the body will not be read: the connection is of no more use."""
    response["Connection"] = "close"
    return response
