"""Asks a ClamAV daemon (clamd) whether a package holds malware: the command INSTREAM of its protocol (clamd(8)).

The file goes over in pieces, each behind its length; an empty one ends it. Everything is bounded: the time for all of
it, the length of the answer, the letters that a name may have. An answer that is none of clamd's is no answer.
"""

import re
import socket
import struct
import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

PIECE = 64 * 1024
CONNECT_SECONDS, ALL_SECONDS = 3.0, 90.0
MAX_ANSWER = 1024
UNIX = "unix:"
FOUND = re.compile(r"stream: ([\w.:/() -]{1,80}) FOUND", re.ASCII)
VERSION = re.compile(r"(ClamAV [\w.+~-]{1,40})(?:/\d{1,9}/([\w: ]{10,40}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scanner:
    """What a scanner says of itself; `knows_until`: of which day its knowledge is, None where it says nothing of it."""

    program: str
    knows_until: date | None


@dataclass(frozen=True, slots=True)
class Scan:
    """`answered`: whether the scanner said anything that it may say. `found`: the name of what it has found, or ""."""

    answered: bool
    found: str = ""


def scan(door: str, path: Path, *, seconds: float = ALL_SECONDS) -> Scan:
    """What the scanner behind `door` ("unix:/run/clamav/clamd.ctl", "host:3310") says of a file, within `seconds` in
    all. Never raises for what the scanner does."""
    deadline = time.monotonic() + seconds
    try:
        with _connect(door, seconds) as line, path.open("rb") as source:
            return _judge(_ask(line, source, deadline))
    except OSError:  # a timeout too
        return Scan(answered=False)


def ask_version(door: str, *, seconds: float = CONNECT_SECONDS) -> Scanner | None:
    """What the scanner behind `door` is (clamd's VERSION); None where nobody answers within `seconds`, or somebody
    else. Never raises for what the scanner does."""
    deadline = time.monotonic() + seconds
    try:
        with _connect(door, seconds) as line:
            _send(line, b"zVERSION\0", deadline)
            said = _hear(line, deadline).decode("ascii", "replace").strip()
    except OSError:
        return None
    match = VERSION.fullmatch(said)
    return Scanner(match[1], _day_of(match[2] or "")) if match else None


def _day_of(moment: str) -> date | None:
    """The day of "Mon Nov 30 08:10:02 2026"."""
    try:
        return datetime.strptime(f"{moment} +0000", "%a %b %d %H:%M:%S %Y %z").date()
    except ValueError:
        return None


def _connect(door: str, seconds: float) -> socket.socket:
    wait = min(CONNECT_SECONDS, seconds)
    if not door.startswith(UNIX):
        host, _colon, port = door.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=wait)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(wait)
        line.connect(door.removeprefix(UNIX))
    except OSError:
        line.close()
        raise
    return line


def _ask(line: socket.socket, source: BinaryIO, deadline: float) -> bytes:
    try:
        _send(line, b"zINSTREAM\0", deadline)
        while piece := source.read(PIECE):
            _send(line, struct.pack(">I", len(piece)) + piece, deadline)
        _send(line, struct.pack(">I", 0), deadline)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has answered before the end, for instance that this is too long for it
    return _hear(line, deadline)


def _send(line: socket.socket, data: bytes, deadline: float) -> None:
    line.settimeout(_left(deadline))
    line.sendall(data)


def _hear(line: socket.socket, deadline: float) -> bytes:
    """Its answer: up to a zero, or to where it hangs up."""
    heard = b""
    while len(heard) < MAX_ANSWER and b"\0" not in heard:
        line.settimeout(_left(deadline))
        piece = line.recv(MAX_ANSWER)
        if not piece:
            break
        heard += piece
    return heard.partition(b"\0")[0]


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _judge(answer: bytes) -> Scan:
    said = answer.decode("ascii", "replace").strip()
    if said == "stream: OK":
        return Scan(answered=True)
    match = FOUND.fullmatch(said)
    return Scan(answered=True, found=match[1]) if match else Scan(answered=False)
