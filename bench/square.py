"""`bin/meydan bench square`: the store with 100,000 entries in five languages.

Pages are asked for with a cookie, so that each is made anew; what is measured is CPU per request in the web process.
Searches are timed inside Django, as a page asks them, for common and for rare words of all five languages.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from pathlib import Path

from bench import harness
from bench.harness import HOME, BenchError
from bench.pages import Contender, Reading, database, measure, say, start

LIST_MS, DETAIL_MS = 2.0, 2.5
SEARCH_P50, SEARCH_P95, SUGGEST_P50 = 15.0, 60.0, 10.0
ANEW = {"Cookie": "made=anew"}


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when something is over its limit."""
    parser = argparse.ArgumentParser(prog="meydan bench square", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--entries", type=int, default=100_000, help="in the store (default 100000)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round (default 2)")
    parser.add_argument("--rounds", type=int, default=5, help="of each reading, in turns (default 5)")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder:
            Path(folder).chmod(0o711)
            return bench(Path(folder), options.entries, options.seconds, options.rounds)
    except BenchError as error:
        print(f"meydan bench square: {error}", file=sys.stderr)
        return 2


def bench(folder: Path, entries: int, seconds: float, rounds: int) -> int:
    """Fill a fresh database under `folder`, serve it, measure, print."""
    ours = {"MEYDAN_DATA": str(folder), "MEYDAN_RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    with database(folder), contextlib.ExitStack() as stack:
        say(f"filling the store with {entries} entries")
        told = folder / "searches.json"
        harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=ours)
        harness.run_in_django("bench.square_fill", str(entries), str(told), env=ours)
        readings = [
            Reading("the list", Page(Path(sys.executable), WSGI, HOME, ours), ANEW),
            Reading("one entry", Page(Path(sys.executable), WSGI, HOME, ours, path="/apps/bench-50"), ANEW),
            Reading("the list, as visitors get it", Page(Path(sys.executable), WSGI, HOME, ours)),
        ]
        for one in readings:
            start(one, stack)
        measure(readings, seconds, rounds)
        return report(readings, json.loads(told.read_text("utf-8")))


WSGI = "meydan.site.wsgi:application_of_child"


class Page(Contender):
    """One page of the store, served by a process of its own."""

    def __init__(self, python: Path, application: str, folder: Path, env: dict[str, str], path: str = "/apps/") -> None:
        super().__init__(python, application, folder, env)
        self.path = path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


def report(readings: list[Reading], searches: dict[str, list[float]]) -> int:
    """Print the tables and the verdict."""
    limits = [LIST_MS, DETAIL_MS, LIST_MS]
    kept = []
    print(f"\n{'page':32}{'CPU ms/request':>16}{'best':>8}{'limit':>8}{'req/s':>8}")
    for one, limit in zip(readings, limits, strict=True):
        kept.append(one.cpu_ms <= limit)
        print(f"{one.name:32}{one.cpu_ms:16.2f}{one.best_ms:8.2f}{limit:8.1f}{one.per_second:8.0f}")
    print(f"\n{'search':32}{'p50 ms':>16}{'p95 ms':>8}")
    for name, (median, slow) in searches.items():
        kept.append(median <= (SUGGEST_P50 if name == "suggestions" else SEARCH_P50) and slow <= SEARCH_P95)
        print(f"{name:32}{median:16.1f}{slow:8.1f}")
    print(f"\nlimits: {'kept' if all(kept) else 'NOT KEPT'}")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
