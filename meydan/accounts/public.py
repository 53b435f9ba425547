"""The door of accounts: what other rooms of the house may use.

Persons and departments may be referred to by foreign key (a floor down). Everything else is a function here.
"""

from collections.abc import Mapping

from meydan.accounts.actions import (
    assure,
    change_password,
    change_profile,
    confirm_email,
    delete_account,
    end_sessions,
    grant_role,
    keep_department,
    publish_charter,
    revoke_role,
    sign_in,
    sign_up,
    speak,
)
from meydan.accounts.actions.demo import DEMO_APP, add_demo_app
from meydan.accounts.actions.oauth import CodeGrant
from meydan.accounts.models import LOOPBACK, Department, Person
from meydan.accounts.policies import looks_official
from meydan.accounts.queries import (
    actor_for,
    check_new_password,
    check_password,
    current_charter,
    find_active_person,
    find_by_name,
    find_charter,
    has_second_proof,
    list_departments,
    list_officers,
    list_own_sessions,
    list_people,
    names_of,
    official_names,
)
from meydan.accounts.queries.demo import DEMO_DOMAIN, DEMO_PASSWORD, DEMO_ROLES, demo_people_exist
from meydan.accounts.queries.elsewhere import (
    Opening,
    SessionElsewhere,
    gives_tokens,
    keeps_sessions,
    manages,
)
from meydan.accounts.queries.export import ExportedFile, as_csv, as_json, contributes_to_export
from meydan.accounts.queries.history import tells
from meydan.accounts.queries.marks import Mark, marks_beside, marks_from, marks_names, marks_of
from meydan.kernel.actor import SYSTEM, Actor, Channel, Role

CONSOLE = Actor(name="console", roles=frozenset({Role.ADMIN}), channel=Channel.CONSOLE)
"""Whoever can run commands on the city's machine: an administrator without a name."""


def open_account(actor: Actor, *, username: str, name: str, email: str, password: str, language: str) -> Person:
    """An account that is ready to sign in, for the console and the seed: its address counts as confirmed.

    Raises `Invalid` (fields) when the name or address is taken or not written as it should be; the password is not
    judged here.
    """
    person = sign_up(
        actor, username=username, name=name, email=email, password=password, language=language, way="console"
    )
    confirm_email(actor, person.pk, email=email)
    return person


def open_demo_accounts(
    *, officer_department: str, language: str = "en", names: Mapping[str, str] | None = None
) -> dict[str, Person]:
    """The demo's sign-ins by role, through the real actions; those that exist stay as they are.

    `officer_department` is the code of the officer's department; `names` are shown names by role (else the role).
    They share DEMO_PASSWORD: only for a demo, which the configuration keeps on loopback.
    """
    return {role: _demo_account(role, officer_department, language, (names or {}).get(role)) for role in DEMO_ROLES}


def open_demo_person(username: str, name: str, *, language: str, department: str = "") -> tuple[Person, bool]:
    """One more account of the demo, with its password and the authenticator app of DEMO_APP; an officer of the
    department, where one is named. And whether it is new."""
    if existing := Person.objects.filter(username=username).first():
        return existing, False
    email = f"{username}@{DEMO_DOMAIN}"
    person = open_account(SYSTEM, username=username, name=name, email=email, password=DEMO_PASSWORD, language=language)
    add_demo_app(SYSTEM, person.pk)
    if department:
        grant_role(SYSTEM, person.pk, role=Role.OFFICER, department=department)
    return person, True


def _demo_account(role: str, department: str, language: str, name: str | None) -> Person:
    existing = Person.objects.filter(username=role).first()
    if existing:
        return existing
    person = open_account(
        SYSTEM,
        username=role,
        name=name or role.capitalize(),
        email=f"{role}@{DEMO_DOMAIN}",
        password=DEMO_PASSWORD,
        language=language,
    )
    if granted := next((one for one in Role if one == role), None):
        grant_role(SYSTEM, person.pk, role=granted, department=department if granted is Role.OFFICER else None)
    return person


__all__ = [
    "CONSOLE",
    "DEMO_APP",
    "DEMO_PASSWORD",
    "DEMO_ROLES",
    "LOOPBACK",
    "CodeGrant",
    "Department",
    "ExportedFile",
    "Mark",
    "Opening",
    "Person",
    "SessionElsewhere",
    "actor_for",
    "as_csv",
    "as_json",
    "assure",
    "change_password",
    "change_profile",
    "check_new_password",
    "check_password",
    "contributes_to_export",
    "current_charter",
    "delete_account",
    "demo_people_exist",
    "end_sessions",
    "find_active_person",
    "find_by_name",
    "find_charter",
    "gives_tokens",
    "grant_role",
    "has_second_proof",
    "keep_department",
    "keeps_sessions",
    "list_departments",
    "list_officers",
    "list_own_sessions",
    "list_people",
    "looks_official",
    "manages",
    "marks_beside",
    "marks_from",
    "marks_names",
    "marks_of",
    "names_of",
    "official_names",
    "open_account",
    "open_demo_accounts",
    "open_demo_person",
    "publish_charter",
    "revoke_role",
    "sign_in",
    "sign_up",
    "speak",
    "tells",
]
