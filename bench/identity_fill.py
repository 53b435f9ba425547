"""Fills a city for `bench.identity`'s applications: a million people whose faces are known, and those who will apply.

Started by `harness.run_in_django` with the number of stored measures, of applicants, and a file, which gets a line of
JSON for each applicant: the session in which they have just given their second proof. A last argument names a file
with what the registry says of each, a line of JSON for each.

The known are written by SQL, from one that the actions made; their measures are random, each sealed as any other.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from bench.identity_people import FIRST_YEAR, YEARS, claims_of
from bench.pages import say
from meydan.accounts.public import Person, open_account
from meydan.identity.actions.identities import establish_identity
from meydan.identity.models import face_block
from meydan.identity.models.enrolment import MEASURE
from meydan.identity.models.sealing import seal
from meydan.identity.plugins.faces import engine
from meydan.kernel.actor import SYSTEM
from tests.load.holding import PASSWORD

PROVEN_SECONDS = 12 * 3600.0
"""The proof of applicants is as fresh for all of them: the bench measures applications, not authenticator apps."""
FILLED = ("accounts_person", "identity_identity", "identity_facerecord")
DRAWN = 10_000
"""Measures drawn at a time."""
_COLUMNS = "select column_name from information_schema.columns where table_name = %s order by ordinal_position"
_COPIES = "insert into {table} ({names}) select {values} from {table} one, generate_series(1, %s) n where one.id = %s"
KNOWN_ONE = {"id": "md5('bench' || n)::uuid", "username": "'known' || n", "email": "null"}
THEIR_IDENTITY = {"id": KNOWN_ONE["id"], "person_id": KNOWN_ONE["id"], "number": "decode(md5('number' || n), 'hex')"}
_THEIR_FACES = "copy identity_facerecord (identity_id, block, sealed, engine) from stdin (format binary)"
_KEYS = """
select format('alter table %%s drop constraint %%I', conrelid::regclass, conname),
       format('alter table %%s add constraint %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  from pg_constraint where contype = 'f' and conrelid = any(%s::regclass[])"""
_INDEXES = """
select format('drop index %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) from pg_index
 where indrelid = any(%s::regclass[]) and not exists (select from pg_constraint where conindid = indexrelid)"""


def main() -> None:
    """Fill, and say how long each part took."""
    stored, file, registered = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    began = time.monotonic()
    _fill_known(stored)
    say(f"{stored:,} known faces took {time.monotonic() - began:.0f} s")
    began, count = time.monotonic(), 0
    with (
        registered.open(encoding="utf-8") as people,
        file.open("w", encoding="utf-8") as lines,
        override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),  # nobody types theirs
    ):
        for count, _said in enumerate(people, 1):
            lines.write(json.dumps(_applicant(count)) + "\n")
    say(f"{count:,} accounts of those who apply took {time.monotonic() - began:.0f} s")


def _fill_known(stored: int) -> None:
    first = open_account(
        SYSTEM, username="known", name="Known", email="known@example.org", password=PASSWORD, language="en"
    )
    identity = establish_identity(SYSTEM, person_id=first.pk, claims=claims_of(-1), level="light")
    camera = engine()
    assert camera is not None, "no engine"
    with connection.cursor() as cursor, _bare_tables(cursor):
        for table, source, changed in (
            ("accounts_person", first.pk, KNOWN_ONE),
            ("identity_identity", identity.pk, THEIR_IDENTITY),
        ):
            cursor.execute(_COLUMNS, [table])
            names = [name for (name,) in cursor.fetchall()]
            values = ", ".join(changed.get(name, f"one.{name}") for name in names)
            cursor.execute(_COPIES.format(table=table, names=", ".join(names), values=values), [stored, source])
        with cursor.cursor.copy(_THEIR_FACES) as copy:
            copy.set_types(["uuid", "bytea", "bytea", "varchar"])
            for row in _faces(stored, camera.name):
                copy.write_row(row)


@contextmanager
def _bare_tables(cursor: Any) -> Iterator[None]:
    """Without foreign keys and indexes, which are made anew afterwards; then as autovacuum leaves them."""
    kept: list[tuple[str, str]] = []
    for query in (_KEYS, _INDEXES):
        cursor.execute(query, [list(FILLED)])
        kept += cursor.fetchall()
    for without, _with in kept:
        cursor.execute(without)
    yield
    for _without, again in reversed(kept):
        cursor.execute(again)
    for table in FILLED:
        cursor.execute(f"vacuum analyze {table}")


def _faces(stored: int, engine_name: str) -> Iterator[Sequence[Any]]:
    """As far from one another, and from all that is drawn, as people are: about as long as dlib's."""
    dice = numpy.random.default_rng(7)
    blocks = [face_block(sex, FIRST_YEAR + year) for sex in "FM" for year in range(YEARS)]
    for first in range(0, stored, DRAWN):
        measures = dice.normal(0.0, 0.12, (min(DRAWN, stored - first), 128)).astype("<f4")
        for number, measure in enumerate(measures, first):
            yield _key(number + 1), blocks[number % len(blocks)], seal(measure.tobytes(), MEASURE), engine_name


def _key(number: int) -> UUID:
    """As `THEIR_IDENTITY` makes it."""
    return UUID(hashlib.md5(f"bench{number}".encode(), usedforsecurity=False).hexdigest())


def _applicant(number: int) -> dict[str, str]:
    """A new account, and its session."""
    person = open_account(
        SYSTEM,
        username=f"applicant{number}",
        name="Somebody",
        email=f"applicant{number}@example.org",
        password=PASSWORD,
        language="en",
    )
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return {"person": str(person.pk), "session": _session(person)}


def _session(person: Person) -> str:
    browser = Client()
    browser.force_login(person)
    session = browser.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "at": time.time() + PROVEN_SECONDS},
    ]
    session.save()
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


if __name__ == "__main__":
    main()
