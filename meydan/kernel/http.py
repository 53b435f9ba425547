"""The doors: what a page and a JSON door have in common. The only room of the kernel that knows HTTP."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render as django_render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from pydantic import BaseModel

from meydan.kernel.actor import VISITOR, Actor
from meydan.kernel.errors import Invalid, MeydanError, TooLarge, TooMany
from meydan.kernel.inputs import Input, parse

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]
MAX_JSON_BYTES = 256 * 1024
PROBLEM_JSON = "application/problem+json"


def actor_of(request: HttpRequest) -> Actor:
    """Who is at the door: set by site's middleware, a visitor without it. Worked out at the first call; what asks later
    finds the actor itself, for each look through Django's lazy object costs ten times as much."""
    actor: Actor = getattr(request, "actor", VISITOR)
    if isinstance(actor, Actor) and type(actor) is not Actor:
        actor = request.actor = copy(actor)  # type: ignore[attr-defined]  # our own attribute
    return actor


def render(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page from a Jinja2 template, with the actor in it."""
    return django_render(request, template, {**(context or {}), "actor": actor_of(request)}, status=status)


def page(*methods: str) -> Callable[[View], View]:
    """Mark a view as an HTML page that takes these methods (GET, HEAD by default). Site's middleware turns a refusal
    into a page in the reader's language."""
    allowed = list(methods or ("GET",))
    if "GET" in allowed:
        allowed.append("HEAD")
    return require_http_methods(allowed)


def same_for_visitors(view: View) -> View:
    """Mark a page that, for visitors, depends on its address, the language and the database alone: site may then give
    the same bytes to several visitors, until something is committed. Stands below `page`."""
    view.same_for_visitors = True  # type: ignore[attr-defined]  # our own mark, which decorators above hand on
    return view


def problem(error: MeydanError) -> HttpResponse:
    """A refusal as problem+json (RFC 9457): `code` for programs, `detail` for people, `fields` by name."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(type(error).default),
        "status": error.status,
        "code": error.code,
        "detail": str(error.message),
    }
    if error.fields:
        body["fields"] = {name: str(sentence) for name, sentence in error.fields.items()}
    response = HttpResponse(json.dumps(body, ensure_ascii=False), content_type=PROBLEM_JSON, status=error.status)
    if isinstance(error, TooMany):
        response["Retry-After"] = str(error.retry_after)
    return response


@dataclass(frozen=True)
class JsonDoor:
    """One method at one JSON address: what it takes, what it gives, and how the description sums it up."""

    handle: Callable[..., Any]
    summary: str
    takes: type[Input] | None
    query: type[Input] | None
    gives: type[BaseModel]
    status: int
    errors: tuple[int, ...]


def json_door(
    *,
    summary: str,
    gives: type[BaseModel],
    takes: type[Input] | None = None,
    query: type[Input] | None = None,
    status: int = 200,
    errors: Sequence[int] = (),
) -> Callable[[Callable[Concatenate[HttpRequest, P], BaseModel]], JsonDoor]:
    """Describe a JSON door. The function gets `(request, *path, taken=..., query=...)` (each only where declared) and
    returns a `gives`. `errors` are the statuses it may refuse with, beside 400, 413 and 422."""

    def describe(handle: Callable[Concatenate[HttpRequest, P], BaseModel]) -> JsonDoor:
        return JsonDoor(handle, summary, takes, query, gives, status, tuple(errors))

    return describe


def doors(**by_method: JsonDoor) -> View:
    """The view for one JSON address, from its doors by method: `doors(get=..., post=...)`.

    Exempt from the CSRF token: a body counts only as `application/json`, which no other site can send with the
    person's cookie unasked, for that needs a CORS permission that Meydan never gives.
    """
    table = {method.upper(): door for method, door in by_method.items()}

    @csrf_exempt
    def view(request: HttpRequest, **path: Any) -> HttpResponse:
        door = table.get("GET" if request.method == "HEAD" and "GET" in table else request.method or "")
        if door is None:
            return HttpResponseNotAllowed(sorted(table))
        try:
            return _answer(request, door, path)
        except MeydanError as error:
            return problem(error)

    view.doors = table  # type: ignore[attr-defined]  # the OpenAPI description reads it
    return view


def _answer(request: HttpRequest, door: JsonDoor, path: Mapping[str, Any]) -> HttpResponse:
    given: dict[str, Any] = dict(path)
    if door.query is not None:
        given["query"] = parse(door.query, request.GET)
    if door.takes is not None:
        given["taken"] = parse(door.takes, read_json(request))
    result = door.handle(request, **given)
    return HttpResponse(result.model_dump_json(), content_type="application/json", status=door.status)


def read_json(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request's body, at most 256 kB. Raises `TooLarge`, or `Invalid` with what is wrong."""
    if request.content_type != "application/json":
        raise Invalid(_("Send this as application/json."), code="not_json")
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_JSON_BYTES:
        raise TooLarge
    try:
        data = json.loads(request.read(MAX_JSON_BYTES + 1))
    except (ValueError, RecursionError) as error:
        raise Invalid(_("This is not valid JSON."), code="not_json") from error
    if not isinstance(data, dict):
        raise Invalid(_("Send a JSON object."), code="not_an_object")
    return data


def uses_json(request: HttpRequest) -> bool:
    """Whether a refusal at this address should be problem+json: it is a JSON door's, or asks for JSON by name."""
    match = request.resolver_match
    is_door = match is not None and hasattr(match.func, "doors")
    return is_door or request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")
