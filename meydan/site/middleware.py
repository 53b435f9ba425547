"""Who is at the door, worked out when somebody asks: a page that never does costs no query."""

from collections.abc import Callable
from dataclasses import replace

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from meydan.accounts.public import Person, actor_for
from meydan.kernel.actor import Actor
from meydan.kernel.clock import now
from meydan.kernel.devices import DEVICE_COOKIE, device_of
from meydan.kernel.i18n import current_language
from meydan.reports.public import CASE_COOKIE, case_keys_in

SEEN_EVERY = 600
"""Seconds between two notes of when a session was last seen; each also prolongs the session."""


class ActorMiddleware:
    """Sets `request.actor`. Without a session cookie that is a visitor: neither session nor account is looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor_at(request))  # type: ignore[attr-defined]  # our own attribute
        return self.get_response(request)


def _actor_at(request: HttpRequest) -> Actor:
    return replace(_person_at(request), device=device_of(request.COOKIES.get(DEVICE_COOKIE, "")))


def _person_at(request: HttpRequest) -> Actor:
    language, address = current_language(), request.META.get("REMOTE_ADDR", "")
    case_keys = case_keys_in(request.COOKIES.get(CASE_COOKIE, ""))
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return actor_for(None, language=language, address=address, case_keys=case_keys)
    person = request.user if isinstance(request.user, Person) else None
    if person:
        _note_seen(request)
    return actor_for(person, language=person.language if person else language, address=address, case_keys=case_keys)


def _note_seen(request: HttpRequest) -> None:
    moment = now()
    if moment.timestamp() - request.session.get("seen", 0) < SEEN_EVERY:
        return
    request.session["seen"] = int(moment.timestamp())
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=moment)
