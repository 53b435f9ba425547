"""Which language a page speaks: the account's, else the cookie's, else the browser's."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from meydan.kernel.actor import VISITOR, Actor
from meydan.kernel.city import this_city
from meydan.kernel.i18n import LANGUAGES

Next = Callable[[HttpRequest], HttpResponse]
YEAR = 365 * 24 * 3600


def spoken_language(request: HttpRequest) -> str:
    """By the cookie, else the browser. A browser that speaks none of our languages gets the city's own; one that says
    nothing, which is a program, gets English."""
    code = translation.get_language_from_request(request)
    said = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    if code != settings.LANGUAGE_CODE or not said or code in said or settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return code
    return this_city().languages[0]


class SpeakTheirLanguage:
    """Middleware. On the way in the cookie or the browser decides, so that even an early refusal is understood; once
    the actor is known (`process_view` runs when every other middleware has seen the request) the account does."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = translation.get_language()
        translation.activate(spoken_language(request))
        try:
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        finally:
            translation.activate(before or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object) -> None:
        """Let the account's language win. Visitors without a session cost nothing here."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        actor: Actor = getattr(request, "actor", VISITOR)
        if not actor.is_visitor and actor.language in LANGUAGES:
            translation.activate(actor.language)


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep the choice in this browser for a year. ValueError for a language that Meydan does not speak."""
    if language not in LANGUAGES:
        raise ValueError(language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
