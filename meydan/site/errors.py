"""What the reader of an error page is told: what happened, and what to do now. Needs no database."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from meydan.kernel.actor import VISITOR
from meydan.kernel.errors import MeydanError, NotFound, Refused, Sentence, TooMany
from meydan.kernel.http import actor_of, problem, uses_json
from meydan.kernel.i18n import format_wait


@dataclass(frozen=True)
class Help:
    """The headline of a status, further lines of help, the icon, and whether trying again can help."""

    title: Promise
    lines: tuple[Promise, ...] = ()
    icon: str = "circle-alert"
    retry: bool = False


HELP: Mapping[int, Help] = {
    400: Help(
        _("We could not read this request"),
        (_("Go back, check what you entered, and send it again."),),
    ),
    403: Help(
        _("This page is not open to you"),
        (_("If you think that it should be, sign in with another account or ask the city."),),
        "lock",
    ),
    404: Help(
        _("This page does not exist"),
        (_("Perhaps the address was mistyped, or the page has moved. Search for it here:"),),
        "map-pin-off",
    ),
    405: Help(_("This page cannot be used in this way"), (_("Open it again from the home page."),)),
    409: Help(_("This has changed meanwhile"), (_("Open the page again to see how it stands now."),), retry=True),
    413: Help(
        _("That was too large"),
        (_("Send fewer photos, or smaller ones. What you wrote is not lost: go back to the form."),),
        "image-off",
    ),
    422: Help(_("Something is missing or wrong"), (_("Go back and check the form."),)),
    429: Help(_("That was a little too fast"), (), "hourglass", retry=True),
    500: Help(
        _("Something broke on our side"),
        (_("It is not your fault. Try again in a minute; if it stays broken, call the city."),),
        "wrench",
        retry=True,
    ),
    503: Help(_("We will be back in a moment"), (_("Wait a minute, then try again."),), "hourglass", retry=True),
}


def error_page(
    request: HttpRequest, status: int, message: Sentence, *, lines: tuple[Sentence, ...] = ()
) -> HttpResponse:
    """The page for one refusal. From 500 on it asks nothing of the session: a broken database must not break it too."""
    help_ = HELP.get(status, HELP[400 if status < 500 else 500])
    context = {
        "actor": VISITOR if status >= 500 else actor_of(request),
        "status": status,
        "title": help_.title,
        "message": message,
        "help": (*lines, *help_.lines),
        "sign_icon": help_.icon,
        "retry": help_.retry and request.method in ("GET", "HEAD"),
    }
    response = render(request, "site/error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def refusal_page(request: HttpRequest, error: MeydanError) -> HttpResponse:
    """The page for a `MeydanError`; a rate limit says how long to wait, in words and in `Retry-After` (seconds)."""
    lines: tuple[Sentence, ...] = tuple(error.fields.values())
    if isinstance(error, TooMany):
        lines = (_("You can try again in %(wait)s.") % {"wait": format_wait(error.retry_after)},)
    response = error_page(request, error.status, error.message, lines=lines)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


# The four names that Django looks up in the URL configuration, and its view for a missing CSRF token.
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    if uses_json(request):
        return problem(MeydanError())
    return error_page(request, 400, _("Something in it was not as we expected."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if uses_json(request):
        return problem(Refused())
    return error_page(request, 403, _("You may not do this."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if uses_json(request):
        return problem(NotFound())
    return error_page(request, 404, _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return error_page(request, 500, _("We have noted it and look into it."))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token: nearly always one that was open for long, or cookies that are off."""
    return error_page(
        request,
        403,
        _("This form has expired, so nothing was sent."),
        lines=(
            _("Go back, load the page again and send it once more. Your browser must accept our cookies for this."),
        ),
    )
