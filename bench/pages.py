"""`bin/meydan bench pages`: the list of 20 reports, beside the same list on Django's own templates and on Wagtail.

All run in this one go: same machine, same PostgreSQL, same granian (one worker, four threads), same load, in turns.
What is compared is CPU per request in the web process: everything else moves with the machine's other work.

Ours is read in three ways: by visitors, who are given the same bytes for as long as nothing was committed; by a visitor
with a cookie, for whom every page is made anew; and by somebody who is signed in, for whom it is made anew as well.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
    """One way of serving the page: where its Python and its application are."""

    python: Path
    application: str
    folder: Path
    env: Mapping[str, str]
    path: str = "/reports/"
    port: int = field(default_factory=harness.free_port)
    pid: int = 0
    size: Size = field(default_factory=lambda: Size(0, 0, 0))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


@dataclass
class Reading:
    """One kind of reader of a contender's page, and what was measured. With `paths`, these are read in turns instead of
    the contender's own."""

    name: str
    of: Contender
    headers: Mapping[str, str] = field(default_factory=dict)
    paths: Sequence[str] = ()
    loads: list[Load] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        """The median round, in ms of CPU for one request: it decides."""
        return statistics.median(load.cpu_ms for load in self.loads)

    @property
    def best_ms(self) -> float:
        """The best round: what else the machine does only ever adds to it."""
        return min(load.cpu_ms for load in self.loads)

    @property
    def per_second(self) -> float:
        """The median round, in requests per second."""
        return statistics.median(load.requests / load.seconds for load in self.loads)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when our page is over its limits."""
    parser = argparse.ArgumentParser(prog="meydan bench pages", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round (default 2)")
    parser.add_argument("--rounds", type=int, default=8, help="of each reading, in turns (default 8)")
    parser.add_argument("--without-wagtail", action="store_true", help="leave out the peer that must be downloaded")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder:
            Path(folder).chmod(0o711)
            return bench(Path(folder), options.seconds, options.rounds, with_wagtail=not options.without_wagtail)
    except BenchError as error:
        print(f"meydan bench pages: {error}", file=sys.stderr)
        return 2


def bench(folder: Path, seconds: float, rounds: int, *, with_wagtail: bool) -> int:
    """Set the scene in a fresh database under `folder`, measure every contender in turns, print."""
    ours = {"MEYDAN_DATA": str(folder), "MEYDAN_RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    with database(folder) as server, contextlib.ExitStack() as stack:
        say("preparing the city and its 20 reports")
        rows, session = folder / "reports.json", folder / "session"
        harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=ours)
        harness.run_in_django("bench.scene", str(rows), str(session), env=ours)
        meydan = Contender(Path(sys.executable), "meydan.site.wsgi:application_of_child", HOME, ours)
        django = Contender(Path(sys.executable), "bench.peers.dtl.wsgi:make", HOME, ours)
        readings = [
            Reading("Meydan, as visitors get it", meydan),
            Reading("Meydan, made anew", meydan, {"Cookie": "made=anew"}),
            Reading("Meydan, signed in", meydan, {"Cookie": session.read_text("utf-8")}),
            Reading("Django's templates", django),
        ]
        if with_wagtail:
            say("preparing Wagtail in its own virtual environment")
            readings.append(Reading("Wagtail", make_wagtail(server, folder, rows)))
        for one in readings:
            start(one, stack)
        measure(readings, seconds, rounds)
    return report(readings)


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
    with server.connect("postgres") as connection:
        connection.execute("create database wagtail owner meydan")
    site = wagtail(folder)
    for command in (["migrate", "--verbosity", "0"], ["fill", str(rows)]):
        harness.run([str(site.python), "-m", "django", *command], folder=site.folder, env=site.env)
    return site


def wagtail(folder: Path, path: str = "/reports/") -> Contender:
    """Wagtail from its lock, in its virtual environment, with the database `wagtail` of the server in `folder`."""
    python = harness.virtual_environment(HOME / "bench" / "requirements-wagtail.lock", cache() / "wagtail")
    config = load_config({"MEYDAN_DATA": str(folder)})
    env = {
        "BENCH_DATABASE": json.dumps(
            {**config.database(), "NAME": "wagtail", "ENGINE": "django.db.backends.postgresql"}
        ),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(PEERS / "wagtail"),
    }
    return Contender(python, "wsgi:make", PEERS / "wagtail", env, path)


def cache() -> Path:
    """Where virtual environments of peers are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "meydan-bench"


def start(one: Reading, stack: contextlib.ExitStack) -> None:
    """Serve its contender until the stack closes, unless that is served already; warm it up, weigh its first view."""
    if not one.of.pid:
        one.of.pid = stack.enter_context(
            harness.serving(one.of.python, one.of.application, one.of.port, folder=one.of.folder, env=one.of.env)
        )
        harness.wait_for(one.of.url)
        one.of.size = harness.first_view(one.of.url)
    load(one, WARM_UP_SECONDS)


def load(one: Reading, seconds: float) -> Load:
    """One round of it."""
    return harness.measure(one.of.url, one.of.pid, seconds=seconds, headers=one.headers, paths=one.paths)


def measure(readings: list[Reading], seconds: float, rounds: int) -> None:
    """Rounds in turns, so that other work on the machine meets all alike."""
    for number in range(1, rounds + 1):
        for one in readings:
            say(f"round {number} of {rounds}: {one.name}")
            one.loads.append(load(one, seconds))
    say(f"the same work costs {harness.slowness():.2f} times the CPU that it costs at this machine's best")


def report(readings: list[Reading]) -> int:
    """Print the table and the verdict."""
    ours, anew = readings[:2]
    heads = f"{'CPU ms/request':>16}{'best':>8}{'ratio':>8}{'req/s':>8}{'first view, br':>18}{'plain':>12}"
    print(f"\n{'list page, 20 reports':28}{heads}")
    for one in readings:
        size = one.of.size
        print(
            f"{one.name:28}{one.cpu_ms:16.2f}{one.best_ms:8.2f}{one.cpu_ms / anew.cpu_ms:8.2f}{one.per_second:8.0f}"
            f"{size.compressed / 1000:15.1f} kB{size.plain / 1000:9.1f} kB"
        )
    size = ours.of.size
    kept = [one.cpu_ms <= LIMIT_CPU_MS for one in (ours, anew)] + [size.compressed <= LIMIT_BYTES]
    words = ["kept" if one else "NOT KEPT" for one in kept]
    print(
        f"\nlimits: {LIMIT_CPU_MS:.1f} ms and {LIMIT_BYTES / 1000:.0f} kB; ratios are to our page made anew"
        f"\nas visitors get it: {ours.cpu_ms:.2f} ms, {words[0]}; made anew: {anew.cpu_ms:.2f} ms, {words[1]}; "
        f"first view: {size.compressed / 1000:.1f} kB in {size.files} files, {words[2]}"
    )
    return 0 if all(kept) else 1


def say(line: str) -> None:
    """Progress, apart from the result."""
    print(f"... {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
