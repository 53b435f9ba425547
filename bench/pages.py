"""`bin/meydan bench pages`: the list of 20 reports, beside the same list on Django's own templates and on Wagtail.

All three run in this one go: same machine, same PostgreSQL, same granian (one worker, four threads), same load, in
turns. What is compared is CPU per request in the web process: everything else moves with the machine's other work.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench import harness
from bench.harness import HOME, BenchError, Load, Size
from meydan.kernel.config import load_config
from meydan.site.postgres import Server

LIMIT_CPU_MS = 2.0
LIMIT_BYTES = 30_000
WARM_UP_SECONDS = 2.0
PEERS = HOME / "bench" / "peers"


@dataclass
class Contender:
    """One way of serving the page: where its Python and its application are, and what was measured."""

    name: str
    python: Path
    application: str
    folder: Path
    env: Mapping[str, str]
    port: int = field(default_factory=harness.free_port)
    loads: list[Load] = field(default_factory=list)
    size: Size | None = None
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/reports/"

    @property
    def cpu_ms(self) -> float:
        """The median round, in ms of CPU for one request."""
        return statistics.median(load.cpu_ms for load in self.loads)

    @property
    def per_second(self) -> float:
        """The median round, in requests per second."""
        return statistics.median(load.requests / load.seconds for load in self.loads)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when our page is over its limits."""
    parser = argparse.ArgumentParser(prog="meydan bench pages", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round (default 5)")
    parser.add_argument("--rounds", type=int, default=3, help="of each contender, in turns (default 3)")
    parser.add_argument("--without-wagtail", action="store_true", help="leave out the peer that must be downloaded")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder:
            Path(folder).chmod(0o711)
            return bench(Path(folder), options.seconds, options.rounds, wagtail=not options.without_wagtail)
    except BenchError as error:
        print(f"meydan bench pages: {error}", file=sys.stderr)
        return 2


def bench(folder: Path, seconds: float, rounds: int, *, wagtail: bool) -> int:
    """Set the scene in a fresh database under `folder`, measure every contender in turns, print."""
    ours = {"MEYDAN_DATA": str(folder), "MEYDAN_RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    with database(folder) as server, contextlib.ExitStack() as stack:
        say("preparing the city and its 20 reports")
        rows = folder / "reports.json"
        harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=ours)
        harness.run_in_django("bench.scene", str(rows), env=ours)
        contenders = [
            Contender("Meydan", Path(sys.executable), "meydan.site.wsgi:application_of_child", HOME, ours),
            Contender("Django's templates", Path(sys.executable), "bench.peers.dtl.wsgi:make", HOME, ours),
        ]
        if wagtail:
            say("preparing Wagtail in its own virtual environment")
            contenders.append(make_wagtail(server, folder, rows))
        for one in contenders:
            start(one, stack)
        measure(contenders, seconds, rounds)
    return report(contenders)


@contextlib.contextmanager
def database(folder: Path) -> Iterator[Server]:
    """Our own PostgreSQL with its production settings, gone at the end."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def make_wagtail(server: Server, folder: Path, rows: Path) -> Contender:
    """Wagtail from its lock, with a database of its own on the same server, filled with the same 20 reports."""
    python = harness.virtual_environment(HOME / "bench" / "requirements-wagtail.lock", cache() / "wagtail")
    config = load_config({"MEYDAN_DATA": str(folder)})
    with server.connect("postgres") as connection:
        connection.execute("create database wagtail owner meydan")
    env = {
        "BENCH_DATABASE": json.dumps({**config.database(), "NAME": "wagtail"}),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(PEERS / "wagtail"),
    }
    for command in (["migrate", "--verbosity", "0"], ["fill", str(rows)]):
        harness.run([str(python), "-m", "django", *command], folder=PEERS / "wagtail", env=env)
    return Contender("Wagtail", python, "wsgi:make", PEERS / "wagtail", env)


def cache() -> Path:
    """Where virtual environments of peers are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "meydan-bench"


def start(one: Contender, stack: contextlib.ExitStack) -> None:
    """Serve it until the stack closes, warm it up, weigh its first view."""
    one.pid = stack.enter_context(
        harness.serving(one.python, one.application, one.port, folder=one.folder, env=one.env)
    )
    harness.wait_for(one.url)
    one.size = harness.first_view(one.url)
    harness.measure(one.url, one.pid, seconds=WARM_UP_SECONDS)


def measure(contenders: list[Contender], seconds: float, rounds: int) -> None:
    """Rounds in turns, so that other work on the machine meets all alike."""
    for number in range(1, rounds + 1):
        for one in contenders:
            say(f"round {number} of {rounds}: {one.name}")
            one.loads.append(harness.measure(one.url, one.pid, seconds=seconds))
    say(f"the same work costs {harness.slowness():.2f} times the CPU that it costs at this machine's best")


def report(contenders: list[Contender]) -> int:
    """Print the table and the verdict."""
    ours = contenders[0]
    heads = f"{'CPU ms/request':>16}{'ratio':>8}{'req/s':>8}{'first view, br':>18}{'plain':>12}"
    print(f"\n{'list page, 20 reports':24}{heads}")
    for one in contenders:
        size = one.size or Size(0, 0, 0)
        print(
            f"{one.name:24}{one.cpu_ms:16.2f}{one.cpu_ms / ours.cpu_ms:8.2f}{one.per_second:8.0f}"
            f"{size.compressed / 1000:15.1f} kB{size.plain / 1000:9.1f} kB"
        )
    size = ours.size or Size(0, 0, 0)
    kept = ours.cpu_ms <= LIMIT_CPU_MS and size.compressed <= LIMIT_BYTES
    print(
        f"\nlimits: {LIMIT_CPU_MS:.1f} ms and {LIMIT_BYTES / 1000:.0f} kB; ours: {ours.cpu_ms:.2f} ms and "
        f"{size.compressed / 1000:.1f} kB in {size.files} files: {'kept' if kept else 'NOT KEPT'}"
    )
    return 0 if kept else 1


def say(line: str) -> None:
    """Progress, apart from the result."""
    print(f"... {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
