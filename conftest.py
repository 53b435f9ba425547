"""The tests' own data folder and database: a fresh PostgreSQL for every worker of a run, gone with it.

It is in place before Django's settings are read: that is why pyproject.toml gives pytest no DJANGO_SETTINGS_MODULE.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from meydan.kernel.config import DATABASE_NAME
from meydan.site.catalogs import compile_stale
from meydan.site.postgres import Server, run_client

PREFIX = "meydan-test-"
JOURNEYS = "tests/journeys/"
CHATS = tuple(f"{JOURNEYS}test_{what}" for what in ("calls", "chat", "hostile_chat", "sealed"))
MEANWHILE = ("meydan/accounts/tests/test_browsers.py", "meydan/messaging/tests/served/test_device_grant.py")
"""What one worker does while the other starts the first city, which both need for their journeys."""
LAST = "tests/long/"
SHAPE = "shape.sql"


def _sweep_killed_runs() -> None:
    """A run that was killed leaves its folder, never its server (that dies with it)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)


_sweep_killed_runs()
DATA = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
OURS = {"MEYDAN_DATA": str(DATA), "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
os.environ.update(OURS)
# Nothing is collected for tests: files for browsers come straight from the sources.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
# Each is found when it is asked for: every client would look for all of them first.
settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
settings.STATIC_ROOT.mkdir()
compile_stale()
django.setup()
# The same argon2 at a cost that a thousand sign-ins can pay: a third of a second each was most of their tests' time.
Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(shared_folder: Path) -> Iterator[None]:
    """Starts the database when the first test asks for it."""
    if os.environ.get("MEYDAN_DATABASE_URL"):
        yield
        return
    server = Server(DATA, throwaway=True)
    server.start()
    if (dump := shared_folder / SHAPE).exists():
        _take_shape(server, dump)
    yield
    server.stop()


def _take_shape(server: Server, dump: Path) -> None:
    """Let the tests' database begin as another worker's did when it had migrated."""
    with server.connect("postgres") as session:
        session.execute(sql.SQL("create database shape owner {}").format(sql.Identifier(DATABASE_NAME)))
    place = connection.settings_dict | {"NAME": "shape"}
    if run_client("psql", ["-Xqo", os.devnull, "-v", "ON_ERROR_STOP=1", "-f", str(dump)], place, DATA) == 0:
        connection.settings_dict["TEST"]["TEMPLATE"] = "shape"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, shared_folder: Path) -> None:
    """Keeps what the first worker made by migrating: the next one reads it in a second or two."""
    dump, draft = shared_folder / SHAPE, DATA / SHAPE
    if shared_folder == DATA or dump.exists() or os.environ.get("MEYDAN_DATABASE_URL"):
        return
    what = ["--no-owner", "--no-comments", "-f", str(draft)]
    if run_client("pg_dump", what, connection.settings_dict, DATA) == 0:
        draft.rename(dump)


@pytest.fixture(autouse=True)
def no_job_outlives_its_test(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django empties the tables it knows behind a test whose transactions are real; the queue's are not its own."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("truncate procrastinate_jobs, procrastinate_events cascade")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of xdist where the whole run keeps what is made once."""
    node.workerinput["shared_folder"] = str(DATA)


@pytest.fixture(scope="session")
def shared_folder(pytestconfig: pytest.Config) -> Path:
    """A folder that all workers of this run have in common, gone with it."""
    return Path(getattr(pytestconfig, "workerinput", {}).get("shared_folder", DATA))


@pytest.fixture(scope="session")
def opens_seeded_rooms(request: pytest.FixtureRequest) -> bool:
    """Whether the journeys that begin now are the messenger's, whose demo names the port that it was seeded on; the
    other ones, who have a house beside them, need no port of that name. Without the messenger's, it is theirs."""
    chats = any(item.nodeid.startswith(CHATS) for item in request.session.items)
    return os.environ["PYTEST_CURRENT_TEST"].startswith(CHATS) or not chats


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each worker makes itself a folder and reads the settings anew: it must not find ours."""
    for name in OURS:
        del os.environ[name]


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Which worker runs a test: a file stays together, and so do the journeys of the messenger and all others, who
    share a house and a browser."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(CHATS):
            return "the messenger's journeys"
        return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)  # without xdist there is nothing to share out
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that nobody waits for it; last what kills and measures, when the machine is quieter."""
    items.sort(key=lambda item: (item.nodeid.startswith(LAST), _turn(item.nodeid)))


def _turn(nodeid: str) -> int:
    turns: tuple[str | tuple[str, ...], ...] = (CHATS, MEANWHILE, JOURNEYS)
    return next((turn for turn, those in enumerate(turns) if nodeid.startswith(those)), len(turns))
