"""What the city's own web address says of the messenger: where it is (client-server API, "Well-known URI"), and what a
person wants of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from meydan.accounts.public import find_active_person
from meydan.kernel.config import config
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.inputs import parse
from meydan.messaging.actions.cases import switch_cases
from meydan.messaging.inputs import SwitchCases
from meydan.messaging.queries.cases import own_wish


@page("GET")
def well_known(_request: HttpRequest) -> HttpResponse:
    """Where a client finds the server of `@citizen:<this address>`; scripts of any page may ask."""
    answer = JsonResponse({"m.homeserver": {"base_url": config().gateway_url}})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@page("GET", "POST")
def mine(request: HttpRequest) -> HttpResponse:
    """How I am called in the messenger, and whether the city writes to me there about my cases."""
    actor = actor_of(request)
    wanted = own_wish(actor)
    if request.method == "POST":
        switch_cases(actor, wanted=parse(SwitchCases, request.POST).wanted)
        messages.success(request, _("This is kept."))
        return HttpResponseRedirect(reverse("messaging:mine"))
    person = find_active_person(actor.person_id) if actor.person_id else None
    user_id = f"@{person.username}:{config().server_name}" if person else ""
    return render(
        request, "messaging/mine.html", {"wanted": wanted, "user_id": user_id, "server": config().gateway_url}
    )
