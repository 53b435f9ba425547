"""`meydan bench NAME`: one of the programs in `bench/`; what follows the name is its own."""

import argparse
import signal
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
    """Whoever interrupts us interrupts what measures, which says what it has by then."""
    process = subprocess.Popen([sys.executable, "-m", f"bench.{options.name}", *options.rest], cwd=CHECKOUT)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda sign, _frame: process.send_signal(sign))
    return process.wait()
