"""What every address of Open311 has in common: the format by the ending, refusals in that format, languages, CORS."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from meydan.kernel.errors import (
    Conflict,
    Invalid,
    MeydanError,
    NotFound,
    Refused,
    SignInFirst,
    TooLarge,
    TooMany,
    WrongMethod,
)
from meydan.kernel.i18n import LANGUAGES, current_language
from meydan.reports.open311.formats import Format, write


@dataclass(frozen=True)
class Answer:
    """What a handler gives: plain data under the name of its root element."""

    root: str
    data: Any
    status: int = 200


Handler = Callable[..., Answer]
View = Callable[..., HttpResponse]


class NotAForm(MeydanError):
    """A body of another kind than the specification's."""

    status = 415
    code = "not_a_form"
    default = _("Send a form: application/x-www-form-urlencoded, or multipart/form-data with photos.")


def door(**by_method: Handler) -> View:
    """The view for one address, from its handlers by method: `door(get=..., post=...)`.

    Exempt from the CSRF token, for no cookie counts here: who may write shows a key.
    """
    handlers = {method.upper(): handler for method, handler in by_method.items()}

    @csrf_exempt
    def view(request: HttpRequest, form: str = "xml", **path: Any) -> HttpResponse:
        ending = Format(form) if form in list(Format) else Format.XML
        with spoken_language(request):
            response = _respond(request, handlers, ending, form, path)
            response["Content-Language"] = current_language()
        if request.method in ("GET", "HEAD"):
            response["Access-Control-Allow-Origin"] = "*"  # public data, for every site's scripts
        return response

    view.refuse = _refuse  # type: ignore[attr-defined]  # site's guard asks for it
    return view


def _refuse(request: HttpRequest, error: MeydanError) -> HttpResponse:
    """A refusal that was decided before the view was asked, such as a body that is too large."""
    return refusal(error, Format.JSON if request.path.endswith(".json") else Format.XML)


def _respond(
    request: HttpRequest, handlers: dict[str, Handler], ending: Format, form: str, path: dict[str, Any]
) -> HttpResponse:
    try:
        handler = handlers.get("GET" if request.method == "HEAD" else request.method or "")
        if form not in list(Format):
            raise NotFound(_("Addresses here end in .xml or .json."))
        if handler is None:
            return _refuse_method(sorted(handlers), ending)
        answer = handler(request, **path)
        response = HttpResponse(write(answer.root, answer.data, ending), ending.media_type, answer.status)
        response["Cache-Control"] = "no-cache"
        return response
    except MeydanError as error:
        return refusal(error, ending)
    except (RequestDataTooBig, BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError) as error:
        return refusal(_unreadable(error), ending)


def _refuse_method(allowed: list[str], ending: Format) -> HttpResponse:
    response = refusal(WrongMethod(), ending)
    response["Allow"] = ", ".join(allowed)
    return response


def _unreadable(error: Exception) -> MeydanError:
    """What Django found wrong with a body before anybody looked into it."""
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    return Invalid(_("The body could not be read as a form. Encode it as UTF-8 and send all of it."))


@contextmanager
def spoken_language(request: HttpRequest) -> Iterator[None]:
    """`lang` goes before the language that the middleware found; one that we do not speak changes nothing."""
    wanted = request.GET.get("lang", "")
    if wanted in LANGUAGES:
        with translation.override(wanted):
            yield
    else:
        yield


def refusal(error: MeydanError, ending: Format) -> HttpResponse:
    """The specification's error body: one error for each field at fault, else the one sentence."""
    status = status_of(error)
    sentences = [f"{name}: {sentence}" for name, sentence in error.fields.items() if name != "form"]
    sentences = [*map(str, filter(None, [error.fields.get("form")])), *sentences] or [str(error.message)]
    errors = [{"code": status, "description": sentence} for sentence in sentences]
    response = HttpResponse(write("errors", errors, ending), ending.media_type, status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


def status_of(error: MeydanError) -> int:
    """The specification knows 400, 403 and 404; the rest is HTTP's own."""
    if isinstance(error, Invalid | Conflict):
        return 400
    return 403 if isinstance(error, Refused | SignInFirst) else error.status
