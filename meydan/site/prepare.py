"""What must be true before the first page: the database has its shape, the city is seeded, files are laid out."""

import importlib
import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import connection

from meydan.kernel.config import config
from meydan.kernel.errors import MeydanError
from meydan.site import bundle
from meydan.site.postgres import EXTENSIONS, check_arabic
from meydan.site.stamps import as_stamps, city_stamp, schema_stamp, static_stamp

ADVISORY_LOCK = 0x6D657964  # one preparation at a time, whichever machine it runs on


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
    bundle.drop_stale()
    stamp = static_stamp()
    call_command("collectstatic", verbosity=0, interactive=False)
    (config().data / "static" / "stamp").write_text(stamp)


def keep_demo_at_home() -> None:
    """Before others can reach us: nobody may sign in with the demo's public password. Raises RuntimeError."""
    django.setup()
    if importlib.import_module("meydan.accounts.public").demo_people_exist():
        raise RuntimeError(
            "this data folder holds the demo's accounts, whose password is public: a server that others can reach may"
            " not have them. Give --data a folder of the city's own, or bind to 127.0.0.1"
        )


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
        stamps = as_stamps(cursor.fetchone()[0]) | {key: value}
        cursor.execute("comment on table django_migrations is %s", [json.dumps(stamps)])


PARTS = {"migrate": migrate, "seed": seed, "files": lay_out_static, "doors": keep_demo_at_home}


def run(name: str) -> None:
    """Do one part. A refusal comes out as RuntimeError with its sentence: the supervisor, to whom it travels from
    another process, knows no translations."""
    try:
        PARTS[name]()
    except MeydanError as error:
        raise RuntimeError(f"{name}: {error}") from None
