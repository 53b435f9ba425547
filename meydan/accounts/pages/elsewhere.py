"""Sessions that are no browser's: ended one by one; and where an app leads its person to manage the account."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.accounts import actions
from meydan.accounts.policies import may_use_own_account
from meydan.accounts.queries.elsewhere import find_session_elsewhere, place_for
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.policy import demand

PLACES = {
    "profile": "accounts:profile",
    "devices_list": "usersessions_list",
    "sessions_list": "usersessions_list",
    "device_view": "usersessions_list",
    "session_view": "usersessions_list",
    "device_delete": "accounts:end_session",
    "session_end": "accounts:end_session",
    "account_deactivate": "accounts:delete",
}
"""Where each action of an account management URL leads (Matrix spec, "Account management"), also by its name of old.
An action is written as a name within somebody's own space, "org.matrix.profile": the space does not matter here."""


@page()
def manage(request: HttpRequest) -> HttpResponse:
    """The account management URL: to the page for what the app's person wants to do."""
    action = request.GET.get("action", "").rpartition(".")[2]
    place = PLACES.get(action) or place_for(action) or "accounts:me"
    device = request.GET.get("device_id", "")[:255]
    if place == "accounts:end_session":
        return redirect(f"{reverse(place)}?{urlencode({'key': device})}")
    return redirect(place)


@page("GET", "POST")
def end(request: HttpRequest) -> HttpResponse:
    """Ask whether to end a session, and end it."""
    actor, key = actor_of(request), request.GET.get("key", "")
    demand(may_use_own_account(actor), actor)
    session = find_session_elsewhere(actor, key)
    if request.method == "POST":
        actions.end_sessions(actor, keys=(), elsewhere=[key])
        messages.success(request, _("The session is ended."))
        return redirect("usersessions_list")
    return render(request, "accounts/end_session.html", {"session": session})
