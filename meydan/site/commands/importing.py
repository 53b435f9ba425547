"""`meydan import`: take in data from files."""

import argparse
import importlib
import sys
from pathlib import Path

from meydan.kernel.errors import MeydanError
from meydan.site.reach import database_at_hand
from meydan.site.supervisor import CannotStart

PLUGINS = {"311": "meydan.reports.plugins.los_angeles_311"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", required=True, metavar="what")
    requests = kinds.add_parser("311", help="service requests in the columns of the City of Los Angeles (CSV)")
    requests.add_argument("file", type=Path, metavar="FILE.csv")
    requests.add_argument("--districts", type=Path, metavar="FILE.geojson", help="store these districts first")


def run(options: argparse.Namespace) -> int:
    """Import, with refusals and progress as they come, and the sums at the end."""
    try:
        with database_at_hand():
            tally = importlib.import_module(PLUGINS[options.what]).import_file(
                options.file, districts=options.districts, tell=_tell
            )
    except (MeydanError, CannotStart, OSError) as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1
    print(*tally.lines(), sep="\n")
    return 0


def _tell(sentence: str) -> None:
    print(sentence, flush=True)
