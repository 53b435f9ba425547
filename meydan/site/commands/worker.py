"""`meydan worker`: the jobs."""

import argparse
import multiprocessing
import os
import signal
import sys
import time
from types import FrameType
from typing import NoReturn

import django

from meydan.kernel import jobs
from meydan.site.processes import FIRST_PAUSE, LONGEST_PAUSE, SETTLED_SECONDS, bind_to_parent, name_process

SIGNS = (signal.SIGTERM, signal.SIGINT)
SWITCH_SECONDS = 0.0005
"""The threads mostly wait for the database; by Python's habit (5 ms) each would wait as long for the other one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=jobs.MOST_AT_ONCE, help="jobs at a time (4)")


def run(options: argparse.Namespace) -> NoReturn:
    """Load everything once, then work in a child: when the database comes back, so does a worker, in no time."""
    name_process("worker")
    sys.setswitchinterval(SWITCH_SECONDS)
    django.setup(set_prefix=False)
    pause = FIRST_PAUSE
    while True:
        began = time.monotonic()
        _work_in_a_child(options.concurrency)
        pause = FIRST_PAUSE if time.monotonic() - began > SETTLED_SECONDS else min(pause * 2, LONGEST_PAUSE)
        time.sleep(pause)


def _work_in_a_child(concurrency: int) -> None:
    """Until it ends. When we are told to end, so is it, and Python waits for it."""
    child = multiprocessing.get_context("fork").Process(target=_work, args=(os.getpid(), concurrency))

    def end(_sign: int, _frame: FrameType | None) -> NoReturn:
        child.terminate()
        sys.exit(0)

    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNS)  # who is told to end between these lines has a child to end as well
    child.start()
    before = {sign: signal.signal(sign, end) for sign in SIGNS}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNS)
    child.join()
    for sign, handler in before.items():
        signal.signal(sign, handler)


def _work(parent: int, concurrency: int) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNS)
    bind_to_parent(signal.SIGKILL, parent)
    try:
        jobs.run_worker(concurrency=concurrency)
    except jobs.DATABASE_GONE as error:
        sys.exit(jobs.describe_loss(error))
