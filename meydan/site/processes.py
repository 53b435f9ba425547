"""Child processes: they never outlive their parent, and come back when they die."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial

PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 1, 15, 36
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


def name_process(part: str) -> None:
    """Have `ps` and `top` call this process, and those that it forks, "meydan-<part>". Linux only."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_NAME, f"meydan-{part}".encode())


def adopt_orphans() -> None:
    """Have the kernel make us the parent of what our children leave behind when they are killed: in a container there
    may be nobody else who takes note of its end. Linux only; elsewhere the system does it."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def bury_orphans(ours: Collection[int]) -> None:
    """Take note of every end but those of the processes `ours`, whose ends somebody waits for."""
    with contextlib.suppress(ChildProcessError):
        while (end := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and end.si_pid not in ours:
            os.waitpid(end.si_pid, 0)


def bury_group(group: int) -> None:
    """Kill what is left of a child's process group, and wait for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-group, 0)


class Spare:
    """A process that has loaded everything and waits to be told which part it is. To load takes two seconds of a quiet
    machine and ten of a busy one: when a part dies, this one takes its place, and has its name, at once."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None

    def look_after(self) -> None:
        """Have one ready, or on its way to be."""
        if self.process is None or self.process.poll() is not None:
            self.process = _launch(self.command, stdin=subprocess.PIPE)

    def become(self, part: str) -> "subprocess.Popen[bytes] | None":
        """The process, which is `part` from now on; None when there is none."""
        process, self.process = self.process, None
        if process is None or process.stdin is None or process.poll() is not None:
            return None
        with contextlib.suppress(BrokenPipeError), process.stdin as line:
            line.write(f"{part}\n".encode())
        return process

    def stop(self) -> None:
        """It has nothing to lose."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def _launch(command: Sequence[str], *, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    """A terminal's Ctrl-C does not reach it (a group of its own): its parent stops it in good order."""
    return subprocess.Popen(command, stdin=stdin, process_group=0, preexec_fn=die_with_us(signal.SIGTERM))


class Child:
    """One process that is started again whenever it ends; by the spare one, where there is one."""

    def __init__(self, name: str, command: Sequence[str], spare: Spare | None = None) -> None:
        self.name = name
        self.command = command
        self.spare = spare
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = FIRST_PAUSE
        self.due = 0.0

    def start(self) -> None:
        """Start now."""
        self.process = (self.spare and self.spare.become(self.name)) or _launch(self.command)
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
        bury_group(self.process.pid)
        self.process = None


def describe_end(code: int) -> str:
    """An exit code as people read it."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
