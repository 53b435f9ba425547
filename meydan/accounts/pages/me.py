"""/me: who I am, where I am signed in, who looked at my data; to change, to take along, to close."""

from os import SEEK_END

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from markdown_it import MarkdownIt

from meydan.accounts import actions
from meydan.accounts.inputs import AcceptCharter, ChangeProfile
from meydan.accounts.models import ASSURANCE_NAMES, ROLE_NAMES
from meydan.accounts.policies import may_use_own_account
from meydan.accounts.queries import (
    accepted_at,
    current_charter,
    find_own_account,
    list_grants,
    list_own_authenticators,
    list_own_sessions,
)
from meydan.accounts.queries.export import write_export
from meydan.accounts.queries.history import looked_events, own_events, own_receipt
from meydan.kernel.actor import Actor, Assurance, Role
from meydan.kernel.errors import Invalid, NotFound
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import LANGUAGES, text_of
from meydan.kernel.inputs import parse
from meydan.kernel.policy import demand

_FIRST_LINES = 5


def _signed_in(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    demand(may_use_own_account(actor), actor)
    return actor


@page()
def me(request: HttpRequest) -> HttpResponse:
    """My page."""
    actor = _signed_in(request)
    person = find_own_account(actor)
    charter = current_charter()
    context = {
        "person": person,
        "languages": LANGUAGES,
        "assurance": ASSURANCE_NAMES[Assurance(person.assurance)],
        "roles": [(ROLE_NAMES[Role(one.role)], one.department) for one in list_grants(actor, person.pk)],
        "kinds": {one.type for one in list_own_authenticators(actor)},
        "sessions": list_own_sessions(actor),
        "looked": looked_events(actor, limit=_FIRST_LINES),
        "events": own_events(actor, limit=_FIRST_LINES),
        "charter": charter if charter and not accepted_at(actor, charter) else None,
    }
    return render(request, "accounts/me.html", context)


@page()
def history(request: HttpRequest) -> HttpResponse:
    """Everything that happened around my account, and who looked."""
    actor = _signed_in(request)
    return render(request, "accounts/history.html", {"events": own_events(actor), "looked": looked_events(actor)})


@page()
def receipt(request: HttpRequest, fact_id: int) -> HttpResponse:
    """The proof that one line of my history stands under its day's seal, as a file."""
    found = own_receipt(_signed_in(request), fact_id)
    response = JsonResponse(found, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="receipt-{fact_id}.json"'
    return response


@page("GET", "POST")
def profile(request: HttpRequest) -> HttpResponse:
    """Change my name and language."""
    actor = _signed_in(request)
    person = find_own_account(actor)
    given, errors = {"name": person.name, "language": person.language}, {}
    if request.method == "POST":
        given = {key: request.POST.get(key, "") for key in given}
        try:
            command = parse(ChangeProfile, request.POST)
            actions.change_profile(actor, name=command.name, language=command.language)
        except Invalid as fault:
            errors = fault.fields
        else:
            with override(command.language):
                messages.success(request, _("Your profile is changed."))
            return redirect("accounts:me")
    status = 422 if errors else 200
    return render(
        request, "accounts/profile.html", {"given": given, "errors": errors, "languages": LANGUAGES}, status=status
    )


@page()
def charter(request: HttpRequest) -> HttpResponse:
    """The charter of use in force; where somebody is signed in who has not accepted it, with the question."""
    actor, version = actor_of(request), current_charter()
    if version is None:
        raise NotFound
    text = MarkdownIt("commonmark", {"html": False}).render(text_of(version.text))
    accepted = None if actor.is_visitor else accepted_at(actor, version)
    return render(request, "accounts/charter.html", {"charter": version, "text_of_it": text, "accepted": accepted})


@page("POST")
def accept_charter(request: HttpRequest) -> HttpResponse:
    """Accept the version that was shown."""
    command = parse(AcceptCharter, request.POST)
    actions.accept_charter(_signed_in(request), version=command.version)
    return redirect("accounts:me")


@page("GET", "POST")
@reauthentication_required
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything that is mine as one ZIP, after the password was asked again."""
    actor = _signed_in(request)
    if request.method != "POST":
        return render(request, "accounts/export.html")
    file = write_export(actor)
    actions.note_export(actor, size=file.seek(0, SEEK_END))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{actor.name}.zip", content_type="application/zip")


@page("GET", "POST")
@reauthentication_required
def delete(request: HttpRequest) -> HttpResponse:
    """Close my account, after the password was asked again and a box was ticked."""
    actor = _signed_in(request)
    errors = {}
    if request.method == "POST":
        if request.POST.get("sure") == "on":
            actions.delete_account(actor)
            request.session.flush()
            return render(request, "accounts/deleted.html")
        errors = {"sure": _("Tick this box if you are sure.")}
    return render(request, "accounts/delete.html", {"errors": errors}, status=422 if errors else 200)
