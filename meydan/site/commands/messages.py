"""`meydan messages`."""

import argparse

from meydan.site import messages


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(_options: argparse.Namespace) -> int:
    return messages.main()
