"""What `meydan user` does: the console's doors to accounts."""

import argparse
import getpass
import sys
from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from meydan.accounts.public import (
    CONSOLE,
    Person,
    change_password,
    find_by_name,
    grant_role,
    list_people,
    open_account,
    revoke_role,
)
from meydan.kernel.actor import Role
from meydan.kernel.errors import Invalid


def show_list(options: argparse.Namespace) -> None:
    """One line per account: username, name, e-mail address, roles."""
    after: str | None = ""
    while after is not None:
        found = list_people(CONSOLE, words=options.words, after=after)
        for person in found.people:
            print(person.username, person.name, person.email or "-", " ".join(_roles(person)) or "-", sep="\t")
        after = found.next


def _roles(person: Person) -> list[str]:
    return [
        f"{one.role}:{one.department_id}" if one.department_id else one.role for one in person.grants.order_by("role")
    ]


def create(options: argparse.Namespace) -> None:
    """Open an account; its address counts as confirmed."""
    person = open_account(
        CONSOLE,
        username=options.username,
        name=options.name or options.username,
        email=options.email.lower(),
        password=_ask_password(options.username),
        language=options.language,
    )
    print(f"{person.username} can sign in now. Roles: meydan user grant {person.username} ROLE")


def grant(options: argparse.Namespace) -> None:
    """Give a role."""
    person = find_by_name(CONSOLE, options.login)
    grant_role(CONSOLE, person.pk, role=Role(options.role), department=options.department)
    print(f"{person.username}: {' '.join(_roles(person))}")


def revoke(options: argparse.Namespace) -> None:
    """Take a role back."""
    person = find_by_name(CONSOLE, options.login)
    revoke_role(CONSOLE, person.pk, role=Role(options.role), department=options.department)
    print(f"{person.username}: {' '.join(_roles(person)) or '-'}")


def set_password(options: argparse.Namespace) -> None:
    """Set a password; the person's sessions end by it."""
    person = find_by_name(CONSOLE, options.login)
    change_password(CONSOLE, person.pk, password=_ask_password(person.username), how="console")
    print(f"{person.username} has a new password.")


def _ask_password(username: str) -> str:
    """From the keyboard, unseen, or from a pipe; never an argument, which every process on the machine could read."""
    piped = not sys.stdin.isatty()
    password = sys.stdin.readline().rstrip("\n") if piped else getpass.getpass(f"Password for {username}: ")
    try:
        validate_password(password, Person(username=username))
    except ValidationError as error:
        raise Invalid(fields={"password": " ".join(error.messages)}) from error
    return password


VERBS: dict[str, Callable[[argparse.Namespace], None]] = {
    "list": show_list,
    "create": create,
    "grant": grant,
    "revoke": revoke,
    "password": set_password,
}
