"""Looking for faces and number plates in a picture of ours, by machine: a help for whoever checks it, never a promise.

The work is done in a bounded child process that gives way to all others (`seeing_child.py`): about a second of one core
for a picture of 1600 px. Call it from the worker: nobody who waits for a page should wait for this.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from meydan.kernel.bounded import give_way
from meydan.kernel.imaging import Area

WALL_SECONDS = 300  # the child bounds its own CPU time, and may wait long for its turn
COMMAND = (sys.executable, "-I", "-B", str(Path(__file__).with_name("seeing_child.py")))
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class CannotSee(Exception):
    """The machine could not look: OpenCV is missing, or failed. A human looks without its help."""


def find_faces_and_plates(source: BinaryIO) -> list[Area]:
    """Where in a JPEG there may be a face or a number plate, at most 40 areas. What it misses, and how much:
    docs/security/photos.md. Raises `CannotSee`."""
    try:
        said = _run_child(source.read())
    except (subprocess.SubprocessError, OSError) as error:
        raise CannotSee(str(error)) from error
    return [(x, y, w, h) for x, y, w, h in json.loads(said)]


def _run_child(data: bytes) -> bytes:
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ONE_THREAD,
        cwd="/",
    ) as child:
        give_way(child.pid)
        try:
            said, complaint = child.communicate(data, timeout=WALL_SECONDS)
        except BaseException:
            child.kill()
            raise
    if child.returncode:
        raise subprocess.SubprocessError(complaint.decode("utf-8", "replace")[-300:])
    return said
