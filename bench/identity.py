"""`bin/meydan bench identity`: credentials issued and verified in a second of one core, the status lists of ten
million, an answer at a city's counter; then whole applications among a million known faces.

On a database of its own. Rates are of CPU, of our process alone: signatures and digests, no database. The counter is
measured by the clock, through the whole door: HTTP as Django sees it, the database, the commit. The applications are
those of `identity_crowd.py`, in a city of their own.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.harness import BenchError, run, run_in_django
from meydan.site.postgres import Server

COMMAND = [sys.executable, "-m", "meydan.site.cli"]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench identity", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--applications", type=int, default=2000, help="as fast as they can (2000); 0: none at all")
    parser.add_argument("--stored", type=int, default=1_000_000, help="known faces (1000000)")
    parser.add_argument("--at-once", type=int, default=24, help="who apply at a time (24)")
    parser.add_argument("--beside", type=int, default=300, help="seconds of applications beside the messenger (300)")
    parser.add_argument("--only-applications", action="store_true", help="leave out tokens, lists and counter")
    options = parser.parse_args(arguments)
    try:
        kept = options.only_applications or _in_django("bench.identity_work")
        if options.applications:
            numbers = (options.applications, options.stored, options.at_once, options.beside)
            kept = _in_django("bench.identity_crowd", *map(str, numbers)) and kept
        return 0 if kept else 1
    except BenchError as error:
        print(f"meydan bench identity: {error}", file=sys.stderr)
        return 2


def _in_django(module: str, *arguments: str) -> bool:
    """Have it measure, with a fresh database; whether all its limits were kept."""
    with tempfile.TemporaryDirectory(prefix="meydan-bench-") as data:
        Path(data).chmod(0o711)
        settings = {"MEYDAN_DATA": data, "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
        server = Server(Path(data), throwaway=True)
        server.start()
        try:
            run([*COMMAND, "migrate"], env=settings)
            run_in_django(module, *arguments, env=settings, aloud=True)
            return (Path(data) / "kept").exists()
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
