"""`meydan key`: which programs may file reports by Open311."""

import argparse
import importlib
import sys
from typing import Any

import django

from meydan.kernel.actor import SYSTEM
from meydan.kernel.errors import MeydanError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "issue", "revoke"), help="what to do")
    parser.add_argument("program", nargs="?", default="", help="the program's name")
    parser.add_argument("--hourly", type=int, default=600, metavar="N", help="reports it may file in an hour (600)")


def run(options: argparse.Namespace) -> int:
    django.setup(set_prefix=False)
    reports = importlib.import_module("meydan.reports.public")  # its tables exist only after the set-up
    try:
        print(*_answer(reports, options), sep="\n")
    except MeydanError as error:
        print(f"meydan: {'; '.join(map(str, error.fields.values())) or error}", file=sys.stderr)
        return 1
    return 0


def _answer(reports: Any, options: argparse.Namespace) -> list[str]:
    if options.action == "issue":
        key = reports.issue_api_key(SYSTEM, name=options.program, hourly_limit=options.hourly)
        return [f"{options.program} may file {options.hourly} reports an hour. Its api_key, shown this once:", key]
    if options.action == "revoke":
        reports.revoke_api_key(SYSTEM, name=options.program)
        return [f"The key of {options.program} opens nothing any more."]
    return [_line(row) for row in reports.list_api_keys(SYSTEM)] or ["No program has a key yet."]


def _line(row: Any) -> str:
    state = f"revoked {row.revoked_at:%Y-%m-%d}" if row.revoked_at else f"{row.hourly_limit} reports an hour"
    return f"{row.name}\tsince {row.created_at:%Y-%m-%d}\t{state}"
