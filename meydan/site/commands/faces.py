"""`meydan faces`: the engine that compares faces: install it, remove it, or measure how often it errs, and publish."""

import argparse
import importlib
import shutil
import sys
from pathlib import Path

import django

from meydan.kernel.errors import MeydanError
from meydan.site import faces
from meydan.site.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=("install", "remove", "measure"),
        help="install: dlib and two of its models, about 110 MB to fetch; measure: compare all pictures of FOLDER, "
        "FOLDER/people.csv has a line `file,person,group` for each, and publish the errors at /id/face/errors",
    )
    parser.add_argument("folder", nargs="?", type=Path)


def run(options: argparse.Namespace) -> int:
    try:
        return _do(options)
    except (faces.FacesError, MeydanError, OSError, ValueError) as error:
        print(f"meydan: {error}", file=sys.stderr)
        return 1


def _do(options: argparse.Namespace) -> int:
    if options.action == "remove":
        shutil.rmtree(faces.home(), ignore_errors=True)
    elif options.action == "install":
        faces.install(Progress())
    else:
        return _measure(options.folder)
    return 0


def _measure(folder: Path | None) -> int:
    if folder is None:
        raise ValueError("say which FOLDER: meydan faces measure FOLDER")
    django.setup(set_prefix=False)
    identity = importlib.import_module("meydan.identity.public")  # its tables exist only after the set-up
    accounts = importlib.import_module("meydan.accounts.public")
    measured = identity.measure_faces(folder)
    identity.publish_errors(accounts.CONSOLE, engine=measured.engine, groups=measured.groups)
    for one in measured.groups:
        print(f"{one['group']}: {one['persons']} people, {one['unseen']} pictures without a face")
        print(f"  missed {one['missed']} of {one['pairs_same']} pairs of one person (at most {one['missed_most']} %)")
        print(f"  mixed {one['mixed']} of {one['pairs_other']} pairs of two (at most {one['mixed_most']} %), 95 % sure")
    return 0
