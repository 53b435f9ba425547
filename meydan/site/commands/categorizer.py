"""`meydan categorizer`: what suggests a category from somebody's words: train it anew, or measure it on this city."""

import argparse
import importlib
import sys
from typing import Any

import django

from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import MeydanError

TOO_FEW = "There are too few solved reports to measure on: ten are needed, some hundreds say something."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("learn", "measure"),
        help="learn: now instead of at night; measure: train on the older reports, ask for the newest fifth",
    )


def run(options: argparse.Namespace) -> int:
    django.setup(set_prefix=False)
    reports = importlib.import_module("meydan.reports.public")  # its tables exist only after the set-up
    try:
        print(*(_learn(reports) if options.action == "learn" else _measure(reports)), sep="\n")
    except MeydanError as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1
    return 0


def _learn(reports: Any) -> list[str]:
    made = reports.learn_categories(SYSTEM)
    return [f"Learned from the categories' words and {made.reports} solved reports ({len(made.stored) / 1e6:.1f} MB)."]


def _measure(reports: Any) -> list[str]:
    answers = reports.measure_on_reports(SYSTEM)
    return reports.measure_lines(answers) if answers else [TOO_FEW]
