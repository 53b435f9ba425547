"""`bin/meydan bench seals`: a day of a million facts is sealed, recounted, and checked as from outside.

On a database of its own, filled by SQL with facts like those of a report; `--facts` for another number. Each part runs
in a process of its own, so that its memory is its own. The limit is one of CPU, the database's included: on a busy
machine a job of low priority waits.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

from bench.harness import run
from meydan.kernel.config import config
from meydan.site.postgres import Server
from meydan.site.stamps import connection_arguments

COMMAND = [sys.executable, "-m", "meydan.site.cli"]
LIMIT_SECONDS, LIMIT_MEGABYTES = 60.0, 300.0
FILL = """
insert into kernel_fact (name, subject, persons, actor, roles, departments, channel, data, recorded_at)
select 'reports.report_filed', 'report:' || n, array[gen_random_uuid()], gen_random_uuid(), array['user'],
       array[]::varchar[], 'web',
       jsonb_build_object('category', 'pothole', 'district', 'anfa', 'lat', 33.5 + random() / 10,
                          'lon', -7.6 + random() / 10, 'text', 'حفرة كبيرة في الشارع قرب المدرسة'),
       date_trunc('day', now()) - interval '36 hours' + n * interval '10 milliseconds'
  from generate_series(1, %s) n"""


def main(arguments: list[str] | None = None) -> int:
    """Fill, seal, recount and print; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="meydan bench seals", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--facts", type=int, default=1_000_000, metavar="N", help="facts in the day (1000000)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="meydan-bench-") as data:
        Path(data).chmod(0o711)
        os.environ["MEYDAN_DATA"] = data
        os.environ["DJANGO_SETTINGS_MODULE"] = "meydan.site.settings"
        server = Server(Path(data), throwaway=True)
        server.start()
        try:
            run([*COMMAND, "migrate"])
            with psycopg.connect(**connection_arguments(config().database())) as session:
                session.execute(FILL, [options.facts])
            seconds, megabytes = _part("seal", options.facts, "seal")
            _part("recount", options.facts, "verify", "--own")
        finally:
            server.stop()
    kept = seconds <= LIMIT_SECONDS * options.facts / 1_000_000 and megabytes <= LIMIT_MEGABYTES
    verdict = "kept" if kept else "NOT KEPT"
    print(f"limits: {LIMIT_SECONDS:.0f} s of one core for a million, {LIMIT_MEGABYTES:.0f} MB: {verdict}")
    return 0 if kept else 1


def _part(name: str, facts: int, *command: str) -> tuple[float, float]:
    """Run one; the CPU that it and the database took (s), and the most memory that it or one before it used (MB)."""
    before, began = _cpu_seconds(), time.monotonic()
    said = run([*COMMAND, *command])
    seconds, cpu = time.monotonic() - began, _cpu_seconds() - before
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{name:8} {cpu:6.1f} s of CPU for {facts} facts, {seconds:.1f} s by the clock, {megabytes:.0f} MB")
    print(*(f"    {line}" for line in said.splitlines()), sep="\n", flush=True)
    return cpu, megabytes


def _cpu_seconds() -> float:
    """What all that we started has used: what has ended, and what the database's processes have used so far."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return ended.ru_utime + ended.ru_stime + sum(sum(times[:4]) for times in running)


if __name__ == "__main__":
    sys.exit(main())
