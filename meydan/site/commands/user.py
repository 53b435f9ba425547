"""`meydan user`: accounts and roles from the console, for the first administrator and for whoever is locked out."""

import argparse
import importlib
import sys
from collections.abc import Iterable

import django

from meydan.kernel.actor import Role
from meydan.kernel.errors import Invalid, MeydanError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="what", required=True, metavar="what")
    listing = verbs.add_parser("list", help="who has an account, and in which roles")
    listing.add_argument("words", nargs="?", default="", help="a part of the name, or a full e-mail address")
    create = verbs.add_parser("create", help="open an account that is ready to sign in")
    create.add_argument("username", help="small letters, digits, dots, hyphens")
    create.add_argument("--email", required=True)
    create.add_argument("--name", default="", help="as others see it")
    create.add_argument("--language", default="en", choices=["ar", "fr", "en", "fa", "tg"])
    for verb, purpose in (("grant", "give a role"), ("revoke", "take a role back")):
        one = verbs.add_parser(verb, help=purpose)
        one.add_argument("login", help="username or e-mail address")
        one.add_argument("role", choices=[role.value for role in Role if role is not Role.USER])
        one.add_argument("--department", help="the code of an officer's department")
    password = verbs.add_parser("password", help="set a password (asked for, or read from a pipe)")
    password.add_argument("login", help="username or e-mail address")


def run(options: argparse.Namespace) -> int:
    """Run one of them; a refusal is said in one line per field. The accounts load once Django is set up."""
    django.setup(set_prefix=False)
    people = importlib.import_module("meydan.site.people")
    try:
        people.VERBS[options.what](options)
    except Invalid as fault:
        return _complain(f"{field}: {sentence}" for field, sentence in fault.fields.items())
    except MeydanError as fault:
        return _complain([str(fault)])
    return 0


def _complain(lines: Iterable[str]) -> int:
    for line in lines:
        print(f"meydan: {line}", file=sys.stderr)
    return 1
