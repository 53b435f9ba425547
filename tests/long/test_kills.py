"""`kill -9`, twenty times each, while people are reading and filing: the house heals itself within ten seconds."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.long import harness
from tests.long.harness import House

KILLS = 20
READERS = 4
PAUSE_SECONDS = 0.05  # each: some 70 pages a second in all

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="meydan-kills-") as folder, harness.running(Path(folder) / "city") as house:
        yield house


@contextmanager
def readers(house: House) -> Iterator[list[int]]:
    """Threads that open the home page without pause; what they got, as statuses."""
    statuses: list[int] = []
    over = threading.Event()

    def read() -> None:
        while not over.wait(PAUSE_SECONDS):
            with suppress(OSError):
                statuses.append(house.get("/")[0])

    crowd = [threading.Thread(target=read) for _ in range(READERS)]
    for one in crowd:
        one.start()
    try:
        yield statuses
    finally:
        over.set()
        for one in crowd:
            one.join()


@pytest.mark.parametrize("part", ["database", "web", "worker"])
def test_it_heals_itself(house: House, part: str) -> None:
    with readers(house) as statuses:
        seconds = [house.wait_until_well(part, house.kill(part)) for _ in range(KILLS)]
    print(f"\n{part}: back after {max(seconds):.1f} s at most, {sum(seconds) / KILLS:.1f} s on average")
    assert statuses.count(200) > KILLS
