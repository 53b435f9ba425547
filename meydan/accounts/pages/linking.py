"""Letting a device in that has no browser of its own, by the code that it shows (RFC 8628)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.accounts.actions.oauth import answer_device_request
from meydan.accounts.models import DeviceCode
from meydan.accounts.queries import find_own_account
from meydan.accounts.queries.clients import find_device_request, host_of, name_of, read_user_code
from meydan.accounts.queries.elsewhere import giver_for
from meydan.kernel.actor import Actor
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.limits import check

TRIES = {"limit": 20, "seconds": 600}
"""Of codes, by one person: there are a thousand million, and few devices wait at a time."""


@page("GET", "POST")
def link(request: HttpRequest) -> HttpResponse:
    """Ask for the code, then whether to let the device in that shows it."""
    actor, sent = actor_of(request), request.POST if request.method == "POST" else request.GET
    code = sent.get("user_code", "")
    if actor.is_visitor:
        query = urlencode({"user_code": code[:60]}) if code else ""
        return redirect_to_login(f"{reverse('accounts:link')}{'?' if query else ''}{query}", reverse("account_login"))
    if "user_code" not in sent:
        return render(request, "accounts/link.html", {"faults": {}, "typed": ""})
    check(f"accounts.user_code:{actor.person_id}", **TRIES)
    try:
        asked = find_device_request(actor, code)
        if request.method == "POST":
            return _answer(request, actor, code)
    except Invalid as error:
        context = {"faults": error.fields, "typed": code[:60]}
        return render(request, "accounts/link.html", context, status=error.status)
    return render(request, "accounts/link_device.html", _shown(actor, asked, code))


def _shown(actor: Actor, asked: DeviceCode, code: str) -> dict[str, object]:
    giver = giver_for(asked.scope.split())
    if giver is None:
        raise NotFound
    digits = read_user_code(code)
    return {
        "name": name_of(asked.client),
        "site": host_of(asked.client.site),
        "explained": giver.explain(asked.scope.split()),
        "person": find_own_account(actor),
        "code": f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
    }


def _answer(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    yes = request.POST.get("answer") == "yes"
    answer_device_request(actor, user_code=code, yes=yes)
    if yes:
        messages.success(request, _("The device is let in. Go on there."))
    else:
        messages.info(request, _("The device is not let in."))
    return redirect("usersessions_list")
