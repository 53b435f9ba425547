"""`bin/meydan bench photos`: what a 12-megapixel photo costs, and whether a full queue of them slows a page.

The CPU is that of the child processes that do the work, as the system accounts it. The list page is asked for at a
steady pace, first with an idle worker, then while the worker looks at one photo after another.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import harness
from bench.harness import HOME, BenchError
from bench.pages import database, say

LIMIT_CPU_SECONDS = 1.5
LIMIT_RATIO = 2.0
IN_THE_WORKER = ("looked at", "hidden")
PAUSE_SECONDS = 0.02


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench photos", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--requests", type=int, default=600, help="of the list page, in each of two rounds (600)")
    parser.add_argument("--queue", type=int, default=200, help="photos that wait for the worker (200)")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="meydan-bench-") as folder:
            Path(folder).chmod(0o711)
            worker = measure_work(Path(folder))
            idle, full = measure_page(Path(folder), options.requests, options.queue)
    except BenchError as error:
        print(f"meydan bench photos: {error}", file=sys.stderr)
        return 2
    return report(worker, idle, full)


def measure_work(folder: Path) -> float:
    """The median CPU seconds of the worker for one photo: looking, and making the form that may be shown."""
    told = folder / "work.json"
    env = {"MEYDAN_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    harness.run_in_django("bench.photo_work", str(told), env=env)
    steps: dict[str, list[float]] = json.loads(told.read_text("utf-8"))
    for name, spent in steps.items():
        print(f"{name:24}{statistics.median(spent):6.2f} s of CPU (best {min(spent):.2f})")
    return sum(statistics.median(steps[name]) for name in IN_THE_WORKER)


def measure_page(folder: Path, requests: int, queue: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each request, idle and while the worker is busy with photos."""
    env = {"MEYDAN_DATA": str(folder), "MEYDAN_RATE_LIMITS": "off", "DJANGO_SETTINGS_MODULE": "meydan.site.settings"}
    port = harness.free_port()
    with database(folder):
        say("preparing the city")
        harness.run([sys.executable, "-m", "meydan.site.cli", "migrate"], env=env)
        harness.run_in_django("bench.scene", str(folder / "reports.json"), str(folder / "session"), env=env)
        application = "meydan.site.wsgi:application_of_child"
        with harness.serving(Path(sys.executable), application, port, folder=HOME, env=env):
            harness.wait_for(f"http://127.0.0.1:{port}/reports/")
            with working(env):
                ask(port, requests)
                say("idle")
                idle = ask(port, requests)
                waiting = folder / "waiting"
                harness.run_in_django("bench.photo_queue", str(queue), str(waiting), env=env)
                say(f"with {queue} photos in the queue")
                full = ask(port, requests)
                harness.run_in_django("bench.photo_queue", "0", str(waiting), env=env)
                left = int(waiting.read_text("utf-8"))
    if not left:
        raise BenchError("the queue was empty before the round ended: give --queue more photos")
    say(f"{queue - left} photos were looked at meanwhile")
    return idle, full


@contextmanager
def working(env: dict[str, str]) -> Iterator[None]:
    """The worker, as `meydan up` runs it."""
    process = subprocess.Popen([sys.executable, "-m", "meydan.site.cli", "worker"], env={**os.environ, **env})
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def ask(port: int, requests: int) -> list[float]:
    """The list page so many times, one after another with a short pause; milliseconds of each."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for index in range(requests):
        began = time.perf_counter()
        line.request("GET", f"/reports/?before={100_000 + index}", headers={"Accept-Language": "en"})
        answer = line.getresponse()
        answer.read()
        taken.append(1000 * (time.perf_counter() - began))
        if answer.status != 200:
            raise BenchError(f"the list answered {answer.status}")
        time.sleep(PAUSE_SECONDS)
    return taken


def report(worker: float, idle: list[float], full: list[float]) -> int:
    """Print the numbers and the verdict."""
    for name, taken in (("list page, idle", idle), ("list page, queue full", full)):
        print(f"{name:24}p50 {statistics.median(taken):6.1f} ms   p99 {p99(taken):6.1f} ms")
    ratio = p99(full) / p99(idle)
    kept = worker <= LIMIT_CPU_SECONDS and ratio <= LIMIT_RATIO
    print(f"the machine is {harness.slowness():.2f} times slower than at its best")
    print(
        f"limits: {LIMIT_CPU_SECONDS} s in the worker, p99 {LIMIT_RATIO:.0f} times; ours: {worker:.2f} s and "
        f"{ratio:.2f} times: {'kept' if kept else 'NOT KEPT'}"
    )
    return 0 if kept else 1


def p99(taken: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(taken, n=100)[98]


if __name__ == "__main__":
    sys.exit(main())
