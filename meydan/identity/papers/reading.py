"""A PDF is read, and prepared for its signature, in a child process that has nothing and may do nothing (`child`)."""

import hashlib
import json
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from meydan.identity.papers.refusals import Reason, Refused
from meydan.kernel.bounded import run_child

MAX_BYTES = 10 * 1024 * 1024
MAX_RESULT = 1024 * 1024
ROOT = Path(__file__).resolve().parents[3]
START = "import sys; sys.path.insert(0, sys.argv[1]); from meydan.identity.papers.child import main; main()"
COMMAND = (sys.executable, "-I", "-B", "-c", START, str(ROOT))
WALL_SECONDS, QUEUE_SECONDS = 35, 20  # the child bounds itself; this is for one that cannot
_places = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Looked:
    """What can be told of a file before it is signed."""

    pages: int
    size: int
    sha256: bytes


@dataclass(frozen=True)
class Stamp:
    """What is written on the last page and in the signature's frame; ASCII alone. `at`: ISO 8601; `digest`: the
    SHA-256 of the file as it came, hexadecimal."""

    address: str
    code: str
    at: str
    digest: str
    reason: str


@dataclass(frozen=True)
class Prepared:
    """A file with all but its signature, for which the bytes from `start` to `end` are kept free, brackets and all."""

    body: bytes
    start: int
    end: int

    @property
    def digest(self) -> bytes:
        """SHA-256 over all that the signature covers (ISO 32000-2, 12.8.1)."""
        covered = hashlib.sha256(self.body[: self.start])
        covered.update(self.body[self.end :])
        return covered.digest()

    def filled(self, signature: bytes) -> bytes:
        """The file with its signature (DER). `ValueError` when there is not enough room."""
        written, room = signature.hex().encode(), self.end - self.start - 2
        if len(written) > room:
            raise ValueError("The signature does not fit its room.")
        return self.body[: self.start + 1] + written.ljust(room, b"0") + self.body[self.end - 1 :]


def look_at(data: bytes) -> Looked:
    """What a file is, when it can be signed. Raises Refused."""
    said, _tail = _ask(data, {})
    return Looked(int(said["pages"]), len(data), hashlib.sha256(data).digest())


def prepare(data: bytes, stamp: Stamp) -> Prepared:
    """The file as it came, and behind it a page with the code and the signature's frame. Raises Refused. The room for
    the signature must lie in what is new, whatever the child says."""
    said, tail = _ask(data, asdict(stamp))
    body, start, end = data + tail, int(said["start"]), int(said["end"])
    if not len(data) < start < end - 2 < len(body) or body[start : start + 1] + body[end - 1 : end] != b"<>":
        raise Refused(Reason.DAMAGED)
    return Prepared(body, start, end)


def _ask(data: bytes, stamp: dict[str, str]) -> tuple[dict[str, Any], bytes]:
    if len(data) > MAX_BYTES:
        raise Refused(Reason.TOO_LARGE)
    if not _places.acquire(timeout=QUEUE_SECONDS):
        raise Refused(Reason.TOO_HEAVY)
    try:
        answer = _run_child(data, stamp)
    finally:
        _places.release()
    line, _newline, tail = answer.partition(b"\n")
    said: dict[str, Any] = json.loads(line)
    if "refused" in said:
        raise Refused(Reason(said["refused"]))
    return said, tail


def _run_child(data: bytes, stamp: dict[str, str]) -> bytes:
    with tempfile.TemporaryFile() as paper, tempfile.TemporaryFile() as result:
        paper.write(data)
        paper.seek(0)
        try:
            run_child((*COMMAND, json.dumps(stamp)), paper, result, seconds=WALL_SECONDS)
        except subprocess.SubprocessError as error:
            raise Refused(Reason.TOO_HEAVY) from error
        result.seek(0)
        return result.read(MAX_RESULT)
