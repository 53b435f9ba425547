"""`meydan lint`: every check runs, beside the others, whatever these say."""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from meydan.site.commands.test import WORKERS, plain_environment
from meydan.site.frontend import CHECKOUT

CHECKS = {
    "types": ["mypy", f"--num-workers={WORKERS}", "meydan", "tests", "bench", "conftest.py"],
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "laws": ["pytest", "tests/test_architecture.py", "tests/test_style.py"],
}
"""The longest first."""


@dataclass(frozen=True)
class Outcome:
    """What became of one check."""

    name: str
    passed: bool
    words: str
    seconds: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="mend what ruff can mend by itself first")


def run(options: argparse.Namespace) -> int:
    if options.fix:
        for words in (["check", "--fix", "-q", "."], ["format", "-q", "."]):
            subprocess.run([sys.executable, "-m", "ruff", *words], cwd=CHECKOUT, check=False)
    failed = []
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        for outcome in pool.map(_check, CHECKS):
            print(f"  {outcome.name:<10} {outcome.seconds:.1f} s{'' if outcome.passed else ', failed'}", flush=True)
            if not outcome.passed:
                failed.append(outcome.name)
                print(outcome.words, flush=True)
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: all is well")
    return 1 if failed else 0


def _check(name: str) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *CHECKS[name]],
        cwd=CHECKOUT,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Outcome(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)
