"""A package is read in a child process that has nothing and may do nothing (`child.py`); what it says is taken over."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

from meydan.kernel.bounded import run_child
from meydan.store.packages.archive import MAX_BYTES
from meydan.store.packages.child import MAX_RESULT, WORK
from meydan.store.packages.package import Package
from meydan.store.packages.refusals import Reason, Refused

ROOT = Path(__file__).resolve().parents[3]
START = "import sys; sys.path.insert(0, sys.argv[1]); from meydan.store.packages.child import main; main()"
COMMAND = (sys.executable, "-I", "-B", "-c", START, str(ROOT))
WALL_SECONDS = WORK[1] + 5  # the child bounds itself; this is for one that cannot
QUEUE_SECONDS = 60
_places = threading.BoundedSemaphore(2)


def read_package(path: Path) -> Package:
    """What is known of an Android package, when its structure is sound and its signature holds.

    Nothing is written but two temporary files without a name. Raises Refused with the reason; Refused TOO_HEAVY also
    when the machine has no time for it: it may be tried again.
    """
    with path.open("rb") as package, tempfile.TemporaryFile() as result:
        if os.fstat(package.fileno()).st_size > MAX_BYTES:
            raise Refused(Reason.TOO_LARGE, f"{os.fstat(package.fileno()).st_size} bytes")
        if not _places.acquire(timeout=QUEUE_SECONDS):
            raise Refused(Reason.TOO_HEAVY, "too many wait")
        try:
            _run_child(package, result)
        finally:
            _places.release()
        result.seek(0)
        line, _newline, icon = result.read(MAX_RESULT).partition(b"\n")
    return _package(json.loads(line), icon)


def _run_child(package: IO[bytes], result: IO[bytes]) -> None:
    try:
        run_child(COMMAND, package, result, seconds=WALL_SECONDS)
    except subprocess.SubprocessError as error:
        raise Refused(Reason.TOO_HEAVY) from error


def _package(said: dict[str, Any], icon: bytes) -> Package:
    if "refused" in said:
        raise Refused(Reason(said["refused"]), said["detail"])
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return Package(**{**said, **lists}, icon=icon or None)
