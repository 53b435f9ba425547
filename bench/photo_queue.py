"""Fills the worker's queue for `bench photos`: one drawn street in as many reports as the command line says, and with 0
none; then writes how many photos wait into the file named behind. Started by `harness.run_in_django`."""

import io
import sys
from pathlib import Path

from meydan.kernel.actor import SYSTEM
from meydan.kernel.files import store_image
from meydan.kernel.places import Point
from meydan.kernel.tests.scenes import make_street
from meydan.reports.models import Looking, Photo
from meydan.reports.public import file_report


def main() -> None:
    """Fill, then tell."""
    count, told = int(sys.argv[1]), Path(sys.argv[2])
    if count:
        photo = store_image(io.BytesIO(make_street(4000, 3000)), purpose="bench").sha256
        for index in range(count):
            file_report(
                SYSTEM,
                category="bench-lamp",
                description="A street",
                point=Point(33.58, -7.63 + index / 10_000),
                photos=[photo],
            )
    told.write_text(str(Photo.objects.filter(looking=Looking.NEW).count()), "utf-8")


if __name__ == "__main__":
    main()
