"""The tests' own data folder and database: a fresh PostgreSQL for every run, gone with it.

It is in place before Django's settings are read: that is why pyproject.toml gives pytest no DJANGO_SETTINGS_MODULE.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings

from meydan.site.catalogs import compile_stale
from meydan.site.postgres import Server

PREFIX = "meydan-test-"


def _sweep_killed_runs() -> None:
    """A run that was killed leaves its folder, never its server (that dies with it)."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)


_sweep_killed_runs()
DATA = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
os.environ["MEYDAN_DATA"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "meydan.site.settings"
# Nothing is collected for tests: files for browsers come straight from the sources.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.WHITENOISE_USE_FINDERS = True
settings.STATIC_ROOT.mkdir()
compile_stale()
django.setup()


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Starts the database when the first test asks for it."""
    if os.environ.get("MEYDAN_DATABASE_URL"):
        yield
        return
    server = Server(DATA, throwaway=True)
    server.start()
    yield
    server.stop()
