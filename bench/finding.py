"""`bin/meydan bench finding`: what searches of the store find, for labelled queries in five languages, beside
PostgreSQL's own configurations in the same run."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench import harness
from bench.harness import BenchError
from bench.pages import database


def main(arguments: list[str] | None = None) -> int:
    """Print precision@5 and recall@20; what they may not fall below stands in tests/test_finding.py."""
    parser = argparse.ArgumentParser(prog="meydan bench finding", description=(__doc__ or "").replace("\n", " "))
    parser.add_argument("--misses", action="store_true", help="print every query that is not answered wholly")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder, database(_open(folder)):
            env = {"MEYDAN_DATA": folder, "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
            harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=env)
            harness.run_in_django("bench.finding_ask", *(["--misses"] if options.misses else []), env=env, aloud=True)
    except BenchError as error:
        print(f"meydan bench finding: {error}", file=sys.stderr)
        return 2
    return 0


def _open(folder: str) -> Path:
    Path(folder).chmod(0o711)
    return Path(folder)


if __name__ == "__main__":
    sys.exit(main())
