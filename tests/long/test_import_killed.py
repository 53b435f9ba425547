"""`kill -9` in the middle of an import, database and all: the next run ends with every row, once."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from meydan.reports.tests.test_los_angeles_311 import row, text

ROWS = 4_000
PATIENCE = 180.0

pytestmark = pytest.mark.long


def start(folder: Path, log: Path) -> "subprocess.Popen[bytes]":
    """An import that brings its own database, as on a machine where nothing else of Meydan runs."""
    command = [sys.executable, "-m", "meydan.site.cli", "import", "311", str(folder / "requests.csv")]
    with log.open("wb") as out:
        return subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "MEYDAN_DATA": str(folder / "city")}
        )


def sums(log: Path) -> dict[str, int]:
    """The report at the end, by name."""
    return {name: int(count) for name, count in re.findall(r"^([a-z][a-z ]+?) {2,}(\d+)$", log.read_text(), re.M)}


def test_a_killed_import_goes_on() -> None:
    with tempfile.TemporaryDirectory(prefix="meydan-import-") as name:
        folder, log = Path(name), Path(name) / "log"
        folder.chmod(0o711)
        (folder / "requests.csv").write_bytes(text(*(row(number) for number in range(ROWS)), row(ROWS, status="Lost")))
        first = start(folder, log)
        deadline = time.monotonic() + PATIENCE
        while "1000 rows read" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        first.kill()
        first.wait()
        assert not sums(log), "the import was over before it was killed"
        assert start(folder, log).wait(PATIENCE) == 0, log.read_text()
        second = sums(log)
        assert second["known before"] >= 1000
        assert second["known before"] + second["imported"] == ROWS
        assert (second["rows read"], second["refused"]) == (ROWS + 1, 1)
        assert start(folder, log).wait(PATIENCE) == 0
        assert sums(log) == {"rows read": ROWS + 1, "imported": 0, "refused": 0, "known before": ROWS + 1}
