"""`meydan import`: take in data from files."""

import argparse
import importlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django
from django.db import connection
from django.db.utils import OperationalError

from meydan.kernel.config import config
from meydan.kernel.errors import MeydanError
from meydan.site import prepare
from meydan.site.postgres import Server
from meydan.site.supervisor import CannotStart, hold_lock

PLUGINS = {"311": "meydan.reports.plugins.los_angeles_311"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", required=True, metavar="what")
    requests = kinds.add_parser("311", help="service requests in the columns of the City of Los Angeles (CSV)")
    requests.add_argument("file", type=Path, metavar="FILE.csv")
    requests.add_argument("--districts", type=Path, metavar="FILE.geojson", help="store these districts first")


def run(options: argparse.Namespace) -> int:
    """Import, with refusals and progress as they come, and the sums at the end."""
    try:
        with _database():
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


@contextmanager
def _database() -> Iterator[None]:
    """The database of the running `up`, or of MEYDAN_DATABASE_URL; else our own, started for as long as this lasts
    and brought to this version's shape."""
    django.setup(set_prefix=False)
    with ExitStack() as stack:
        try:
            connection.ensure_connection()
        except OperationalError:
            if config().database_url:
                raise
            stack.enter_context(hold_lock(config().data))
            server = Server(config().data)
            stack.callback(server.stop)
            server.start()
            stack.callback(connection.close)
            prepare.migrate()
        yield
