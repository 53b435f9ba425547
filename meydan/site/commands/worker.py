"""`meydan worker`: the jobs."""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.context import ForkProcess
from types import FrameType

import django

from meydan.kernel import jobs
from meydan.site.processes import FIRST_PAUSE, LONGEST_PAUSE, SETTLED_SECONDS, bind_to_parent

SWITCH_SECONDS = 0.0005
"""The threads mostly wait for the database; by Python's habit (5 ms) each would wait as long for the other one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=jobs.MOST_AT_ONCE, help="jobs at a time (4)")


def run(options: argparse.Namespace) -> int:
    """Load everything once, then work in a child: when the database comes back, so does a worker, in no time."""
    sys.setswitchinterval(SWITCH_SECONDS)
    django.setup(set_prefix=False)
    pause = FIRST_PAUSE
    while True:
        began = time.monotonic()
        code = _work_in_a_child(options.concurrency)
        if code in (0, -signal.SIGTERM, -signal.SIGINT):
            return 0
        pause = FIRST_PAUSE if time.monotonic() - began > SETTLED_SECONDS else min(pause * 2, LONGEST_PAUSE)
        time.sleep(pause)


def _work_in_a_child(concurrency: int) -> int:
    """Its exit code."""
    child = multiprocessing.get_context("fork").Process(target=_work, args=(os.getpid(), concurrency))
    child.start()
    before = {sign: signal.signal(sign, _pass_on_to(child)) for sign in (signal.SIGTERM, signal.SIGINT)}
    child.join()
    for sign, handler in before.items():
        signal.signal(sign, handler)
    return child.exitcode or 0


def _pass_on_to(child: ForkProcess) -> "signal._HANDLER":
    def end(_sign: int, _frame: FrameType | None) -> None:
        child.terminate()

    return end


def _work(parent: int, concurrency: int) -> None:
    bind_to_parent(signal.SIGKILL, parent)
    try:
        jobs.run_worker(concurrency=concurrency)
    except jobs.DATABASE_GONE as error:
        sys.exit(jobs.describe_loss(error))
