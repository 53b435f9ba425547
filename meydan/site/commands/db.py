"""`meydan db`: psql on the city's database, of a running `up` or of MEYDAN_DATABASE_URL."""

import argparse

from meydan.kernel.config import config
from meydan.site.postgres import run_client


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dump", action="store_true", help="write the whole database as SQL instead (pg_dump)")


def run(options: argparse.Namespace) -> int:
    return run_client("pg_dump" if options.dump else "psql", [], config().database(), config().data)
