"""`meydan worker`."""

import argparse
import sys

import django

from meydan.kernel import jobs

SWITCH_SECONDS = 0.0005
"""The threads mostly wait for the database; by Python's habit (5 ms) each would wait as long for the other one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=jobs.MOST_AT_ONCE, help="jobs at a time (4)")


def run(options: argparse.Namespace) -> int:
    sys.setswitchinterval(SWITCH_SECONDS)
    django.setup(set_prefix=False)
    jobs.run_worker(concurrency=options.concurrency)
    return 0
