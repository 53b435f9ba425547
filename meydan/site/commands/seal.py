"""`meydan seal`: seal the days that are over. The worker starts it by itself, a little after midnight."""

import argparse
import importlib
import os
import sys

from meydan.site.reach import database_at_hand
from meydan.site.supervisor import CannotStart

NICENESS = 10


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(_options: argparse.Namespace) -> int:
    os.nice(NICENESS)  # people come first
    try:
        with database_at_hand():
            for seal in importlib.import_module("meydan.kernel.seals").seal_days():
                print(f"{seal.day}  {seal.count} facts  {seal.chain}", flush=True)
    except CannotStart as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1
    return 0
