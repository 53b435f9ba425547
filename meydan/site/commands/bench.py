"""`meydan bench NAME`: one of the programs in `bench/`; what follows the name is its own."""

import argparse
import subprocess
import sys

from meydan.site.frontend import CHECKOUT


def list_benchmarks() -> list[str]:
    """The names of what can be measured: programs that say so, not what they share."""
    files = sorted((CHECKOUT / "bench").glob("*.py"))
    return [file.stem for file in files if f"bin/meydan bench {file.stem}`" in file.read_text("utf-8")]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=list_benchmarks(), help="what to measure")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="its own flags")


def run(options: argparse.Namespace) -> int:
    command = [sys.executable, "-m", f"bench.{options.name}", *options.rest]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode
