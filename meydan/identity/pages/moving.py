"""An identity moved to another account: whoever had it stops that, from the account or from the letter about it."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from meydan.identity.actions.moving import stop_move, stop_move_by_letter
from meydan.identity.queries.moving import moved_by_letter, own_moved
from meydan.kernel.errors import NotFound
from meydan.kernel.http import actor_of, page, render


@page("POST")
def stop(request: HttpRequest) -> HttpResponse:
    """One tap, from any session of the account where it was, as a freeze."""
    actor = actor_of(request)
    moved = own_moved(actor)
    if moved is None:
        raise NotFound
    if moved.state == "open":
        stop_move(actor, moved.identity)
    return HttpResponseRedirect(reverse("identity:mine"))


@page("GET", "POST")
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """The same without signing in, for who has the letter. Opening it does nothing: programs that read mail open
    addresses, too."""
    if request.method == "POST":
        with suppress(NotFound):  # the wait was over, or it was stopped: the page says which
            stop_move_by_letter(actor_of(request), token)
        return HttpResponseRedirect(reverse("identity:moved", kwargs={"token": token}))
    response = render(request, "identity/moved.html", {"moved": moved_by_letter(actor_of(request), token)})
    response["Referrer-Policy"] = "no-referrer"
    return response
