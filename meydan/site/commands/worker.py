"""`meydan worker`."""

import argparse

import django

from meydan.kernel import jobs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (2)")


def run(options: argparse.Namespace) -> int:
    django.setup(set_prefix=False)
    jobs.run_worker(concurrency=options.concurrency)
    return 0
