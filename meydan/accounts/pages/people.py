"""/accounts/people/: an administrator finds a person and gives or takes back roles."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from meydan.accounts import actions
from meydan.accounts.inputs import FindPeople, NameRole
from meydan.accounts.models import ROLE_NAMES
from meydan.accounts.queries import list_departments, list_grants, list_people, show_person
from meydan.kernel.actor import Actor, Role
from meydan.kernel.errors import Conflict, Invalid, Sentence
from meydan.kernel.http import actor_of, page, render
from meydan.kernel.i18n import text_of
from meydan.kernel.inputs import parse

GRANTABLE = [role for role in Role if role is not Role.USER]


@page()
def people(request: HttpRequest) -> HttpResponse:
    """Find a person by name, username or exact e-mail address."""
    wanted = parse(FindPeople, request.GET)
    found = list_people(actor_of(request), words=wanted.q, after=wanted.after)
    return render(request, "accounts/people.html", {"found": found, "words": wanted.q, "role_names": ROLE_NAMES})


@page("GET", "POST")
def person(request: HttpRequest, key: UUID) -> HttpResponse:
    """One person, the roles they hold, and the form that gives one more."""
    actor, errors = actor_of(request), {}
    if request.method == "POST":
        errors = _grant(actor, key, request)
        if not errors:
            return redirect("accounts:person", key=key)
    context = {
        "person": show_person(actor, key),
        "grants": list_grants(actor, key),
        "role_names": ROLE_NAMES,
        "roles": [(role.value, ROLE_NAMES[role]) for role in GRANTABLE],
        "departments": [("", "—"), *((row.code, text_of(row.name)) for row in list_departments())],
        "given": {"role": request.POST.get("role"), "department": request.POST.get("department", "")},
        "errors": errors,
    }
    return render(request, "accounts/person.html", context, status=422 if errors else 200)


def _grant(actor: Actor, key: UUID, request: HttpRequest) -> dict[str, Sentence]:
    try:
        command = parse(NameRole, request.POST)
        actions.grant_role(actor, key, role=command.role, department=command.department)
    except Invalid as fault:
        return fault.fields
    except Conflict as fault:
        return {"role": fault.message}
    return {}


@page("POST")
def revoke(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take one role back."""
    command = parse(NameRole, request.POST)
    actions.revoke_role(actor_of(request), key, role=command.role, department=command.department)
    return redirect("accounts:person", key=key)
