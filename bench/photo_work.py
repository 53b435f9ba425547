"""The CPU of each step of a 12-megapixel photo, for `bench photos`: written as JSON, seconds of each time by step, into
the file named on the command line. Started by `harness.run_in_django`."""

import io
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from meydan.kernel.imaging import make_safe
from meydan.kernel.seeing import find_faces_and_plates
from meydan.kernel.tests.scenes import make_street

MEGAPIXELS_12 = (4000, 3000)
TIMES = 5


def main() -> None:
    """Take it in, look at it, hide what was found."""
    photo = make_street(*MEGAPIXELS_12)
    kept = make_safe(io.BytesIO(photo)).full.body
    areas = find_faces_and_plates(io.BytesIO(kept))
    steps: dict[str, Callable[[], object]] = {
        "taken in, by the web": lambda: make_safe(io.BytesIO(photo)),
        "looked at": lambda: find_faces_and_plates(io.BytesIO(kept)),
        "hidden": lambda: make_safe(io.BytesIO(kept), hide=areas),
    }
    spent = {name: [cpu_of(work) for _time in range(TIMES)] for name, work in steps.items()}
    Path(sys.argv[1]).write_text(json.dumps(spent), "utf-8")


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of the child processes that some work has run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
