"""Collect the texts to translate: see `meydan.site.messages`."""

import argparse

from meydan.site.catalogs import compile_stale
from meydan.site.messages import update_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(options: argparse.Namespace) -> int:
    """Bring every `.po` up to date; 1 while any text has no translation."""
    lacking = update_all()
    compile_stale()
    print("\n".join(lacking) or "Every text is translated.")
    return 1 if lacking else 0
