"""What must be true before the first page: the database has its shape, the city is seeded, files are laid out.

Each part knows by a stamp that nothing changed, so that a second start skips Django altogether. The database's stamps
are a comment on `django_migrations`: they travel with a dump, and a database without them is prepared again.
"""

import hashlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
import psycopg
from django.core.management import call_command
from django.db import connection

from meydan.kernel.config import config
from meydan.site.postgres import EXTENSIONS, check_arabic

PACKAGE = Path(__file__).resolve().parent.parent
SCHEMA_LIBRARIES = ("django", "django-allauth", "procrastinate")
STATIC_LIBRARIES = ("django-htmx", "django-allauth")
ADVISORY_LOCK = 0x6D657964  # one preparation at a time, whichever machine it runs on


def schema_stamp() -> str:
    """Changes when a migration of ours or of a library does."""
    ours = sorted(PACKAGE.glob("*/migrations/*.py"))
    return _digest([version(name) for name in SCHEMA_LIBRARIES], (file.read_bytes() for file in ours))


def city_stamp() -> str:
    """Changes when another city is asked for, or the demo."""
    return f"{config().city} {'demo' if config().demo else 'city'}"


def static_stamp() -> str:
    """Changes when a file under any `static/` does."""
    files = sorted(file for file in PACKAGE.glob("*/static/**/*") if file.is_file())
    facts = (f"{file.relative_to(PACKAGE)} {file.stat().st_size} {file.stat().st_mtime_ns}".encode() for file in files)
    return _digest([version(name) for name in STATIC_LIBRARIES], facts)


def read_stamps() -> dict[str, str]:
    """The database's stamps; empty when it was never prepared. Raises `psycopg.Error` when it does not answer."""
    with psycopg.connect(**connection_arguments(config().database())) as session:
        row = session.execute("select obj_description(to_regclass('django_migrations'), 'pg_class')").fetchone()
    return _as_stamps(row[0] if row else None)


def connection_arguments(database: dict[str, Any]) -> dict[str, Any]:
    """Django's `database` as psycopg wants it."""
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    arguments = {name: database[key] for name, key in names.items() if database.get(key)}
    return {**arguments, **database["OPTIONS"]}


def is_static_laid_out() -> bool:
    """Whether `<data>/static` holds what the sources say."""
    stamp = config().data / "static" / "stamp"
    return stamp.exists() and stamp.read_text() == static_stamp()


def migrate() -> None:
    """Create the extensions and bring the schema to this version's shape."""
    django.setup()
    with _one_at_a_time():
        with connection.cursor() as cursor:
            for extension in EXTENSIONS:
                cursor.execute(f"create extension if not exists {extension}")
        check_arabic(connection.connection)
        call_command("migrate", verbosity=0, interactive=False)
        _write_stamp("schema", schema_stamp())


def seed() -> None:
    """Fill the city, and the demo where one is asked for, through the real actions."""
    django.setup()
    with _one_at_a_time():
        if importlib.util.find_spec("meydan.site.seed"):
            importlib.import_module("meydan.site.seed").seed(config().city, demo=config().demo)
        _write_stamp("city", city_stamp())


def lay_out_static() -> None:
    """Collect, name by content and compress what browsers fetch, into `<data>/static`."""
    django.setup()
    stamp = static_stamp()
    call_command("collectstatic", verbosity=0, interactive=False)
    (config().data / "static" / "stamp").write_text(stamp)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [ADVISORY_LOCK])
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [ADVISORY_LOCK])


def _write_stamp(key: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select obj_description(to_regclass('django_migrations'), 'pg_class')")
        stamps = _as_stamps(cursor.fetchone()[0]) | {key: value}
        cursor.execute("comment on table django_migrations is %s", [json.dumps(stamps)])


def _as_stamps(comment: str | None) -> dict[str, str]:
    try:
        stamps = json.loads(comment or "{}")
    except ValueError:
        return {}
    return stamps if isinstance(stamps, dict) else {}


def _digest(words: list[str], parts: Iterator[bytes]) -> str:
    digest = hashlib.sha256(" ".join(words).encode())
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
