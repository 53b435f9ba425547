"""Child processes: they never outlive their parent, and come back when they die."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform.startswith("linux") else None  # loaded before any fork
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0  # seconds between a death and the next start, doubling
SETTLED_SECONDS = 5.0
STOP_SECONDS = 10.0


def bind_to_parent(sign: signal.Signals, parent: int) -> None:
    """Have the kernel send us `sign` when `parent` dies, even by `kill -9`. Linux only; elsewhere nothing happens."""
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(sign))
    if os.getppid() != parent:
        os.kill(os.getpid(), sign)


def die_with_us(sign: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that binds the child to this process."""
    return partial(bind_to_parent, sign, os.getpid())


class Child:
    """One process that is started again whenever it ends."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = FIRST_PAUSE
        self.due = 0.0

    def start(self) -> None:
        """Start now. A terminal's Ctrl-C does not reach it (a group of its own): its parent stops it in good order."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_us(signal.SIGTERM),
        )
        self.started = time.monotonic()

    def look_after(self) -> str:
        """Start it again when it died and its pause is over; what happened, in words, or nothing."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        self.pause = FIRST_PAUSE if now - self.started > SETTLED_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.process, self.due = None, now + self.pause
        return f"{self.name} ended ({describe_end(code)}); it is started again"

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal if it runs."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(sign)

    def wait_for_end(self) -> None:
        """Wait for the end that a signal asked for; by force after STOP_SECONDS."""
        if self.process is None:
            return
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def describe_end(code: int) -> str:
    """An exit code as people read it."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
