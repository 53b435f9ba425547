"""`bin/meydan bench identity`: credentials issued and verified in a second of one core, the status lists of ten
million, and an answer at a city's counter.

On a database of its own. Rates are of CPU, of our process alone: signatures and digests, no database. The counter is
measured by the clock, through the whole door: HTTP as Django sees it, the database, the commit.
"""

import os
import sys
import tempfile
from pathlib import Path

from bench.harness import run, run_in_django
from meydan.site.postgres import Server

COMMAND = [sys.executable, "-m", "meydan.site.cli"]


def main() -> int:
    """Measure and print; 1 when a limit is not kept."""
    with tempfile.TemporaryDirectory(prefix="meydan-bench-") as data:
        Path(data).chmod(0o711)
        settings = {"MEYDAN_DATA": data, "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
        os.environ.update(settings)
        server = Server(Path(data), throwaway=True)
        server.start()
        try:
            run([*COMMAND, "migrate"])
            run_in_django("bench.identity_work", env=settings, aloud=True)
            return 0 if (Path(data) / "kept").exists() else 1
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
