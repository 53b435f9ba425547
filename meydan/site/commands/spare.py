"""`meydan spare`: waits, with everything loaded, for the part of `up` whose place it is to take."""

import argparse
import gc
import importlib
import os
import sys

from meydan.site import cli
from meydan.site.processes import name_process

PARTS = ("web", "worker", "gateway")


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(_options: argparse.Namespace) -> int:
    """Become the part that standard input names in its first line; end when it ends without one."""
    name_process("spare")
    for part in PARTS:
        cli.load(part)
    importlib.import_module("meydan.site.wsgi")  # all that a page needs, and with it all that a job needs
    gc.freeze()  # what is loaded stays: a fork shares it
    part = sys.stdin.readline().strip()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    return cli.run([part]) if part in PARTS else 0
