"""`meydan migrate`: `up` does it by itself; this is for a database of your own."""

import argparse

from meydan.site import prepare
from meydan.site.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--city", help="the city's pack (MEYDAN_CITY, casablanca)")


def run(_options: argparse.Namespace) -> int:
    with Progress().step("migrate"):
        prepare.migrate()
    return 0
