"""What was prepared already, so that a second start skips Django altogether. `prepare.py` does the work.

The database's stamps are a comment on `django_migrations`: they travel with a dump, and a database without them is
prepared again.
"""

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from meydan.kernel.config import config

PACKAGE = Path(__file__).resolve().parent.parent
SCHEMA_LIBRARIES = ("django", "django-allauth", "procrastinate")
STATIC_LIBRARIES = ("django-htmx", "django-allauth")


def schema_stamp() -> str:
    """Changes when a migration of ours or of a library does."""
    ours = sorted(PACKAGE.glob("*/migrations/*.py"))
    return _digest([version(name) for name in SCHEMA_LIBRARIES], (file.read_bytes() for file in ours))


def city_stamp() -> str:
    """Changes when another city is asked for, or the demo, or other stickers."""
    stickers = _digest([], iter([Path(__file__).with_name("sticker_drawings.py").read_bytes()]))
    return f"{config().city} {'demo' if config().demo else 'city'} {stickers}"


def static_stamp() -> str:
    """Changes when a file under any `static/` does."""
    files = sorted(file for file in PACKAGE.glob("*/static/**/*") if file.is_file())
    facts = (f"{file.relative_to(PACKAGE)} {file.stat().st_size} {file.stat().st_mtime_ns}".encode() for file in files)
    return _digest([version(name) for name in STATIC_LIBRARIES], facts)


def read_stamps() -> dict[str, str]:
    """The database's stamps; empty when it was never prepared. Raises `psycopg.Error` when it does not answer."""
    with psycopg.connect(**connection_arguments(config().database())) as session:
        row = session.execute("select obj_description(to_regclass('django_migrations'), 'pg_class')").fetchone()
    return as_stamps(row[0] if row else None)


def connection_arguments(database: dict[str, Any]) -> dict[str, Any]:
    """Django's `database` as psycopg wants it."""
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    arguments = {name: database[key] for name, key in names.items() if database.get(key)}
    return {**arguments, **database["OPTIONS"]}


def is_static_laid_out() -> bool:
    """Whether `<data>/static` holds what the sources say."""
    stamp = config().data / "static" / "stamp"
    return stamp.exists() and stamp.read_text() == static_stamp()


def as_stamps(comment: str | None) -> dict[str, str]:
    """The comment as it was written; nothing for one that somebody else wrote."""
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
