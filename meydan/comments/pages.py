"""The pages of comments. Their forms lead back to the thing that is talked about."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from meydan.comments import actions
from meydan.comments.actions import AlreadySent
from meydan.comments.inputs import EditComment, FindHelpful, Rate, ReadThread, WriteComment
from meydan.comments.public import Discussed, thread_of
from meydan.comments.queries import find_comment, find_discussed, is_still_editable
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse

Errors = Mapping[str, Any]
MOST = 2**63


@page("GET")
def thread(request: HttpRequest) -> HttpResponse:
    """All that is said about the thing at `?about=`."""
    try:
        asked = parse(ReadThread, request.GET)
    except Invalid as error:
        raise NotFound from error
    shown = thread_of(actor_of(request), asked.about, before=asked.before)
    return render(request, "comments/all.html", {"thread": shown})


@page("GET", "POST")
def write(request: HttpRequest) -> HttpResponse:
    """Write about a thing, or answer a comment."""
    actor = actor_of(request)
    if request.method != "POST":
        return _show_form(request, request.GET, {})
    actions.limit_writing(actor)
    try:
        taken = parse(WriteComment, request.POST)
        key = _write(actor, taken)
    except Invalid as error:
        return _show_form(request, request.POST, error.fields, status=422)
    return HttpResponseRedirect(f"{find_discussed(actor, taken.about).href}#comment-{key}")


def _write(actor: Actor, taken: WriteComment) -> int:
    try:
        comment = actions.write_comment(
            actor, about=taken.about, text=taken.text, parent=taken.parent, form_token=taken.form_token
        )
    except AlreadySent as sent:
        return sent.key
    return int(comment.pk)


def _show_form(request: HttpRequest, values: Mapping[str, str], errors: Errors, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    thing = find_discussed(actor, values.get("about", "")[:80])
    parent = _number(values.get("parent", ""))
    answered = find_comment(actor, parent)[0] if parent else None
    context = {
        "thing": thing,
        "answered": answered if answered and answered.about == values["about"] else None,
        "values": values,
        "errors": errors,
        "form_token": values.get("form_token") or str(uuid4()),
    }
    return render(request, "comments/write.html", context, status=status)


def _number(text: str) -> int:
    """A comment's number as an address gives it. Raises `NotFound` for everything else; 0 for none."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and int(text[:20]) < MOST):
        raise NotFound
    return int(text)


@page("POST")
def rate(request: HttpRequest) -> HttpResponse:
    """Give stars, or take them back."""
    actor = actor_of(request)
    actions.limit_writing(actor)
    try:
        taken = parse(Rate, request.POST)
    except Invalid as error:
        return _show_stars(request, error.fields)
    thing = find_discussed(actor, taken.about)
    if taken.stars:
        actions.rate_thing(actor, about=taken.about, stars=taken.stars)
    else:
        actions.withdraw_rating(actor, about=taken.about)
    return HttpResponseRedirect(f"{thing.href}#ratings")


def _show_stars(request: HttpRequest, errors: Errors) -> HttpResponse:
    about = request.POST.get("about", "")[:80]
    shown = thread_of(actor_of(request), about)
    return render(request, "comments/rate.html", {"thread": shown, "errors": errors}, status=422)


@page("GET")
def comment(request: HttpRequest, key: int) -> HttpResponse:
    """Where a comment stands."""
    _comment, thing = _find(request, key)
    return HttpResponseRedirect(f"{thing.href}#comment-{key}")


@page("GET", "POST")
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one's own comment, or take it back."""
    actor = actor_of(request)
    if request.method != "POST":
        return _show_edit(request, key, {})
    _comment, thing = _find(request, key)
    try:
        taken = parse(EditComment, request.POST)
        if taken.delete:
            actions.delete_comment(actor, key)
            return HttpResponseRedirect(f"{thing.href}#comments")
        actions.edit_comment(actor, key, text=taken.text)
    except Invalid as error:
        return _show_edit(request, key, error.fields, status=422)
    return HttpResponseRedirect(f"{thing.href}#comment-{key}")


def _show_edit(request: HttpRequest, key: int, errors: Errors, status: int = 200) -> HttpResponse:
    found, thing = _find(request, key)
    actions.demand_own(actor_of(request), found)
    text = request.POST.get("text", "") if errors else found.text
    context = {"comment": found, "thing": thing, "text": text, "errors": errors}
    return render(request, "comments/edit.html", {**context, "editable": is_still_editable(found)}, status=status)


@page("POST")
def helpful(request: HttpRequest, key: int) -> HttpResponse:
    """Say that somebody's comment helps."""
    _comment, thing = _find(request, key)
    taken = parse(FindHelpful, request.POST)
    actions.find_helpful(actor_of(request), key, undo=taken.undo)
    return HttpResponseRedirect(f"{thing.href}#comment-{key}")


def _find(request: HttpRequest, key: int) -> tuple[Any, Discussed]:
    if key >= MOST:
        raise NotFound
    return find_comment(actor_of(request), key)
