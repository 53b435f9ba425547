"""`bin/meydan bench reports`: a city with 1,000,000 reports, and with 10,000,000, through the real web server.

Each city is filled by SQL into a database of its own (bench/filling.py), with its production settings, or found as an
earlier run with `--keep` left it. All are served at once, and one client asks each in turns for pages and boxes that
differ each time, so that none comes out of a memory of pages; then eight clients file reports through the JSON door as
fast as they can, with every reaction enqueued. A report that was filed is looked for on the map and in the figures
until it is there.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import HOME, BenchError
from bench.pages import database, say
from meydan.kernel.config import DATABASE_NAME
from meydan.site.postgres import Server

MILLION = 1_000_000
CLIENTS = 8
MOST_RATIO = 1.5
LEAST_CREATES = 200.0
FRESH_SECONDS = 1.0
METRE = 1 / 111_195
Process = subprocess.Popen[bytes]
COMMAND = [sys.executable, "-m", "meydan.site.cli"]


@dataclass
class Scene:
    """A filled city that is served: where, what lies where, and the cookie of an officer."""

    port: int
    places: list[tuple[int, float, float, str]]
    session: str
    dice: random.Random = field(default_factory=lambda: random.Random(1311))

    def box(self, metres: float) -> str:
        """A box of this width around some report."""
        _number, lat, lon, _category = self.dice.choice(self.places)
        tall, wide = metres * METRE / 2, metres * METRE / 2 / 0.83
        return f"{lon - wide:.6f},{lat - tall:.6f},{lon + wide:.6f},{lat + tall:.6f}"


@dataclass(frozen=True)
class Question:
    """What is asked for, its limit in ms, and what Signalen took for the like of it at a million (ms, or None)."""

    name: str
    limit: float
    path: Callable[[Scene], str]
    signalen: float | None = None
    signed_in: bool = False


def _near(scene: Scene) -> str:
    _number, lat, lon, category = scene.dice.choice(scene.places)
    return f"/api/reports/near?lat={lat:.6f}&lon={lon:.6f}&category={category}"


def _figures(scene: Scene) -> str:
    by, period = scene.dice.choice(("department", "team", "district", "category")), scene.dice.choice(PERIODS)
    day = f"{scene.dice.randint(2023, 2026)}-0{scene.dice.randint(1, 9)}-{scene.dice.randint(10, 28)}"
    return f"/reports/figures?by={by}&period={period}&start={day}"


def _work(scene: Scene) -> str:
    return f"/reports/work?n={scene.dice.random()}"


PERIODS = ("week", "month", "quarter", "year")
QUESTIONS = (
    Question("map, box of 450 m", 8, lambda scene: f"/reports/map.json?bbox={scene.box(450)}", 80),
    Question("map, box of 2.2 km", 15, lambda scene: f"/reports/map.json?bbox={scene.box(2200)}", 145),
    Question("map, box of 11 km", 25, lambda scene: f"/reports/map.json?bbox={scene.box(11_000)}", 586),
    Question("worklist, page of 50", 15, _work, 514, signed_in=True),
    Question(
        "worklist, overdue", 15, lambda scene: f"/reports/work?overdue=true&n={scene.dice.random()}", signed_in=True
    ),
    Question("duplicates nearby", 5, _near, 109),
    Question("one report", 8, lambda scene: f"/reports/{scene.dice.choice(scene.places)[0]}", 84),
    Question("public figures", 30, _figures),
)


@dataclass
class Measured:
    """What one city gave: ms by question (p50, p95, CPU of web and database), creates per second with their p50 and
    CPU, seconds until fresh."""

    rows: int
    asked: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    creates: float = 0.0
    create_ms: tuple[float, float] = (0.0, 0.0)
    create_cpu: tuple[float, float] = (0.0, 0.0)
    on_map: float = 0.0
    in_figures: float = 0.0


@dataclass(frozen=True)
class City:
    """One that is served: its web and its worker, and the database's pid."""

    scene: Scene
    measured: Measured
    web: Process
    worker: Process
    database: int

    def cpu(self) -> tuple[float, float]:
        """Seconds of one core that its web and its database have taken."""
        return harness.cpu_seconds(self.web.pid), harness.cpu_seconds(self.database)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench reports", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, action="append", help="reports (1000000 and 10000000); may be said twice")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the filled cities there, or find them there")
    parser.add_argument("--requests", type=int, default=200, help="of each question (200)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of filing with eight clients (20)")
    options = parser.parse_args(arguments)
    try:
        with _folder(options.keep) as folder, contextlib.ExitStack() as stack:
            sizes = options.rows or [MILLION, 10 * MILLION]
            cities = [stack.enter_context(served(folder / str(rows), rows)) for rows in sizes]
            ask_all(cities, options.requests)
            for one in cities:
                one.measured.on_map, one.measured.in_figures = see_it_come(one.scene)
            for one in cities:
                file_many(one, options.seconds)
    except BenchError as error:
        print(f"meydan bench reports: {error}", file=sys.stderr)
        return 2
    return report([one.measured for one in cities])


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    with contextlib.ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meydan-bench-")))
        folder.mkdir(exist_ok=True, parents=True)
        folder.chmod(0o711)
        yield folder


@contextlib.contextmanager
def served(data: Path, rows: int) -> Iterator[City]:
    """A city of so many reports, filled unless it is there, with its web and its worker."""
    data.mkdir(exist_ok=True)
    data.chmod(0o711)
    env = {"MEYDAN_DATA": str(data), "MEYDAN_RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    with database(data) as server:
        harness.run([*COMMAND, "migrate"], env=env)
        if not (data / "filled").exists():
            say(f"filling {rows:,} reports")
            fill(rows, env)
            (data / "filled").touch()
        with server.connect(DATABASE_NAME) as session:
            session.execute("truncate procrastinate_jobs cascade")
        harness.run_in_django("bench.visitors", str(data / "scene.json"), env=env)
        port = harness.free_port()
        scene = Scene(port, **json.loads((data / "scene.json").read_text("utf-8")))
        with running("web", "--port", str(port), env=env) as web:
            harness.wait_for(f"http://127.0.0.1:{port}/reports/")
            with running("worker", env=env) as worker:
                wait_for_worker(port)
                yield City(scene, Measured(rows), web, worker, pid_of(server))
        with server.connect(DATABASE_NAME) as session:
            session.execute("truncate procrastinate_jobs cascade")


def wait_for_worker(port: int) -> None:
    """Until it is at work: to load it takes a core for seconds, which no question should pay."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
            if json.load(answer)["worker"]["state"] == "up":
                break
        time.sleep(0.5)
    else:
        raise BenchError("the worker does not come up")
    time.sleep(2)


def fill(rows: int, env: Mapping[str, str]) -> None:
    """Say what it says: it takes minutes."""
    start = (
        "import django, runpy; django.setup(); runpy.run_module('bench.filling', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run([sys.executable, "-c", start, str(rows)], cwd=HOME, env={**os.environ, **env}, check=False)
    if done.returncode:
        raise BenchError("the city could not be filled")


@contextlib.contextmanager
def running(*command: str, env: Mapping[str, str]) -> Iterator[Process]:
    """A process of ours, as `meydan up` runs it."""
    process = subprocess.Popen([*COMMAND, *command], cwd=HOME, env={**os.environ, **env})
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()


def pid_of(server: Server) -> int:
    """The database's process."""
    return server.process.pid if server.process else 0


def ask_all(cities: Sequence[City], requests: int) -> None:
    """Every question so many times of each city in turns, with one client: what else the machine does falls on all of
    them. Before that as many of each to warm up: all processes have just been started, and a city's have been running
    for days. Never the same address twice."""
    lines = [http.client.HTTPConnection("127.0.0.1", one.scene.port, timeout=60) for one in cities]
    for is_warm in (False, True):
        for question in QUESTIONS:
            say(f"{'asking' if is_warm else 'warming up'}: {question.name}")
            before = [sum(one.cpu()) for one in cities]
            times: list[list[float]] = [[] for _one in cities]
            for _number in range(requests):
                for one, line, taken in zip(cities, lines, times, strict=True):
                    taken.append(_ask(line, question, one.scene))
            for one, taken, cpu in zip(cities, times, before, strict=True):
                spent = 1000 * (sum(one.cpu()) - cpu) / requests
                one.measured.asked[question.name] = (
                    statistics.median(taken),
                    statistics.quantiles(taken, n=20)[-1],
                    spent,
                )
    for line in lines:
        line.close()


def _ask(line: http.client.HTTPConnection, question: Question, scene: Scene) -> float:
    cookie = scene.session if question.signed_in else "made=anew"  # nothing that was kept for visitors
    path, began = question.path(scene), time.perf_counter()
    line.request("GET", path, headers={**harness.AS_A_BROWSER, "Cookie": cookie})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise BenchError(f"{path} answered {answer.status}")
    return 1000 * (time.perf_counter() - began)


def _send(line: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    headers = {"Content-Type": "application/json"}
    line.request(method, path, None if body is None else json.dumps(body), headers)
    answer = line.getresponse()
    said = answer.read()
    if answer.status not in (200, 201):
        raise BenchError(f"{method} {path} answered {answer.status}: {said[:200]!r}")
    return json.loads(said)


def _new_report(scene: Scene, dice: random.Random) -> dict[str, Any]:
    _number, lat, lon, category = dice.choice(scene.places)
    return {
        "category": category,
        "description": f"The lamp in front of number {dice.randint(1, 300)} has been dark for a week.",
        "lat": lat + dice.uniform(-1, 1) / 10_000,
        "lon": lon + dice.uniform(-1, 1) / 10_000,
        "address": f"{dice.randint(1, 300)} Rue des Orangers",
        "contact_email": "somebody@example.org",
    }


def see_it_come(scene: Scene) -> tuple[float, float]:
    """File a report; seconds until it is on the public map, and until the figures have counted it."""
    line = http.client.HTTPConnection("127.0.0.1", scene.port, timeout=60)
    sent = _new_report(scene, scene.dice)
    figures = "/api/reports/figures?period=week&by=category"
    lat, lon, near = sent["lat"], sent["lon"], 2 * METRE
    box = f"/reports/map.json?bbox={lon - near},{lat - near},{lon + near},{lat + near}"
    before = _send(line, "GET", figures)["whole"]["received"]
    number = _send(line, "POST", "/api/reports", sent)["number"]
    began = time.perf_counter()
    seconds = []
    for path, is_there in (
        (box, lambda said: any(one["id"] == number for one in said["features"])),
        (figures, lambda said: said["whole"]["received"] > before),
    ):
        while not is_there(_send(line, "GET", path)) and time.perf_counter() - began < 10 * FRESH_SECONDS:
            time.sleep(0.02)
        seconds.append(time.perf_counter() - began)
    line.close()
    return seconds[0], seconds[1]


def file_many(city: City, seconds: float) -> None:
    """Eight clients file without pause. The worker rests: what it does later must not be counted here, but every
    reaction is in its queue."""
    scene, measured = city.scene, city.measured
    say(f"{measured.rows:,}: filing with {CLIENTS} clients")
    city.worker.terminate()
    city.worker.wait(15)
    times: list[float] = []
    faults: list[str] = []

    def work(seed: int, until: float) -> None:
        dice, line = random.Random(seed), http.client.HTTPConnection("127.0.0.1", scene.port, timeout=60)
        try:
            while time.monotonic() < until:
                body, began = _new_report(scene, dice), time.perf_counter()
                _send(line, "POST", "/api/reports", body)
                times.append(1000 * (time.perf_counter() - began))
        except (BenchError, OSError) as error:
            faults.append(str(error))

    for warming in (True, False):
        times.clear()
        length = 3.0 if warming else seconds
        began, cpu = time.monotonic(), city.cpu()
        threads = [threading.Thread(target=work, args=(seed, began + length)) for seed in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        passed = time.monotonic() - began
    if faults or not times:
        raise BenchError(f"filing failed: {faults[:1]}")
    spent = [after - before for before, after in zip(cpu, city.cpu(), strict=True)]
    measured.creates = len(times) / passed
    measured.create_ms = (statistics.median(times), statistics.quantiles(times, n=20)[-1])
    measured.create_cpu = (1000 * spent[0] / len(times), 1000 * spent[1] / len(times))


def report(found: list[Measured]) -> int:
    """Print the table and the verdict."""
    heads = "".join(f"{f'{one.rows:,}':>16}{'p95':>8}{'CPU':>8}" for one in found)
    print(f"\n{'p50, ms, one client':24}{'limit':>8}{heads}{'ratio':>8}{'Signalen, 1 M':>16}")
    broken = []
    for question in QUESTIONS:
        p50s = [one.asked[question.name][0] for one in found]
        cells = "".join("{:16.1f}{:8.1f}{:8.1f}".format(*one.asked[question.name]) for one in found)
        ratio = p50s[-1] / p50s[0]
        peer = f"{question.signalen:16.0f}" if question.signalen else f"{'-':>16}"
        print(f"{question.name:24}{question.limit:8.0f}{cells}{ratio if len(found) > 1 else 1:8.2f}{peer}")
        broken += [question.name] if max(p50s) > question.limit or ratio > MOST_RATIO else []
    creates = "".join(f"{one.creates:16.0f}{'':16}" for one in found)
    slower = found[0].creates / found[-1].creates
    print(f"{f'filed per second, {CLIENTS} cl.':24}{LEAST_CREATES:8.0f}{creates}{slower:8.2f}{20.6:16.1f}")
    broken += ["filed"] if min(one.creates for one in found) < LEAST_CREATES or slower > MOST_RATIO else []
    for one in found:
        print(
            f"\n{one.rows:,}: filing took {one.create_ms[0]:.0f} ms (p95 {one.create_ms[1]:.0f}), "
            f"{one.create_cpu[0]:.1f} ms of the web's CPU and {one.create_cpu[1]:.1f} of the database's; "
            f"a new report is on the map after {one.on_map:.2f} s, in the figures after {one.in_figures:.2f} s"
        )
        broken += ["fresh"] if max(one.on_map, one.in_figures) > FRESH_SECONDS else []
    print(f"\nload {os.getloadavg()[0]:.1f}; the same work costs {harness.slowness():.2f} times this machine's best")
    print(f"limits: {'NOT KEPT: ' + ', '.join(broken) if broken else 'kept'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
