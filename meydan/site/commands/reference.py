"""`meydan reference`: write docs/reference/ anew from the code."""

import argparse
import importlib
from pathlib import Path

import django

from meydan.site import cli

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "reference"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No flags."""


def run(options: argparse.Namespace) -> int:
    """Write the pages that changed, and name them."""
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(path.name)
    return 0


def pages() -> dict[str, str]:
    """The pages of the reference by file name, as the code is now."""
    django.setup(set_prefix=False)
    reference = importlib.import_module("meydan.site.reference")  # it reads the addresses, so Django comes first
    made: dict[str, str] = reference.make_pages((verb, parser_of(verb)) for verb in sorted(cli.VERBS))
    return made


def parser_of(verb: str) -> argparse.ArgumentParser:
    """A verb's own parser, with its flags."""
    parser = argparse.ArgumentParser(prog=f"meydan {verb}", description=cli.VERBS[verb].capitalize() + ".")
    cli.load(verb).add_arguments(parser)
    return parser
