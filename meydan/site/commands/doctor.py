"""`meydan doctor`: what is wrong with this installation, and how to mend it."""

import argparse

from meydan.site import checkup


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(_options: argparse.Namespace) -> int:
    findings = checkup.examine()
    for finding in findings:
        print(f"{finding.mark}  {finding.what}: {finding.state}")
        if finding.mend:
            print(f"    {finding.mend}")
    return 1 if any(finding.mark == checkup.BAD for finding in findings) else 0
