"""A demo city that is started for the first time once in a run: to migrate and to seed it takes most of a minute, and
whoever needs a house of their own takes a copy of what it left."""

import fcntl
from pathlib import Path

import pytest

from tests.long import harness
from tests.long.harness import FirstStart


@pytest.fixture(scope="session")
def first_start(shared_folder: Path) -> FirstStart:
    """Whoever asks first starts it; another worker that asks meanwhile waits."""
    with (shared_folder / "first.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return harness.start_once(shared_folder / "first")
