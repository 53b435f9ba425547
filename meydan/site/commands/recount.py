"""`meydan recount`: count all reports anew, and say whether the sums behind the figures were right."""

import argparse
import importlib
import os
import sys

from meydan.kernel.actor import SYSTEM
from meydan.site.reach import database_at_hand
from meydan.site.supervisor import CannotStart

NICENESS = 10


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(_options: argparse.Namespace) -> int:
    """0 when everything was right, 1 when something had to be put right."""
    os.nice(NICENESS)  # people come first
    try:
        with database_at_hand():
            reports = importlib.import_module("meydan.reports.public")
            reports.fold_changes()
            wrong = reports.recount_figures(SYSTEM)
    except CannotStart as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 2
    print("every sum was right" if not wrong else f"{wrong} sums were wrong; they are right now")
    return 1 if wrong else 0
