"""`meydan categorizer`: what suggests a category from somebody's words: train it anew, give it examples, or measure
it on this city."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

import django

from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import MeydanError
from meydan.site.examples import ExamplesError, read_examples

TOO_FEW = "There are too few solved reports to measure on: ten are needed, some hundreds say something."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("learn", "measure", "examples"),
        help="learn: now instead of at night; measure: train on the older reports, ask for the newest fifth; examples: "
        "set the sentences that categories learn from, by a FILE as cities/common/examples.jsonl is one",
    )
    parser.add_argument("file", nargs="?", type=Path, help="for examples: a line of JSON for each sentence")


def run(options: argparse.Namespace) -> int:
    django.setup(set_prefix=False)
    reports = importlib.import_module("meydan.reports.public")  # its tables exist only after the set-up
    try:
        print(*_do(reports, options), sep="\n")
    except (MeydanError, ExamplesError) as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1
    return 0


def _do(reports: Any, options: argparse.Namespace) -> list[str]:
    if options.action == "examples":
        return _take_examples(reports, options.file)
    return _learn(reports) if options.action == "learn" else _measure(reports)


def _take_examples(reports: Any, file: Path | None) -> list[str]:
    if file is None:
        raise ExamplesError([(0, "say which FILE: meydan categorizer examples FILE")])
    found = read_examples(file)
    reports.set_examples(SYSTEM, [(one.category, one.language, one.text) for one in found])
    return [f"Took {len(found)} sentences.", *_learn(reports)]


def _learn(reports: Any) -> list[str]:
    made = reports.learn_categories(SYSTEM)
    return [f"Learned from the categories' words and {made.reports} solved reports ({len(made.stored) / 1e6:.1f} MB)."]


def _measure(reports: Any) -> list[str]:
    answers = reports.measure_on_reports(SYSTEM)
    return reports.measure_lines(answers) if answers else [TOO_FEW]
