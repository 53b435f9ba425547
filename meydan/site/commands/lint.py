"""`meydan lint`: every check runs, whatever the one before it said."""

import argparse
import subprocess
import sys

from meydan.site.commands.test import plain_environment
from meydan.site.frontend import CHECKOUT
from meydan.site.progress import Progress

CHECKS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy", "meydan", "tests", "bench", "conftest.py"],
    "laws": ["pytest", "tests/test_architecture.py", "tests/test_style.py"],
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="mend what ruff can mend by itself first")


def run(options: argparse.Namespace) -> int:
    if options.fix:
        for words in (["check", "--fix", "-q", "."], ["format", "-q", "."]):
            subprocess.run([sys.executable, "-m", "ruff", *words], cwd=CHECKOUT, check=False)
    progress = Progress()
    failed = [name for name, command in CHECKS.items() if not _passes(progress, name, command)]
    print(f"lint: {', '.join(failed)} failed" if failed else "lint: all is well")
    return 1 if failed else 0


def _passes(progress: Progress, name: str, command: list[str]) -> bool:
    with progress.step(name):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=CHECKOUT,
            env=plain_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0
