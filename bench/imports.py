"""`bin/meydan bench imports`: the City of Los Angeles' 10,000 real requests, imported into an empty city, then again.

The rows lie beside the project (`../shared/data`), not in it: nobody said that they may be handed on. Without them
there is nothing to measure. `--folder` names another place that has the two files.
"""

import argparse
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

from bench.harness import HOME, BenchError, run

FOLDER = HOME.parent / "shared" / "data"
REQUESTS = "la311_2020_requests.csv"
DISTRICTS = "la_council_districts_2012.geojson"
LIMIT_SECONDS = 60.0
LIMIT_AGREEING = 99.4
COUNT = re.compile(r"^(rows read|imported|refused|known before)\s+(\d+)$", re.MULTILINE)
AGREE = re.compile(r"(\d+) of (\d+) agree")


def main(arguments: list[str] | None = None) -> int:
    """Import twice and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench imports", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"where {REQUESTS} and {DISTRICTS} are")
    options = parser.parse_args(arguments)
    if not (options.folder / REQUESTS).exists():
        print(f"nothing to measure: {REQUESTS} is not in the folder; see bench/README.md")
        return 0
    try:
        with tempfile.TemporaryDirectory(prefix="meydan-bench-") as data:
            Path(data).chmod(0o711)
            return _bench(Path(data), options.folder)
    except BenchError as error:
        print(f"meydan bench imports: {error}", file=sys.stderr)
        return 2


def _bench(data: Path, folder: Path) -> int:
    first, said = _import(data, folder)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    second, again = _import(data, folder)
    counts, later = dict(COUNT.findall(said)), dict(COUNT.findall(again))
    agree = AGREE.search(said)
    share = 100 * int(agree[1]) / int(agree[2]) if agree else 0.0
    rows = int(counts["rows read"])
    print(f"read {rows}, imported {counts['imported']}, refused {counts['refused']}, each with line and reason")
    print(f"first run   {first:6.1f} s, {rows / first:.0f} rows/s, {first / LIMIT_SECONDS:.2f} of the limit; ", end="")
    print(f"{cpu:.1f} s of CPU beside the database's")
    print(f"second run  {second:6.1f} s, adds {later['imported']}, knows {later['known before']}")
    print(f"districts   {share:.2f} % agree with the file's own column")
    kept = first <= LIMIT_SECONDS and share >= LIMIT_AGREEING and later["imported"] == "0"
    kept = kept and int(counts["imported"]) + int(counts["refused"]) == rows
    print(f"limits: {LIMIT_SECONDS:.0f} s, {LIMIT_AGREEING} %, nothing twice: {'kept' if kept else 'NOT KEPT'}")
    return 0 if kept else 1


def _import(data: Path, folder: Path) -> tuple[float, str]:
    """One run of the command, from start to end; seconds, and what it said."""
    command = [sys.executable, "-m", "meydan.site.cli", "import", "--data", str(data), "311"]
    command += [str(folder / REQUESTS), "--districts", str(folder / DISTRICTS)]
    began = time.monotonic()
    said = run(command)
    return time.monotonic() - began, said


if __name__ == "__main__":
    sys.exit(main())
