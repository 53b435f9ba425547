"""`meydan frontend`: `up` does it by itself, after the first page."""

import argparse
import os
import sys

from meydan.site import bundle, frontend, prepare, seal, stamps, vendor
from meydan.site.npm import NpmError
from meydan.site.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--test-tools", action="store_true", help="also what only the tests use (axe-core)")
    parser.add_argument("--no-lay-out", dest="lay_out", action="store_false", help="do not lay them out in the data")
    parser.add_argument("--again", action="store_true", help="even when everything is in place")


def run(options: argparse.Namespace) -> int:
    os.nice(10)  # pages go first
    progress = Progress()
    missing = not frontend.is_installed() or (options.test_tools and not frontend.has_test_tools())
    try:
        if missing or options.again:
            with progress.step("libraries"):
                vendor.install(with_test_tools=options.test_tools)
    except NpmError as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1
    sealed = _install_seal(progress, again=options.again)
    if options.lay_out and not stamps.is_static_laid_out():
        with progress.step("files"):
            prepare.lay_out_static()
    return 0 if sealed else seal.UNSEALED


def _install_seal(progress: Progress, *, again: bool) -> bool:
    """What encrypts messages in the browser, and the messenger's modules in fewer files: the rest does not wait."""
    try:
        if again or not seal.is_installed():
            with progress.step("encryption"):
                seal.install()
        if again or not bundle.is_installed():
            with progress.step("messenger"):
                bundle.install()
    except NpmError as error:
        print(f"meydan: {error}", file=sys.stderr)
        return False
    return True
